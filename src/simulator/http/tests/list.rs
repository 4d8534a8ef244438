//! *List of Conversations*: what it promises of requests and rows.

use super::*;
use std::collections::BTreeSet;

/// As the vendor's page has it: every row has these fields.
fn always() -> Value {
    json!({
        "_id": "c-1", "botSessionId": "646f", "botId": "st-3", "userId": "u-1",
        "startSessionTime": "", "source": "rtm", "status": "OPEN", "startTime": "", "createdAt": "", "updatedAt": "",
        "timestampValue": 1, "callbackOpted": true, "isProactiveAgentAssistEnabled": true, "isDeveloper": false,
        "surveyRequired": "NO", "contactFlow": [], "formData": [], "skills": [], "priority": 5, "language": "en",
        "phoneNumber": "", "userInfo": null, "notes": null, "queues": [queue()], "participants": null,
        "transferDetails": null,
    })
}

fn queue() -> Value {
    json!({"type": "", "status": "", "isPreferredAgentTimeoutExpired": true, "id": "", "name": "", "startTime": ""})
}

/// Those that some rows have.
const SOMETIMES: [&str; 5] = [
    "waitTime",
    "acceptedAt",
    "endTime",
    "dispositions",
    "conversationType",
];

fn text<'r>(row: &'r Value, field: &str) -> &'r str {
    row[field].as_str().expect("a text")
}

fn ms(row: &Value, field: &str) -> i64 {
    let time: jiff::Timestamp = text(row, field).parse().expect("a time");
    time.as_millisecond()
}

#[tokio::test]
async fn rows_have_the_fields_and_the_types_of_the_vendors_sample_and_times_in_order() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let answer = good(bench.ask_list("")).await;
    let envelope = json!({"results": null, "skip": 0, "limit": 10, "hasMore": true, "totalPages": 1, "totalResults": 1});
    assert!(is_like(&envelope, &answer), "{answer}");
    assert_eq!((&answer["skip"], &answer["limit"]), (&json!(0), &json!(10)));
    let total = answer["totalResults"].as_u64().expect("a number");
    assert_eq!(answer["totalPages"].as_u64(), Some(total.div_ceil(10)));
    let mut seen = BTreeSet::new();
    for mut row in bench.list("").await {
        let created = ms(&row, "createdAt");
        assert!(ms(&row, "startSessionTime") <= created && created <= ms(&row, "updatedAt"));
        assert!(ms(&row, "updatedAt") <= NOON_MS);
        let status = text(&row, "status").to_owned();
        let over = ["CLOSED", "TERMINATED"].contains(&status.as_str());
        assert_eq!(row.get("endTime").is_some(), over, "{row}");
        assert_eq!(row.get("dispositions").is_some(), over, "{row}");
        if status == "ACTIVE" {
            assert!(ms(&row, "acceptedAt") <= NOON_MS);
        }
        if status == "OPEN" {
            assert!(row.get("acceptedAt").is_none(), "{row}");
        }
        for part in row["participants"].as_array().expect("a list") {
            seen.insert(text(part, "status").to_owned());
            for (field, value) in part.as_object().expect("an object") {
                assert!(value.is_string(), "{field}: {value}");
            }
        }
        if let Some(wait) = row.get("waitTime") {
            assert!(wait.as_i64().is_some_and(|wait_ms| wait_ms >= 0));
        }
        for field in SOMETIMES {
            if row
                .as_object_mut()
                .is_some_and(|row| row.remove(field).is_some())
            {
                seen.insert(field.to_owned());
            }
        }
        assert!(is_like(&always(), &row), "{row:#}");
        seen.insert(status);
    }
    let expected = [
        "ABANDONED",
        "ACTIVE",
        "CLOSED",
        "IDLE",
        "INACTIVE",
        "OPEN",
        "TERMINATED",
    ];
    let expected = expected.into_iter().chain(SOMETIMES).map(str::to_owned);
    assert_eq!(seen, expected.collect());
}

#[tokio::test]
async fn statuses_part_the_list_and_are_told_by_comma_or_by_repeating() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let all = bench.list("").await;
    let of = |statuses: &[&str]| {
        let fits = |row: &&Value| statuses.contains(&text(row, "status"));
        all.iter().filter(fits).cloned().collect::<Vec<Value>>()
    };
    for status in ["ACTIVE", "CLOSED", "IDLE", "OPEN", "OVERDUE", "TERMINATED"] {
        let alone = bench.list(&format!("&status={status}")).await;
        assert_eq!(alone, of(&[status]), "{status}");
        assert_eq!(alone.is_empty(), status == "OVERDUE", "{status}");
    }
    let both = of(&["ACTIVE", "OPEN"]);
    assert_eq!(bench.list("&status=OPEN,ACTIVE").await, both);
    assert_eq!(bench.list("&status=OPEN&status=ACTIVE").await, both);
    assert_eq!(bench.list("&status=&source=&language=&fields=").await, all);
}

