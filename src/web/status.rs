//! How the accounts are doing, for people and for readiness.

/// One account as the poller left it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountStatus {
    pub name: String,
    /// A View of it is on the page.
    pub published: bool,
    /// A poll failed before the first View; stays true.
    pub first_poll_failed: bool,
    /// Some of the past that is to be shown was not read yet.
    pub catching_up: bool,
    /// UTC epoch seconds of the last poll that succeeded.
    pub last_success_s: Option<i64>,
    /// What the last poll failed of, if it failed: a category or a message without secrets.
    pub last_error: Option<String>,
}

/// What an account is doing, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Failing,
    Waiting,
    CatchingUp,
    Current,
}

impl State {
    pub fn of(account: &AccountStatus) -> State {
        match account {
            AccountStatus {
                last_error: Some(_),
                ..
            } => State::Failing,
            AccountStatus {
                published: false,
                last_success_s: None,
                ..
            } => State::Waiting,
            AccountStatus {
                published: true,
                catching_up: false,
                ..
            } => State::Current,
            _ => State::CatchingUp,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            State::Failing => "failing",
            State::Waiting => "waiting for its first poll",
            State::CatchingUp => "catching up",
            State::Current => "up to date",
        }
    }
}

/// Ready once every account is published or has failed its first poll, and at least one is published.
///
/// # Errors
/// Who waits for what, a line each.
pub(super) fn ready(accounts: &[AccountStatus]) -> Result<(), String> {
    let waiting: Vec<_> = accounts
        .iter()
        .filter(|account| !account.published && !account.first_poll_failed)
        .collect();
    if waiting.is_empty() && accounts.iter().any(|account| account.published) {
        return Ok(());
    }
    let mut text = String::from("not ready\n");
    for account in accounts.iter().filter(|account| !account.published) {
        let reason = match (account.first_poll_failed, &account.last_error) {
            (_, None) if account.last_success_s.is_some() => {
                "reads its past for the first time".to_owned()
            }
            (false, _) => "waits for its first poll".to_owned(),
            (true, None) => "its first poll failed".to_owned(),
            (true, Some(error)) => format!("its first poll failed: {error}"),
        };
        text.push_str(&format!("account `{}`: {reason}\n", account.name));
    }
    Err(text)
}
