//! Accounts that were taken out of the configuration: what they need no more is forgotten at the start.
//!
//! Their counts stay, and they go on from there when they are put back. For that the floor moves together with what is
//! forgotten: what lies below is never read again, so nothing that was forgotten is counted a second time.

use super::progress::Progress;
use super::seconds;
use crate::config::{Account, Poll};
use crate::store::{Store, StoreError};

/// Forgets, of accounts that are not configured, the conversations older than `max_lookback`. Returns how many.
///
/// Older by the clock and by what the configured accounts' records tell: a clock that ran ahead forgets nothing.
///
/// # Errors
/// The store cannot be read or written.
pub fn forget_strangers(
    store: &Store,
    configured: &[Account],
    poll: &Poll,
    now_s: i64,
) -> Result<u64, StoreError> {
    let strangers = store.strangers(|account_id, stream_id| {
        configured
            .iter()
            .any(|it| it.account_id == account_id && it.stream_id == stream_id)
    })?;
    let Some(newest_s) = strangers.newest_s else {
        return Ok(0);
    };
    let told_s = newest_s.min(now_s);
    let mut forgotten = 0;
    for (key, before) in strangers.accounts {
        // What cannot be read is told when somebody configures it again.
        let Ok(Some(mut progress)) = Progress::from_bytes(&before) else {
            continue;
        };
        let before_s = progress.coverage.floor_s();
        progress
            .coverage
            .advance_floor(told_s, Some(told_s), seconds(poll.max_lookback));
        let floor_s = progress.coverage.floor_s();
        if floor_s > before_s
            && let Ok(bytes) = progress.to_bytes()
        {
            forgotten += store.retire(key, floor_s, &before, &bytes)?;
        }
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Flags};
    use crate::poller;

    const DAY_S: i64 = 86_400;
    /// 2026-09-21T14:13:20Z.
    const NOW_S: i64 = 1_790_000_000;

    fn configuration(stream_id: &'static str) -> config::Config {
        let flags = Flags {
            file: None,
            listen_address: None,
        };
        let environment = |name: &str| match name {
            "SMARTASSIST_URL" => Some("http://127.0.0.1:9".into()),
            "SMARTASSIST_STREAM_ID" => Some(stream_id.into()),
            _ if name.contains("STORAGE") || name.ends_with("_FILE") => None,
            _ if name.starts_with("SMARTASSIST_") => Some("x".into()),
            _ => None,
        };
        config::load(&flags, environment).unwrap().0
    }

    /// How many conversations an account has, and its floor.
    fn stored(folder: &std::path::Path, stream_id: &str) -> (i64, i64) {
        let connection = rusqlite::Connection::open(folder.join(crate::store::FILE)).unwrap();
        let (id, progress): (i64, Vec<u8>) = connection
            .query_row(
                "SELECT id, progress FROM account WHERE stream_id = ?1",
                [stream_id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        let conversations = connection
            .query_row(
                "SELECT COUNT(*) FROM conversation WHERE account = ?1",
                [id],
                |row| row.get(0),
            )
            .unwrap();
        let progress = Progress::from_bytes(&progress).unwrap().unwrap();
        (conversations, progress.coverage.floor_s())
    }

    #[test]
    fn an_account_taken_out_keeps_what_it_may_still_need_and_its_floor_moves_with_what_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let config = configuration("st-here");
        // Both were read until ten days ago; one of them went on until now.
        for (stream_id, newest_s) in [("st-here", NOW_S), ("st-gone", NOW_S - 10 * DAY_S)] {
            let policy = poller::policy(&config.accounts[0], &config.metrics);
            let key = store
                .load("x", stream_id, policy, |_| 0, || [7; 16])
                .unwrap()
                .key;
            let mut progress = Progress::new(newest_s - 7 * DAY_S, 0);
            progress
                .coverage
                .advance_floor(newest_s, Some(newest_s), 7 * DAY_S);
            let bytes = progress.to_bytes().unwrap();
            store.retire(key, 0, &[], &bytes).unwrap();
            let connection =
                rusqlite::Connection::open(folder.path().join(crate::store::FILE)).unwrap();
            for day in 0..7 {
                connection
                    .execute(
                        "INSERT INTO conversation (account, id, latest_s, facts)
                         SELECT id, ?2, ?3, x'' FROM account WHERE stream_id = ?1",
                        (stream_id, [day as u8; 16], newest_s - day * DAY_S),
                    )
                    .unwrap();
            }
        }
        let forget =
            |now_s| forget_strangers(&store, &config.accounts, &config.poll, now_s).unwrap();
        let gone = (7, NOW_S - 17 * DAY_S);
        assert_eq!(stored(folder.path(), "st-gone"), gone);
        // A clock ten days behind forgets nothing yet, and one that ran ahead no more than the right one.
        assert_eq!(forget(NOW_S - 10 * DAY_S), 0);
        assert_eq!(stored(folder.path(), "st-gone"), gone);
        assert_eq!(forget(NOW_S - 7 * DAY_S), 2);
        assert_eq!(stored(folder.path(), "st-gone"), (5, NOW_S - 14 * DAY_S));
        assert_eq!(forget(NOW_S + 400 * DAY_S), 5);
        assert_eq!(stored(folder.path(), "st-gone"), (0, NOW_S - 7 * DAY_S));
        assert_eq!(stored(folder.path(), "st-here"), (7, NOW_S - 7 * DAY_S));
    }
}
