//! What one comparison leaves behind for the next.

use super::Comparison;
use super::plan::not_before;
use crate::poller::Compared;

/// Beyond, nobody counts.
const MOST_RUNNING: u32 = 1_000_000;

/// All that began before it is done, UTC seconds. Nothing is, where nothing is due and nothing `is_shown`, as after a start: then
/// the newest stretch is compared once more, to be shown.
pub(super) fn done_to_s(
    compared: &Compared,
    is_shown: bool,
    now_s: i64,
    interval_s: i64,
) -> Option<i64> {
    let waits = not_before(now_s, interval_s, compared.to_s).is_some();
    compared.to_s.filter(|_| is_shown || !waits)
}

/// Remembers a comparison; whether the vendor was seen to have changed his way of counting. One of a stretch most of which was
/// compared before is no further one that disagrees.
pub(super) fn note(compared: &mut Compared, comparison: &Comparison, interval_s: i64) -> bool {
    let end_s = comparison.range.end;
    let further = not_before(end_s + super::AGE_S, interval_s, compared.to_s).is_none();
    let before = std::mem::take(&mut compared.running);
    for judged in comparison.judged.iter().filter(|it| it.disagrees()) {
        let measure = judged.measure.as_str();
        let before = before.get(measure).copied().unwrap_or(0);
        let running = if further { before + 1 } else { before.max(1) };
        let running = running.min(MOST_RUNNING);
        compared.running.insert(measure.to_owned(), running);
    }
    if !further {
        return false;
    }
    compared.to_s = Some(end_s);
    comparison.habit.note(compared)
}
