use super::centre::{DAY_S, Ended, HOUR_S, account, days, detector};
use crate::evidence::{Conversation, Detector, Scope, Settings};

const NOON_S: i64 = 12 * HOUR_S;

fn usual_at(history: &[Ended], at_s: i64) -> f64 {
    let until: Vec<Ended> = history
        .iter()
        .filter(|ended| ended.at_s < at_s)
        .copied()
        .collect();
    account(&mut detector(&until)).unwrap().2
}

#[test]
fn noon_that_is_worse_every_day_is_usual_on_the_third() {
    for (per_hour, zone_s) in [(400.0, 0), (1500.0, 0), (1500.0, HOUR_S / 2)] {
        for seed in 0..5 {
            let history = days(seed, 3, per_hour, |at_s| {
                let of_day = at_s % DAY_S - zone_s;
                if (NOON_S..NOON_S + HOUR_S).contains(&of_day) {
                    0.12
                } else {
                    0.04
                }
            });
            let noon = usual_at(&history, 2 * DAY_S + NOON_S + zone_s + HOUR_S / 2);
            let ten = usual_at(&history, 2 * DAY_S + 10 * HOUR_S);
            assert!(
                (0.09..0.15).contains(&noon),
                "{noon} at {per_hour}, seed {seed}"
            );
            assert!(ten < 0.07, "{ten} at {per_hour}, seed {seed}");
        }
    }
}

#[test]
fn half_an_hour_is_no_habit_on_one_day_nor_on_four() {
    for incidents in [1..2, 1..5] {
        for (begin_s, seed) in [(0, 1), (600, 2), (1300, 3), (2400, 4)] {
            let from_s = 10 * HOUR_S + begin_s;
            let history = days(seed, 6, 600.0, |at_s| {
                let is_then = (from_s..from_s + 1800).contains(&(at_s % DAY_S));
                if is_then && incidents.contains(&(at_s / DAY_S)) {
                    0.6
                } else {
                    0.04
                }
            });
            for later_s in [0, 1800] {
                let usual = usual_at(&history, 5 * DAY_S + from_s + later_s);
                assert!(usual < 0.075, "{usual} after {incidents:?} at {begin_s}");
            }
        }
    }
}

#[test]
fn a_spike_reaches_the_limit_and_its_end_is_seen() {
    let spike_s = 2 * DAY_S + 10 * HOUR_S;
    let history = days(1, 3, 1000.0, |at_s| {
        if (spike_s..spike_s + 1200).contains(&at_s) {
            0.4
        } else {
            0.04
        }
    });
    let mut detector = Detector::new(Settings::default());
    let (mut reached_s, mut fallen_s) = (None, None);
    for (number, ended) in history.iter().enumerate() {
        detector.put(number as u64 + 1, &ended.conversation());
        if ended.at_s < spike_s {
            continue;
        }
        let (evidence, limit, _) = account(&mut detector).unwrap();
        if evidence >= limit {
            reached_s = reached_s.or(Some(ended.at_s - spike_s));
        } else if ended.at_s > spike_s + 1200 && evidence <= limit / 2.0 {
            fallen_s = fallen_s.or(Some(ended.at_s - spike_s - 1200));
        }
    }
    assert!(reached_s.unwrap() < 180, "{reached_s:?}");
    assert!(fallen_s.unwrap() < 900, "{fallen_s:?}");
}

#[test]
fn after_a_gap_or_time_not_read_evidence_begins_at_0() {
    let spike_s = DAY_S + 10 * HOUR_S;
    let history = days(1, 2, 1000.0, |at_s| if at_s > spike_s { 0.9 } else { 0.04 });
    let until = |end_s: i64| -> Vec<Ended> {
        let ended = history.iter().filter(|ended| ended.at_s < end_s);
        ended.copied().collect()
    };
    let mut in_spike = detector(&until(spike_s + 300));
    let (evidence, limit, _) = account(&mut in_spike).unwrap();
    assert!(evidence > limit);

    // Of the same moment, half an hour later nobody has called.
    let mut later = in_spike.readings(spike_s + 300 + 1801);
    assert_eq!(later.next().unwrap().evidence, 0.0);
    drop(later);

    let answered = Ended {
        at_s: spike_s + 300,
        abandoned: false,
        billing: true,
    };
    in_spike.unread_until(spike_s + 300);
    in_spike.put(u64::MAX, &answered.conversation());
    assert_eq!(account(&mut in_spike).unwrap().0, 0.0);
}

#[test]
fn scopes_are_bounded_and_what_finds_no_room_counts_for_its_account() {
    let settings = Settings {
        scopes: 3,
        ..Settings::default()
    };
    let mut detector = Detector::new(settings);
    let names: Vec<String> = (0..10).map(|number| format!("queue {number}")).collect();
    for second in 0..7200 {
        detector.put(
            second as u64 + 1,
            &Conversation {
                ended_s: second,
                channel: "Voice",
                queue: Some(&names[second as usize % 10]),
                abandoned: false,
                target: 0.05,
            },
        );
    }
    let scopes: Vec<Scope> = detector
        .readings(0)
        .map(|reading| reading.scope.clone())
        .collect();
    assert_eq!(
        scopes,
        [
            Scope::Account,
            Scope::Channel("Voice".into()),
            Scope::Queue("queue 0".into())
        ]
    );
    assert_eq!(detector.counts().unfollowed, 7200 * 9 / 10);
}

#[test]
fn a_scope_not_heard_of_for_three_weeks_gives_its_place_to_a_new_one() {
    let settings = Settings {
        scopes: 3,
        ..Settings::default()
    };
    let mut detector = Detector::new(settings);
    let mut id = 0;
    let mut put = |detector: &mut Detector, ended_s: i64, queue: &str| {
        id += 1;
        let conversation = Conversation {
            ended_s,
            channel: "Voice",
            queue: Some(queue),
            abandoned: false,
            target: 0.05,
        };
        detector.put(id, &conversation);
    };
    put(&mut detector, 0, "old");
    // Of every ten minutes, and no other queue has room before the old one is forgotten.
    let days = |days: i64| days * 24 * 6;
    for step in 1..days(20) {
        put(&mut detector, step * 600, "new");
    }
    assert_eq!(detector.counts().unfollowed, days(20) as u64 - 1);
    for step in days(20)..days(23) {
        put(&mut detector, step * 600, "new");
    }
    let new = Scope::Queue("new".into());
    let now_s = days(23) * 600;
    assert!(
        detector
            .readings(now_s)
            .any(|reading| *reading.scope == new)
    );
    let unfollowed = detector.counts().unfollowed;
    assert!((days(20) as u64..days(22) as u64).contains(&unfollowed));
    let mut loaded = Detector::from_parts(&detector.parts(None), settings).unwrap();
    assert!(loaded.readings(now_s).eq(detector.readings(now_s)));
}
