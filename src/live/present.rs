//! An account at a glance: what goes on now beside what the shortest recent window shows, by queue over all channels.

use super::reading::Numbers;
use crate::ledger::{Measure, NO_QUEUE, OVERFLOW, RecentWindow, Sample, Value, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub value: u64,
    /// When its source was read, and from when on it is too old; UTC seconds.
    pub read_s: i64,
    pub until_s: i64,
}

/// What goes on. `None`: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Going {
    pub waiting: Option<Told>,
    pub longest_wait_s: Option<Told>,
    pub with_agent: Option<Told>,
    pub agents_available: Option<Told>,
}

/// What ended lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ended {
    pub offered: u64,
    pub abandoned: u64,
    pub answered_within_target: u64,
}

/// What a queue is held to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HeldTo {
    pub longest_wait_s: Option<f64>,
    pub abandonment_ratio: Option<f64>,
    pub service_level_ratio: Option<f64>,
}

/// The shortest recent window, and the targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lately {
    /// Its label and its end, UTC seconds; `None` while no window is shown.
    pub window: Option<(Arc<str>, i64)>,
    pub queues: BTreeMap<Arc<str>, Ended>,
    pub targets: BTreeMap<Arc<str>, HeldTo>,
}

/// An account at a glance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Present {
    /// Of all queues, those without one included. Agents serve several queues and do not add up: so many are available at
    /// least, which is as many as in the queue that has most.
    pub all: (Going, Ended),
    pub queues: BTreeMap<Arc<str>, (Going, Ended, HeldTo)>,
    pub window: Option<(Arc<str>, i64)>,
}

impl Lately {
    /// What a View shows of it.
    pub fn of(view: &View, windows: &[RecentWindow]) -> Lately {
        let shortest = windows
            .iter()
            .min_by_key(|window| window.to_s - window.from_s);
        let mut lately = Lately {
            window: shortest.map(|window| (Arc::clone(&window.label), window.to_s)),
            ..Lately::default()
        };
        for Sample {
            measure,
            labels,
            value,
        } in &view.gauges
        {
            let Value::Gauge(value) = value else {
                continue;
            };
            match (measure, labels.as_slice()) {
                (
                    Measure::RecentOffered
                    | Measure::RecentAbandoned
                    | Measure::RecentAnsweredWithinTarget,
                    [window, _, queue],
                ) if shortest.is_some_and(|it| it.label == *window) => {
                    let ended = lately.queues.entry(Arc::clone(queue)).or_default();
                    let part = match measure {
                        Measure::RecentOffered => &mut ended.offered,
                        Measure::RecentAbandoned => &mut ended.abandoned,
                        _ => &mut ended.answered_within_target,
                    };
                    *part += *value as u64;
                }
                (
                    Measure::LongestWaitTargetSeconds
                    | Measure::AbandonmentTargetRatio
                    | Measure::ServiceLevelTargetRatio,
                    [channel, queue],
                ) if channel.is_empty() => {
                    let held = lately.targets.entry(Arc::clone(queue)).or_default();
                    let target = match measure {
                        Measure::LongestWaitTargetSeconds => &mut held.longest_wait_s,
                        Measure::AbandonmentTargetRatio => &mut held.abandonment_ratio,
                        _ => &mut held.service_level_ratio,
                    };
                    *target = Some(*value);
                }
                _ => {}
            }
        }
        lately
    }
}

impl Present {
    /// `going` by queue, over all of its channels.
    pub(super) fn of(going: BTreeMap<Arc<str>, Going>, lately: &Lately) -> Present {
        let mut present = Present {
            window: lately.window.clone(),
            ..Present::default()
        };
        for (queue, going) in going {
            present.all.0 = present.all.0.and(going);
            present.queue(&queue).0 = going;
        }
        for (queue, ended) in &lately.queues {
            present.all.1.add(*ended);
            present.queue(queue).1 = *ended;
        }
        for (queue, (.., held)) in &mut present.queues {
            *held = lately.targets.get(queue).copied().unwrap_or_default();
        }
        // In sums they count; as a queue nobody can do anything about them.
        present
            .queues
            .retain(|queue, _| &**queue != NO_QUEUE && &**queue != OVERFLOW);
        present
    }

    fn queue(&mut self, queue: &Arc<str>) -> &mut (Going, Ended, HeldTo) {
        self.queues.entry(Arc::clone(queue)).or_default()
    }
}

impl Ended {
    fn add(&mut self, other: Ended) {
        self.offered += other.offered;
        self.abandoned += other.abandoned;
        self.answered_within_target += other.answered_within_target;
    }
}

impl Going {
    /// Of two queues together, as far as both are known of those that are told at all.
    fn and(self, other: Going) -> Going {
        Going {
            waiting: both(self.waiting, other.waiting, |one, other| one + other),
            longest_wait_s: both(self.longest_wait_s, other.longest_wait_s, u64::max),
            with_agent: both(self.with_agent, other.with_agent, |one, other| one + other),
            agents_available: both(self.agents_available, other.agents_available, u64::max),
        }
    }

    pub(super) fn numbers(
        self,
        told: impl Fn(u64) -> Told,
        numbers: Numbers,
        which: Which,
    ) -> Going {
        let mut going = self;
        let (slot, value, join): (_, _, fn(u64, u64) -> u64) = match which {
            Which::Waiting => (&mut going.waiting, numbers.waiting, |one, other| {
                one + other
            }),
            Which::LongestWait => (&mut going.longest_wait_s, numbers.longest_wait_s, u64::max),
            Which::WithAgent => (&mut going.with_agent, numbers.with_agent, |one, other| {
                one + other
            }),
        };
        *slot = both(*slot, value.map(told), join);
        going
    }
}

/// Which number of a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    Waiting,
    LongestWait,
    WithAgent,
}

fn both(one: Option<Told>, other: Option<Told>, join: fn(u64, u64) -> u64) -> Option<Told> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Told {
            value: join(one.value, other.value),
            ..one
        }),
        (only, None) | (None, only) => only,
    }
}
