//! Plans and comparisons, at their edges.

mod habits;
mod running;
mod unread;

use super::side::Side;
use super::*;
use crate::ledger::{Names, Symbols};
use crate::live::Channels;
use crate::poller::coverage::{Coverage, Why, Window};
use crate::poller::{Proof, proof};
use std::collections::BTreeMap;

/// A quarter of an hour begins.
const NOON_S: i64 = 1_790_000_100;
const HOUR_S: i64 = 3_600;

/// Counted since then; read up to `to_s`, at `at_s`.
fn proof_of(since_s: i64, to_s: i64, at_s: i64) -> Proof {
    let mut coverage = Coverage::new(at_s, at_s - since_s);
    let window = Window {
        from_s: since_s,
        to_s,
        why: Why::Spare,
    };
    coverage.read(window, to_s, at_s, 10);
    let progress = serde_json::json!({
        "coverage": coverage, "offset_s": null, "read_through": true, "quarters_since_s": since_s,
    });
    let bytes = progress.to_string().into_bytes();
    proof(&bytes).unwrap().unwrap()
}

#[test]
fn what_is_compared_ended_an_hour_ago_and_was_read_since() {
    let day_ago_s = NOON_S - 86_400;
    let read = proof_of(day_ago_s, NOON_S - 60, NOON_S);
    let hour = NOON_S - 2 * HOUR_S..NOON_S - HOUR_S;
    assert_eq!(due(NOON_S, HOUR_S, None, &read), Ok(hour.clone()));
    // Quarters are whole, whenever it is asked.
    assert_eq!(due(NOON_S + 899, HOUR_S, None, &read), Ok(hour.clone()));
    assert_eq!(due(NOON_S, 1, None, &read), Ok(hour.end - 900..hour.end));
    // After an hour the next one, after an outage all of it, but a day at most.
    let next_s = hour.end - HOUR_S;
    assert_eq!(due(NOON_S, HOUR_S, Some(next_s), &read), Ok(hour.clone()));
    let long_ago_s = hour.end - 5 * HOUR_S;
    let all = long_ago_s..hour.end;
    assert_eq!(due(NOON_S, HOUR_S, Some(long_ago_s), &read), Ok(all));
    let two_days = proof_of(NOON_S - 4 * 86_400, NOON_S - 60, NOON_S);
    let before_s = hour.end - 2 * 86_400;
    let day = hour.end - 86_400..hour.end;
    assert_eq!(due(NOON_S, HOUR_S, Some(before_s), &two_days), Ok(day));
    // Not before the next hour has been over for an hour.
    let waits = Err(Waits::Until(hour.end + 2 * HOUR_S));
    assert_eq!(due(NOON_S, HOUR_S, Some(hour.end), &read), waits);
    assert_eq!(due(NOON_S + 3_599, HOUR_S, Some(hour.end), &read), waits);
    // A clock that ran ahead for a week is right again.
    let ahead_s = NOON_S + 7 * 86_400;
    assert_eq!(due(NOON_S, HOUR_S, Some(ahead_s), &read), Ok(hour));
}

#[test]
fn what_is_not_read_whole_or_was_read_too_early_waits() {
    let early = proof_of(NOON_S - 86_400, NOON_S - HOUR_S, NOON_S - HOUR_S + 299);
    assert_eq!(due(NOON_S, HOUR_S, None, &early), Err(Waits::NotRead));
    let in_time = proof_of(NOON_S - 86_400, NOON_S - HOUR_S, NOON_S - HOUR_S + 300);
    assert!(due(NOON_S, HOUR_S, None, &in_time).is_ok());
    let part = proof_of(NOON_S - 86_400, NOON_S - HOUR_S - 1, NOON_S);
    assert_eq!(due(NOON_S, HOUR_S, None, &part), Err(Waits::NotRead));
    // Who began to count an hour and a half ago has one quarter that may be compared.
    let since_s = NOON_S - 5_000;
    let young = proof_of(since_s, NOON_S, NOON_S);
    let first = NOON_S - 4_500..NOON_S - HOUR_S;
    assert_eq!(due(NOON_S, HOUR_S, None, &young), Ok(first));
    let new = proof_of(NOON_S - 600, NOON_S, NOON_S);
    let waits = due(NOON_S, HOUR_S, None, &new);
    assert_eq!(waits, Err(Waits::Until(NOON_S + 900 + HOUR_S)));
}

