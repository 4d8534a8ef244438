//! The counts of *Queue Performance*: those of the records of the same conversations.

use super::queues::{count, key, morning, range, text};
use super::*;
use std::collections::BTreeMap;

/// What the records of *Call Details* tell of one queue, channel and direction.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    entries: u64,
    accepted: u64,
    answered: u64,
    transferred: u64,
    abandoned: u64,
    /// By seconds, as records show them.
    waits_s: Vec<i64>,
    decided: u64,
    given_up: u64,
    line_lost: u64,
}

fn counted(records: &[Value]) -> BTreeMap<(String, String, String), Counted> {
    let mut rows: BTreeMap<_, Counted> = BTreeMap::new();
    for record in records {
        let destinations = record["destinations"].as_array();
        let destinations = destinations.map_or(&[][..], Vec::as_slice);
        let direction = text(&record["customerinfo"], "Direction");
        let channel = match text(record, "channel") {
            "Web/Mobile Client" => "rtm",
            "System Mail" => "emailInst-5e17ab1e",
            _ => "Voice",
        };
        let ended = record.get("sessionEndTime").is_some_and(|it| !it.is_null());
        let mut queue = String::new();
        for (place, destination) in destinations.iter().enumerate() {
            let entry = destination["destinationType"] == "QueueEntry";
            if entry {
                text(destination, "queueId").clone_into(&mut queue);
            }
            let key = (queue.clone(), channel.to_owned(), direction.to_owned());
            let row = rows.entry(key).or_default();
            let moved_on = place + 1 < destinations.len();
            row.transferred += u64::from(moved_on);
            if !entry {
                continue;
            }
            row.entries += 1;
            let agent = destination
                .get("respondingAgent")
                .filter(|it| !it.is_null());
            let called_back = destination["CallbackOpted"] == true;
            row.decided += u64::from(agent.is_some() || moved_on || called_back || ended);
            let Some(agent) = agent else {
                let gone = ended && !moved_on && !called_back;
                let by_system = gone && record["finalStatus"] == "CLOSED" && direction == "Inbound";
                let event = &record["disconnectingEvent"];
                row.given_up += u64::from(by_system && event == "System Hangup");
                row.line_lost += u64::from(by_system && event == "Bot Hangup");
                row.abandoned += u64::from(gone && record["finalStatus"] == "USER ABANDONED");
                continue;
            };
            let replied = agent
                .get("firstResponseTime")
                .is_some_and(|it| !it.is_null());
            row.accepted += 1;
            row.answered += u64::from(replied || !channel.starts_with("emailInst-"));
            if let Some(entered) = destination["EnterTime"].as_str() {
                let second = |text: &str| {
                    let time: jiff::civil::DateTime = text.parse().expect("readable");
                    let time = jiff::tz::Offset::UTC.to_timestamp(time);
                    time.expect("in range").as_second()
                };
                let taken = text(agent, "acceptedTime");
                row.waits_s.push(second(taken) - second(entered));
            }
        }
    }
    rows
}

/// A centre that is short of agents for an hour, without records that are late.
fn short_staffed() -> Plan {
    Plan {
        scenario: Scenario {
            name: Name::AbandonmentSpike,
            start_ms: NOON_MS - 2 * HOUR_MS,
            duration_ms: HOUR_MS,
            ..Scenario::STEADY
        },
        late_segments: false,
        start_ms: NOON_MS - 8 * HOUR_MS,
        ..plan()
    }
}

