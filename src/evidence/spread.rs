//! How much wider than by chance evidence rises in a scope's quiet hours.
//!
//! Where queues are congested one long wait is everybody's, and evidence comes in bursts. So of every hour it is kept how
//! far the evidence of that hour alone rose: as −ln of how often chance alone would do so in such an hour. By chance
//! these peaks are spread as Gumbel's distribution has it, with a scale of 1. Bursts make it wider. It is read off the
//! hours between the middle and the highest fifth: an incident is none of these, nor what it leaves behind, even if
//! there is one every day.

/// Fewer hours say nothing.
const LEAST: usize = 8;
/// Twice the log likelihood ratio from which on chance is no explanation, and from which on wholly none.
const DIFFERS: (f64, f64) = (3.0, 6.0);

/// By chance, the peaks of half of the hours are above, and of a fifth.
const HALF: f64 = 0.366_512_9;

/// Gumbel's location and scale; (0, 1) is chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub location: f64,
    pub scale: f64,
}

impl Spread {
    pub(super) const CHANCE: Spread = Spread {
        location: 0.0,
        scale: 1.0,
    };

    /// How much further than by chance evidence rises in the worst of e^`ln_hours` hours.
    pub(super) fn beyond_chance(self, ln_hours: f64) -> f64 {
        self.location + (self.scale - 1.0) * ln_hours
    }

    pub(super) fn of(mut peaks: Vec<f64>) -> Spread {
        if peaks.len() < LEAST {
            return Spread::CHANCE;
        }
        peaks.sort_by(f64::total_cmp);
        let (half, fifth) = (peaks.len() / 2, peaks.len() - peaks.len() / 5 - 1);
        let (middle, high) = (peaks[half], peaks[fifth]);
        // Of an exponential tail of which only the part below `high` is looked at.
        let seen = &peaks[half + 1..=fifth];
        let rises: f64 = seen.iter().map(|peak| peak - middle).sum();
        let beyond = (peaks.len() - fifth - 1) as f64 * (high - middle);
        let count = seen.len() as f64;
        let scale = (rises + beyond) / count.max(1.0);
        let unlike_chance = 2.0 * count * (scale - 1.0 - scale.max(1e-3).ln());
        let differs = ((unlike_chance - DIFFERS.0) / (DIFFERS.1 - DIFFERS.0)).clamp(0.0, 1.0);
        if scale <= 1.0 {
            return Spread::CHANCE;
        }
        Spread {
            location: differs * (middle - HALF * scale).max(0.0),
            scale: 1.0 + differs * (scale - 1.0),
        }
    }
}
