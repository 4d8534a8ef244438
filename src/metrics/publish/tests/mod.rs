use super::*;
use crate::ledger::{Measure, Sample, Value};
use crate::metrics::own::{Build, Vocabulary};
use crate::metrics::parse::{Parsed, parse};
use crate::metrics::table;
use bytes::Bytes;
use flate2::read::GzDecoder;
use proptest::prelude::*;
use std::collections::BTreeMap as Map;
use std::io::Read;

mod pages;

const ZERO_FIRST: Duration = Duration::from_mins(2);

fn publisher(zero_first: Duration) -> Publisher {
    let build = Build {
        version: "1.2.3".to_owned(),
        revision: "abc".to_owned(),
    };
    let own = Own::new(
        build,
        Vocabulary {
            requests: vec!["ok"],
            fields: Vec::new(),
            facts: Vec::new(),
        },
    );
    Publisher::new(Arc::new(own), zero_first)
}

fn offered(queue: &str, value: u64) -> Sample {
    let labels = vec!["Voice".into(), queue.into()];
    Sample {
        measure: Measure::Offered,
        labels,
        value: Value::Count(value),
    }
}

fn callback_wait(queue: &str) -> Sample {
    let mut buckets = vec![0; 18];
    buckets[3] = 2;
    let labels = vec!["Voice".into(), queue.into()];
    Sample {
        measure: Measure::CallbackWait,
        labels,
        value: Value::Histogram {
            buckets,
            sum_millis: 12_345,
        },
    }
}

fn view(account: &str, sums: Vec<Sample>) -> View {
    View {
        account: account.into(),
        counting: true,
        sums,
        gauges: Vec::new(),
        overflowed: Vec::new(),
    }
}

fn not_counting(account: &str) -> View {
    View {
        counting: false,
        ..view(account, Vec::new())
    }
}

fn bytes(publisher: &Publisher, encoding: Encoding, now: Instant) -> Vec<u8> {
    let page = publisher.page(encoding, now);
    let length = page.length();
    let bytes = page.collect::<Vec<Bytes>>().concat();
    assert_eq!(bytes.len() as u64, length, "as long as was said");
    bytes
}

fn text(publisher: &Publisher, now: Instant) -> String {
    String::from_utf8(bytes(publisher, Encoding::Plain, now)).unwrap()
}

fn unzipped(publisher: &Publisher, now: Instant) -> String {
    let body = bytes(publisher, Encoding::Gzip, now);
    let mut decoder = GzDecoder::new(&body[..]);
    let mut text = String::new();
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "one member");
    text
}

fn read(publisher: &Publisher, now: Instant) -> Parsed {
    parse(&text(publisher, now))
}

fn shown(publisher: &Publisher, now: Instant, account: &str, queue: &str) -> Option<f64> {
    let labels = [("account", account), ("channel", "Voice"), ("queue", queue)];
    read(publisher, now).value("smartassist_offered_total", &labels)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_first_publication_shows_its_values_at_once() {
    let now = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", vec![offered("Billing", 7)]), now);
    assert_eq!(shown(&publisher, now, "acme", "Billing"), Some(7.0));
}

#[test]
fn a_series_that_appears_later_stands_at_0_before_it_shows_its_value() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", vec![offered("Billing", 7)]), start);
    let later = start + 30 * SECOND;
    publisher.publish(
        view("acme", vec![offered("Billing", 8), offered("Sales", 3)]),
        later,
    );
    assert_eq!(shown(&publisher, later, "acme", "Billing"), Some(8.0));
    assert_eq!(shown(&publisher, later, "acme", "Sales"), Some(0.0));

    // A View in between neither shows it early nor puts it off.
    let between = later + 100 * SECOND;
    publisher.publish(
        view("acme", vec![offered("Billing", 8), offered("Sales", 4)]),
        between,
    );
    assert_eq!(shown(&publisher, between, "acme", "Sales"), Some(0.0));

    let just_before = (later + ZERO_FIRST)
        .checked_sub(Duration::from_millis(1))
        .unwrap();
    publisher.tick(just_before);
    assert_eq!(shown(&publisher, just_before, "acme", "Sales"), Some(0.0));
    let due = later + ZERO_FIRST;
    publisher.tick(due);
    assert_eq!(shown(&publisher, due, "acme", "Sales"), Some(4.0));
}

#[test]
fn a_held_histogram_shows_all_of_itself_at_0() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", Vec::new()), start);
    publisher.publish(view("acme", vec![callback_wait("Billing")]), start);
    let samples = |now| -> Vec<(String, f64)> {
        let page = read(&publisher, now);
        let family = page
            .families
            .iter()
            .find(|family| family.name == "smartassist_callback_wait_seconds")
            .unwrap();
        family
            .samples
            .iter()
            .map(|line| (line.name.clone(), line.value))
            .collect()
    };
    let held = samples(start);
    assert_eq!(held.len(), 20);
    assert!(held.iter().all(|(_, value)| *value == 0.0), "{held:?}");
    publisher.tick(start + ZERO_FIRST);
    let released = samples(start + ZERO_FIRST);
    assert!(released.contains(&("smartassist_callback_wait_seconds_sum".to_owned(), 12.345)));
    assert!(released.contains(&("smartassist_callback_wait_seconds_count".to_owned(), 2.0)));
}

