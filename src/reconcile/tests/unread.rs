//! What is missing in the vendor's rows, or can't be read, is said and not taken for a difference.

use super::*;
use crate::reconcile::side::{answered, channel_of};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CHANNELS: [&str; 3] = ["Voice", "rtm", "emailInst-1"];
const REASONS: [&str; 5] = [
    "outOfBusinessHours",
    "noAgentsAvailable",
    "networkFailure",
    "voiceGatewayError",
    "Others",
];
const QUEUE_FIELDS: [&str; 9] = [
    "queueId",
    "queueName",
    "channel",
    "direction",
    "totalConversation",
    "answered",
    "abandonedInQueue",
    "transferred",
    "systemTermination",
];
const VOLUME_FIELDS: [&str; 7] = [
    "queueId",
    "queueName",
    "source",
    "intervalStartTimeStamp",
    "offeredContacts",
    "answeredContacts",
    "abandonedContacts",
];

/// A queue, channel and direction, or quarter, with what happened there: answered, abandoned, ended by the system by reason,
/// transferred.
type Stay = (usize, usize, bool, [u64; 3], [u64; 5]);

fn queue_row((queue, channel, inbound, [answered, left, moved], ended): &Stay) -> Value {
    let mut reasons = json!({});
    for (reason, number) in REASONS.iter().zip(ended) {
        reasons[reason] = json!(number);
    }
    json!({
        "queueId": format!("qu-{queue}"), "queueName": format!("Q{queue}"), "channel": CHANNELS[*channel],
        "direction": if *inbound { "Inbound" } else { "Outbound" },
        "totalConversation": answered + left + ended.iter().sum::<u64>(), "answered": answered,
        "abandonedInQueue": left, "transferred": moved, "systemTermination": reasons,
    })
}

fn volume_row((queue, channel, second, [answered, left, _], _): &Stay) -> Value {
    let quarter = if *second { "14:30" } else { "14:15" };
    json!({
        "queueId": format!("qu-{queue}"), "queueName": format!("Q{queue}"), "source": CHANNELS[*channel],
        "intervalStartTimeStamp": format!("2026-09-21T{quarter}:00.000Z"),
        "offeredContacts": answered + left, "answeredContacts": answered, "abandonedContacts": left,
    })
}

/// The same as ours have it.
fn our_side(source: Source, stays: &[Stay]) -> Ours {
    let channels = Channels::new(&BTreeMap::<String, String>::new());
    let mut side = Side::default();
    for (queue, channel, inbound, [taken, left, moved], ended) in stays {
        let volume = source == Source::ContactVolume;
        let place = Place {
            queue: format!("Q{queue}").into(),
            channel: channel_of(Some(CHANNELS[*channel]), &channels),
            direction: if volume || *inbound {
                "inbound"
            } else {
                "outbound"
            }
            .into(),
        };
        let ended = if volume { 0 } else { ended.iter().sum() };
        let callers = u64::from(volume || *inbound);
        for (measure, number) in [
            (Measure::Entries, taken + left + ended),
            (answered(&place.channel), *taken),
            (Measure::Abandoned, callers * left),
            (Measure::Terminated, callers * ended),
            (Measure::Transferred, *moved),
        ] {
            side.add(place.clone(), measure, number);
        }
    }
    Ours {
        once: side.clone(),
        entries: side,
        ..Ours::default()
    }
}

/// What became of a field.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Missing,
    Null,
    OtherType,
    Unreadable,
    /// The whole row.
    NoRow,
}

fn harm(row: &mut Value, field: &str, reason: Option<&str>, harm: Harm) {
    let object = match reason {
        Some(_) => row.get_mut("systemTermination"),
        None => Some(&mut *row),
    };
    let key = reason.unwrap_or(field);
    let object = object.and_then(Value::as_object_mut);
    let Some(object) = object.filter(|it| it.contains_key(key)) else {
        return;
    };
    match harm {
        Harm::Missing => {
            object.remove(key);
        }
        Harm::Null => object[key] = Value::Null,
        Harm::OtherType => object[key] = json!([1]),
        Harm::Unreadable => {
            // An id or a name may be any text.
            let text = !["queueId", "queueName", "channel", "source"].contains(&key);
            object[key] = if text { json!("soon") } else { json!("") };
        }
        Harm::NoRow => *row = json!("row"),
    }
}

fn compared(source: Source, pages: &[String], ours: &Ours) -> Result<Comparison, String> {
    let (symbols, names) = (Symbols::default(), Names::default());
    let channels = Channels::new(&BTreeMap::<String, String>::new());
    let words = crate::reconcile::theirs::Words {
        symbols: &symbols,
        names: &names,
        channels: &channels,
    };
    let mut theirs = Theirs::new(source);
    theirs.add(pages, &(NOON_S..NOON_S + 1_800), words)?;
    match theirs.refusal(ours) {
        Some(why) => Err(why),
        None => Ok(Comparison::of(None, 0..1_800, ours, &theirs)),
    }
}

fn page(source: Source, rows: &[Value]) -> String {
    match source {
        Source::QueuePerformance => json!({"finalResult": rows}),
        Source::ContactVolume => json!({"CallVolumeUpdate": rows}),
    }
    .to_string()
}

