//! `/wall.json`. Its form is an interface: docs/wall.md describes and shows it, a test holds it to that.
//! Fields may be added within a form; what is there keeps its name and meaning.

use super::judge::{Judged, Judgement, Verdict};
use super::order::{compare, worst_first};
use super::{Figure, Wall, WallAccount, WallNumbers, WallQueue};
use crate::web::status::State;
use serde::Serialize;

/// Which form this is; another number would be another meaning.
const FORM: u32 = 1;
const MOST_ACCOUNTS: usize = 20;
/// Of each account, the worst.
const MOST_QUEUES: usize = 50;
/// Characters of a name.
const LONGEST_NAME: usize = 120;

#[derive(Debug, Serialize)]
pub(super) struct Document {
    form: u32,
    version: &'static str,
    now_s: i64,
    worst: Option<Worst>,
    accounts: Vec<AccountForm>,
    accounts_left_out: usize,
}

/// What is furthest beyond its target, or who fails where nothing is beyond.
#[derive(Debug, Serialize)]
struct Worst {
    account: String,
    /// `null`: the account as a whole.
    queue: Option<String>,
    words: String,
}

#[derive(Debug, Serialize)]
struct AccountForm {
    name: String,
    state: State,
    words: &'static str,
    window: Option<WindowForm>,
    numbers: NumbersForm,
    queues: Vec<QueueForm>,
    queues_left_out: usize,
}

#[derive(Debug, Serialize)]
struct WindowForm {
    label: String,
    to_s: i64,
}

#[derive(Debug, Serialize)]
struct QueueForm {
    queue: String,
    channel: String,
    numbers: NumbersForm,
}

#[derive(Debug, Serialize)]
struct NumbersForm {
    waiting: FigureForm<u64>,
    longest_wait_seconds: FigureForm<u64>,
    agents_available: FigureForm<u64>,
    with_agent: FigureForm<u64>,
    service_level_ratio: FigureForm<f64>,
    abandonment_ratio: FigureForm<f64>,
    offered: FigureForm<u64>,
}

#[derive(Debug, Serialize)]
struct FigureForm<T> {
    /// `null`: not known, or too old.
    value: Option<T>,
    target: Option<T>,
    read_s: Option<i64>,
    until_s: Option<i64>,
    verdict: Verdict,
    words: &'static str,
}

impl Document {
    pub(super) fn of(wall: &Wall) -> Document {
        let shown = &wall.accounts[..wall.accounts.len().min(MOST_ACCOUNTS)];
        Document {
            form: FORM,
            version: env!("CARGO_PKG_VERSION"),
            now_s: wall.now_s,
            worst: worst(shown, wall.now_s),
            accounts: shown.iter().map(|it| account(it, wall.now_s)).collect(),
            accounts_left_out: wall.accounts.len() - shown.len(),
        }
    }
}

/// The worst queue of all accounts; where no queue is beyond a target, the first account that is; else one that fails.
fn worst(accounts: &[WallAccount], now_s: i64) -> Option<Worst> {
    let words = |judgement: &Judgement| {
        let (what, judged) = judgement.worst()?;
        Some(format!("{what} {}", judged.words).trim_start().to_owned())
    };
    let queue = accounts
        .iter()
        .filter_map(|account| {
            let first = worst_first(&account.queues, now_s).into_iter().next()?;
            Some((account, first))
        })
        .min_by(|one, other| compare(&one.1, &other.1, now_s));
    let of_queue = queue.and_then(|(account, (queue, judgement))| {
        Some(Worst {
            account: cut(&account.name),
            queue: Some(cut(&queue.queue)),
            words: words(&judgement)?,
        })
    });
    let whole = |account: &WallAccount, words| Worst {
        account: cut(&account.name),
        queue: None,
        words,
    };
    let of_account = || {
        accounts.iter().find_map(|account| {
            let words = words(&Judgement::of(&account.numbers, now_s))?;
            Some(whole(account, words))
        })
    };
    let fails = |account: &&WallAccount| State::of(&account.status) == State::Failing;
    let failing = || {
        let account = accounts.iter().find(fails)?;
        Some(whole(account, State::Failing.words().to_owned()))
    };
    of_queue.or_else(of_account).or_else(failing)
}

fn account(account: &WallAccount, now_s: i64) -> AccountForm {
    let state = State::of(&account.status);
    let queues = worst_first(&account.queues, now_s);
    AccountForm {
        name: cut(&account.name),
        state,
        words: state.words(),
        window: account.window.as_ref().map(|window| WindowForm {
            label: cut(&window.label),
            to_s: window.to_s,
        }),
        numbers: numbers(
            &account.numbers,
            &Judgement::of(&account.numbers, now_s),
            now_s,
        ),
        queues_left_out: queues.len().saturating_sub(MOST_QUEUES),
        queues: queues
            .into_iter()
            .take(MOST_QUEUES)
            .map(|(it, judgement)| queue(it, &judgement, now_s))
            .collect(),
    }
}

fn queue(queue: &WallQueue, judgement: &Judgement, now_s: i64) -> QueueForm {
    QueueForm {
        queue: cut(&queue.queue),
        channel: cut(&queue.channel),
        numbers: numbers(&queue.numbers, judgement, now_s),
    }
}

fn numbers(numbers: &WallNumbers, judgement: &Judgement, now_s: i64) -> NumbersForm {
    let count = |it, target, judged| figure(it, target, judged, now_s);
    let ratio = |it, target, judged| figure(it, target, judged, now_s);
    let (wait_target_s, level_target) =
        (numbers.longest_wait_target_s, numbers.service_level_target);
    NumbersForm {
        waiting: count(numbers.waiting, None, judgement.waiting),
        longest_wait_seconds: count(
            numbers.longest_wait_s,
            wait_target_s,
            judgement.longest_wait,
        ),
        agents_available: count(numbers.agents_available, None, judgement.agents_available),
        with_agent: count(numbers.with_agent, None, judgement.with_agent),
        service_level_ratio: ratio(numbers.service_level, level_target, judgement.service_level),
        abandonment_ratio: ratio(
            numbers.abandonment,
            numbers.abandonment_target,
            judgement.abandonment,
        ),
        offered: count(numbers.offered, None, judgement.offered),
    }
}

fn figure<T: Copy>(
    figure: Option<Figure<T>>,
    target: Option<T>,
    judged: Judged,
    now_s: i64,
) -> FigureForm<T> {
    FigureForm {
        value: figure.and_then(|it| it.at(now_s)),
        target,
        read_s: figure.map(|it| it.read_s),
        until_s: figure.map(|it| it.until_s),
        verdict: judged.verdict,
        words: judged.words,
    }
}

/// A name as far as it is shown.
fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars()
        .take(LONGEST_NAME - 1)
        .chain(['…'])
        .collect::<String>()
}
