//! Ours, and the two that people write first.

use crate::run::{BEGIN_S, DAY_S, MEASURED_S};
use smartassist_exporter::poller::coverage::{Aside, Coverage, Rule, Why, Window};

/// Pollers without a memory have no steady state to reach: they begin a day before the measured one.
const LATER_S: i64 = MEASURED_S.start - DAY_S;

/// What an answer takes.
const LATENCY_S: f64 = 0.3;

/// Decides what to read, and when.
pub trait Poller {
    /// The next window, if there is one to read now.
    fn plan(&mut self, now_s: i64) -> Option<Window>;
    /// The window was read; returns how long its requests took, in seconds.
    fn read(&mut self, window: Window, now_s: i64, records: u32, requests: u32) -> f64;
    /// Nothing is to be read now: until when to sleep. The seconds slept are told in `slept`.
    fn wake_s(&self, now_s: i64) -> i64;
    fn slept(&mut self, seconds: f64);
    /// Requests a minute for what the queue is now.
    fn live_per_minute(&self) -> f64 {
        0.0
    }
}

/// The coverage map, within a budget.
pub struct Planned {
    coverage: Coverage,
    rule: Rule,
    spare: bool,
    per_second: f64,
    /// Requests in the bucket, which holds ten seconds of the budget and starts with one.
    ready: f64,
    live: Option<Live>,
}

/// Two live sources, each read every 15 s, as far as a quarter of the budget and the poll leave requests to them.
#[derive(Default)]
struct Live {
    saved: f64,
    due_in_s: [f64; 2],
    requests: u64,
    seconds: f64,
}

const LIVE_EVERY_S: f64 = 15.0;

impl Planned {
    pub fn new(rule: Rule, per_minute: f64, spare: bool) -> Planned {
        let coverage = Coverage::new(BEGIN_S, DAY_S);
        Planned {
            coverage,
            rule,
            spare,
            per_second: per_minute / 60.0,
            ready: 1.0,
            live: None,
        }
    }

    /// The same beside live readings.
    pub fn with_live(self) -> Planned {
        Planned {
            live: Some(Live::default()),
            ..self
        }
    }

    /// A second passed, or a part of one.
    fn pass(&mut self, seconds: f64) {
        self.ready = (self.ready + seconds * self.per_second).min(self.most_ready());
        let Some(live) = &mut self.live else {
            return;
        };
        live.seconds += seconds;
        live.saved = (live.saved + seconds * self.per_second / 4.0).min(1.0);
        for due_in_s in &mut live.due_in_s {
            *due_in_s -= seconds;
            if *due_in_s <= 0.0 && live.saved >= 1.0 && self.ready >= 2.0 {
                live.saved -= 1.0;
                self.ready -= 1.0;
                live.requests += 1;
                *due_in_s = LIVE_EVERY_S;
            }
        }
    }

    fn most_ready(&self) -> f64 {
        10.0 * self.per_second
    }
}

impl Poller for Planned {
    fn plan(&mut self, now_s: i64) -> Option<Window> {
        // Spare is what the bucket could not hold.
        let spare = self.spare && self.ready >= self.most_ready();
        self.coverage
            .plan(&Aside::default(), now_s, &self.rule, spare)
    }

    fn read(&mut self, window: Window, now_s: i64, records: u32, requests: u32) -> f64 {
        let mut took = 0.0;
        for _ in 0..requests {
            let wait = ((1.0 - self.ready) / self.per_second).max(0.0) + LATENCY_S;
            self.slept(wait);
            self.ready -= 1.0;
            took += wait;
        }
        self.coverage.read(window, window.to_s, now_s, records);
        self.coverage
            .advance_floor(now_s, Some(now_s), self.rule.max_lookback_s);
        took
    }

    fn wake_s(&self, now_s: i64) -> i64 {
        self.coverage.due_at_s(now_s, &self.rule, self.spare)
    }

    fn slept(&mut self, seconds: f64) {
        let mut left = seconds;
        while left > 0.0 {
            self.pass(left.min(1.0));
            left -= 1.0;
        }
    }

    fn live_per_minute(&self) -> f64 {
        let live = self.live.as_ref();
        live.map_or(0.0, |live| 60.0 * live.requests as f64 / live.seconds)
    }
}

/// The last `reach_s`, at every interval, whatever it costs.
pub struct Trailing {
    interval_s: i64,
    reach_s: i64,
    next_s: i64,
}

impl Trailing {
    pub fn new(interval_s: i64, reach_s: i64) -> Trailing {
        Trailing {
            interval_s,
            reach_s,
            next_s: LATER_S,
        }
    }
}

impl Poller for Trailing {
    fn plan(&mut self, now_s: i64) -> Option<Window> {
        (now_s >= self.next_s).then(|| window(now_s - self.reach_s, now_s))
    }

    fn read(&mut self, _: Window, now_s: i64, _: u32, _: u32) -> f64 {
        self.next_s = now_s + self.interval_s;
        0.0
    }

    fn wake_s(&self, _: i64) -> i64 {
        self.next_s
    }

    fn slept(&mut self, _: f64) {}
}

/// Every window once, `delay_s` after it passed.
pub struct Delayed {
    interval_s: i64,
    delay_s: i64,
    read_to_s: i64,
}

impl Delayed {
    pub fn new(interval_s: i64, delay_s: i64) -> Delayed {
        Delayed {
            interval_s,
            delay_s,
            read_to_s: LATER_S - DAY_S,
        }
    }
}

impl Poller for Delayed {
    fn plan(&mut self, now_s: i64) -> Option<Window> {
        let to_s = now_s - self.delay_s;
        (to_s >= self.read_to_s + self.interval_s).then(|| window(self.read_to_s, to_s))
    }

    fn read(&mut self, window: Window, _: i64, _: u32, _: u32) -> f64 {
        self.read_to_s = window.to_s;
        0.0
    }

    fn wake_s(&self, _: i64) -> i64 {
        self.read_to_s + self.interval_s + self.delay_s
    }

    fn slept(&mut self, _: f64) {}
}

fn window(from_s: i64, to_s: i64) -> Window {
    Window {
        from_s,
        to_s,
        why: Why::LiveEdge,
    }
}