#[test]
fn why_a_day_cannot_be_compared_is_said() {
    let read = proof_of(NOON_S - 3 * 86_400, NOON_S, NOON_S);
    let why = |from_s, to_s| missing(&(from_s..to_s), NOON_S, &read);
    let (day_s, hour_s) = (86_400, HOUR_S);
    assert_eq!(why(NOON_S - day_s, NOON_S - hour_s), None);
    for (from_s, to_s, said) in [
        (NOON_S - day_s, NOON_S - hour_s + 1, "an hour ago"),
        (NOON_S - 9 * day_s, NOON_S - 8 * day_s, "eight days"),
        (NOON_S - 4 * day_s, NOON_S - 3 * day_s, "before"),
    ] {
        let told = why(from_s, to_s).unwrap_or_default();
        assert!(told.contains(said), "{told}");
    }
}

fn place(queue: &str, channel: &str) -> Place {
    Place {
        queue: queue.into(),
        channel: channel.into(),
        direction: "inbound".into(),
    }
}

fn side(numbers: &[(&str, &str, Measure, u64)]) -> Side {
    let mut side = Side::default();
    for (queue, channel, measure, number) in numbers {
        side.add(place(queue, channel), *measure, *number);
    }
    side
}

/// Both sides of one queue: (entries, conversations) of ours, entries of theirs.
fn compare(ours: (u64, u64), theirs: u64, open: u64) -> Comparison {
    compare_knowing(None, ours, theirs, open)
}

fn compare_knowing(before: Option<bool>, ours: (u64, u64), theirs: u64, open: u64) -> Comparison {
    let of = |number| side(&[("Billing", "Voice", Measure::Entries, number)]);
    let ours = Ours {
        entries: of(ours.0),
        once: of(ours.1),
        open,
        callbacks: 0,
    };
    let mut told = Theirs::new(Source::QueuePerformance);
    told.side = of(theirs);
    told.queues.insert("Billing".into());
    Comparison::of(before, 0..900, &ours, &told)
}

fn entries(comparison: &Comparison) -> Judged {
    let judged = comparison.judged.iter();
    let mut judged = judged.filter(|it| it.measure == Measure::Entries);
    *judged.next().unwrap()
}

#[test]
fn a_difference_is_one_beyond_two_and_one_in_a_hundred() {
    for (ours, theirs, disagrees) in [
        (100, 100, false),
        (98, 100, false),
        (97, 100, true),
        (103, 100, true),
        (990, 1_000, false),
        (989, 1_000, true),
        (0, 3, true),
        (3, 0, true),
        (2, 0, false),
    ] {
        let judged = entries(&compare((ours, ours), theirs, 0));
        assert_eq!(judged.disagrees(), disagrees, "{judged:?}");
        let off = ours as f64 - theirs as f64;
        assert!((judged.ratio() - off / theirs.max(1) as f64).abs() < 1e-12);
    }
}

#[test]
fn conversations_that_go_on_explain_what_ours_lack_and_never_more() {
    let judged = entries(&compare((90, 90), 100, 10));
    assert_eq!((judged.explained, judged.difference()), (10, 0));
    let judged = entries(&compare((90, 90), 100, 4));
    assert_eq!((judged.explained, judged.difference()), (4, -6));
    let hidden = compare((990, 990), 1_000, 30);
    assert_eq!((entries(&hidden).difference(), hidden.unseen()), (0, 10));
    assert_eq!(compare((1_000, 1_000), 1_000, 30).unseen(), 0);
    let said = hidden.notes.join("\n");
    assert!(said.contains("30 conversations go on") && said.contains("missing without being seen"));
    let judged = entries(&compare((110, 110), 100, 50));
    assert_eq!((judged.explained, judged.difference()), (0, 10), "too many");
}

#[test]
fn a_vendor_who_counts_a_conversation_once_is_told_by_his_number() {
    let once = compare((1_000, 950), 950, 0);
    assert_eq!(entries(&once).difference(), 0);
    let said = once.notes.join("\n");
    assert!(said.contains("once, at its last queue: 50"), "{said}");
    assert!(said.contains("`transferred` is not compared"), "{said}");
    // A loss is no habit of his, and few who come again tell nothing.
    assert_eq!(entries(&compare((1_000, 950), 1_010, 0)).difference(), -10);
    assert_eq!(entries(&compare((1_000, 950), 990, 0)).difference(), 10);
    // He may count once all the same, hour after hour: as many as came again are no mistake, and one more is.
    let few = compare((105, 100), 100, 0);
    assert_eq!((entries(&few).explained, few.disagrees()), (5, false));
    assert!(few.notes.join("\n").contains("too few to tell"), "{few:?}");
    assert_eq!(entries(&compare((105, 100), 99, 0)).difference(), 1);
    assert_eq!(entries(&compare((105, 100), 109, 0)).difference(), -4);
}