#[tokio::test]
async fn who_waits_too_long_may_be_listed_apart() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let open = bench.list("&status=OPEN").await;
    bench
        .simulator
        .change(|reading| reading.overdue_apart = true);
    let (left, overdue) = (
        bench.list("&status=OPEN").await,
        bench.list("&status=OVERDUE").await,
    );
    assert_eq!(left.len() + overdue.len(), open.len());
    let now = bench.simulator.present();
    let told: u64 = now.places.values().map(|place| place.overdue).sum();
    assert_eq!(overdue.len() as u64, told);
    assert!(told > 10, "{told}");
    for row in overdue {
        assert!(row["waitTime"].as_i64() > Some(60_000), "{row}");
    }
}

#[tokio::test]
async fn source_language_and_fields_choose() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let all = bench.list("&status=OPEN").await;
    let web = bench.list("&status=OPEN&source=rtm").await;
    assert!(!web.is_empty() && web.len() < all.len());
    assert!(web.iter().all(|row| row["source"] == "rtm"));
    assert_eq!(bench.list("&status=OPEN&language=en").await, all);
    assert!(bench.list("&status=OPEN&language=xx").await.is_empty());
    for row in bench.list("&status=OPEN&fields=status,queues").await {
        let fields: Vec<&String> = row.as_object().expect("a row").keys().collect();
        assert_eq!(fields, ["_id", "queues", "status"]);
    }
}

#[tokio::test]
async fn the_order_is_newest_or_oldest_first_or_by_the_last_change() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let ids = |rows: &[Value]| {
        rows.iter()
            .map(|row| row["_id"].to_string())
            .collect::<Vec<_>>()
    };
    let newest = bench.list("&status=OPEN").await;
    let created: Vec<i64> = newest.iter().map(|row| ms(row, "createdAt")).collect();
    assert!(created.is_sorted_by(|one, next| one >= next));
    bench
        .simulator
        .change(|reading| reading.list_order = ListOrder::Oldest);
    let oldest = bench.list("&status=OPEN").await;
    let created: Vec<i64> = oldest.iter().map(|row| ms(row, "createdAt")).collect();
    assert!(created.is_sorted());
    bench
        .simulator
        .change(|reading| reading.list_order = ListOrder::Changed);
    let changed = bench.list("&status=OPEN,ACTIVE").await;
    let at: Vec<i64> = changed.iter().map(|row| ms(row, "updatedAt")).collect();
    assert!(at.is_sorted_by(|one, next| one >= next));
    let created: Vec<i64> = changed.iter().map(|row| ms(row, "createdAt")).collect();
    assert!(!created.is_sorted() && !created.is_sorted_by(|one, next| one >= next));
    let (mut one, mut other) = (ids(&newest), ids(&oldest));
    one.sort();
    other.sort();
    assert_eq!(one, other);
}

#[tokio::test]
async fn waits_are_told_in_milliseconds_or_in_seconds() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let in_ms = bench.list("&status=OPEN,CLOSED").await;
    bench
        .simulator
        .change(|reading| reading.wait_time = Unit::Seconds);
    let in_s = bench.list("&status=OPEN,CLOSED").await;
    let mut waited = 0;
    for (ms, s) in in_ms.iter().zip(&in_s) {
        let (Some(ms), Some(s)) = (ms["waitTime"].as_f64(), s["waitTime"].as_f64()) else {
            continue;
        };
        assert!((ms / 1_000.0 - s).abs() <= 0.5);
        waited += 1;
    }
    assert!(waited > 50, "{waited}");
    for row in in_ms.iter().filter(|row| row["status"] == "OPEN") {
        let Some(queue) = row["queues"].as_array().and_then(|list| list.last()) else {
            continue;
        };
        assert_eq!(
            row["waitTime"].as_i64(),
            Some(NOON_MS - ms(queue, "startTime"))
        );
    }
}

#[tokio::test]
async fn a_request_that_breaks_the_contract_is_refused() {
    let bench = bench(roomy()).await;
    for query in [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?skip=-1",
        "?status=open",
        "?status=OPEN,ASLEEP",
    ] {
        assert_eq!(refused(bench.ask_list(query)).await.0, 412, "{query}");
    }
    for (header, status) in [("auth", 401), ("accountId", 412)] {
        let mut request = bench.ask_list("").build().expect("a request");
        request.headers_mut().remove(header);
        let answer = bench.client.execute(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{header}");
    }
    let contract = bench.simulator.contract();
    let path = "/agentassist/api/v1/public/st-other/conversations";
    let other = bench.client.get(bench.url(path));
    let other = other
        .header("auth", bench.good_token())
        .header("accountId", &contract.account_id);
    assert_eq!(refused(other).await, (401, json!(4002)), "another stream");
    assert_eq!(refused(bench.client.post(bench.url(path))).await.0, 405);
    let behind = good(bench.ask_list("?skip=1000000")).await;
    assert_eq!(
        (&behind["results"], &behind["hasMore"]),
        (&json!([]), &json!(false))
    );
}
