//! An account at a glance: what goes on now beside what the shortest recent window shows, by queue over all channels.

use crate::ledger::{
    Measure, NO_QUEUE, OVERFLOW, RecentWindow, Sample, Target, Targets, Value, View,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number, when it was true and until when it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure<T> {
    pub value: T,
    /// When a live number was read, or the end of a recent window; UTC seconds.
    pub read_s: i64,
    /// From then on it is too old to be shown; UTC seconds.
    pub until_s: i64,
}

impl<T: Copy> Figure<T> {
    /// The value, while it may be shown.
    pub fn at(&self, now_s: i64) -> Option<T> {
        (now_s < self.until_s).then_some(self.value)
    }
}

/// What goes on. `None`: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Going {
    pub waiting: Option<Figure<u64>>,
    /// Of the channel that is worst off for its target: mail may wait for hours where a call may not for minutes.
    pub longest_wait_s: Option<Figure<u64>>,
    /// Of that channel.
    pub longest_wait_target_s: u64,
    pub with_agent: Option<Figure<u64>>,
    pub agents_available: Option<Figure<u64>>,
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
    pub longest_wait_s: f64,
    pub abandonment_ratio: f64,
    pub service_level_ratio: f64,
}

/// The shortest recent window, and the targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lately {
    /// Its label and its end, UTC seconds; `None` while no window is shown.
    pub window: Option<(Arc<str>, i64)>,
    pub queues: BTreeMap<Arc<str>, Ended>,
    /// By queue, then by channel where one has its own; `""` for all others.
    pub targets: BTreeMap<Arc<str>, BTreeMap<Arc<str>, HeldTo>>,
}

/// An account at a glance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Present {
    /// Of all queues, those without one included. Agents serve several queues and do not add up: so many are available at
    /// least, which is as many as in the queue that has most.
    pub all: (Going, Ended, HeldTo),
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
                ) => {
                    // The queue's own comes first in a View, and a channel's says what differs from it alone.
                    let held = lately.targets.entry(Arc::clone(queue)).or_default();
                    let of_queue = held.get("").copied().unwrap_or_default();
                    let held = held.entry(Arc::clone(channel)).or_insert(of_queue);
                    let target = match measure {
                        Measure::LongestWaitTargetSeconds => &mut held.longest_wait_s,
                        Measure::AbandonmentTargetRatio => &mut held.abandonment_ratio,
                        _ => &mut held.service_level_ratio,
                    };
                    *target = *value;
                }
                _ => {}
            }
        }
        lately
    }

    /// What a queue is held to, in a channel or (`""`) in all; what holds for a queue that nobody has named yet stands in
    /// `targets`.
    pub(super) fn held(&self, channel: &str, queue: &str, targets: &Targets) -> HeldTo {
        let held = self.targets.get(queue);
        if let Some(held) = held.and_then(|held| held.get(channel).or(held.get(""))) {
            return *held;
        }
        let channel = Some(channel).filter(|channel| !channel.is_empty());
        targets.of(channel, None, Some(queue)).into()
    }
}

impl From<Target> for HeldTo {
    fn from(target: Target) -> HeldTo {
        HeldTo {
            longest_wait_s: target.longest_wait_millis as f64 / 1000.0,
            abandonment_ratio: target.abandonment_ratio,
            service_level_ratio: target.service_level_ratio,
        }
    }
}

impl Present {
    /// `going` by queue, over all of its channels.
    pub(super) fn of(
        going: BTreeMap<Arc<str>, Going>,
        lately: &Lately,
        targets: &Targets,
    ) -> Present {
        let mut present = Present {
            window: lately.window.clone(),
            ..Present::default()
        };
        present.all.2 = targets.of(None, None, None).into();
        for (queue, going) in going {
            present.all.0 = present.all.0.and(going);
            present.queue(&queue).0 = going;
        }
        for (queue, ended) in &lately.queues {
            present.all.1.add(*ended);
            present.queue(queue).1 = *ended;
        }
        for (queue, (.., held)) in &mut present.queues {
            *held = lately.held("", queue, targets);
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
    pub(super) fn and(self, other: Going) -> Going {
        // Without a division: the wait of one beside the target of the other.
        let wait_s = |going: &Going| going.longest_wait_s.map_or(0, |figure| figure.value);
        let (one, two) = (
            u128::from(wait_s(&self)) * u128::from(other.longest_wait_target_s),
            u128::from(wait_s(&other)) * u128::from(self.longest_wait_target_s),
        );
        let other_is_worse =
            self.longest_wait_s.is_none() || other.longest_wait_s.is_some() && two > one;
        let worse = if other_is_worse { other } else { self };
        Going {
            waiting: both(self.waiting, other.waiting, |one, other| one + other),
            longest_wait_s: worse.longest_wait_s,
            longest_wait_target_s: worse.longest_wait_target_s,
            with_agent: both(self.with_agent, other.with_agent, |one, other| one + other),
            agents_available: both(self.agents_available, other.agents_available, u64::max),
        }
    }
}

type Known = Option<Figure<u64>>;

fn both(one: Known, other: Known, join: fn(u64, u64) -> u64) -> Known {
    match (one, other) {
        (Some(one), Some(other)) => Some(Figure {
            value: join(one.value, other.value),
            ..one
        }),
        (only, None) | (None, only) => only,
    }
}
