use super::*;
use crate::config::Choice;
use crate::ledger::{DEFAULT_TARGET, Targets};
use crate::metrics::{Encoding, Own, Publisher};
use std::time::{Duration, Instant};

fn board(choices: [Choice; 3], most: usize) -> (Board, Arc<Publisher>) {
    let publisher = Arc::new(Publisher::new(Arc::new(Own::any()), Duration::ZERO));
    let terms = Terms {
        choices,
        good_for: [Duration::from_secs(45); 3],
        channels: channels(),
        most,
        targets: Targets::new(DEFAULT_TARGET, [], []),
    };
    (
        Board::new("acme", terms, Arc::clone(&publisher), || 1_000_000),
        publisher,
    )
}

fn shown(publisher: &Publisher, at: Instant) -> Vec<String> {
    let page: Vec<_> = publisher.page(Encoding::Plain, at).collect();
    let page = String::from_utf8(page.concat()).unwrap();
    let live = |line: &&str| {
        line.starts_with("smartassist_queue_") || line.starts_with("smartassist_exporter_live_up")
    };
    let short = |line: &str| {
        line.replace("smartassist_queue_", "")
            .replace("smartassist_exporter_", "")
            .replace("account=\"acme\",", "")
    };
    page.lines().filter(live).map(short).collect()
}

fn reading(numbers: [Numbers; 2], elsewhere: Numbers) -> Reading {
    let places = ["Billing", "Sales"].map(|queue| place("Voice", queue));
    Reading {
        places: places.into_iter().zip(numbers).collect(),
        elsewhere,
        ..Reading::default()
    }
}

fn waiting(waiting: u64) -> Numbers {
    Numbers {
        waiting: Some(waiting),
        ..Numbers::default()
    }
}

fn waits(waiting: u64, longest_wait_s: u64) -> Numbers {
    Numbers {
        waiting: Some(waiting),
        longest_wait_s: Some(longest_wait_s),
        ..Numbers::default()
    }
}

#[test]
fn a_number_is_of_one_source_for_all_of_an_account_and_of_the_next_once_that_is_too_old() {
    let (board, publisher) = board([Choice::Auto; 3], 100);
    board.told(
        Source::Conversations,
        Ok(reading([waits(7, 70), waits(0, 0)], waits(0, 0))),
    );
    std::thread::sleep(Duration::from_millis(20));
    let of_performance = reading([waiting(2), Numbers::default()], waiting(0));
    board.told(Source::QueuePerformance, Ok(of_performance));
    let expected = [
        "waiting{channel=\"Voice\",queue=\"Billing\"} 2",
        "longest_wait_seconds{channel=\"Voice\",queue=\"Billing\"} 70",
        "longest_wait_seconds{channel=\"Voice\",queue=\"Sales\"} 0",
        "live_up{source=\"conversations\"} 1",
        "live_up{source=\"queue_performance\"} 1",
    ];
    let mut both = shown(&publisher, Instant::now());
    both.sort_by_key(|line| expected.iter().position(|it| it == line));
    assert_eq!(both, expected);
    // The list of conversations was read a little earlier, so its numbers go first.
    let later = Instant::now() + Duration::from_secs(46);
    board.tick(later);
    assert_eq!(
        shown(&publisher, later).len(),
        2,
        "how the sources stand is all that is known"
    );
}

#[test]
fn a_source_that_fails_keeps_its_numbers_until_they_are_too_old_and_is_down() {
    let (board, publisher) = board([Choice::Auto, Choice::Auto, Choice::On], 100);
    board.told(
        Source::QueuePerformance,
        Ok(reading([waiting(2), waiting(1)], waiting(0))),
    );
    board.told(Source::QueuePerformance, Err("failed".to_owned()));
    board.told(Source::Conversations, Err("refused".to_owned()));
    let page = shown(&publisher, Instant::now());
    assert!(
        page.contains(&"waiting{channel=\"Voice\",queue=\"Billing\"} 2".to_owned()),
        "{page:?}"
    );
    assert!(page.contains(&"live_up{source=\"queue_performance\"} 0".to_owned()));
    assert!(
        page.contains(&"live_up{source=\"call_details\"} 0".to_owned()),
        "it is on"
    );
    assert!(page.contains(&"live_up{source=\"conversations\"} 0".to_owned()));
    let said: Vec<String> = board.sources().into_iter().map(|(_, said)| said).collect();
    assert_eq!(said, ["failed", "refused"]);
}

