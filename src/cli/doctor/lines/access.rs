//! Who is let in, and to what.

use super::super::form::Line;
use super::super::seen::{Beside, Seen};
use super::{failed, ok, skipped, warning, without};
use crate::chain::chain;
use crate::client::{CallError, Complaint, RequestResult};
use crate::config::{CallDetails, Choice};

/// Differences below are the way of the answer, and the whole seconds that the header has.
const SAME_CLOCK_S: i64 = 5;
/// Tokens are dated back by as much: beyond it, a server may refuse them.
const TOLERATED_S: i64 = 30;

/// A token that is minted elsewhere is to be replaced long before.
const SOON_S: i64 = 300;

pub(super) fn token(seen: &Seen) -> Line {
    let ends_s = match &seen.token {
        None => return skipped("token", without(seen)),
        Some(Err(error)) => return failed("token", chain(error)),
        Some(Ok(ends_s)) => *ends_s,
    };
    if let Some(CallError::Unauthorized { clock_ahead_s, .. }) = seen.unauthorized() {
        if seen.queue_performance.is_granted() || seen.conversations.is_granted() {
            return ok(
                "token",
                "accepted, but not for Call Details: see `scope_analytics`",
            )
            .found("accepted");
        }
        if seen.complaint == Some(Complaint::Place) {
            return ok(
                "token",
                "accepted; not for this account or stream: see `stream`",
            )
            .found("accepted");
        }
        let hint = match (clock_ahead_s, seen.complaint) {
            (Some(_), _) => "this machine's clock is off: see `clock`",
            (None, Some(Complaint::Jti)) => {
                "the app enforces JTI: set `auth.jti: true`, and use the app for nothing else"
            }
            (None, Some(Complaint::Expired)) => {
                "it has expired: is the clock right, and who renews the token file?"
            }
            (None, Some(Complaint::Token)) => {
                "the client secret is not that of `client_id`, or `algorithm` is another than the app's"
            }
            (None, _) => {
                "the vendor gives one answer to three causes: a wrong `client_id` (its case counts), a wrong secret, or \
                 an app without any scope"
            }
        };
        return failed(
            "token",
            format!("refused wherever it was tried; hint: {hint}"),
        )
        .found("refused");
    }
    if !seen.has_page() {
        return skipped("token", without(seen));
    }
    let left_s = ends_s.map(|ends_s| ends_s - seen.now_s);
    let said = match left_s {
        _ if !seen.token_file => {
            "accepted; the exporter mints a new one every few minutes".to_owned()
        }
        None => "accepted; it says of no end".to_owned(),
        Some(left_s) if left_s < SOON_S => {
            let text = format!(
                "accepted, and it expires in {left_s} s; hint: whoever writes `token_file` must renew it sooner"
            );
            return warning("token", text).found("accepted");
        }
        Some(left_s) => format!("accepted; it expires in {} min", left_s / 60),
    };
    ok("token", said).found("accepted")
}

pub(super) fn clock(seen: &Seen) -> Line {
    let mut ahead_s = seen.ahead_s.clone();
    ahead_s.sort_unstable();
    let Some(&ahead_s) = ahead_s.get(ahead_s.len() / 2) else {
        let why = if seen.answered {
            "no answer told the time (header `Date`)".to_owned()
        } else {
            without(seen)
        };
        return skipped("clock", why);
    };
    let off = format!(
        "{} s {} the server's",
        ahead_s.abs(),
        if ahead_s < 0 { "behind" } else { "ahead of" }
    );
    let apart_s = ahead_s.abs();
    let line = if apart_s <= SAME_CLOCK_S {
        ok("clock", "as the server's, within 5 s")
    } else if apart_s <= TOLERATED_S {
        warning(
            "clock",
            format!("{off}; hint: let NTP set this machine's clock"),
        )
    } else {
        failed(
            "clock",
            format!(
                "{off}: tokens are refused for it, and recent numbers are of another time; hint: let NTP set this machine's clock"
            ),
        )
    };
    line.found(ahead_s)
}

pub(super) fn analytics(seen: &Seen) -> Line {
    const ID: &str = "scope_analytics";
    if seen.unauthorized().is_some() {
        return if seen.queue_performance.is_granted() || seen.conversations.is_granted() {
            failed(
                ID,
                "Call Details refuses a token that is accepted elsewhere: nothing can be counted; hint: give the app the scope `SmartAssist Analytics`",
            )
            .found("missing")
        } else {
            skipped(ID, "the token is refused")
        };
    }
    if !seen.has_page() {
        return skipped(ID, without(seen));
    }
    let granted = "granted: all counts, and the live source `call_details`";
    let choice = seen.conversations_choice;
    match &seen.conversations {
        Beside::Granted(_) => ok(ID, format!("{granted} and `conversations`")),
        Beside::Off => ok(ID, format!("{granted}; `live.conversations` is off")),
        Beside::NotAsked => ok(ID, granted),
        Beside::Unauthorized(said) | Beside::Refused(said) if choice == Choice::On => failed(
            ID,
            format!("{granted}; but List of Conversations is refused as {said}, and `live.conversations` is `on`; hint: `auto` or `off`"),
        ),
        Beside::Unauthorized(said) | Beside::Refused(said) => ok(
            ID,
            format!("{granted}; List of Conversations is refused as {said}, so the live source `conversations` shows nothing"),
        ),
        Beside::Failed(said) => warning(
            ID,
            format!("{granted}; but List of Conversations failed as {said}; hint: run this again"),
        ),
    }
    .found("granted")
}

