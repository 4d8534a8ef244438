use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

const FROM_S: i64 = 1_790_000_010;
const TO_S: i64 = FROM_S + 7_200;
const SINCE_S: i64 = FROM_S + 3_600;
const LIVE_S: i64 = TO_S + 4;

const GRID: Grid = Grid {
    from_s: FROM_S,
    to_s: TO_S,
    step_s: 60,
};

type Shown = Vec<(i64, Vec<u64>)>;

fn run(measure: Measure, events: &[Event], meeting: Option<&Meeting>) -> (Shown, u64) {
    let mut shown: Shown = Vec::new();
    let missing = course::<Infallible>(measure, GRID, events, meeting, &mut |at_ms, lines| {
        shown.push((at_ms, lines.to_vec()));
        Ok(())
    });
    assert!(
        shown.is_sorted_by(|one, other| one.0 < other.0),
        "{shown:?}"
    );
    (shown, missing.unwrap())
}

/// What `increase()` makes of all samples in [from, to], without its guess at what lies beyond them.
fn increase(shown: &Shown, line: usize, from_ms: i64, to_ms: i64) -> u64 {
    let within = shown
        .iter()
        .filter(|(at, _)| (from_ms..=to_ms).contains(at));
    let values: Vec<u64> = within.map(|(_, lines)| lines[line]).collect();
    let pairs = values.windows(2);
    pairs
        .map(|pair| {
            if pair[1] < pair[0] {
                pair[1]
            } else {
                pair[1] - pair[0]
            }
        })
        .sum()
}

fn event(after_s: i64, owned: bool) -> Event {
    Event {
        at_s: FROM_S + after_s,
        owned,
        millis: 1_500,
    }
}

fn meeting(measure: Measure, events: &[Event]) -> Meeting {
    let mut sum = Sum::zero(measure);
    for event in events {
        sum.observe(measure, event.millis);
    }
    let shown = FirstShown {
        at_s: TO_S,
        since_s: SINCE_S,
    };
    Meeting { shown, sum }
}

#[test]
fn a_piece_rises_from_0_and_ends_at_0_with_nothing_lost() {
    let events = [event(1, false), event(3_000, false), event(7_200, false)];
    let (shown, missing) = run(Measure::Offered, &events, None);
    assert_eq!((shown[0].clone(), missing), ((FROM_S * 1_000, vec![0]), 0));
    assert_eq!(shown[shown.len() - 2], (TO_S * 1_000 - 1, vec![3]));
    assert_eq!(shown[shown.len() - 1], (TO_S * 1_000, vec![0]));
    assert_eq!(increase(&shown, 0, 0, i64::MAX), 3);
}

#[test]
fn samples_are_dense_around_changes_and_five_minutes_apart_elsewhere() {
    let (shown, _) = run(Measure::Offered, &[event(3_000, false)], None);
    let times: Vec<i64> = shown.iter().map(|(at, _)| at / 1_000).collect();
    let at_s = FROM_S + 3_000;
    let near = times
        .iter()
        .filter(|it| (at_s - 180..=at_s + 239).contains(*it));
    assert_eq!(near.count(), 7);
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] <= KEEP_S, "{pair:?}");
    }
    assert!(times.len() < 40, "{}", times.len());
    for kept in (FROM_S..TO_S).filter(|it| it % KEEP_S == 0) {
        assert!(times.contains(&kept));
    }
}

#[test]
fn it_starts_again_where_the_exporters_own_begin_and_ends_at_what_was_shown() {
    let mut events: Vec<Event> = (1..=50).map(|at| event(at * 60, false)).collect();
    events.extend((1..=20).map(|at| event(3_600 + at * 60, true)));
    let meeting = meeting(Measure::Offered, &events[50..]);
    let (shown, missing) = run(Measure::Offered, &events, Some(&meeting));
    assert_eq!(shown.last(), Some(&(TO_S * 1_000, vec![20])));
    assert_eq!(missing, 0);
    let falls = shown.windows(2).filter(|pair| pair[1].1 < pair[0].1);
    let falls: Vec<_> = falls
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect();
    let again_s = GRID.after(SINCE_S);
    let expected = (
        (again_s * 1_000 - 2, vec![50]),
        (again_s * 1_000 - 1, vec![0]),
    );
    assert_eq!(falls, [expected]);
}

