//! *Queue Performance*: what it promises of requests and rows.

use super::*;
use std::collections::BTreeSet;

/// As the vendor's page has it, but for the values.
fn sample() -> Value {
    json!({
        "finalResult": [{
            "queueId": "qu-577416d", "queueName": "Support Queue", "channel": "Voice", "direction": "Inbound",
            "agentStatusCount": {"available": 3, "away": 1, "busy": 2, "offline": 0},
            "totalConversation": 42, "waiting": 2, "ongoing": 4, "idle": 1, "expired": 0, "completed": 36,
            "transferred": 5, "abandonedInQueue": 1, "overdue": 0,
            "systemTermination": {"outOfBusinessHours": 0, "noAgentsAvailable": 1, "networkFailure": 0,
                "voiceGatewayError": 0, "Others": 0},
            "ASA": 14, "AHT": 321, "accepted": 36, "answered": 36, "queueLoad": 4, "resolved": 78,
            "skillsInQueue": [{"skillId": "sk-billing", "skillName": "Billing"}],
            "topSkills": [{"skillName": "Medical", "conversationCount": 18, "conversationPercent": "43%"}],
            "SLA": null,
        }],
        "hasMore": false, "offset": 0, "limit": 100, "totalResults": 2,
    })
}

pub(super) fn range(from: &str, to: &str) -> Value {
    json!({"startDate": format!("2025-10-01T{from}Z"), "endDate": format!("2025-10-01T{to}Z")})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

pub(super) fn morning() -> Value {
    range("09:00:00.000", "11:59:59.999")
}

pub(super) fn text<'r>(row: &'r Value, field: &str) -> &'r str {
    row[field].as_str().expect("a text")
}

pub(super) fn count(row: &Value, field: &str) -> u64 {
    row[field].as_u64().expect("a count")
}

/// Of what a row tells.
pub(super) fn key(row: &Value) -> (String, String, String) {
    let [queue, channel, direction] =
        ["queueId", "channel", "direction"].map(|field| text(row, field).to_owned());
    (queue, channel, direction)
}

#[tokio::test]
async fn an_answer_has_the_fields_and_the_types_of_the_vendors_page() {
    let bench = bench(roomy()).await;
    let answer = good(bench.ask_queues("", &morning())).await;
    assert!(is_like(&sample(), &answer), "{answer:#}");
    let rows = answer["finalResult"].as_array().expect("rows");
    assert_eq!(answer["totalResults"], rows.len());
    let mail = |row: &Value| text(row, "channel").starts_with("emailInst-");
    for row in rows {
        let judged = row["direction"] == "Inbound" && !mail(row);
        let level = &row["SLA"];
        assert!(
            if judged {
                level.as_u64().is_some_and(|level| level <= 100)
            } else {
                *level == "N/A"
            },
            "{row}"
        );
        assert!(count(row, "resolved") <= 100);
    }
    let keys: BTreeSet<_> = rows.iter().map(key).collect();
    assert_eq!(keys.len(), rows.len(), "a row stands for one combination");
    let channels: BTreeSet<&str> = rows.iter().map(|row| text(row, "channel")).collect();
    assert_eq!(
        Vec::from_iter(channels),
        ["Voice", "emailInst-5e17ab1e", "rtm"]
    );
    let directions: BTreeSet<&str> = rows.iter().map(|row| text(row, "direction")).collect();
    assert_eq!(Vec::from_iter(directions), ["Inbound", "Outbound"]);
}