/// What either source of `reconcile` brings.
const TOTALS: &str = "the vendor's own totals, which `reconcile` holds our counts against";

pub(super) fn configuration(seen: &Seen) -> Line {
    const ID: &str = "scope_configuration";
    const NOW: &str = "agents by state, who waits and who is with an agent, by queue (the live source `queue_performance`)";
    let now = seen.queue_performance_choice != Choice::Off;
    let brings = match (now, seen.reconciles) {
        (true, true) => format!("{NOW}, and {TOTALS}"),
        (true, false) => NOW.to_owned(),
        (false, _) => TOTALS.to_owned(),
    };
    let refused = |what: &str, hint: &str| {
        if seen.queue_performance_choice == Choice::On {
            failed(
                ID,
                format!("{what}, and `live.queue_performance` is `on`; hint: {hint}, or `auto`"),
            )
        } else {
            skipped(
                ID,
                format!(
                    "{what}; nothing less is counted, but it would bring {brings}; hint: {hint}"
                ),
            )
        }
        .found("missing")
    };
    match &seen.queue_performance {
        Beside::Granted(rows) => ok(ID, format!("granted: {brings}; {rows} rows")).found("granted"),
        Beside::Off => skipped(
            ID,
            "not asked: `live.queue_performance` and `reconcile.interval` are off",
        ),
        Beside::NotAsked => skipped(ID, without(seen)),
        Beside::Unauthorized(_)
            if seen.unauthorized().is_some() && !seen.conversations.is_granted() =>
        {
            skipped(ID, "the token is refused")
        }
        Beside::Unauthorized(_) => refused("not granted", "give the app the scope `Configuration`"),
        Beside::Refused(said) => refused(
            &format!("Queue Performance is refused as {said}"),
            "ask the vendor whether this account has it",
        ),
        Beside::Failed(said) => warning(
            ID,
            format!("Queue Performance failed as {said}; hint: run this again"),
        ),
    }
}

/// What tells the totals where Queue Performance does not.
pub(super) fn wfm(seen: &Seen) -> Line {
    const ID: &str = "scope_wfm";
    let refused = |what: &str| {
        let hint = "give the app the scope `WFM Integration` or `Configuration`, or set `reconcile: {interval: off}`";
        let text =
            format!("{what}; nothing less is counted, but nothing tells {TOTALS}; hint: {hint}");
        skipped(ID, text).found("missing")
    };
    match &seen.contact_volume {
        Beside::Off => skipped(ID, "not asked: `reconcile.interval` is off"),
        Beside::Granted(rows) => ok(ID, format!("granted: {TOTALS}; {rows} rows")).found("granted"),
        Beside::Unauthorized(_) => refused("not granted"),
        Beside::Refused(said) => refused(&format!("Contact Volume is refused as {said}")),
        Beside::Failed(said) => warning(
            ID,
            format!("Contact Volume failed as {said}; hint: run this again"),
        ),
        Beside::NotAsked if seen.queue_performance.is_granted() => {
            skipped(ID, "not asked: Queue Performance tells the totals")
        }
        Beside::NotAsked if seen.has_page() && seen.queue_performance.is_refused() => skipped(
            ID,
            "not asked: no record tells the organisation, which Contact Volume needs; hint: `accounts[].org_id` names it",
        ),
        Beside::NotAsked => skipped(ID, "not asked: see `scope_configuration`"),
    }
}

pub(super) fn stream(seen: &Seen) -> Line {
    match &seen.page {
        Some(Ok(())) if seen.version == CallDetails::V2 => ok(
            "stream",
            "`account_id` and `stream_id` are accepted, by Call Details v2",
        )
        .found("v2"),
        Some(Ok(())) => ok("stream", "`account_id` and `stream_id` are accepted").found("v1"),
        Some(Err(CallError::Refused { detail, .. })) if seen.first_version => failed(
            "stream",
            format!(
                "there is no Call Details v2 ({detail}), but v1 answers; hint: this account's release is older: set \
                 `call_details: v1`"
            ),
        )
        .found("v1"),
        Some(Err(CallError::Unauthorized { .. })) if seen.complaint == Some(Complaint::Place) => {
            failed(
                "stream",
                "the token is not for this `account_id` or `stream_id`; hint: both stand in the console, under Bot settings and in its address",
            )
        }
        Some(Err(CallError::Refused { result, detail, .. }))
            if *result != RequestResult::Redirect =>
        {
            let hint = if seen.conversations.is_granted() {
                "List of Conversations knows the stream, so check `account_id`"
            } else if *result == RequestResult::NotFound {
                "check `stream_id`, `account_id`, and that `url` is the host alone"
            } else {
                "check `account_id` and `stream_id`"
            };
            failed(
                "stream",
                format!("refused as `{result}` ({detail}); hint: {hint}"),
            )
        }
        Some(Err(CallError::Unauthorized { .. })) => skipped("stream", "the token is refused"),
        _ => skipped("stream", without(seen)),
    }
}