#[tokio::test]
async fn totals_are_those_of_the_records_that_began_in_the_range() {
    let bench = bench_of(short_staffed(), roomy(), &[]).await;
    let mut all = Vec::new();
    for (from, to) in [
        ("06:00:00", "07:29:59"),
        ("10:00:00", "11:29:59"),
        ("10:17:03", "10:41:59"),
    ] {
        let records = bench.all_pages(&window(from, to)).await;
        let expected = counted(&records);
        let rows = bench
            .queues(&range(&format!("{from}.000"), &format!("{to}.999")))
            .await;
        let mut told = 0;
        for row in &rows {
            let nothing = Counted::default();
            let counted = expected.get(&key(row)).unwrap_or(&nothing);
            let same = [
                ("totalConversation", counted.entries),
                ("accepted", counted.accepted),
                ("answered", counted.answered),
                ("transferred", counted.transferred),
                ("abandonedInQueue", counted.abandoned),
            ];
            for (field, counted) in same {
                assert_eq!(count(row, field), counted, "{field}: {row}");
            }
            let terminated = &row["systemTermination"];
            assert_eq!(
                count(terminated, "noAgentsAvailable"),
                counted.given_up,
                "{row}"
            );
            assert_eq!(
                count(terminated, "networkFailure"),
                counted.line_lost,
                "{row}"
            );
            told += counted.entries;
            let waits = counted.waits_s.len().max(1) as f64;
            let mean_s = counted.waits_s.iter().sum::<i64>() as f64 / waits;
            let told_s = count(row, "ASA") as f64 / 1_000.0;
            assert!((mean_s - told_s).abs() <= 1.0, "{mean_s}: {row}");
            if row["SLA"] != "N/A" {
                let within = counted
                    .waits_s
                    .iter()
                    .filter(|wait_s| **wait_s <= 20)
                    .count();
                let level = 100.0 * within as f64 / counted.decided.max(1) as f64;
                let off_by_seconds = 100.0 * 3.0 / counted.decided.max(1) as f64;
                let told = count(row, "SLA") as f64;
                assert!(
                    (told - level).abs() <= 1.0 + off_by_seconds,
                    "{level}: {row}"
                );
            }
        }
        assert_eq!(told, expected.values().map(|row| row.entries).sum::<u64>());
        assert!(told > 50, "{told}");
        all.extend(rows);
    }
    let sum = |field: &str| all.iter().map(|row| count(row, field)).sum::<u64>();
    assert!(sum("abandonedInQueue") > 10 && sum("transferred") > 2);
    let terminated = |reason: &str| {
        let rows = all.iter().map(|row| &row["systemTermination"]);
        rows.map(|reasons| count(reasons, reason)).sum::<u64>()
    };
    assert!(terminated("noAgentsAvailable") > 2 && terminated("Others") > 0);
}

#[tokio::test]
async fn a_conversation_may_count_once_at_its_last_queue() {
    let bench = bench_of(short_staffed(), roomy(), &[]).await;
    let sum = |rows: &[Value], field: &str| rows.iter().map(|row| count(row, field)).sum::<u64>();
    let range = range("10:00:00.000", "11:29:59.999");
    let entries = bench.queues(&range).await;
    bench
        .simulator
        .change(|reading| reading.queue_counts = QueueCounts::Conversations);
    let once = bench.queues(&range).await;
    let records = bench.all_pages(&window("10:00:00", "11:29:59")).await;
    let reached = records.iter().filter(|record| {
        let destinations = record["destinations"].as_array();
        destinations.is_some_and(|list| !list.is_empty())
    });
    let reached = reached.count() as u64;
    assert_eq!(sum(&once, "totalConversation"), reached);
    assert!(sum(&entries, "totalConversation") > reached);
    assert!(sum(&once, "abandonedInQueue") <= sum(&entries, "abandonedInQueue"));
}

#[tokio::test]
async fn totals_may_be_late_while_what_goes_on_is_not() {
    const TOTALS: [&str; 7] = [
        "totalConversation",
        "completed",
        "transferred",
        "abandonedInQueue",
        "accepted",
        "answered",
        "AHT",
    ];
    let bench = bench_of(short_staffed(), roomy(), &[]).await;
    let range = range("09:00:00.000", "13:00:00.000");
    let totals = async || {
        let rows = bench.queues(&range).await;
        let rows = rows
            .iter()
            .map(|row| (key(row), TOTALS.map(|field| row[field].clone())));
        rows.filter(|(_, totals)| totals[0] != 0)
            .collect::<BTreeMap<_, _>>()
    };
    let before = totals().await;
    bench.clock.store(NOON_MS + 120_000, Ordering::Relaxed);
    let after = totals().await;
    assert_ne!(before, after, "two minutes bring something");
    let now = bench.simulator.present();
    bench
        .simulator
        .change(|reading| reading.totals_lag = Duration::from_mins(2));
    assert_eq!(totals().await, before);
    let rows = bench.queues(&range).await;
    let waiting: u64 = rows.iter().map(|row| count(row, "waiting")).sum();
    let ongoing: u64 = rows.iter().map(|row| count(row, "ongoing")).sum();
    assert_eq!(
        waiting,
        now.places.values().map(|it| it.waiting).sum::<u64>()
    );
    assert_eq!(
        ongoing,
        now.places.values().map(|it| it.with_agent).sum::<u64>()
    );
}

#[tokio::test]
async fn times_are_told_in_milliseconds_or_in_seconds() {
    let bench = bench(roomy()).await;
    let in_ms = bench.queues(&morning()).await;
    bench
        .simulator
        .change(|reading| reading.queue_times = Unit::Seconds);
    for (ms, s) in in_ms.iter().zip(bench.queues(&morning()).await) {
        for field in ["ASA", "AHT"] {
            let exact = count(ms, field) as f64 / 1_000.0;
            assert!((exact - count(&s, field) as f64).abs() <= 0.5, "{ms} {s}");
        }
    }
    assert!(in_ms.iter().any(|row| count(row, "AHT") > 60_000));
}