/// It fell behind, or the vendor shows less today: it is not lost, and nothing is counted that was never shown.
#[test]
fn what_was_shown_and_is_not_found_shows_where_the_two_meet() {
    let owned: Vec<Event> = (1..=5).map(|at| event(4_000 + at, true)).collect();
    let shown_then = meeting(Measure::Offered, &[owned.clone(), owned.clone()].concat());
    let (shown, missing) = run(Measure::Offered, &owned, Some(&shown_then));
    assert_eq!((increase(&shown, 0, 0, i64::MAX), missing), (10, 5));
    assert_eq!(shown[shown.len() - 2].1, [5]);
    // The other way round: what came to light later is the live series' to show.
    let shown_then = meeting(Measure::Offered, &owned[..3]);
    let (shown, missing) = run(Measure::Offered, &owned, Some(&shown_then));
    assert_eq!((increase(&shown, 0, 0, i64::MAX), missing), (3, 0));
}

proptest! {
    /// Whatever belongs to whom, and whenever it ended: over the file and the live series after it every increment shows
    /// once in all, and in the part of time in which it ended.
    #[test]
    fn every_increment_shows_once_and_in_its_own_time(
        mut events in prop::collection::vec((1_i64..=7_200, any::<bool>(), 0_u64..4_000_000), 0..60),
        late in 0_usize..4,
        more in 0_u64..9,
        histogram: bool,
        joined: bool,
        cut in 0_i64..=7_200,
    ) {
        let measure = if histogram { Measure::QueueWait } else { Measure::Offered };
        events.sort_unstable();
        let events: Vec<Event> = events
            .into_iter()
            .map(|(after_s, owned, millis)| {
                // What the exporter counted ended after its floor; others may have, too: they began before it.
                let after_s = if owned && joined { 3_600 + after_s / 2 } else { after_s };
                Event { at_s: FROM_S + after_s, owned: owned && joined, millis }
            })
            .collect();
        let mut events = events;
        events.sort_by_key(|event| event.at_s);
        let owned: Vec<Event> = events.iter().copied().filter(|event| event.owned).collect();
        let known = owned.len().saturating_sub(late);
        let meets = joined.then(|| meeting(measure, &owned[..known]));
        let (mut shown, missing) = run(measure, &events, meets.as_ref());
        prop_assert_eq!(missing, 0);
        // The live series: what it showed first, and then what it counted later.
        let mut counted: Vec<Event> = events.iter().copied().filter(|event| !event.owned).collect();
        if let Some(Meeting { sum, .. }) = &meets {
            let mut live = sum.clone();
            for event in &owned[known..] {
                live.observe(measure, event.millis);
            }
            for _ in 0..more {
                live.observe(measure, 7);
            }
            shown.push((LIVE_S * 1_000, lines(&live)));
            counted.extend(&owned);
            counted.extend((0..more).map(|_| Event { at_s: LIVE_S, owned: false, millis: 7 }));
        }
        let total = |events: &mut dyn Iterator<Item = &Event>| {
            let mut sum = Sum::zero(measure);
            for event in events {
                sum.observe(measure, event.millis);
            }
            lines(&sum)
        };
        let all = total(&mut counted.iter());
        for (line, expected) in all.iter().enumerate() {
            prop_assert_eq!(increase(&shown, line, 0, i64::MAX), *expected);
        }
        // Up to any instant of the grid: all that ended by then, and nothing else, but for what was late.
        let cut_s = (FROM_S + cut).div_euclid(KEEP_S) * KEEP_S;
        if cut_s > FROM_S && cut_s < TO_S && late == 0 {
            let expected = total(&mut events.iter().filter(|event| event.at_s <= cut_s));
            for (line, expected) in expected.iter().enumerate() {
                prop_assert_eq!(increase(&shown, line, 0, cut_s * 1_000), *expected);
            }
        }
    }

    /// A line falls to 0 alone, and once.
    #[test]
    fn a_line_starts_again_at_0_and_once(
        mut events in prop::collection::vec((1_i64..=7_200, any::<bool>()), 1..40),
    ) {
        // What the exporter counted ended after its floor.
        for (after_s, owned) in &mut events {
            *after_s = if *owned { 3_600 + *after_s / 2 } else { *after_s };
        }
        events.sort_unstable();
        let events: Vec<Event> = events.into_iter().map(|(after_s, owned)| event(after_s, owned)).collect();
        let owned: Vec<Event> = events.iter().copied().filter(|event| event.owned).collect();
        let meets = meeting(Measure::Offered, &owned);
        let (shown, _) = run(Measure::Offered, &events, Some(&meets));
        let falls = shown.windows(2).filter(|pair| pair[1].1 < pair[0].1);
        let falls: Vec<u64> = falls.map(|pair| pair[1].1[0]).collect();
        prop_assert!(falls.len() <= 1 && falls.iter().all(|to| *to == 0), "{falls:?}");
        let counted: BTreeMap<i64, Vec<u64>> = shown.into_iter().collect();
        prop_assert_eq!(&counted[&(TO_S * 1_000)], &vec![owned.len() as u64]);
    }
}
