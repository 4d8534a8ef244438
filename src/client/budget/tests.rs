use super::*;
use proptest::prelude::*;

const START: Duration = Duration::ZERO;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn budget(requests_per_minute: u32) -> Budget {
    Budget::new(requests_per_minute, FIRST_PAUSE, START)
}

/// Sends as early as the budget lets it, from `from` to `until`; returns when each request went out.
fn send_greedily(budget: &mut Budget, from: Duration, until: Duration) -> Vec<Duration> {
    let (mut now, mut sent) = (from, Vec::new());
    while now < until {
        match budget.take(now) {
            Ok(()) => sent.push(now),
            Err(Wait::Refill(wait) | Wait::Pause { left: wait, .. }) => now += wait,
        }
    }
    sent
}

/// The most requests in any stretch of `length`.
fn densest(sent: &[Duration], length: Duration) -> usize {
    let mut from = 0;
    let counts = sent.iter().enumerate().map(|(last, at)| {
        while sent[from] + length <= *at {
            from += 1;
        }
        last + 1 - from
    });
    counts.max().unwrap_or(0)
}

#[test]
fn it_starts_with_a_single_request() {
    let mut budget = budget(60);
    assert_eq!(budget.take(START), Ok(()));
    let Err(Wait::Refill(wait)) = budget.take(START) else {
        panic!("a second request went out at once")
    };
    assert!(
        wait >= secs(1) && wait < Duration::from_millis(1001),
        "{wait:?}"
    );
}

#[test]
fn at_most_ten_seconds_of_it_are_saved_up() {
    let (mut budget, at) = (budget(30), secs(86_400));
    assert_eq!(budget.allowance(at).per_minute, 30.0);
    let saved = std::iter::from_fn(|| budget.take(at).ok()).count();
    assert_eq!(saved, 5);
}

#[test]
fn it_is_spare_once_half_a_burst_is_saved_up_and_no_one_objected() {
    let mut budget = budget(30);
    assert!(!budget.allowance(START).spare);
    assert!(!budget.allowance(secs(3)).spare);
    assert!(budget.allowance(secs(4)).spare);
    budget.rate_limited(secs(4), Some(Duration::ZERO));
    assert!(!budget.allowance(secs(50)).spare);
    assert!(budget.allowance(secs(60)).spare);
}

#[test]
fn one_request_a_minute_can_be_sent() {
    let mut budget = budget(1);
    assert_eq!(send_greedily(&mut budget, START, secs(601)).len(), 11);
}

#[test]
fn a_rate_limit_answer_halves_it_but_not_below_a_tenth() {
    let mut budget = budget(40);
    let after: Vec<f64> = (0..5)
        .map(|_| {
            budget.rate_limited(START, None);
            budget.allowance(START).per_minute
        })
        .collect();
    assert_eq!(after, [20.0, 10.0, 5.0, 4.0, 4.0]);
}

#[test]
fn a_tenth_returns_every_ten_seconds() {
    let mut budget = budget(40);
    budget.rate_limited(START, None);
    let at = |budget: &mut Budget, seconds| budget.allowance(secs(seconds)).per_minute.round();
    assert_eq!(at(&mut budget, 9), 20.0);
    assert_eq!(at(&mut budget, 10), 24.0);
    assert_eq!(at(&mut budget, 29), 28.0);
    assert_eq!(at(&mut budget, 50), 40.0);
    assert_eq!(at(&mut budget, 5000), 40.0);
}

#[test]
fn a_rate_limit_answer_puts_the_recovery_off() {
    let mut budget = budget(40);
    budget.rate_limited(START, None);
    budget.rate_limited(secs(9), None);
    assert_eq!(budget.allowance(secs(18)).per_minute, 10.0);
    assert_eq!(budget.allowance(secs(19)).per_minute, 14.0);
}

#[test]
fn pauses_double_up_to_a_minute_and_a_success_resets_them() {
    let mut budget = budget(60);
    let mut now = START;
    let mut pause_after = |budget: &mut Budget| {
        budget.rate_limited(now, None);
        let pause = budget.allowance(now).pause;
        now += pause;
        pause.as_secs()
    };
    let pauses: Vec<u64> = (0..8).map(|_| pause_after(&mut budget)).collect();
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    budget.succeeded();
    assert_eq!(pause_after(&mut budget), 1);
}

