//! How the lines are written: for people, and for programs.

use serde::Serialize;
use std::fmt::Write;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    /// It could not be found out, or is not asked for; the text says why.
    Skipped,
    /// It works, and something should be done.
    Warning,
    Failed,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Skipped => "skipped",
            State::Warning => "warning",
            State::Failed => "failed",
        }
    }

    pub(super) fn asks_for_something(self) -> bool {
        self >= State::Warning
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// Never changed once published.
    pub id: &'static str,
    pub state: State,
    /// What was found, as one word or number; never changed once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    pub text: String,
}

impl Line {
    pub(super) fn new(id: &'static str, state: State, text: impl Into<String>) -> Line {
        Line {
            id,
            state,
            found: None,
            text: text.into(),
        }
    }

    pub(super) fn found(self, found: impl ToString) -> Line {
        Line {
            found: Some(found.to_string()),
            ..self
        }
    }
}

/// One account.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    pub account: String,
    /// The worst of its checks; `skipped` is no trouble.
    pub state: State,
    pub requests: u32,
    pub checks: Vec<Line>,
}

impl Diagnosis {
    pub(super) fn new(account: &str, requests: u32, checks: Vec<Line>) -> Diagnosis {
        let worst = checks.iter().map(|line| line.state).max();
        let state = worst.filter(|worst| worst.asks_for_something());
        Diagnosis {
            account: account.to_owned(),
            state: state.unwrap_or(State::Ok),
            requests,
            checks,
        }
    }
}

/// One line for each check.
pub(super) fn text(diagnosis: &Diagnosis) -> String {
    written(&format!("account {}", diagnosis.account), &diagnosis.checks)
}

/// The same of this exporter itself.
pub(super) fn own_text(own: &[Line]) -> String {
    written("this exporter", own)
}

fn written(head: &str, lines: &[Line]) -> String {
    let mut text = head.to_owned();
    for Line {
        id,
        state,
        text: said,
        ..
    } in lines
    {
        write!(text, "\n  {:<7}  {id:<19}  {said}", state.as_str()).unwrap_or_default();
    }
    text
}

/// All as one object.
pub(super) fn json(own: &[Line], all: &[Diagnosis]) -> String {
    #[derive(Serialize)]
    struct All<'d> {
        state: State,
        exporter: &'d [Line],
        accounts: &'d [Diagnosis],
    }
    let states = all.iter().map(|account| account.state);
    let states = states.chain(own.iter().map(|line| line.state));
    let worst = states.filter(|state| state.asks_for_something()).max();
    let all = All {
        state: worst.unwrap_or(State::Ok),
        exporter: own,
        accounts: all,
    };
    serde_json::to_string_pretty(&all).unwrap_or_default()
}
