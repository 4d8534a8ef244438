//! Sums: what the counters and histograms stand at.

use super::measure::Measure;
use super::symbols::Sym;
use rustc_hash::FxHashMap;

/// One stored sum. Queues stand as the record has them, by id and name; names are resolved when published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    pub measure: Measure,
    /// Absent where the measure has no such label, as are the queue and the labels of `own`.
    pub channel: Sym,
    pub queue: QueueSym,
    pub own: Own,
}

/// The labels of a series beside its channel and queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Own {
    /// Or the second word of a measure that has two.
    pub direction: Sym,
    /// Outcome, status, event, disposition, stage, score, response or fact: no measure has two of them.
    pub word: Sym,
    pub agent: Sym,
    pub from: Sym,
    pub to: Sym,
}

/// A queue by its symbols. Both absent: `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct QueueSym {
    pub id: Sym,
    pub name: Sym,
}

impl QueueSym {
    pub const OVERFLOW: QueueSym = QueueSym {
        id: Sym::ABSENT,
        name: Sym::OVERFLOW,
    };
}

impl Own {
    pub fn word(word: Sym) -> Own {
        Own {
            word,
            ..Own::default()
        }
    }

    pub fn directed(direction: Sym, word: Sym) -> Own {
        Own {
            direction,
            word,
            ..Own::default()
        }
    }

    pub fn change(word: Sym, from: Sym, to: Sym) -> Own {
        Own {
            word,
            from,
            to,
            ..Own::default()
        }
    }

    pub fn agent(agent: Sym) -> Own {
        Own {
            agent,
            ..Own::default()
        }
    }
}

impl SeriesKey {
    /// The one series that takes what `max_series_per_metric` leaves no room for.
    pub fn overflow(measure: Measure) -> SeriesKey {
        let shape = measure.shape();
        let label = |has: bool| if has { Sym::OVERFLOW } else { Sym::ABSENT };
        SeriesKey {
            measure,
            channel: label(shape.channel),
            queue: if shape.queue {
                QueueSym::OVERFLOW
            } else {
                QueueSym::default()
            },
            own: Own {
                direction: label(shape.direction),
                word: label(shape.word),
                agent: label(shape.agent),
                from: label(shape.change),
                to: label(shape.change),
            },
        }
    }

    /// As stored: channel, queue id and name, the measure's own labels in the table's order, agent. A change has its fact
    /// in the place of the channel, and what it is from and to behind it.
    pub fn syms(&self) -> [Sym; 6] {
        let Own {
            direction,
            word,
            agent,
            from,
            to,
        } = self.own;
        let shape = self.measure.shape();
        if shape.change {
            return [word, from, to, Sym::ABSENT, Sym::ABSENT, Sym::ABSENT];
        }
        let own = if shape.direction {
            [direction, word]
        } else {
            [word, Sym::ABSENT]
        };
        [
            self.channel,
            self.queue.id,
            self.queue.name,
            own[0],
            own[1],
            agent,
        ]
    }

    /// From the stored form; labels that the measure does not have are left out.
    pub fn from_syms(measure: Measure, stored: [Sym; 6]) -> SeriesKey {
        let [channel, id, name, first, second, agent] = stored;
        let shape = measure.shape();
        if shape.change {
            let (channel, queue) = (Sym::ABSENT, QueueSym::default());
            let own = Own::change(stored[0], id, name);
            return SeriesKey {
                measure,
                channel,
                queue,
                own,
            };
        }
        let (direction, word) = if shape.direction {
            (first, second)
        } else {
            (Sym::ABSENT, first)
        };
        let only = |has: bool, sym: Sym| if has { sym } else { Sym::ABSENT };
        SeriesKey {
            measure,
            channel: only(shape.channel, channel),
            queue: QueueSym {
                id: only(shape.queue, id),
                name: only(shape.queue, name),
            },
            own: Own {
                direction: only(shape.direction, direction),
                word: only(shape.word, word),
                agent: only(shape.agent, agent),
                ..Own::default()
            },
        }
    }