#[test]
fn retry_after_is_kept_and_a_mad_one_cut() {
    let mut budget = budget(60);
    budget.rate_limited(START, Some(secs(42)));
    let left = secs(1);
    let rate_limited = true;
    assert_eq!(
        budget.take(secs(41)),
        Err(Wait::Pause { left, rate_limited })
    );
    assert_eq!(budget.take(secs(42)), Ok(()));
    budget.rate_limited(secs(42), Some(secs(86_400)));
    assert_eq!(budget.allowance(secs(42)).pause, LONGEST_RETRY_AFTER);
}

#[test]
fn a_shorter_retry_after_does_not_end_a_longer_pause() {
    let mut budget = budget(60);
    budget.rate_limited(START, Some(secs(42)));
    budget.rate_limited(START, Some(secs(1)));
    assert_eq!(budget.allowance(START).pause, secs(42));
}

#[test]
fn who_asks_for_a_pause_for_another_reason_keeps_the_budget_whole() {
    let mut budget = budget(60);
    budget.asked_to_wait(START, secs(3_600));
    let left = LONGEST_RETRY_AFTER;
    let rate_limited = false;
    assert_eq!(budget.take(START), Err(Wait::Pause { left, rate_limited }));
    let allowance = budget.allowance(START + LONGEST_RETRY_AFTER);
    assert_eq!((allowance.per_minute, allowance.pause), (60.0, START));
    assert!(budget.take(START + LONGEST_RETRY_AFTER).is_ok());
}

#[test]
fn nothing_is_spare_during_a_pause() {
    let mut budget = budget(60);
    assert!(budget.allowance(secs(60)).spare);
    budget.asked_to_wait(secs(60), secs(5));
    assert!(!budget.allowance(secs(64)).spare);
    assert!(budget.allowance(secs(65)).spare);
}

#[test]
fn a_clock_that_stands_still_or_goes_back_gives_nothing() {
    let mut budget = budget(60);
    assert_eq!(budget.take(secs(100)), Ok(()));
    while budget.take(secs(100)).is_ok() {}
    assert!(budget.take(secs(1)).is_err());
    assert!(budget.take(secs(100)).is_err());
}

#[test]
fn what_is_asked_beside_the_poll_is_given_up_first() {
    let mut budget = budget(60);
    assert!(!budget.take_aside(START), "the first request is the poll's");
    assert!(budget.take_aside(secs(10)));
    assert!(!budget.take_aside(secs(10)), "no two at once");
    while budget.take(secs(20)).is_ok() {}
    assert!(!budget.take_aside(secs(20)), "nothing is left to spare");
    assert!(budget.take_aside(secs(30)));
    budget.rate_limited(secs(30), Some(secs(5)));
    assert!(!budget.take_aside(secs(34)), "the vendor asked for a pause");
    assert!(!budget.take_aside(secs(60)), "the budget recovers");
    assert!(budget.take_aside(secs(131)));
    budget.asked_to_wait(secs(140), secs(30));
    assert!(!budget.take_aside(secs(169)));
    assert!(budget.take_aside(secs(170)));
}

#[test]
fn a_strict_budget_is_used_up_and_starts_with_nothing() {
    let mut budget = Budget::strict(20, FIRST_PAUSE, START);
    assert!(budget.take(Duration::from_millis(5_999)).is_err());
    let (mut now, mut sent) = (START, 0);
    while now < secs(3_600) {
        match budget.take(now) {
            Ok(()) => {
                sent += 1;
                now += Duration::from_millis(400);
                budget.ended(now);
            }
            Err(Wait::Refill(wait) | Wait::Pause { left: wait, .. }) => now += wait,
        }
    }
    assert!((1_180..=1_200).contains(&sent), "{sent} of 1200");
}

