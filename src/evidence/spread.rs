//! How much further than by chance evidence rises in a scope's quiet hours.
//!
//! Where queues are congested one long wait is everybody's, and evidence comes in bursts. So of every hour it is kept how
//! far the evidence of that hour alone rose. Such peaks are spread as Gumbel's distribution has it; bursts make it wider
//! than chance does. It is read off the hours of a week between the lowest third and the highest fifth: an incident is
//! none of these, nor what it leaves behind.

use super::weights::Levels;

/// Fewer hours say nothing.
const LEAST: usize = 8;
/// The hours that are looked at, of all sorted.
const FROM: f64 = 0.3;
const TO: f64 = 0.8;
/// Twice the log likelihood ratio from which on chance is no explanation, and from which on wholly none.
const DIFFERS: (f64, f64) = (6.0, 12.0);
/// By how much more bursts rise in the worst hour of a month than these hours let one expect: a
/// burst is longer the worse it is, and lasts from one hour into the next. Measured in simulated queues with patience,
/// staffed for 5 % lost.
const LONGER: Levels = [1.5, 1.4, 1.4];
/// Where `ratio` is far below what is usual, chance alone hardly ever raises evidence, and any burst would stand out.
const STEEPEST: f64 = 1.5;

/// Gumbel's location and scale, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    location: f64,
    scale: f64,
}

impl Spread {
    /// That of peaks if it is wider than by chance, whose peaks become rarer by `slope`, in ln, for each nat.
    pub(super) fn of(mut peaks: Vec<f64>, slope: f64) -> Option<Spread> {
        if peaks.len() < LEAST {
            return None;
        }
        peaks.sort_by(f64::total_cmp);
        let last = (peaks.len() - 1) as f64;
        let at = |part: f64| (last * part).round() as usize;
        let (low, high) = (at(FROM), at(TO));
        // As if the tail were exponential, of which only the part below `high` is looked at; then as Gumbel has it.
        let seen = &peaks[low + 1..=high];
        let rises: f64 = seen.iter().map(|peak| peak - peaks[low]).sum();
        let beyond = (peaks.len() - 1 - high) as f64 * (peaks[high] - peaks[low]);
        let exponential = (rises + beyond) / seen.len() as f64;
        let scale = exponential * ((1.0 - FROM) / (1.0 - TO)).ln() / (gumbel(TO) - gumbel(FROM));
        let times = scale * slope.min(STEEPEST);
        if times <= 1.0 {
            return None;
        }
        let unlike_chance = 2.0 * seen.len() as f64 * (times - 1.0 - times.ln());
        let differs = ((unlike_chance - DIFFERS.0) / (DIFFERS.1 - DIFFERS.0)).min(1.0);
        if differs <= 0.0 {
            return None;
        }
        let scale = scale / times * (1.0 + differs * (times - 1.0));
        Some(Spread {
            location: peaks[high] - gumbel(TO) * scale,
            scale,
        })
    }

    /// What one of the bank reaches once in so many hours.
    pub(super) fn limit(self, hours: f64, number: usize) -> f64 {
        LONGER[number] * (self.location + self.scale * hours.max(1.0).ln())
    }
}

/// Below it is this part of Gumbel's distribution.
fn gumbel(part: f64) -> f64 {
    -(-part.ln()).ln()
}
