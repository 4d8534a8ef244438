//! One poller on one world, in virtual time.

use crate::RULE;
use crate::pollers::Poller;
use crate::world::World;
use smartassist_exporter::poller::coverage::Why;

pub const DAY_S: i64 = 86_400;

/// The first second of the exporter. A week later its plan is in its steady state; then comes the day that is measured,
/// and after it time for what is due as late as a day afterwards.
pub const BEGIN_S: i64 = 1_790_000_000;
pub const MEASURED_S: std::ops::Range<i64> = BEGIN_S + 7 * DAY_S..BEGIN_S + 8 * DAY_S;
pub const END_S: i64 = BEGIN_S + 9 * DAY_S + DAY_S / 2;

/// A window yields no more than this.
const MOST_ROWS: u32 = 1_100;

pub struct Reading {
    pub from_s: i64,
    pub to_s: i64,
    pub at_s: i64,
    pub why: Why,
    pub requests: u32,
}

/// A change and when it was counted.
struct Seen {
    start_s: i64,
    changed_s: i64,
    seen_s: Option<i64>,
}

pub struct Run {
    /// What was read, in order.
    pub readings: Vec<Reading>,
    seen: Vec<Seen>,
    pub live_per_minute: f64,
}

/// How late changes of the measured day were counted.
pub struct Delays {
    /// Part that never was.
    pub missed: f64,
    pub mean_s: f64,
    pub p99_s: f64,
    pub max_s: f64,
    /// Delay ÷ allowance at the age at which it was counted.
    pub due_p99: f64,
    /// The greatest delay beyond the allowance.
    pub late_s: f64,
}

impl Run {
    pub fn of(world: &World, mut poller: impl Poller) -> Run {
        let mut now = BEGIN_S as f64;
        let mut readings = Vec::new();
        let mut counted = vec![0_u8; world.conversations.len()];
        let mut seen = Vec::new();
        while (now as i64) < END_S {
            let at_s = now as i64;
            let Some(window) = poller.plan(at_s) else {
                let slept = (poller.wake_s(at_s) as f64 - now).max(0.1);
                poller.slept(slept);
                now += slept;
                continue;
            };
            let held = world.between(window.from_s, window.to_s.min(at_s));
            let records = held.len() as u32;
            for (conversation, counted) in world.conversations[held.clone()]
                .iter()
                .zip(&mut counted[held])
            {
                for &changed_s in conversation.changes_s[usize::from(*counted)..]
                    .iter()
                    .take_while(|&&c| c <= at_s)
                {
                    *counted += 1;
                    seen.push(Seen {
                        start_s: conversation.start_s,
                        changed_s,
                        seen_s: Some(at_s),
                    });
                }
            }
            let requests = requests(world, window.from_s, window.to_s.min(at_s));
            now += poller.read(window, at_s, records, requests);
            readings.push(Reading {
                from_s: window.from_s,
                to_s: window.to_s,
                at_s,
                why: window.why,
                requests,
            });
        }
        for (conversation, counted) in world.conversations.iter().zip(counted) {
            let missed = conversation.changes_s[usize::from(counted)..]
                .iter()
                .filter(|&&changed_s| changed_s < END_S);
            seen.extend(missed.map(|&changed_s| Seen {
                start_s: conversation.start_s,
                changed_s,
                seen_s: None,
            }));
        }
        seen.retain(|seen| MEASURED_S.contains(&seen.changed_s));
        Run {
            readings,
            seen,
            live_per_minute: poller.live_per_minute(),
        }
    }

    /// Requests a minute of the measured day, of the windows read for certain reasons.
    pub fn requests_per_minute(&self, of: impl Fn(Why) -> bool) -> f64 {
        let measured = self
            .readings
            .iter()
            .filter(|reading| MEASURED_S.contains(&reading.at_s) && of(reading.why));
        f64::from(measured.map(|reading| reading.requests).sum::<u32>()) / 1_440.0
    }

    pub fn delays(&self) -> Delays {
        let counted = || {
            self.seen
                .iter()
                .filter_map(|seen| Some((seen, seen.seen_s?)))
        };
        let mut delays: Vec<f64> = counted()
            .map(|(seen, seen_s)| (seen_s - seen.changed_s) as f64)
            .collect();
        let allowance = |seen: &Seen, seen_s: i64| {
            (RULE.interval_s as f64).max(RULE.revisit * (seen_s - seen.start_s) as f64)
        };
        let share = |(seen, seen_s): (&Seen, i64)| {
            (seen_s - seen.changed_s) as f64 / allowance(seen, seen_s)
        };
        let late = |(seen, seen_s): (&Seen, i64)| {
            (seen_s - seen.changed_s) as f64 - allowance(seen, seen_s)
        };
        let mut shares: Vec<f64> = counted().map(share).collect();
        delays.sort_unstable_by(f64::total_cmp);
        shares.sort_unstable_by(f64::total_cmp);
        let p99 = |sorted: &[f64]| sorted.get(sorted.len() * 99 / 100).copied().unwrap_or(0.0);
        Delays {
            missed: 1.0 - delays.len() as f64 / self.seen.len() as f64,
            mean_s: delays.iter().sum::<f64>() / delays.len() as f64,
            p99_s: p99(&delays),
            max_s: delays.last().copied().unwrap_or(0.0),
            due_p99: p99(&shares),
            late_s: counted().map(late).fold(0.0, f64::max),
        }
    }
}

/// Requests to read a window whose answers tell how many rows it holds.
fn requests(world: &World, from_s: i64, to_s: i64) -> u32 {
    let rows = world.between(from_s, to_s).len() as u32;
    if rows < MOST_ROWS || to_s - from_s < 2 {
        return rows / 100 + 1;
    }
    let middle_s = from_s + (to_s - from_s) / 2;
    1 + requests(world, from_s, middle_s) + requests(world, middle_s, to_s)
}
