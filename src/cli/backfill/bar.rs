//! How far the reading is: a bar where somebody looks, a line now and then where nobody does.

use super::complain;
use crate::api::format_utc;
use crate::backfill::Told;
use std::cell::Cell;
use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Between two lines.
const LINES: Duration = Duration::from_secs(30);

const WIDTH: usize = 24;

pub(super) struct Bar {
    name: String,
    begun: Instant,
    /// What was done before.
    before: Told,
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    told: Told,
    said: Option<Instant>,
    width: Cell<usize>,
}

impl Bar {
    pub(super) fn new(name: &str, told: Told) -> Bar {
        Bar {
            name: name.to_owned(),
            begun: Instant::now(),
            before: told,
            terminal: stderr().is_terminal(),
            state: Mutex::new(State {
                told,
                said: None,
                width: Cell::new(0),
            }),
        }
    }

    pub(super) fn tell(&self, told: &Told) {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        state.told = *told;
        let left = left(&self.before, told, self.begun.elapsed());
        if self.terminal {
            let line = bar(&self.name, told, left);
            let rest = state.width.replace(line.chars().count());
            let blanks = rest.saturating_sub(line.chars().count());
            // Where nobody listens, there is nothing to do about it.
            let _ = write!(stderr().lock(), "\r{line}{:blanks$}", "");
        } else if state.said.is_none_or(|said| said.elapsed() >= LINES) {
            state.said = Some(Instant::now());
            complain(&line(&self.name, told, left));
        }
    }

    /// The last word.
    pub(super) fn end(&self) {
        let state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.terminal {
            complain("");
        } else {
            complain(&line(&self.name, &state.told, None));
        }
    }
}

/// 0–1.
fn part(told: &Told) -> f64 {
    let (done_s, of_s) = (told.at_s - told.from_s, told.to_s - told.from_s);
    (done_s as f64 / of_s.max(1) as f64).clamp(0.0, 1.0)
}

/// At the pace since this process began.
fn left(before: &Told, told: &Told, took: Duration) -> Option<Duration> {
    let done = part(told) - part(before);
    (done > 0.0).then(|| took.mul_f64(((1.0 - part(told)) / done).min(1e6)))
}

fn bar(name: &str, told: &Told, left: Option<Duration>) -> String {
    let full = (part(told) * WIDTH as f64) as usize;
    let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH - full));
    format!("{name} [{full}{empty}] {}", rest(told, left))
}

fn line(name: &str, told: &Told, left: Option<Duration>) -> String {
    format!("{name}: {}", rest(told, left))
}

fn rest(told: &Told, left: Option<Duration>) -> String {
    let percent = (part(told) * 100.0) as u32;
    let at = format_utc(told.at_s);
    let requests = told.requests;
    let left = left.filter(|_| percent < 100).map(|left| {
        let minutes = left.as_secs().div_ceil(60);
        match minutes {
            0..=1 => ", about a minute left".to_owned(),
            2..=119 => format!(", about {minutes} min left"),
            _ => format!(", about {} h left", minutes.div_ceil(60)),
        }
    });
    format!(
        "{percent} %, read up to {at} UTC, {requests} requests{}",
        left.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(at_s: i64) -> Told {
        Told {
            at_s,
            from_s: 1_790_000_000,
            to_s: 1_790_100_000,
            requests: 912,
            conversations: 5,
            short: 0,
        }
    }

    #[test]
    fn it_says_how_far_and_how_long_by_the_pace_of_this_process() {
        // A quarter was there; another one took ten minutes.
        let (before, now) = (told(1_790_025_000), told(1_790_050_000));
        let left = left(&before, &now, Duration::from_mins(10));
        assert_eq!(
            line("acme", &now, left),
            "acme: 50 %, read up to 2026-09-22 04:06:40 UTC, 912 requests, about 20 min left"
        );
        assert!(bar("acme", &now, None).starts_with("acme [############............] 50 %,"));
        assert_eq!(super::left(&now, &now, Duration::from_mins(1)), None);
        let end = told(1_790_100_000);
        assert!(
            line("acme", &end, left)
                .ends_with("100 %, read up to 2026-09-22 18:00:00 UTC, 912 requests")
        );
        let long = Some(Duration::from_hours(30));
        assert!(line("acme", &now, long).ends_with("about 30 h left"));
    }
}
