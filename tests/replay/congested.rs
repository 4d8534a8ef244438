//! Days of one queue with patience: callers wait for a free agent, or hang up when they have waited enough.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail"
)]

use super::Contact;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

pub struct Queue {
    pub seed: u64,
    pub days: i64,
    /// Callers in the busiest hour.
    pub per_hour: f64,
    /// Agents are so many in each hour that this part is lost on average, and no more.
    pub lost: f64,
}

const TALK_S: f64 = 240.0;
const PATIENCE_S: f64 = 120.0;
const OPEN_H: i64 = 8;
const CLOSE_H: i64 = 18;

struct Waiting {
    since_ms: i64,
    until_ms: i64,
    queue: &'static str,
}

impl Queue {
    /// Conversations in the order of their ends.
    pub fn history(&self) -> Vec<Contact> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let agents: Vec<usize> = (0..24).map(|hour| self.agents(hour)).collect();
        let mut history = Vec::new();
        for day in 0..self.days {
            let arrivals = self.arrivals(day, &mut rng);
            serve(&arrivals, &agents, &mut history, &mut rng);
        }
        history.sort_by_key(|contact| contact.ended);
        history
    }

    /// Less early and late than at noon.
    fn share(hour: f64) -> f64 {
        1.0 - (hour - 13.0).abs() / 10.0
    }

    fn agents(&self, hour: i64) -> usize {
        let per_s = self.per_hour / 3600.0 * Queue::share(hour as f64 + 0.5).max(0.05);
        (1..10_000)
            .find(|agents| lost(per_s, *agents) <= self.lost)
            .unwrap()
    }

    fn arrivals(&self, day: i64, rng: &mut ChaCha8Rng) -> Vec<i64> {
        let gap = Exp::new(self.per_hour / 3600.0).unwrap();
        let mut at_s = (day * 24 + OPEN_H) as f64 * 3600.0;
        let mut arrivals = Vec::new();
        loop {
            at_s += gap.sample(rng);
            let hour = at_s / 3600.0 - (day * 24) as f64;
            if hour >= CLOSE_H as f64 {
                return arrivals;
            }
            if rng.random::<f64>() < Queue::share(hour) {
                arrivals.push((at_s * 1000.0) as i64);
            }
        }
    }
}

/// The part of callers that hang up before an agent is free, of M/M/c+M.
fn lost(per_s: f64, agents: usize) -> f64 {
    let (mut state, mut all, mut leaving) = (1.0f64, 1.0f64, 0.0f64);
    for present in 1..agents + 2000 {
        let waiting = present.saturating_sub(agents) as f64;
        let served = present.min(agents) as f64 / TALK_S;
        state *= per_s / (served + waiting / PATIENCE_S);
        all += state;
        leaving += state * waiting / PATIENCE_S;
        if state > 1e200 {
            (state, all, leaving) = (state / 1e200, all / 1e200, leaving / 1e200);
        }
        if present > agents && state < all * 1e-12 {
            break;
        }
    }
    leaving / all / per_s
}

fn serve(arrivals: &[i64], agents: &[usize], history: &mut Vec<Contact>, rng: &mut ChaCha8Rng) {
    let talk = Exp::new(1.0 / TALK_S).unwrap();
    let patience = Exp::new(1.0 / PATIENCE_S).unwrap();
    let mut busy: BinaryHeap<Reverse<i64>> = BinaryHeap::new();
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    let mut arrivals = arrivals.iter().copied().peekable();
    let contact = |since_ms: i64, end_ms: i64, queue: &str, abandoned| Contact {
        started: since_ms / 1000,
        ended: end_ms / 1000,
        account: "acme".into(),
        channel: "Voice".into(),
        queue: queue.into(),
        abandoned,
    };
    loop {
        let arrival = arrivals.peek().copied().unwrap_or(i64::MAX);
        let end = busy.peek().map_or(i64::MAX, |end| end.0);
        let now = arrival.min(end);
        if now == i64::MAX {
            return;
        }
        waiting.retain(|caller| {
            let stays = caller.until_ms > now;
            if !stays {
                history.push(contact(
                    caller.since_ms,
                    caller.until_ms,
                    caller.queue,
                    true,
                ));
            }
            stays
        });
        if arrival <= end {
            arrivals.next();
            let billing = rng.random::<f64>() < 0.6;
            waiting.push_back(Waiting {
                since_ms: now,
                until_ms: now + (patience.sample(rng) * 1000.0) as i64,
                queue: if billing { "Billing" } else { "Sales" },
            });
        } else {
            busy.pop();
        }
        let agents = agents[(now / 3_600_000 % 24) as usize];
        while busy.len() < agents {
            let Some(caller) = waiting.pop_front() else {
                break;
            };
            let end_ms = now + (talk.sample(rng) * 1000.0) as i64;
            busy.push(Reverse(end_ms));
            history.push(contact(caller.since_ms, end_ms, caller.queue, false));
        }
    }
}
