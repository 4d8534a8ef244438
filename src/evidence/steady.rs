//! An hour without its incident.
//!
//! What stood out for three quarters of an hour or less is no habit: the stretch that stands out most is left out, as
//! long as it does so by more than chance. What lasted the hour stays: that is how the hour is.

use super::count::Count;

/// Parts of half an hour, of five minutes each.
pub(super) const PARTS: usize = 6;
/// An incident of half an hour touches seven parts, where it begins within one.
const LONGEST: usize = 8;
/// Nats by which a stretch stands out, over all stretches there are: chance hardly ever does that.
const STANDS_OUT: f64 = 8.0;

/// The counts of an hour's parts, added up but for its incident.
pub(super) fn steady(parts: &[Count]) -> Count {
    let mut kept: Vec<Count> = parts.to_vec();
    let shortest = parts.len().saturating_sub(LONGEST).max(1);
    loop {
        let all: Count = kept.iter().copied().sum();
        let mut best: Option<(f64, std::ops::Range<usize>)> = None;
        for begin in 0..kept.len() {
            let mut inside = Count::default();
            for end in begin + 1..=kept.len() {
                inside = inside.plus(kept[end - 1]);
                if kept.len() - (end - begin) < shortest {
                    break;
                }
                let nats = inside.nats_above(all.minus(inside));
                if nats > best.as_ref().map_or(STANDS_OUT, |(most, _)| *most) {
                    best = Some((nats, begin..end));
                }
            }
        }
        match best {
            Some((_, stretch)) => drop(kept.drain(stretch)),
            None => return all,
        }
    }
}
