//! What a half hour is judged by: usual ratio, weights and limit, from the closed past alone.

use super::alarms;
use super::past::Past;
use super::spread::Spread;
use super::usual::usual;
use super::weights::{BURST_ROW, Levels, OUT_OF_BURST, PARTS, Weights};

/// Ratios are judged between these.
const RATIOS: (f64, f64) = (0.002, 0.6);
/// Standard errors by which what is usual is taken to be higher than it was seen.
const DOUBT: f64 = 0.75;
/// Conversations a month, at least: the first hours of a new account tell too few.
const LEAST_A_MONTH: f64 = 1000.0;

/// A scope in a half hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    /// At least the target.
    pub usual: f64,
    /// Nats, of each of the bank.
    pub limits: Levels,
    pub bank: [Weights; PARTS.len()],
}

impl Plan {
    /// `share`: false pages that this scope may raise in 30 days. `None` where nothing is known.
    pub(super) fn new(past: &Past, slot: i64, share: f64) -> Option<Plan> {
        let seen = usual(past, slot)?;
        let usual = (seen.ratio + DOUBT * seen.error)
            .max(past.target?)
            .clamp(RATIOS.0, RATIOS.1);
        let quiet = seen.ratio.clamp(RATIOS.0, usual);
        let bank = Weights::bank(usual);
        let a_month = past.a_month(slot).max(LEAST_A_MONTH);
        let hours = a_month / past.an_hour().max(1.0);
        let mut limits = Levels::default();
        for (number, limit) in limits.iter_mut().enumerate() {
            let pages = share * PARTS[number];
            let chance = alarms::limit(bank[number], quiet, (pages / a_month).ln());
            let spread = Spread::of(past.peaks(number), chance.slope);
            *limit = spread.map_or(chance.nats, |spread| {
                chance.nats.max(spread.limit(hours / pages, number))
            });
        }
        let row = BURST_ROW * bank[OUT_OF_BURST].up;
        limits[OUT_OF_BURST] = limits[OUT_OF_BURST].max(row);
        Some(Plan {
            usual,
            limits,
            bank,
        })
    }

    /// Nats; of all the bank, in those of the first.
    pub(super) fn limit(&self) -> f64 {
        self.limits[0]
    }

    /// What levels of the bank come to, in nats of the first: each counts as far as it is on the way to its own limit.
    pub(super) fn evidence(&self, levels: &Levels) -> f64 {
        let parts = levels.iter().zip(self.limits);
        let most = parts.fold(0.0, |most: f64, (level, limit)| most.max(level / limit));
        most * self.limit()
    }
}
