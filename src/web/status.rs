//! How the accounts are doing, for people and for readiness.

use crate::live;
use crate::poller::Status;
use serde::Serialize;
use std::sync::Arc;

/// One account as the poller left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStatus {
    pub name: Arc<str>,
    pub status: Status,
    /// The sources of live numbers, and how each of them stands.
    pub live: Vec<(live::Source, String)>,
}

/// What an account is doing, worst first. Serialised it is part of the wall's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Failing,
    Waiting,
    CatchingUp,
    Current,
}

impl State {
    pub(super) fn of(status: &Status) -> State {
        if status.failure.is_some() {
            State::Failing
        } else if !status.published && !has_read(status) {
            State::Waiting
        } else if status.published && !status.catching_up {
            State::Current
        } else {
            State::CatchingUp
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            State::Failing => "failing",
            State::Waiting => "waiting for its first poll",
            State::CatchingUp => "catching up",
            State::Current => "up to date",
        }
    }
}

/// Whether anything was read. The first poll of an account may take minutes, and shows what it has read meanwhile.
fn has_read(status: &Status) -> bool {
    status.last_success_s.is_some() || status.first_reading.is_some_and(|it| it.read_s > 0)
}

/// Ready once every account is published or has failed its first poll, and at least one is published.
///
/// # Errors
/// Who waits for what, a line each.
pub fn ready(accounts: &[AccountStatus]) -> Result<(), String> {
    let has_tried =
        |account: &AccountStatus| account.status.published || account.status.failed_unpublished;
    let shows = |account: &&AccountStatus| account.status.published;
    if accounts.iter().all(has_tried) && accounts.iter().any(|account| shows(&account)) {
        return Ok(());
    }
    let mut text = String::from("not ready\n");
    for AccountStatus { name, status, .. } in accounts.iter().filter(|account| !shows(account)) {
        let reason = match (status.failed_unpublished, &status.failure) {
            (_, None) if has_read(status) => {
                let progress = status
                    .first_reading
                    .map_or_else(String::new, |reading| format!(": {reading}"));
                format!("reads its past for the first time{progress}")
            }
            (false, _) => "waits for its first poll".to_owned(),
            (true, None) => "its first poll failed".to_owned(),
            (true, Some(error)) => format!("its first poll failed: {error}"),
        };
        text.push_str(&format!("account `{name}`: {reason}\n"));
    }
    Err(text)
}