#[test]
fn a_place_that_is_no_longer_told_of_stands_at_what_holds_elsewhere() {
    let (board, publisher) = board([Choice::Auto; 3], 100);
    board.told(
        Source::Conversations,
        Ok(reading([waits(7, 70), waits(1, 5)], waits(0, 0))),
    );
    let mut next = reading([waits(6, 85), waits(0, 0)], waits(0, 0));
    next.places.remove(&place("Voice", "Sales"));
    board.told(Source::Conversations, Ok(next));
    let page = shown(&publisher, Instant::now());
    assert!(
        page.contains(&"waiting{channel=\"Voice\",queue=\"Sales\"} 0".to_owned()),
        "{page:?}"
    );
}

#[test]
fn places_beyond_the_limit_are_one() {
    let (board, publisher) = board([Choice::Auto; 3], 1);
    let mut many = reading([waits(7, 70), waits(1, 5)], waits(0, 0));
    many.places.insert(place("Voice", "Taxes"), waits(2, 9));
    board.told(Source::Conversations, Ok(many));
    let page = shown(&publisher, Instant::now());
    let overflow = "{channel=\"__overflow__\",queue=\"__overflow__\"}";
    assert!(page.contains(&format!("waiting{overflow} 3")), "{page:?}");
    assert!(
        page.contains(&format!("longest_wait_seconds{overflow} 9")),
        "{page:?}"
    );
}

#[test]
fn at_a_glance_a_queue_is_shown_over_its_channels_beside_what_ended_lately() {
    let (board, _) = board([Choice::Auto; 3], 100);
    let mut now = reading([waits(7, 70), waits(0, 0)], waits(0, 0));
    now.places.insert(place("Web", "Billing"), waits(1, 90));
    // Mail has eight hours.
    now.places
        .insert(place("System Mail", "Billing"), waits(1, 600));
    board.told(Source::Conversations, Ok(now));
    let mut staff = Reading::default();
    staff
        .agents
        .insert(Arc::from("Billing"), [Some(3), Some(2), Some(0), Some(9)]);
    board.told(Source::QueuePerformance, Ok(staff));
    let ended = |offered, abandoned| Ended {
        offered,
        abandoned,
        answered_within_target: 1,
    };
    let held = HeldTo {
        longest_wait_s: 120.0,
        ..HeldTo::default()
    };
    let of_mail = HeldTo {
        longest_wait_s: 28_800.0,
        ..held
    };
    board.learn_lately(Lately {
        window: Some((Arc::from("15m"), 1_000)),
        queues: [("Billing", ended(10, 2)), ("none", ended(3, 3))]
            .map(|(queue, ended)| (Arc::from(queue), ended))
            .into(),
        targets: [(
            Arc::from("Billing"),
            [("", held), ("System Mail", of_mail)]
                .map(|(channel, held)| (Arc::from(channel), held))
                .into(),
        )]
        .into(),
    });
    let present = board.present();
    let names: Vec<&str> = present.queues.keys().map(|queue| &**queue).collect();
    assert_eq!(names, ["Billing", "Sales"], "nobody can help `none`");
    let (going, lately, target) = present.queues["Billing"];
    let value = |figure: Option<Figure<u64>>| figure.map(|figure| figure.value);
    assert_eq!(
        (value(going.waiting), value(going.longest_wait_s)),
        (Some(9), Some(90)),
        "ten minutes of mail are less of its target than a minute and a half of a call"
    );
    assert_eq!(going.longest_wait_target_s, 120);
    let (.., unnamed) = present.queues["Sales"];
    assert_eq!(unnamed.longest_wait_s, 180.0);
    assert_eq!(value(going.agents_available), Some(3));
    assert_eq!((lately, target), (ended(10, 2), held));
    let (all, lately, held) = present.all;
    let known = (value(all.waiting), value(all.agents_available));
    assert_eq!(known, (Some(9), Some(3)));
    assert_eq!((lately.offered, lately.abandoned), (13, 5));
    assert_eq!(held, HeldTo::from(DEFAULT_TARGET));
    assert_eq!(all.waiting.map(|told| told.until_s - told.read_s), Some(45));
}
