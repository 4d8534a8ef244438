//! What the map keeps of what was read.

use super::*;

/// The stretches, as [`map`] takes them.
fn told(coverage: &Coverage) -> Vec<(i64, i64, i64, u32)> {
    let before = |stretch: &Stretch| {
        (
            NOW - stretch.from_s,
            NOW - stretch.to_s,
            NOW - stretch.read_at_s,
            stretch.records,
        )
    };
    coverage.stretches().iter().map(before).collect()
}

#[test]
fn what_is_read_anew_leaves_the_rest_of_older_stretches_with_their_share_of_records() {
    let mut coverage = map(&[(1_000, 0, 0, 100)]);
    coverage.read(window(NOW - 700, NOW - 300), NOW - 300, NOW, 7);
    assert_eq!(
        told(&coverage),
        [(1_000, 700, 0, 30), (700, 300, 0, 7), (300, 0, 0, 30)]
    );
    coverage.read(window(NOW - 800, NOW - 100), NOW - 100, NOW, 9);
    assert_eq!(
        told(&coverage),
        [(1_000, 800, 0, 20), (800, 100, 0, 9), (100, 0, 0, 10)]
    );
    coverage.read(window(NOW - 1_000, NOW), NOW, NOW, 5);
    assert_eq!(told(&coverage), [(1_000, 0, 0, 5)]);
}

#[test]
fn the_map_knows_when_it_was_made_and_the_newest_start() {
    let mut coverage = Coverage::new(NOW, DAY);
    assert_eq!((coverage.begun_s(), coverage.newest_start_s()), (NOW, None));
    coverage.advance_floor(NOW, Some(NOW - 50), 7 * DAY);
    coverage.advance_floor(NOW, Some(NOW - 90), 7 * DAY);
    assert_eq!(coverage.newest_start_s(), Some(NOW - 50));
}

#[test]
fn what_a_clock_that_ran_ahead_wrote_down_is_taken_back() {
    let mut coverage = map(&[
        (DAY, 2 * HOUR, HOUR, 10),
        (2 * HOUR, HOUR, -600, 20),
        (HOUR, -DAY, -DAY, 2_500),
    ]);
    coverage.begun_s = NOW + DAY;
    coverage.newest_start_s = Some(NOW + DAY);
    coverage.spared_at_s = Some(NOW + 1);
    coverage.take_back(NOW, 30);
    assert_eq!(
        told(&coverage),
        [
            (DAY, 2 * HOUR, HOUR, 10),
            (2 * HOUR, HOUR, HOUR, 20),
            (HOUR, 30, 30, 99)
        ]
    );
    assert_eq!(coverage.begun_s(), NOW);
    assert_eq!(coverage.newest_start_s(), Some(NOW));
    assert_eq!(coverage.spared_at_s, None);
}

#[test]
fn of_a_clock_that_was_right_nothing_is_taken_back() {
    let mut coverage = map(&[(DAY, HOUR, HOUR, 10), (HOUR, 0, 0, 20)]);
    coverage.newest_start_s = Some(NOW);
    coverage.spared_at_s = Some(NOW);
    let before = coverage.clone();
    coverage.take_back(NOW, 30);
    assert_eq!(coverage, before);
}

/// As many stretches as a map keeps, so long and so far apart; the thousandth is read at nearly the time of the next.
fn crowded(apart_s: i64) -> Vec<(i64, i64, i64, u32)> {
    let stretch = |place: i64| {
        let from = 100_000 - (20 + apart_s) * place;
        let read = 500_000 - 100 * place - if place == 1_000 { 99 } else { 0 };
        (from, from - 20, read, 1)
    };
    (0..MOST_STRETCHES as i64).map(stretch).collect()
}

#[test]
fn of_too_many_stretches_the_two_read_closest_in_time_become_one() {
    let stretches = crowded(0);
    let mut coverage = map(&stretches);
    coverage.read(window(NOW - 100, NOW), NOW, NOW, 1);
    let mut expected = stretches;
    let newer = expected.remove(1_001);
    expected[1_000] = (expected[1_000].0, newer.1, 500_000 - 100_099, 2);
    expected.push((100, 0, 0, 1));
    assert_eq!(told(&coverage), expected);
}

#[test]
fn of_too_many_stretches_that_do_not_touch_the_oldest_is_forgotten() {
    let mut expected = crowded(1);
    let mut coverage = map(&expected);
    coverage.read(window(NOW - 100, NOW), NOW, NOW, 1);
    expected.remove(0);
    expected.push((100, 0, 0, 1));
    assert_eq!(told(&coverage), expected);
}