#[tokio::test]
async fn filters_choose_rows_and_leave_them_as_they_are() {
    let bench = bench(roomy()).await;
    let all = bench.queues(&morning()).await;
    let billing = text(&all[0], "queueId");
    type Fits = fn(&Value) -> bool;
    let channel: [(&str, Fits); 9] = [
        ("Voice", |row| row["channel"] == "Voice"),
        ("Chat", |row| row["channel"] == "rtm"),
        ("Digital", |row| row["channel"] == "rtm"),
        ("Web/Mobile Client", |row| row["channel"] == "rtm"),
        ("rtm", |row| row["channel"] == "rtm"),
        ("Email", |row| {
            text(row, "channel").starts_with("emailInst-")
        }),
        ("emailInst-5e17ab1e", |row| {
            text(row, "channel").starts_with("emailInst-")
        }),
        ("WhatsApp", |_| false),
        ("telepathy", |_| false),
    ];
    for (word, fits) in channel {
        let chosen = bench
            .queues(&with(morning(), "channels", json!([word])))
            .await;
        let expected: Vec<Value> = all.iter().filter(|row| fits(row)).cloned().collect();
        assert_eq!(chosen, expected, "{word}");
    }
    let queue = bench
        .queues(&with(morning(), "queues", json!([billing])))
        .await;
    let expected = all.iter().filter(|row| row["queueId"] == billing);
    assert_eq!(queue, expected.cloned().collect::<Vec<_>>());
    assert_eq!(
        bench
            .queues(&with(morning(), "queues", json!(["qu-none"])))
            .await,
        [] as [Value; 0]
    );
    for (words, fits) in [
        (json!(["Inbound"]), ["Inbound"].as_slice()),
        (json!(["Outbound"]), &["Outbound"]),
        (json!(["Both"]), &["Inbound", "Outbound"]),
        (json!(["Inbound", "Outbound"]), &["Inbound", "Outbound"]),
        (json!([]), &["Inbound", "Outbound"]),
    ] {
        let chosen = bench.queues(&with(morning(), "direction", words)).await;
        let expected = all
            .iter()
            .filter(|row| fits.contains(&text(row, "direction")));
        assert_eq!(chosen, expected.cloned().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_projection_keeps_what_it_names_and_the_dimensions() {
    let bench = bench(roomy()).await;
    let all = bench.queues(&morning()).await;
    let metrics = all[0].as_object().expect("a row").keys();
    let dimensions = ["queueId", "queueName", "channel", "direction"];
    for metric in metrics.filter(|name| !dimensions.contains(&name.as_str())) {
        let body = with(morning(), "projection", json!([metric]));
        for (row, whole) in bench.queues(&body).await.iter().zip(&all) {
            assert_eq!(row.as_object().expect("a row").len(), 5, "{row}");
            assert_eq!(row[metric], whole[metric]);
            assert_eq!(key(row), key(whole));
        }
    }
}

#[tokio::test]
async fn rows_are_sorted_as_asked_and_pages_hold_each_of_them_once() {
    let bench = bench(roomy()).await;
    let all = bench.queues(&morning()).await;
    for (field, direction) in [
        ("queueName", "asc"),
        ("queueName", "desc"),
        ("totalConversation", "desc"),
        ("ASA", "asc"),
        ("SLA", "asc"),
    ] {
        let by = format!("{field}:{direction}");
        let in_query = good(bench.ask_queues(&format!("?sortBy={by}"), &morning())).await;
        let in_body = good(bench.ask_queues("", &with(morning(), "sortBy", json!(by)))).await;
        assert_eq!(in_query, in_body);
        let values: Vec<Value> = in_query["finalResult"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row[field].clone())
            .collect();
        assert_eq!(values.len(), all.len());
        let follows = |pair: &[Value]| match (pair[0].as_f64(), pair[1].as_f64()) {
            (Some(one), Some(next)) => one <= next,
            (None, None) => pair[0].as_str() <= pair[1].as_str(),
            (one, _) => one.is_some(),
        };
        let ascending: Vec<Value> = match direction {
            "asc" => values.clone(),
            _ => values.iter().rev().cloned().collect(),
        };
        assert!(ascending.windows(2).all(follows), "{by}: {values:?}");
    }
    let mut paged = Vec::new();
    for offset in (0..all.len()).step_by(3) {
        let body = with(with(morning(), "limit", json!(3)), "offset", json!(offset));
        let answer = good(bench.ask_queues("", &body)).await;
        let page = answer["finalResult"].as_array().expect("rows");
        assert_eq!(answer["offset"], offset);
        assert_eq!(answer["hasMore"], offset + page.len() < all.len());
        assert_eq!(answer["totalResults"], all.len());
        paged.extend(page.iter().cloned());
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn a_request_that_breaks_the_contract_is_refused() {
    let bench = bench(roomy()).await;
    let bad = [
        json!({}),
        json!([]),
        range("09:00:00.000", "noon"),
        range("12:00:00.000", "11:59:59.999"),
        json!({"startDate": "2025-09-30T12:00:00.000Z", "endDate": "2025-10-01T12:00:00.001Z"}),
        with(morning(), "limit", json!(0)),
        with(morning(), "limit", json!(1001)),
        with(morning(), "limit", json!("all")),
        with(morning(), "offset", json!(-1)),
        with(morning(), "queues", json!("all")),
        with(morning(), "channels", json!([7])),
        with(morning(), "direction", json!(["Upwards"])),
        with(morning(), "projection", json!(["mood"])),
        with(morning(), "sortBy", json!("queueName")),
        with(morning(), "sortBy", json!("queueName:up")),
        with(morning(), "sortBy", json!("agentStatusCount:asc")),
        with(morning(), "sortBy", json!(7)),
    ];
    for body in bad {
        assert_eq!(refused(bench.ask_queues("", &body)).await.0, 412, "{body}");
    }
    let day =
        json!({"startDate": "2025-09-30T12:00:00.000Z", "endDate": "2025-10-01T12:00:00.000Z"});
    assert!(!bench.queues(&day).await.is_empty(), "a day is allowed");
    for (header, status) in [("auth", 401), ("accountId", 412), ("iId", 412)] {
        let mut request = bench.ask_queues("", &morning()).build().expect("a request");
        request.headers_mut().remove(header);
        let answer = bench.client.execute(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{header}");
    }
    let path = "/agentassist/api/public/analytics/account/x/queue-performance";
    assert_eq!(refused(bench.client.get(bench.url(path))).await.0, 405);
    let other = bench
        .client
        .post(bench.url(path))
        .body(morning().to_string());
    let other = other
        .header("auth", bench.good_token())
        .header("accountId", "x")
        .header("iId", &bench.simulator.contract().stream_id);
    assert_eq!(refused(other).await, (401, json!(4002)), "another account");
}
