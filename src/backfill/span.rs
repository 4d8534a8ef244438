//! From when to when an account's past is filled, and how its end meets what an exporter shows.
//!
//! Counters that begin at 0 and end at *p* meet live ones that began at *v* so: of what the file counts, the exporter's
//! first *v* come last; where they begin, the file's counter starts again at 0. It ends at *v*, in the second in which the
//! exporter first showed *v*. A counter that starts again loses nothing to `increase()`.

use crate::api::format_utc;
use crate::poller::{FirstShown, Reach};

/// What is to be filled, UTC seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub from_s: i64,
    pub to_s: i64,
}

/// What is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// UTC seconds; every series stands at 0 here.
    pub from_s: i64,
    /// UTC seconds: what ended later is not in it.
    pub to_s: i64,
    /// Where it meets live series; `None`: every series ends at 0.
    pub meets: Option<FirstShown>,
    /// Gauges are filled up to here: what runs shows them from then on.
    pub gauges_to_s: i64,
}

/// What a span came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Planned {
    Span(Span, Vec<String>),
    /// The exporter reads its first past still; the numbers of that decide.
    NotYet {
        read_s: i64,
        of_s: i64,
    },
}

/// Nothing of the time that is wanted can be filled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Nothing(String);

/// Plans what is filled of an account, which the store knows as `reach` tells.
///
/// # Errors
/// Nothing is left to fill.
pub fn plan(
    wanted: Wanted,
    reach: Option<&Reach>,
    now_s: i64,
    initial_lookback_s: i64,
) -> Result<Planned, Nothing> {
    let Wanted { from_s, to_s } = wanted;
    let to_s = to_s.min(now_s);
    let Some(reach) = reach else {
        return before(wanted, now_s - initial_lookback_s, now_s, |since| {
            format!(
                "no exporter has counted this account yet, and one that starts now counts what ended since {since} itself; \
                 hint: start it first, and fill once its counters show: then the two meet"
            )
        });
    };
    let begun_s = reach.begun_s - initial_lookback_s;
    let Some(meets) = reach.first_shown else {
        if reach.read_through {
            return before(wanted, begun_s, reach.begun_s, |since| {
                format!(
                    "the exporter's state was begun by a version that did not keep what it first showed, of what ended since \
                     {since}: that shows as one step where its live series begin"
                )
            });
        }
        if to_s <= begun_s {
            return before(wanted, begun_s, reach.begun_s, gap);
        }
        let read_to_s = reach.read_to_s.unwrap_or(begun_s);
        return Ok(Planned::NotYet {
            read_s: read_to_s - begun_s - reach.unread_s,
            of_s: initial_lookback_s,
        });
    };
    if to_s <= meets.since_s {
        return before(wanted, meets.since_s, reach.begun_s, gap);
    }
    if from_s >= meets.at_s {
        return Err(Nothing(format!(
            "`--from` is {}, and the exporter's counters show since {}; what an exporter has shown since it \
             began cannot be filled, even where a Prometheus lost it; hint: Prometheus has it from its first scrape on, or a backup of \
             its data does",
            format_utc(from_s),
            format_utc(meets.at_s)
        )));
    }
    let mut notes = Vec::new();
    if from_s > meets.since_s {
        notes.push(format!(
            "filled from {} on: the exporter's first numbers reach back to there",
            format_utc(meets.since_s)
        ));
    }
    if to_s != meets.at_s {
        notes.push(format!(
            "filled up to {}, when the exporter first showed counters",
            format_utc(meets.at_s)
        ));
    }
    let span = Span {
        from_s: from_s.min(meets.since_s),
        to_s: meets.at_s,
        meets: Some(meets),
        gauges_to_s: reach.begun_s.clamp(from_s.min(meets.since_s), meets.at_s),
    };
    Ok(Planned::Span(span, notes))
}

/// Whether the exporter's store still knows all that its first numbers hold. What it has forgotten of conversations that
/// began before `since_s` and went on then is taken for others', and counts twice: at its own time, and where the two meet.
pub fn knows_its_beginning(reach: &Reach, meets: FirstShown) -> bool {
    reach.floor_s <= meets.since_s
}

/// What ended before, UTC seconds, an exporter does not count, whether it runs or is yet to start.
pub(super) fn counts_since(reach: Option<&Reach>, now_s: i64, initial_lookback_s: i64) -> i64 {
    let Some(reach) = reach else {
        return now_s - initial_lookback_s;
    };
    let shown = reach.first_shown.map(|shown| shown.since_s);
    shown.unwrap_or(reach.begun_s - initial_lookback_s)
}

/// What ends before an exporter counts: at 0.
fn before(
    wanted: Wanted,
    since_s: i64,
    begun_s: i64,
    why: impl Fn(String) -> String,
) -> Result<Planned, Nothing> {
    let to_s = wanted.to_s.min(since_s);
    let why = why(format_utc(since_s));
    if wanted.from_s >= to_s {
        return Err(Nothing(format!(
            "nothing to fill from {} on: {why}",
            format_utc(wanted.from_s)
        )));
    }
    let mut notes = vec![why];
    if to_s < wanted.to_s {
        notes.push(format!("filled up to {}", format_utc(to_s)));
    }
    let span = Span {
        from_s: wanted.from_s,
        to_s,
        meets: None,
        gauges_to_s: to_s.min(begun_s),
    };
    Ok(Planned::Span(span, notes))
}