#[test]
fn mail_is_shown_and_not_judged_and_what_has_no_reason_is_allowed_for() {
    let entries = side(&[
        ("Billing", "System Mail", Measure::MailAnswered, 40),
        ("Billing", "Voice", Measure::Terminated, 6),
    ]);
    let ours = Ours {
        once: entries.clone(),
        entries,
        open: 0,
        callbacks: 3,
    };
    let mut theirs = Theirs::new(Source::QueuePerformance);
    theirs.side = side(&[
        ("Billing", "System Mail", Measure::MailAnswered, 31),
        ("Billing", "Voice", Measure::Terminated, 9),
    ]);
    theirs.others = 3;
    let comparison = Comparison::of(None, 0..900, &ours, &theirs);
    assert!(!comparison.disagrees());
    let judged: Vec<_> = comparison.judged.iter().map(|it| it.measure).collect();
    assert!(!judged.contains(&Measure::MailAnswered), "{judged:?}");
    let mail = comparison
        .rows
        .iter()
        .find(|row| row.measure == Measure::MailAnswered);
    assert_eq!(mail.map(|row| (row.ours, row.vendor)), Some((40, 31)));
    let said = comparison.notes.join("\n");
    assert!(said.contains("31 answered") && said.contains("3 callbacks"));
}

fn told(source: Source, page: &str) -> Theirs {
    let (symbols, names) = (Symbols::default(), Names::default());
    let channels = Channels::new(&BTreeMap::<String, String>::new());
    let mut theirs = Theirs::new(source);
    let words = super::theirs::Words {
        symbols: &symbols,
        names: &names,
        channels: &channels,
    };
    let pages = [page.to_owned(), page.to_owned()];
    theirs.add(&pages, &(NOON_S..NOON_S + 900), words).unwrap();
    theirs
}

#[test]
fn rows_that_stand_on_two_pages_count_once_and_what_one_lacks_is_not_compared() {
    let theirs = told(
        Source::QueuePerformance,
        r#"{"finalResult":[
            {"queueId":"q","queueName":"Billing","channel":"rtm","direction":"Inbound","totalConversation":5,"answered":3,
             "abandonedInQueue":1,"transferred":0,"systemTermination":{"outOfBusinessHours":0,"noAgentsAvailable":1,"networkFailure":0,"voiceGatewayError":0,"others":2}},
            {"queueId":"q","queueName":"Billing","channel":"Voice","direction":"Outbound","totalConversation":4,"answered":4,
             "abandonedInQueue":9,"transferred":"many","systemTermination":{"noAgentsAvailable":7}}]}"#,
    );
    assert_eq!(theirs.side.sum(Measure::Entries), 9);
    assert_eq!(
        theirs
            .side
            .number(&place("Billing", "Web/Mobile Client"), Measure::Answered),
        3
    );
    // Of callers alone.
    assert_eq!(theirs.side.sum(Measure::Abandoned), 1);
    assert_eq!(
        (theirs.side.sum(Measure::Terminated), theirs.others),
        (3, 2)
    );
    assert!(!theirs.told[Measure::Transferred as usize]);
    let comparison = Comparison::of(None, 0..900, &Ours::default(), &theirs);
    let said = comparison.notes.join("\n");
    assert!(said.contains("`transferred` is not compared: `transferred` is missing"));
}

#[test]
fn quarters_of_the_contact_volume_add_up_and_those_outside_do_not() {
    let theirs = told(
        Source::ContactVolume,
        r#"{"CallVolumeUpdate":[
            {"queueId":"q","queueName":"Billing","source":"korevg","intervalStartTimeStamp":"2026-09-21T14:15:00Z","offeredContacts":5,"answeredContacts":3,"abandonedContacts":1},
            {"queueId":"q","queueName":"Billing","source":"emailInst-1","intervalStartTimeStamp":"2026-09-21T14:15:00Z","offeredContacts":2,"answeredContacts":1,"abandonedContacts":0},
            {"queueId":"q","queueName":"Billing","source":"korevg","intervalStartTimeStamp":"2026-09-21T14:30:00Z","offeredContacts":50,"answeredContacts":30,"abandonedContacts":10}]}"#,
    );
    assert_eq!(theirs.side.sum(Measure::Entries), 7);
    assert_eq!(theirs.side.sum(Measure::Answered), 3);
    assert_eq!(theirs.side.sum(Measure::MailAnswered), 1);
    let comparison = Comparison::of(None, 0..900, &Ours::default(), &theirs);
    let said = comparison.notes.join("\n");
    assert!(said.contains("`terminated` is not compared: Contact Volume does not tell it"));
}
