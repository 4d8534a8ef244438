//! What was seen in the course of one trouble, and what of it must not be.

use super::trouble::Trouble;
use super::watch::{Process, Seen};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Between the decision to send a request and its first byte in the network, also on a machine that is busy.
const UNDER_WAY: Duration = Duration::from_millis(150);
/// The same for one who fell asleep in between.
const AFTER_WAKING: Duration = Duration::from_millis(500);

/// Every replica is looked at several times within it.
const SHORTLY: Duration = Duration::from_millis(600);

pub struct Window {
    /// In order, from shortly before it.
    pub seen: Vec<Seen>,
    /// Of each account, when it was asked about, by which place; from the beginning of all.
    pub asked: Vec<Vec<(Instant, usize)>>,
    pub begun: Instant,
    pub ended: Instant,
    pub settled: Instant,
}

impl Window {
    /// The process that a place had at an instant, by what was seen of it: the last that was opened by then.
    fn process(&self, place: usize, at: Instant) -> Option<Process> {
        let mut seen = self.seen.iter().filter(|it| it.process.place == place);
        let first = seen.clone().next()?.process;
        let last = seen.rfind(|it| it.from <= at).map(|it| it.process);
        Some(last.unwrap_or(first))
    }
}

/// A time in which a process showed an account's counters on every page that was seen of it.
#[derive(Debug, Clone, Copy)]
struct Span {
    process: Process,
    first: Instant,
    last: Instant,
}

/// Accounts whose counters two replicas showed at the same time. What was seen proves it: a page that was asked for after
/// one, and before another of the same replica, had been read.
pub fn shown_twice(window: &Window, accounts: usize) -> Vec<String> {
    (0..accounts)
        .flat_map(|account| {
            let spans = spans(&window.seen, account);
            let mut wrong = Vec::new();
            for (at, one) in spans.iter().enumerate() {
                for other in &spans[at + 1..] {
                    let from = one.first.max(other.first);
                    let to = one.last.min(other.last);
                    if one.process.place != other.process.place && to > from {
                        wrong.push(format!(
                            "account {account}: {:?} and {:?} both showed it for at least {:?}, from {:?} on",
                            one.process,
                            other.process,
                            to - from,
                            from.saturating_duration_since(window.begun),
                        ));
                    }
                }
            }
            wrong
        })
        .collect()
}

fn spans(seen: &[Seen], account: usize) -> Vec<Span> {
    let mut open: BTreeMap<Process, Span> = BTreeMap::new();
    let mut closed = Vec::new();
    for it in seen {
        if it.counts(account) {
            let span = open.entry(it.process).or_insert(Span {
                process: it.process,
                first: it.to,
                last: it.from,
            });
            span.last = it.from;
        } else {
            closed.extend(open.remove(&it.process));
        }
    }
    closed.extend(open.into_values());
    closed
}

/// Accounts about which somebody asked although another had begun to, and before it was seen to have let go of it.
pub fn asked_by_two(window: &Window, woken: &[(Process, Instant)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = window.seen.first().map_or(window.begun, |it| it.from);
    for (account, asked) in window.asked.iter().enumerate() {
        let mut followed: BTreeMap<Process, Instant> = BTreeMap::new();
        let mut last: Option<Process> = None;
        let mut told: BTreeMap<Process, (usize, Instant, Instant)> = BTreeMap::new();
        for (at, place) in asked.iter().filter(|(at, _)| *at >= first) {
            let Some(process) = window.process(*place, *at) else {
                continue;
            };
            if let Some(before) = last.filter(|before| *before != process) {
                followed.insert(before, *at);
            }
            last = Some(process);
            let Some(since) = followed.get(&process).copied() else {
                continue;
            };
            let let_go = window.seen.iter().any(|it| {
                it.process == process
                    && it.from > since
                    && it.from < *at
                    && it.accounts.is_some()
                    && !it.leads(account)
            });
            let awake = woken
                .iter()
                .any(|(who, when)| *who == process && *at > *when && *at - *when < AFTER_WAKING);
            if let_go || awake || *at - since < UNDER_WAY {
                followed.remove(&process);
                continue;
            }
            let told = told.entry(process).or_insert((0, since, *at));
            told.0 += 1;
            told.2 = *at;
        }
        wrong.extend(told.into_iter().map(|(process, (times, since, last))| {
            format!(
                "account {account}: {process:?} asked {times} times after another had, the last {:?} after that one's first, at {:?}",
                last - since,
                since.saturating_duration_since(window.begun)
            )
        }));
    }
    wrong
}

/// How long it took until each account was counted by somebody else, for those that were.
pub fn taken(window: &Window, trouble: &Trouble, accounts: usize) -> Vec<(usize, Duration)> {
    let Window {
        seen, begun, ended, ..
    } = window;
    let by_another = |account: usize| {
        let before = seen.iter().rev().find(|it| {
            it.process.place == trouble.whom && it.from < *begun && it.accounts.is_some()
        });
        let before = before.filter(|it| it.leads(account))?.process;
        let mut after = seen.iter().filter(|it| it.from > *begun);
        let taken = after.find(|it| it.leads(account) && it.process != before)?;
        Some((account, taken.to - *begun))
    };
    let anew = |account: usize| {
        let held = |it: &&Seen| it.leads(account);
        let mut shortly = seen
            .iter()
            .filter(|it| it.from < *ended && *ended - it.from < SHORTLY);
        let lost = !shortly.any(|it| it.leads(account));
        let again = seen.iter().filter(|it| it.from > *ended).find(held)?;
        lost.then(|| (account, again.to - *ended))
    };
    if trouble.kind.is_of_one() {
        (0..accounts).filter_map(by_another).collect()
    } else {
        (0..accounts).filter_map(anew).collect()
    }
}

/// The longest that nobody asked about an account, of all accounts, while the trouble lasted and until all was well.
pub fn longest_silence(window: &Window) -> Duration {
    let of = |asked: &Vec<(Instant, usize)>| {
        let times = asked.iter().map(|(at, _)| *at);
        let before = times.clone().rfind(|at| *at < window.begun);
        let during = times.filter(|at| *at >= window.begun && *at < window.settled);
        let all: Vec<Instant> = before
            .into_iter()
            .chain(during)
            .chain([window.settled])
            .collect();
        all.windows(2).map(|two| two[1] - two[0]).max()
    };
    window.asked.iter().filter_map(of).max().unwrap_or_default()
}