fn stays() -> impl Strategy<Value = Vec<Stay>> {
    let numbers = (
        prop::array::uniform3(0u64..40),
        prop::array::uniform5(0u64..9),
    );
    let stay = (0usize..3, 0usize..3, any::<bool>(), numbers)
        .prop_map(|(queue, channel, side, (some, ended))| (queue, channel, side, some, ended));
    prop::collection::vec(stay, 1..12).prop_map(|stays| {
        let mut seen = BTreeSet::new();
        let new = |stay: &Stay| seen.insert((stay.0, stay.1, stay.2));
        stays.into_iter().filter(new).collect()
    })
}

fn harms() -> impl Strategy<Value = Vec<(usize, usize, Option<usize>, Harm)>> {
    let harm = prop_oneof![
        3 => Just(Harm::Missing),
        2 => Just(Harm::Null),
        2 => Just(Harm::OtherType),
        2 => Just(Harm::Unreadable),
        1 => Just(Harm::NoRow),
    ];
    let one = (
        0usize..12,
        0usize..9,
        prop::option::weighted(0.2, 0usize..5),
        harm,
    );
    prop::collection::vec(one, 0..6)
}

proptest! {
    #[test]
    fn whatever_can_not_be_read_in_whichever_rows_is_no_difference(
        stays in stays(),
        harms in harms(),
        of_volume: bool,
        repeated: bool,
    ) {
        let source = Source::ALL[usize::from(of_volume)];
        let make = if of_volume { volume_row } else { queue_row };
        let mut rows: Vec<Value> = stays.iter().map(make).collect();
        for (at, field, reason, how) in harms {
            let at = at % rows.len();
            let fields: &[&str] = if of_volume { &VOLUME_FIELDS } else { &QUEUE_FIELDS };
            let reason = reason.map(|it| REASONS[it]).filter(|_| !of_volume);
            harm(&mut rows[at], fields[field % fields.len()], reason, how);
        }
        let ours = our_side(source, &stays);
        let mut pages = vec![page(source, &rows)];
        if repeated {
            // A row that says all of what it stands for slipped from one page to the next.
            let whole = rows.iter().filter(|row| stays.iter().any(|stay| make(stay) == **row));
            pages.push(page(source, &whole.cloned().collect::<Vec<_>>()));
        }
        let comparison = compared(source, &pages, &ours);
        let whole = rows.iter().zip(&stays).all(|(row, stay)| make(stay) == *row);
        prop_assert!(comparison.is_ok() || !whole, "{:?}", comparison);
        if let Ok(comparison) = comparison {
            for judged in &comparison.judged {
                prop_assert_eq!(judged.difference(), 0, "{:?} {:?}\n{:?}", judged, comparison.notes, rows);
            }
        }
    }
}

/// What three rows with a change come to.
fn changed(change: impl Fn(&mut Value)) -> Result<Comparison, String> {
    let stays = [
        (0, 0, true, [20, 5, 3], [0, 3, 0, 0, 1]),
        (1, 0, true, [30, 4, 2], [1, 0, 0, 0, 0]),
        (1, 1, false, [9, 2, 0], [0; 5]),
    ];
    let mut rows: Vec<Value> = stays.iter().map(queue_row).collect();
    rows.iter_mut().for_each(change);
    let source = Source::QueuePerformance;
    compared(source, &[page(source, &rows)], &our_side(source, &stays))
}

#[test]
fn what_can_not_be_compared_is_said() {
    let gone = |field: &'static str| {
        move |row: &mut Value| drop(row.as_object_mut().unwrap().remove(field))
    };
    for (said, comparison) in [
        (
            "`abandoned` is not compared: 3 rows tell no `direction`",
            changed(gone("direction")),
        ),
        (
            "`answered` is not compared: 3 rows tell no channel",
            changed(gone("channel")),
        ),
        (
            "`entries` is not compared: `totalConversation` is missing",
            changed(gone("totalConversation")),
        ),
        (
            "`terminated` is not compared",
            changed(|row| row["systemTermination"]["Others"] = json!("x")),
        ),
        (
            "`terminated` is not compared",
            changed(|row| row["systemTermination"] = json!({})),
        ),
    ] {
        let comparison = comparison.unwrap();
        assert!(!comparison.disagrees(), "{comparison:?}");
        assert!(!comparison.judged.is_empty());
        let notes = comparison.notes.join("\n");
        assert!(notes.contains(said), "{said}: {notes}");
    }
    // A reason that is not known here is one that nobody names.
    let strike = changed(|row| row["systemTermination"]["strike"] = json!(2)).unwrap();
    let mut terminated = strike
        .judged
        .iter()
        .filter(|it| it.measure == Measure::Terminated);
    assert_eq!(terminated.next().map(|it| it.vendor), Some(9));
    assert!(!strike.disagrees(), "{strike:?}");
}

#[test]
fn a_vendor_who_tells_of_no_queue_and_one_who_tells_of_fewer_are_no_difference() {
    let stays = [
        (0, 0, true, [20, 5, 3], [0; 5]),
        (1, 0, true, [30, 4, 2], [0; 5]),
    ];
    let source = Source::QueuePerformance;
    let ours = our_side(source, &stays);
    let none = compared(source, &[page(source, &[])], &ours).unwrap_err();
    assert!(none.contains("tells of no queue"), "{none}");
    assert!(compared(source, &[page(source, &[])], &Ours::default()).is_ok());
    let fewer = compared(source, &[page(source, &[queue_row(&stays[1])])], &ours).unwrap();
    assert!(!fewer.disagrees(), "{fewer:?}");
    let notes = fewer.notes.join("\n");
    assert!(
        notes.contains("tells nothing of `Q0`, which has 25 of ours"),
        "{notes}"
    );
}
