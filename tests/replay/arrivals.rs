//! Days of simulated conversations, with spikes of abandonment at known times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail"
)]

use super::Contact;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp, LogNormal};

/// From `at` on, for `length_s`, this share of those who would end their wait or call hang up instead.
#[derive(Debug, Clone, Copy)]
pub struct Spike {
    /// UTC seconds.
    pub at: i64,
    pub length_s: i64,
    pub ratio: f64,
}

pub struct Centre {
    pub account: String,
    pub seed: u64,
    pub days: i64,
    /// Conversations in the busiest hour.
    pub per_hour: f64,
    pub spikes: Vec<Spike>,
}

/// Abandoned of offered on a usual hour; at noon every day it doubles.
const USUAL_RATIO: f64 = 0.04;
const OPEN_H: i64 = 8;
const CLOSE_H: i64 = 18;

impl Centre {
    /// Conversations in the order of their ends.
    pub fn history(&self) -> Vec<Contact> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let gap = Exp::new(self.per_hour / 3600.0).unwrap();
        let talk = LogNormal::new(200f64.ln(), 0.8).unwrap();
        let mut history = Vec::new();
        for day in 0..self.days {
            let (mut at, close) = (
                (day * 24 + OPEN_H) as f64 * 3600.0,
                (day * 24 + CLOSE_H) as f64 * 3600.0,
            );
            loop {
                at += gap.sample(&mut rng);
                if at >= close {
                    break;
                }
                // Less early and late than at noon.
                let hour = at / 3600.0 - (day * 24) as f64;
                if rng.random::<f64>() < 1.0 - (hour - 13.0).abs() / 10.0 {
                    history.push(self.contact(at as i64, hour, talk.sample(&mut rng), &mut rng));
                }
            }
        }
        history.sort_by_key(|contact| contact.ended);
        history
    }

    fn contact(&self, ended: i64, hour: f64, talk_s: f64, rng: &mut ChaCha8Rng) -> Contact {
        let usual = if (12.0..13.0).contains(&hour) {
            2.0 * USUAL_RATIO
        } else {
            USUAL_RATIO
        };
        let spike = self
            .spikes
            .iter()
            .find(|spike| (spike.at..spike.at + spike.length_s).contains(&ended));
        let abandoned = rng.random::<f64>() < spike.map_or(usual, |spike| spike.ratio);
        let queue = match rng.random::<f64>() {
            _ if abandoned && rng.random::<f64>() < 0.2 => "none",
            share if share < 0.6 => "Billing",
            _ => "Sales",
        };
        let length = if abandoned {
            60
        } else {
            talk_s.clamp(20.0, 3600.0) as i64
        };
        Contact {
            started: ended - length,
            ended,
            account: self.account.clone(),
            channel: "Voice".into(),
            queue: queue.into(),
            abandoned,
        }
    }
}