    /// The series to which a sum belongs that the first version stored. It kept agents in the labels of measures that
    /// now have none, and filled the overflow series with labels that their measures do not have. So: the measure
    /// without the agent, and the agent's own where there is one. Sums that come to one series add up.
    pub fn of_first_version(measure: Measure, stored: [Sym; 6]) -> impl Iterator<Item = SeriesKey> {
        let plain = SeriesKey::from_syms(measure, stored);
        let agent = stored[5];
        let by_agent = by_agent(measure)
            .filter(|_| !agent.is_absent())
            .map(|measure| SeriesKey {
                measure,
                own: Own::agent(agent),
                ..plain
            });
        std::iter::once(plain).chain(by_agent)
    }
}

/// The measure that the first version split by agent within another.
fn by_agent(measure: Measure) -> Option<Measure> {
    match measure {
        Measure::AgentPickup => Some(Measure::ByAgentPickup),
        Measure::FirstResponse => Some(Measure::ByAgentFirstResponse),
        Measure::Interaction => Some(Measure::ByAgentInteraction),
        Measure::AfterCallWork => Some(Measure::ByAgentAfterCallWork),
        Measure::AgentNonresponses => Some(Measure::ByAgentNonresponses),
        _ => None,
    }
}

/// Sums are integers, so that no order of additions changes them: counts, milliseconds, and observations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    Count(u64),
    Histogram { buckets: Vec<u64>, sum_millis: u64 },
}

impl Sum {
    pub fn zero(measure: Measure) -> Sum {
        match measure.bounds_s() {
            None => Sum::Count(0),
            Some(bounds) => Sum::Histogram {
                buckets: vec![0; bounds.len() + 1],
                sum_millis: 0,
            },
        }
    }

    /// Counts one; of a counter of time, `millis`; of a histogram, one observation of `millis`.
    pub fn observe(&mut self, measure: Measure, millis: u64) {
        match self {
            Sum::Count(count) => {
                let more = if measure.counts_time() { millis } else { 1 };
                *count = count.saturating_add(more);
            }
            Sum::Histogram {
                buckets,
                sum_millis,
            } => {
                let bounds = measure.bounds_s().unwrap_or_default();
                let at = bounds.partition_point(|bound| bound * 1000 < millis);
                buckets[at] = buckets[at].saturating_add(1);
                *sum_millis = sum_millis.saturating_add(millis);
            }
        }
    }

    pub fn add(&mut self, other: &Sum) {
        match (self, other) {
            (Sum::Count(count), Sum::Count(more)) => *count = count.saturating_add(*more),
            (
                Sum::Histogram {
                    buckets,
                    sum_millis,
                },
                Sum::Histogram {
                    buckets: more,
                    sum_millis: more_millis,
                },
            ) => {
                for (count, more) in buckets.iter_mut().zip(more) {
                    *count = count.saturating_add(*more);
                }
                *sum_millis = sum_millis.saturating_add(*more_millis);
            }
            // One key is one measure is one kind: the two never meet.
            _ => {}
        }
    }

    /// How many increments or observations it holds.
    pub fn count(&self) -> u64 {
        match self {
            Sum::Count(count) => *count,
            Sum::Histogram { buckets, .. } => buckets.iter().sum(),
        }
    }
}

/// All sums of one account, and how many label sets each measure has.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    sums: FxHashMap<SeriesKey, Sum>,
    sets: FxHashMap<Measure, usize>,
}

impl Sums {
    pub fn get(&self, key: &SeriesKey) -> Option<&Sum> {
        self.sums.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&SeriesKey, &Sum)> {
        self.sums.iter()
    }

    /// Label sets of a measure, the overflow series not among them.
    pub fn sets(&self, measure: Measure) -> usize {
        self.sets.get(&measure).copied().unwrap_or(0)
    }

    /// Puts a committed sum in the place of the one before.
    pub fn set(&mut self, key: SeriesKey, sum: Sum) {
        if self.sums.insert(key, sum).is_none() && key != SeriesKey::overflow(key.measure) {
            *self.sets.entry(key.measure).or_default() += 1;
        }
    }
}
