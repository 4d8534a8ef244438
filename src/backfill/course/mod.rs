//! How one series went: its increments, put together to what its lines stood at, time by time.
//!
//! Invariants: every increment shows once, at its own time; what the exporter showed first is what the lines end at, and of
//! all that is shown the last that was added; a line falls to 0 alone. Pure.
//!
//! A sample at *t* holds what ended at *t* or before.

use crate::ledger::{Measure, Sum};
use crate::poller::FirstShown;

/// Instants that are shown in any case lie so many seconds apart: a sample is good for five minutes.
pub(super) const KEEP_S: i64 = 300;

/// Around a change so many steps are shown to either side, so that what is asked of short windows around it has the samples
/// that a scrape would have left there. Where nothing changes for longer, one sample in [`KEEP_S`] says so.
const AROUND: i64 = 3;

/// When samples are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// UTC seconds: all stands at 0 here.
    pub from_s: i64,
    /// UTC seconds, above `from_s`; the last sample is here.
    pub to_s: i64,
    /// Between two of them.
    pub step_s: i64,
}

/// An increment of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// UTC seconds, above the grid's `from_s`, at most its `to_s`.
    pub at_s: i64,
    /// It is among what the exporter first showed, or has counted since: it ended after its floor.
    pub owned: bool,
    pub millis: u64,
}

/// Where a series meets the live one.
#[derive(Debug, Clone)]
pub(super) struct Meeting {
    pub shown: FirstShown,
    /// What the exporter showed then.
    pub sum: Sum,
}

impl Grid {
    /// Every instant, the first and the last among them.
    fn times(self) -> impl Iterator<Item = i64> {
        let first = (self.from_s.div_euclid(self.step_s) + 1) * self.step_s;
        let between = (first..self.to_s).step_by(usize::try_from(self.step_s).unwrap_or(1));
        std::iter::once(self.from_s)
            .chain(between)
            .chain([self.to_s])
    }

    /// The first instant at or after `at_s`.
    fn after(self, at_s: i64) -> i64 {
        let next = at_s.div_euclid(self.step_s) * self.step_s;
        let next = if next < at_s {
            next + self.step_s
        } else {
            next
        };
        next.min(self.to_s)
    }
}

/// Takes the lines of a series at a time, UTC milliseconds.
pub(super) type Show<'s, E> = dyn FnMut(i64, &[u64]) -> Result<(), E> + 's;

/// Goes through a series whose events are in the order of their times, and hands over its lines at each time, UTC
/// milliseconds. Of a histogram they are the cumulative buckets, the sum in milliseconds, and the count. How much of what
/// the exporter first showed was not found, and shows as a step where the two meet.
///
/// # Errors
/// What `show` fails with.
pub(super) fn course<E>(
    measure: Measure,
    grid: Grid,
    events: &[Event],
    meeting: Option<&Meeting>,
    show: &mut Show<'_, E>,
) -> Result<u64, E> {
    let mut before = Sum::zero(measure);
    for event in events.iter().filter(|event| !event.owned) {
        before.observe(measure, event.millis);
    }
    let mut walk = Walk {
        measure,
        meeting,
        turns_at: lines(&before),
        turned: vec![false; lines(&before).len()],
        others: Sum::zero(measure),
        own: Sum::zero(measure),
        shown: vec![0; lines(&before).len()],
    };
    let (mut rest, mut ahead) = (events, events);
    for at_s in grid.times() {
        while let Some((event, later)) = rest.split_first().filter(|(it, _)| it.at_s <= at_s) {
            walk.take(event);
            rest = later;
        }
        let around_s = AROUND * grid.step_s;
        while let Some((_, later)) = ahead
            .split_first()
            .filter(|(it, _)| grid.after(it.at_s) < at_s - around_s)
        {
            ahead = later;
        }
        let near = ahead
            .first()
            .is_some_and(|it| grid.after(it.at_s) <= at_s + around_s);
        let ends = at_s == grid.to_s;
        let kept = near || ends || at_s == grid.from_s || at_s % KEEP_S == 0;
        walk.step(at_s, ends, kept, show)?;
    }
    Ok(walk.missing())
}

