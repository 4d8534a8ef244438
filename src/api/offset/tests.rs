use super::*;
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// 2026-09-21T14:13:20Z.
const NOW_S: i64 = 1_790_000_000;
/// 2025-09-30T22:56:43Z.
const BEGAN_S: i64 = 1_759_273_003;

fn record(session: &str, start: &str) -> Record<'static> {
    let json = json!({"sessionId": session, "sessionStartTime": start}).to_string();
    let raw: &'static RawValue = Box::leak(RawValue::from_string(json).unwrap());
    Record::read(raw).unwrap()
}

/// A record of another session each, that shows this time.
fn records(starts: &[&str]) -> Vec<Record<'static>> {
    let session = |number| format!("{BEGAN_S:08x}4afb07c7{number:08x}");
    let record = |(number, start): (usize, &&str)| record(&session(number), start);
    starts.iter().enumerate().map(record).collect()
}

fn own(start: &str) -> Option<i32> {
    own_offset(&record("68dc602b4afb07c72ac5xxxx", start), NOW_S)
}

fn measured(starts: &[&str], previous: Option<i32>) -> Option<i32> {
    measure_offset(&records(starts), NOW_S, previous)
}

const INDIA: &str = "2025-10-01T04:26:43";
const UTC: &str = "2025-09-30T22:56:43";

#[test]
fn the_offset_is_local_less_utc_and_east_is_positive() {
    assert_eq!(own(INDIA), Some(19_800));
    assert_eq!(own("2025-09-30T17:56:43"), Some(-18_000));
    assert_eq!(own(UTC), Some(0));
}

#[test]
fn the_start_that_is_shown_may_be_two_minutes_off_and_no_more() {
    for (start, offset_s) in [
        ("2025-10-01T04:28:43", Some(19_800)),
        ("2025-10-01T04:24:43", Some(19_800)),
        ("2025-10-01T04:28:44", None),
        ("2025-10-01T04:24:42", None),
    ] {
        assert_eq!(own(start), offset_s, "{start}");
    }
}

#[test]
fn an_offset_that_no_zone_has_is_none() {
    for start in [
        "2025-10-01T04:11:43",
        "2025-10-01T13:56:43",
        "2025-10-01T22:56:43",
        "2025-10-01T04:26:43Z",
        "",
        "soon",
    ] {
        assert_eq!(own(start), None, "{start}");
    }
    assert_eq!(own_offset(&record("c0ffee", INDIA), NOW_S), None);
}

#[test]
fn an_account_moves_by_the_majority_of_three_and_else_stays() {
    for (starts, previous, offset_s) in [
        (vec![], None, None),
        (vec![], Some(0), Some(0)),
        (vec![INDIA; 2], None, None),
        (vec![INDIA; 2], Some(0), Some(0)),
        (vec![INDIA; 3], None, Some(19_800)),
        (vec![INDIA; 3], Some(0), Some(19_800)),
        ([vec![INDIA; 3], vec![UTC; 2]].concat(), None, Some(19_800)),
        (
            [vec![INDIA; 3], vec![UTC; 3]].concat(),
            Some(3_600),
            Some(3_600),
        ),
        ([vec![INDIA], vec![UTC; 8]].concat(), Some(0), Some(0)),
        // Who tells nothing has no vote.
        (
            [vec![INDIA; 3], vec!["soon"; 9]].concat(),
            None,
            Some(19_800),
        ),
    ] {
        assert_eq!(measured(&starts, previous), offset_s, "{starts:?}");
    }
}

#[test]
fn a_session_has_one_vote_however_often_it_is_sent() {
    let one = record("68dc602b4afb07c72ac5xxxx", INDIA);
    assert_eq!(measure_offset([&one; 5], NOW_S, Some(0)), Some(0));
}

#[test]
fn the_table_holds_every_offset_that_a_zone_has_or_had_since_2015() {
    let database = TimeZoneDatabase::bundled();
    let from = jiff::Timestamp::from_second(1_420_070_400).unwrap();
    let mut offsets = BTreeSet::new();
    for name in database.available() {
        let zone = database.get(name.as_str()).unwrap();
        offsets.insert(zone.to_offset(from).seconds());
        let until_2045 =
            |it: &jiff::tz::TimeZoneTransition| it.timestamp().as_second() < 2_366_841_600;
        let following = zone.following(from).take_while(until_2045);
        offsets.extend(following.map(|it| it.offset().seconds()));
    }
    let table: BTreeSet<i32> = table::OFFSETS_MIN
        .iter()
        .map(|minutes| minutes * 60)
        .collect();
    assert_eq!(table, offsets);
    assert_eq!(table.len(), table::OFFSETS_MIN.len());
}

#[test]
fn a_difference_is_the_offset_within_two_minutes_of_it() {
    for difference_s in -50_000..=55_000 {
        let mut offsets = table::OFFSETS_MIN.iter().map(|minutes| minutes * 60);
        let near = offsets.find(|it| (difference_s - i64::from(*it)).abs() <= RESIDUAL_S);
        assert_eq!(table::nearest(difference_s), near, "{difference_s}");
    }
}

#[test]
fn changes_are_those_of_the_zones() {
    // 2026-03-29T01:00:00Z, all over the European Union.
    let european = changes_between(1_774_745_999, 1_774_746_000);
    for (before_s, after_s) in [(0, 3_600), (3_600, 7_200), (7_200, 10_800)] {
        let change = Change {
            at_s: 1_774_746_000,
            before_s,
            after_s,
        };
        assert!(european.contains(&change), "{change:?}");
    }
    assert_eq!(changes_between(1_774_746_000, 1_774_746_001), []);
    // 2026-04-04T15:00:00Z: Lord Howe Island goes back by half an hour.
    let half = Change {
        at_s: 1_775_314_800,
        before_s: 39_600,
        after_s: 37_800,
    };
    assert!(changes_between(1_775_314_799, 1_775_314_800).contains(&half));
    let all = changes_between(0, i64::MAX);
    assert!(all.is_sorted() && all.len() > 1_000, "{}", all.len());
}

proptest! {
    #[test]
    fn a_deviant_record_moves_no_account(
        agreeing in 0..20_usize, other in proptest::sample::select(vec!["2025-10-01T00:56:43", UTC, "?"]),
    ) {
        let starts = [vec![INDIA; agreeing], vec![other]].concat();
        prop_assert_eq!(measured(&starts, Some(19_800)), Some(19_800));
    }
}
