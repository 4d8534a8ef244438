use super::centre::{DAY_S, Ended, HOUR_S, account, days, detector};
use crate::evidence::{Detector, Settings, Taken, Unreadable};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Everything that is read off a detector, and everything that is stored of it.
fn all(detector: &mut Detector) -> (String, Vec<(u32, Vec<u8>)>) {
    let readings: Vec<String> = detector
        .readings(i64::MIN)
        .map(|reading| format!("{reading:?}"))
        .collect();
    (readings.join("\n"), detector.parts(None))
}

fn history(seed: u64) -> Vec<Ended> {
    let spike = DAY_S + 9 * HOUR_S;
    days(seed, 2, 60.0, |at_s| {
        if (spike..spike + HOUR_S).contains(&at_s) {
            0.5
        } else {
            0.05
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_order_within_the_open_quarter_gives_what_the_order_of_ends_gives(
        seed in 0u64..1000,
        delays in prop::collection::vec(0i64..890, 64),
        until in 100usize..1200,
    ) {
        let history = history(seed);
        let history = &history[..until.min(history.len())];
        let mut known: Vec<(i64, u64, Ended)> = history
            .iter()
            .enumerate()
            .map(|(number, ended)| (ended.at_s + delays[number % 64], number as u64 + 1, *ended))
            .collect();
        known.sort_by_key(|(known_s, number, _)| (*known_s, *number));
        let mut reordered = Detector::new(Settings::default());
        for (_, number, ended) in &known {
            let taken = reordered.put(*number, &ended.conversation());
            prop_assert_eq!(taken, Taken::Judged);
        }
        let (in_order, reordered) = (all(&mut detector(history)).0, all(&mut reordered).0);
        // The channel and the queues may have come in another order.
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(&in_order), sorted(&reordered));
    }

    #[test]
    fn what_changed_while_open_is_as_if_it_had_always_been_so(
        seed in 0u64..1000,
        turned in prop::collection::vec(any::<bool>(), 16),
        gone in prop::collection::vec(any::<bool>(), 16),
        until in 100usize..1200,
    ) {
        let history = history(seed);
        let history = &history[..until.min(history.len())];
        let mut changed = Detector::new(Settings::default());
        let mut plain = Detector::new(Settings::default());
        let mut waiting: Vec<(i64, u64, Option<Ended>)> = Vec::new();
        for (number, ended) in history.iter().enumerate() {
            let id = number as u64 + 1;
            // A minute later what stood there is right.
            while waiting.first().is_some_and(|(due_s, ..)| *due_s <= ended.at_s) {
                let (_, id, is) = waiting.remove(0);
                match is {
                    Some(is) => { changed.put(id, &is.conversation()); }
                    None => { changed.take_back(id); }
                }
            }
            let first = Ended { abandoned: true, ..*ended };
            let is = if gone[number % 16] { None } else { Some(*ended) };
            if turned[number % 16] || is.is_none() {
                changed.put(id, &first.conversation());
                waiting.push((ended.at_s + 60, id, is));
            } else {
                changed.put(id, &ended.conversation());
            }
            if let Some(is) = is {
                plain.put(id, &is.conversation());
            }
        }
        for (_, id, is) in waiting {
            match is {
                Some(is) => { changed.put(id, &is.conversation()); }
                None => { changed.take_back(id); }
            }
        }
        // Whoever was there and went may have been the newest: let both see one more.
        let last = Ended { at_s: 2 * DAY_S + 9 * HOUR_S, abandoned: false, billing: true };
        changed.put(u64::MAX, &last.conversation());
        plain.put(u64::MAX, &last.conversation());
        let sorted = |text: String| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(all(&mut changed).0), sorted(all(&mut plain).0));
    }

    #[test]
    fn stored_and_loaded_at_any_point_all_goes_on_as_if_it_had_not_been(
        seed in 0u64..1000,
        at in prop::collection::vec(1usize..1200, 4),
    ) {
        let history = history(seed);
        let mut kept = Detector::new(Settings::default());
        let mut loaded = Detector::new(Settings::default());
        // Only what changed since it was stored last is stored.
        let (mut stored, mut last) = (BTreeMap::new(), None);
        for (number, ended) in history.iter().enumerate() {
            if at.contains(&number) {
                stored.extend(loaded.parts(last.as_ref()));
                let parts: Vec<(u32, Vec<u8>)> = stored.clone().into_iter().collect();
                loaded = Detector::from_parts(&parts, Settings::default()).unwrap();
                prop_assert_eq!(loaded.parts(Some(&loaded)), vec![]);
                last = Some(loaded.clone());
            }
            kept.put(number as u64 + 1, &ended.conversation());
            loaded.put(number as u64 + 1, &ended.conversation());
        }
        prop_assert_eq!(all(&mut kept), all(&mut loaded));
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_but_never_a_panic(
        cut in 0usize..4000,
        place in 0usize..4000,
        byte: u8,
    ) {
        let whole = detector(&history(1)[..300]).parts(None);
        for part in 0..whole.len() {
            let mut parts = whole.clone();
            let damaged = &mut parts[part].1;
            let length = damaged.len();
            damaged.truncate(cut);
            if let Some(there) = damaged.get_mut(place) {
                *there = byte;
            }
            let is_cut = damaged.len() < length;
            let read = Detector::from_parts(&parts, Settings::default());
            prop_assert!(!is_cut || read.is_err());
            parts.remove(part);
            prop_assert!(Detector::from_parts(&parts, Settings::default()).is_err());
        }
    }
}

#[test]
fn another_version_is_refused_by_its_number() {
    let mut parts = Detector::new(Settings::default()).parts(None);
    parts[0].1[0] = 9;
    assert_eq!(
        Detector::from_parts(&parts, Settings::default()),
        Err(Unreadable::Version { found: 9 })
    );
}

#[test]
fn what_comes_after_its_quarter_is_settled_is_counted_as_late_and_changes_nothing() {
    let history = history(3);
    let mut detector = detector(&history);
    let before = account(&mut detector);
    let newest_s = history.last().unwrap().at_s;
    let late = Ended {
        at_s: newest_s - 1000,
        abandoned: true,
        billing: true,
    };
    assert_eq!(detector.put(u64::MAX, &late.conversation()), Taken::Late);
    assert_eq!(account(&mut detector), before);
    assert_eq!(detector.counts().late, 1);
}
