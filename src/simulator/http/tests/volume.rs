//! *Contact Volume*: the totals of *Queue Performance*, by the quarter of an hour; and records that are lost, which neither
//! of them loses.

use super::queues::{count, range, text};
use super::*;
use crate::simulator::wire::org_id;
use std::collections::{BTreeMap, BTreeSet};

fn stretch(bench: &Bench, from: &str, to: &str) -> Value {
    let seed = bench.simulator.lock().world.seed();
    json!({
        "orgId": org_id(seed), "fromTimeStamp": format!("2025-10-01T{from}Z"), "toTimeStamp": format!("2025-10-01T{to}Z"),
    })
}

pub(super) fn hour(bench: &Bench) -> Value {
    stretch(bench, "10:00:00", "11:00:00")
}

async fn answer(bench: &Bench, body: &Value) -> (u16, Value) {
    let answer = bench.ask_volume(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap_or_default();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

type Numbers = BTreeMap<(String, &'static str), [u64; 3]>;

fn numbers(rows: &[Value], source: &str, fields: [&str; 3]) -> Numbers {
    let mut numbers = Numbers::new();
    for row in rows {
        let channel = match text(row, source) {
            "rtm" => "chat",
            mail if mail.starts_with("emailInst-") => "mail",
            _ => "voice",
        };
        let key = (text(row, "queueId").to_owned(), channel);
        let sums = numbers.entry(key).or_default();
        for (sum, field) in sums.iter_mut().zip(fields) {
            *sum += count(row, field);
        }
    }
    numbers.retain(|_, sums| *sums != [0; 3]);
    numbers
}

#[tokio::test]
async fn quarters_add_up_to_what_queue_performance_tells_of_callers() {
    let bench = bench(roomy()).await;
    let (_, told) = answer(&bench, &stretch(&bench, "09:00:00", "11:00:00")).await;
    let rows = told["CallVolumeUpdate"].as_array().expect("rows");
    let starts: BTreeSet<&str> = rows
        .iter()
        .map(|row| text(row, "intervalStartTimeStamp"))
        .collect();
    assert_eq!(starts.len(), 8, "{starts:?}");
    assert_eq!(
        (&told["hasMore"], &told["totalCount"]),
        (&json!(false), &json!(rows.len()))
    );
    let volume = ["offeredContacts", "answeredContacts", "abandonedContacts"];
    let volume = numbers(rows, "source", volume);
    let mut queues = bench.queues(&range("09:00:00.000", "10:59:59.999")).await;
    queues.retain(|row| row["direction"] == "Inbound");
    let totals = ["totalConversation", "answered", "abandonedInQueue"];
    assert_eq!(volume, numbers(&queues, "channel", totals));
    assert!(volume.values().map(|it| it[0]).sum::<u64>() > 100);
}

#[tokio::test]
async fn a_page_holds_what_was_asked_for_and_says_that_more_follows() {
    let bench = bench(roomy()).await;
    let (_, whole) = answer(&bench, &hour(&bench)).await;
    let whole = whole["CallVolumeUpdate"].as_array().expect("rows");
    let mut read = Vec::new();
    loop {
        let mut body = hour(&bench);
        (body["skip"], body["limit"]) = (json!(read.len()), json!(7));
        let (_, page) = answer(&bench, &body).await;
        read.extend(page["CallVolumeUpdate"].as_array().expect("rows").clone());
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(&read, whole);
}

#[tokio::test]
async fn an_organisation_that_is_missing_or_anothers_is_refused() {
    let bench = bench(roomy()).await;
    for (field, value, status) in [
        ("orgId", json!(null), 412),
        ("orgId", json!("o-2"), 401),
        ("toTimeStamp", json!("soon"), 412),
        ("toTimeStamp", json!("2025-10-01T09:00:00Z"), 412),
        ("limit", json!(501), 412),
    ] {
        let mut body = hour(&bench);
        body[field] = value;
        assert_eq!(answer(&bench, &body).await.0, status, "{body}");
    }
    bench
        .simulator
        .change(|reading| reading.contact_volume = Face::Unscoped);
    assert_eq!(answer(&bench, &hour(&bench)).await.0, 401);
}

#[tokio::test]
async fn what_is_lost_is_never_listed_and_counts_all_the_same() {
    let bench = bench(roomy()).await;
    let window = window("10:00:00", "10:59:59");
    let ids = |records: &[Value]| -> BTreeSet<String> {
        let ids = records.iter().map(|record| text(record, "sessionId"));
        ids.map(str::to_owned).collect()
    };
    let all = ids(&bench.all_pages(&window).await);
    let told = answer(&bench, &hour(&bench)).await.1;
    let mut left = Vec::new();
    for lost in [0.1, 0.3, 1.0] {
        bench.simulator.change(|reading| reading.lost = lost);
        left.push(ids(&bench.all_pages(&window).await));
    }
    let part = |of: &BTreeSet<String>| of.len() as f64 / all.len() as f64;
    assert!(all.len() > 300);
    assert!((0.85..0.95).contains(&part(&left[0])), "{}", part(&left[0]));
    assert!((0.6..0.8).contains(&part(&left[1])), "{}", part(&left[1]));
    assert!(left[1].is_subset(&left[0]) && left[0].is_subset(&all));
    assert!(left[2].is_empty());
    assert_eq!(answer(&bench, &hour(&bench)).await.1, told);
}