/// Those who ask one after the other or side by side, of a server that answers as late as it likes and counts each request
/// when it likes until then; some are given up, some refused, and the asking is started anew now and then.
fn counted_by_a_server(
    requests_per_minute: u32,
    askers: usize,
    answers: &[(u64, u64, u8)],
) -> Vec<Duration> {
    let begin = |now| Budget::strict(requests_per_minute, FIRST_PAUSE, now);
    let (mut budget, mut now) = (begin(START), START);
    let (mut under_way, mut counted): (Vec<Duration>, _) = (Vec::new(), Vec::new());
    for (length_ms, reaches_in, kind) in answers {
        loop {
            under_way.sort_unstable();
            let done = under_way.first().copied().filter(|end| *end <= now);
            if let Some(end) = done {
                budget.ended(end);
                under_way.remove(0);
                continue;
            }
            if under_way.len() == askers {
                now = under_way[0];
                continue;
            }
            let wait = match budget.take(now) {
                Ok(()) => break,
                Err(Wait::Refill(wait) | Wait::Pause { left: wait, .. }) => wait,
            };
            now = under_way
                .first()
                .map_or(now + wait, |end| (now + wait).min(*end));
        }
        let length = Duration::from_millis(*length_ms);
        counted.push(now + length * u32::try_from(*reaches_in).unwrap() / 100);
        under_way.push(now + length);
        match kind {
            0 => budget.rate_limited(now, Some(length / 4)),
            1 => budget.asked_to_wait(now, length / 2),
            // Killed after its answers: who starts again knows of none of them.
            2 if askers == 1 && *length_ms == 0 => {
                (budget, under_way) = (begin(now), Vec::new());
            }
            _ => {}
        }
    }
    counted.sort_unstable();
    counted
}

proptest! {
    #[test]
    fn no_minute_carries_more_than_a_strict_budget(
        requests_per_minute in 1u32..=120,
        askers in 1usize..4,
        answers in proptest::collection::vec((prop_oneof![Just(0), 0u64..40_000], 0u64..=100, 0u8..40), 1..400),
    ) {
        let counted = counted_by_a_server(requests_per_minute, askers, &answers);
        let most = densest(&counted, secs(60));
        prop_assert!(most <= requests_per_minute as usize, "{most} counted");
    }

    #[test]
    fn what_is_asked_beside_the_poll_is_at_most_a_quarter(
        requests_per_minute in 1u32..=120,
        polled in proptest::collection::vec(any::<bool>(), 600),
    ) {
        let mut budget = budget(requests_per_minute);
        let mut aside = 0;
        for (second, polls) in polled.iter().enumerate() {
            let now = secs(second as u64);
            if *polls {
                let _ = budget.take(now);
            }
            aside += u32::from(budget.take_aside(now));
        }
        let quarter = f64::from(requests_per_minute) * 10.0 / 4.0;
        prop_assert!(f64::from(aside) <= quarter.ceil() + 1.0, "{aside} of {quarter}");
    }

    #[test]
    fn no_minute_carries_more_than_the_budget_and_one_burst(
        requests_per_minute in 1u32..=120,
        limited_at in proptest::collection::vec((0u64..1200, proptest::option::of(0u64..90)), 0..12),
    ) {
        let mut budget = budget(requests_per_minute);
        let mut limited_at = limited_at;
        limited_at.sort_unstable();
        let (mut now, mut sent) = (START, Vec::new());
        for (at, retry_after) in limited_at {
            sent.extend(send_greedily(&mut budget, now, secs(at)));
            now = now.max(secs(at));
            budget.rate_limited(now, retry_after.map(secs));
        }
        sent.extend(send_greedily(&mut budget, now, secs(2400)));
        let burst = (f64::from(requests_per_minute) / 6.0).max(1.0);
        let most = f64::from(requests_per_minute) + burst;
        prop_assert!(densest(&sent, secs(60)) as f64 <= most.ceil(), "{} sent", densest(&sent, secs(60)));
    }

    #[test]
    fn it_is_whole_again_after_a_hundred_quiet_seconds(
        requests_per_minute in 1u32..=120,
        times in 1usize..20,
    ) {
        let mut budget = budget(requests_per_minute);
        for _ in 0..times {
            budget.rate_limited(START, Some(Duration::ZERO));
        }
        let per_minute = budget.allowance(secs(100)).per_minute;
        prop_assert!((per_minute - f64::from(requests_per_minute)).abs() < 1e-9);
    }

    #[test]
    fn asking_often_changes_nothing(
        requests_per_minute in 1u32..=120,
        asked_at in proptest::collection::vec(0u64..300_000, 0..40),
    ) {
        let (mut asked, mut left_alone) = (budget(requests_per_minute), budget(requests_per_minute));
        asked.rate_limited(START, None);
        left_alone.rate_limited(START, None);
        let mut asked_at = asked_at;
        asked_at.sort_unstable();
        for at in asked_at {
            asked.allowance(Duration::from_millis(at));
        }
        asked.allowance(secs(300));
        left_alone.allowance(secs(300));
        prop_assert!((asked.tokens - left_alone.tokens).abs() < 1e-6);
    }
}