fn gap(since: String) -> String {
    format!(
        "the end meets no live series: every counter ends at 0, and what the exporter counted of the time from {since} to its \
         first numbers shows as one step; hint: with `--to now` the two meet"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: i64 = 86_400;
    const NOW_S: i64 = 1_790_000_000;

    fn reach(first_shown: Option<FirstShown>, read_through: bool) -> Reach {
        Reach {
            floor_s: NOW_S - 2 * DAY_S,
            read_to_s: Some(NOW_S - DAY_S + 50),
            unread_s: DAY_S / 2,
            read_through,
            begun_s: NOW_S - DAY_S,
            first_shown,
        }
    }

    fn shown() -> FirstShown {
        FirstShown {
            at_s: NOW_S - DAY_S + 100,
            since_s: NOW_S - 2 * DAY_S,
        }
    }

    fn span(from_days: i64, to_days: i64, reach: Option<&Reach>) -> Result<Planned, Nothing> {
        let wanted = Wanted {
            from_s: NOW_S - from_days * DAY_S,
            to_s: NOW_S - to_days * DAY_S,
        };
        plan(wanted, reach, NOW_S, DAY_S)
    }

    fn planned(from_days: i64, to_days: i64, reach: Option<&Reach>) -> (Span, Vec<String>) {
        match span(from_days, to_days, reach) {
            Ok(Planned::Span(span, notes)) => (span, notes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_ends_where_the_exporter_first_showed_numbers_and_reaches_back_to_where_they_begin() {
        let reach = reach(Some(shown()), true);
        let (span, notes) = planned(7, 0, Some(&reach));
        assert_eq!((span.from_s, span.to_s), (NOW_S - 7 * DAY_S, shown().at_s));
        assert_eq!(
            (span.meets, span.gauges_to_s),
            (Some(shown()), NOW_S - DAY_S)
        );
        assert_eq!(notes.len(), 1, "{notes:?}");
        // Within the exporter's first reading neither can begin nor end: it is filled whole.
        let from_s = NOW_S - DAY_S - 60;
        let wanted = Wanted {
            from_s,
            to_s: from_s + 30,
        };
        let Ok(Planned::Span(span, notes)) = plan(wanted, Some(&reach), NOW_S, DAY_S) else {
            panic!("nothing planned");
        };
        assert_eq!((span.from_s, span.to_s), (shown().since_s, shown().at_s));
        assert_eq!(notes.len(), 2, "{notes:?}");
    }

    #[test]
    fn a_piece_of_older_time_ends_at_0() {
        let (span, notes) = planned(9, 4, Some(&reach(Some(shown()), true)));
        assert_eq!((span.to_s, span.meets), (NOW_S - 4 * DAY_S, None));
        assert!(notes[0].contains("--to now"), "{notes:?}");
    }

    #[test]
    fn before_an_exporter_has_counted_nothing_is_filled_that_it_will_count() {
        let (span, notes) = planned(7, 0, None);
        assert_eq!((span.to_s, span.meets), (NOW_S - DAY_S, None));
        assert!(notes[0].contains("start it first"), "{notes:?}");
        let error = plan(
            Wanted {
                from_s: NOW_S - 3_600,
                to_s: NOW_S,
            },
            None,
            NOW_S,
            DAY_S,
        );
        assert!(error.unwrap_err().to_string().contains("start it first"));
    }

    #[test]
    fn a_first_reading_that_goes_on_is_waited_for() {
        let going_on = reach(None, false);
        let expected = Planned::NotYet {
            read_s: DAY_S / 2 + 50,
            of_s: DAY_S,
        };
        assert_eq!(span(7, 0, Some(&going_on)), Ok(expected));
        let (span, _) = planned(7, 3, Some(&going_on));
        assert_eq!(span.to_s, NOW_S - 3 * DAY_S);
    }

    #[test]
    fn of_a_state_of_before_what_it_first_showed_is_left_alone() {
        let (span, notes) = planned(7, 0, Some(&reach(None, true)));
        assert_eq!((span.to_s, span.meets), (NOW_S - 2 * DAY_S, None));
        assert!(notes[0].contains("one step"), "{notes:?}");
    }

    #[test]
    fn what_prometheus_has_itself_is_not_filled() {
        let error = span(0, 0, Some(&reach(Some(shown()), true))).unwrap_err();
        assert!(error.to_string().contains("`--from`"), "{error}");
        let words = "what an exporter has shown since it began cannot be filled, even where a Prometheus lost it; hint: ";
        assert!(error.to_string().contains(words), "{error}");
    }

    #[test]
    fn what_the_store_has_forgotten_of_its_beginning_is_noticed() {
        let mut reach = reach(Some(shown()), true);
        assert!(knows_its_beginning(&reach, shown()));
        reach.floor_s += 1;
        assert!(!knows_its_beginning(&reach, shown()));
    }
}
