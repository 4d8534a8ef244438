//! Which queue stands first.

use super::WallQueue;
use super::judge::Judgement;
use std::cmp::Ordering;

/// Worst first: how many times what a target allows is used up (the worst of a queue's numbers; some wait and nobody
/// answers is the most there is), then how many wait, then how long, then by name, so that equals keep their places.
pub(super) fn worst_first(queues: &[WallQueue], now_s: i64) -> Vec<(&WallQueue, Judgement)> {
    let mut ordered: Vec<(&WallQueue, Judgement)> = queues
        .iter()
        .map(|queue| (queue, Judgement::of(&queue.numbers, now_s)))
        .collect();
    ordered.sort_by(|one, other| compare(one, other, now_s));
    ordered
}

/// `Less` for the worse.
pub(super) fn compare(
    (one, judged): &(&WallQueue, Judgement),
    (other, others): &(&WallQueue, Judgement),
    now_s: i64,
) -> Ordering {
    let times = |judgement: &Judgement| judgement.worst().map_or(0.0, |(_, judged)| judged.times);
    let waiting = |queue: &WallQueue| queue.numbers.waiting.and_then(|it| it.at(now_s));
    let longest = |queue: &WallQueue| queue.numbers.longest_wait_s.and_then(|it| it.at(now_s));
    times(others)
        .total_cmp(&times(judged))
        .then_with(|| waiting(other).cmp(&waiting(one)))
        .then_with(|| longest(other).cmp(&longest(one)))
        .then_with(|| (&one.queue, &one.channel).cmp(&(&other.queue, &other.channel)))
}