#[test]
fn an_account_without_conversations_has_published_all_the_same() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(not_counting("acme"), start);
    publisher.publish(view("acme", Vec::new()), start);
    publisher.publish(view("acme", vec![offered("Billing", 1)]), start + SECOND);
    assert_eq!(
        shown(&publisher, start + SECOND, "acme", "Billing"),
        Some(0.0)
    );
}

#[test]
fn a_series_whose_queue_got_its_name_goes_on_where_it_was() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", vec![offered("q-1", 5)]), start);
    let named = start + SECOND;
    publisher.publish(
        view("acme", vec![offered("Billing", 6), offered("Sales", 1)]),
        named,
    );
    assert_eq!(shown(&publisher, named, "acme", "q-1"), None);
    assert_eq!(shown(&publisher, named, "acme", "Billing"), Some(6.0));
}

#[test]
fn a_series_that_got_its_name_while_it_stood_at_0_shows_its_value_no_later() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", Vec::new()), start);
    publisher.publish(view("acme", vec![offered("q-1", 5)]), start);
    let named = start + 60 * SECOND;
    publisher.publish(view("acme", vec![offered("Billing", 6)]), named);
    assert_eq!(shown(&publisher, named, "acme", "Billing"), Some(0.0));
    publisher.tick(start + ZERO_FIRST);
    let released = shown(&publisher, start + ZERO_FIRST, "acme", "Billing");
    assert_eq!(released, Some(6.0));
}

#[test]
fn the_first_page_has_the_accounts_known_by_then() {
    let publisher = publisher(ZERO_FIRST);
    publisher.own.account("acme");
    let up =
        read(&publisher, Instant::now()).value("smartassist_exporter_up", &[("account", "acme")]);
    assert_eq!(up, Some(0.0));
}

#[test]
fn until_the_first_read_through_nothing_is_shown_and_then_all_at_once() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(not_counting("acme"), start);
    assert_eq!(shown(&publisher, start, "acme", "Billing"), None);
    publisher.publish(view("acme", vec![offered("Billing", 900)]), start + SECOND);
    assert_eq!(
        shown(&publisher, start + SECOND, "acme", "Billing"),
        Some(900.0)
    );
}

#[test]
fn one_accounts_first_publication_is_not_anothers() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", vec![offered("Billing", 7)]), start);
    publisher.publish(view("other", vec![offered("Billing", 5)]), start + SECOND);
    assert_eq!(
        shown(&publisher, start + SECOND, "other", "Billing"),
        Some(5.0)
    );
    assert_eq!(
        shown(&publisher, start + SECOND, "acme", "Billing"),
        Some(7.0)
    );
}

#[test]
fn zero_first_of_0_holds_nothing() {
    let start = Instant::now();
    let publisher = publisher(Duration::ZERO);
    publisher.publish(view("acme", Vec::new()), start);
    publisher.publish(view("acme", vec![offered("Billing", 1)]), start);
    assert_eq!(shown(&publisher, start, "acme", "Billing"), Some(1.0));
}

#[test]
fn own_metrics_are_fresh_with_every_publication() {
    let start = Instant::now();
    let publisher = publisher(ZERO_FIRST);
    publisher.publish(view("acme", Vec::new()), start);
    let name = "smartassist_exporter_never_ended_total";
    let labels = [("account", "acme")];
    assert_eq!(read(&publisher, start).value(name, &labels), Some(0.0));
    publisher.own.account("acme").never_ended.inc();
    publisher.publish(view("acme", Vec::new()), start);
    assert_eq!(read(&publisher, start).value(name, &labels), Some(1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever grows and appears at whatever times: no shown counter falls, what is shown is 0 or committed, and all
    /// is shown in the end.
    #[test]
    fn no_counter_ever_falls(steps in prop::collection::vec((0u64..200, 0usize..6, 1u64..5), 1..12)) {
        let start = Instant::now();
        let publisher = publisher(ZERO_FIRST);
        publisher.publish(view("acme", Vec::new()), start);
        let mut now = start;
        let mut counts: Map<String, u64> = Map::new();
        let mut last: Map<String, f64> = Map::new();
        for (wait_s, queue, more) in steps {
            now += Duration::from_secs(wait_s);
            publisher.tick(now);
            *counts.entry(format!("Q{queue}")).or_default() += more;
            let sums = counts.iter().map(|(queue, count)| offered(queue, *count)).collect();
            publisher.publish(view("acme", sums), now);
            for (queue, count) in &counts {
                let value = shown(&publisher, now, "acme", queue).unwrap();
                prop_assert!(value == 0.0 || value == *count as f64);
                let before = last.insert(queue.clone(), value);
                prop_assert!(before.is_none_or(|before| before <= value));
            }
        }
        publisher.tick(now + ZERO_FIRST);
        for (queue, count) in &counts {
            prop_assert_eq!(shown(&publisher, now + ZERO_FIRST, "acme", queue), Some(*count as f64));
        }
    }
}