struct Walk<'m> {
    measure: Measure,
    meeting: Option<&'m Meeting>,
    /// What each line comes to by all that the exporter did not count: there it starts again.
    turns_at: Vec<u64>,
    turned: Vec<bool>,
    others: Sum,
    own: Sum,
    shown: Vec<u64>,
}

impl Walk<'_> {
    fn take(&mut self, event: &Event) {
        let sum = if event.owned {
            &mut self.own
        } else {
            &mut self.others
        };
        sum.observe(self.measure, event.millis);
    }

    fn step<E>(
        &mut self,
        at_s: i64,
        ends: bool,
        kept: bool,
        show: &mut Show<'_, E>,
    ) -> Result<(), E> {
        let at_ms = at_s * 1_000;
        let Some(Meeting { shown, sum }) = self.meeting else {
            self.shown = lines(&self.others);
            if ends {
                show(at_ms - 1, &self.shown)?;
                self.shown.fill(0);
            }
            return if kept {
                show(at_ms, &self.shown)
            } else {
                Ok(())
            };
        };
        let own = if ends {
            sum.clone()
        } else {
            at_most(&self.own, sum)
        };
        let mut now = lines(&self.others);
        for (line, own) in now.iter_mut().zip(lines(&own)) {
            *line += own;
        }
        let turns: Vec<usize> = (0..now.len())
            .filter(|&at| {
                let passed = at_s >= shown.since_s && now[at] >= self.turns_at[at];
                !self.turned[at] && self.turns_at[at] > 0 && passed
            })
            .collect();
        if !turns.is_empty() {
            for &at in &turns {
                self.shown[at] = self.turns_at[at];
            }
            show(at_ms - 2, &self.shown)?;
            for &at in &turns {
                (self.shown[at], self.turned[at]) = (0, true);
            }
            show(at_ms - 1, &self.shown)?;
        }
        for (at, line) in now.iter_mut().enumerate() {
            if self.turned[at] {
                *line -= self.turns_at[at];
            }
        }
        self.shown = now;
        if kept || !turns.is_empty() {
            show(at_ms, &self.shown)?;
        }
        Ok(())
    }

    /// Of what the exporter first showed, so many increments or observations were not found.
    fn missing(&self) -> u64 {
        self.meeting.map_or(0, |meeting| {
            let found = at_most(&self.own, &meeting.sum);
            meeting.sum.count() - found.count()
        })
    }
}

/// Of what is found, as much as was shown: what came to light later, the exporter has counted since.
fn at_most(found: &Sum, shown: &Sum) -> Sum {
    match (found, shown) {
        (Sum::Count(found), Sum::Count(shown)) => Sum::Count(*found.min(shown)),
        (
            Sum::Histogram {
                buckets,
                sum_millis,
            },
            Sum::Histogram {
                buckets: most,
                sum_millis: most_millis,
            },
        ) => Sum::Histogram {
            buckets: buckets.iter().zip(most).map(|(a, b)| *a.min(b)).collect(),
            sum_millis: *sum_millis.min(most_millis),
        },
        // One series is of one kind: the two never meet.
        _ => found.clone(),
    }
}

fn lines(sum: &Sum) -> Vec<u64> {
    match sum {
        Sum::Count(count) => vec![*count],
        Sum::Histogram {
            buckets,
            sum_millis,
        } => {
            let mut below = 0;
            let mut lines: Vec<u64> = buckets
                .iter()
                .map(|bucket| {
                    below += bucket;
                    below
                })
                .collect();
            lines.extend([*sum_millis, below]);
            lines
        }
    }
}

#[cfg(test)]
mod tests;
