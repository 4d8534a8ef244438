//! What records show, and what the vendor's page leaves open.

use super::*;
use std::collections::BTreeSet;

#[tokio::test]
async fn session_ids_tell_the_start_and_so_the_offset_shown() {
    for (zone, request_offset, expected_minutes) in [
        (Zone::Request, -330, 330),
        (Zone::Request, 300, -300),
        (Zone::Fixed(330), 0, 330),
    ] {
        let bench = bench(reading(|reading| reading.zone = zone)).await;
        let body = json!({"startDate": "2025-10-01", "endDate": "2025-10-01", "timeZoneOffset": request_offset});
        for row in bench.page("?limit=100", &body).await["data"]
            .as_array()
            .expect("rows")
        {
            let id = row["sessionId"].as_str().expect("an id");
            assert_eq!(id.len(), 24);
            let utc_s = i64::from_str_radix(&id[..8], 16).expect("hexadecimal");
            let shown: jiff::civil::DateTime = row["sessionStartTime"]
                .as_str()
                .expect("a time")
                .parse()
                .expect("readable");
            let shown_s = jiff::tz::Offset::UTC
                .to_timestamp(shown)
                .expect("in range")
                .as_second();
            assert_eq!(shown_s - utc_s, expected_minutes * 60);
        }
    }
}

#[tokio::test]
async fn selected_fields_are_shown_only_when_selected() {
    let bench = bench(roomy()).await;
    let mut body = window("10:00:00", "11:00:00");
    let with = bench.page("?limit=1", &body).await;
    assert_eq!(with["data"][0]["customerinfo"]["Direction"], "Inbound");
    assert!(with["data"][0].get("skills").is_none());
    body["selectedFields"] = json!(["skills"]);
    let without = bench.page("?limit=1", &body).await;
    assert!(without["data"][0].get("customerinfo").is_none());
    assert_eq!(without["data"][0]["skills"], json!([]));
}

#[tokio::test]
async fn open_questions_of_the_vendors_page_are_switches() {
    let body = window("09:00:00", "12:00:00");
    let pages = bench(roomy()).await;
    let all = pages.all_pages(&body).await;

    let rows = bench(reading(|reading| reading.offset = OffsetCounts::Rows)).await;
    let second = rows.page("?limit=100&offset=1", &body).await;
    assert_eq!(
        ids(second["data"].as_array().expect("rows")),
        ids(&all[1..101])
    );

    let page_size = bench(reading(|reading| reading.num_results = NumResults::Page)).await;
    assert_eq!(page_size.page("?limit=7", &body).await["numResults"], 7);
    let missing = bench(reading(|reading| reading.num_results = NumResults::Missing)).await;
    assert!(
        missing
            .page("?limit=7", &body)
            .await
            .get("numResults")
            .is_none()
    );

    let overfull = bench(reading(|reading| reading.page_overfull = true)).await;
    assert_eq!(
        overfull.page("?limit=100", &body).await["data"]
            .as_array()
            .map(Vec::len),
        Some(200)
    );

    let days = bench(reading(|reading| reading.ignore_time_of_day = true)).await;
    let one_second = days.page("?limit=1", &window("10:00:00", "10:00:01")).await;
    assert!(one_second["numResults"].as_u64() > Some(all.len() as u64));

    let ended = bench(reading(|reading| reading.hide_live = true)).await;
    assert!(
        ended
            .all_pages(&body)
            .await
            .iter()
            .all(|row| row.get("sessionEndTime").is_some())
    );
    assert!(all.iter().any(|row| row.get("sessionEndTime").is_none()));

    let by_end = bench(reading(|reading| reading.select = SelectsOn::End)).await;
    let last_minute = by_end
        .page("?limit=100", &window("11:00:00", "11:00:59"))
        .await;
    let rows = last_minute["data"].as_array().expect("rows");
    assert!(
        !rows.is_empty()
            && rows.iter().all(|row| row["sessionEndTime"]
                .as_str()
                .is_some_and(|end| end.starts_with("2025-10-01T11:00")))
    );
}

#[tokio::test]
async fn a_live_record_grows_into_an_ended_one() {
    let bench = bench(roomy()).await;
    let body = window("11:55:00", "12:00:00");
    let live: Vec<Value> = bench
        .all_pages(&body)
        .await
        .into_iter()
        .filter(|row| row.get("sessionEndTime").is_none())
        .collect();
    assert!(!live.is_empty());
    let states = [
        "WithBot",
        "WaitingQueue",
        "WithAgent",
        "Callback Created",
        "Dialing",
    ];
    assert!(live.iter().all(|row| {
        row["finalStatus"]
            .as_str()
            .is_some_and(|state| states.contains(&state))
    }));
    bench.clock.store(NOON_MS + 12 * HOUR_MS, Ordering::Relaxed);
    let later = bench.all_pages(&body).await;
    for row in live.iter().filter(|row| row["channel"] != "System Mail") {
        let ended = later
            .iter()
            .find(|later| later["sessionId"] == row["sessionId"])
            .expect("a record stays");
        assert!(ended.get("sessionEndTime").is_some(), "{ended}");
    }
}

#[tokio::test]
async fn every_personal_field_carries_the_mark() {
    let bench = bench(roomy()).await;
    let rows = bench.all_pages(&window("09:00:00", "12:00:00")).await;
    let places = [
        "/customerinfo/CustomerPhone",
        "/customerinfo/CustomerFirstName",
        "/channelSpecificUserId",
        "/metaInfo/firstName",
        "/metaInfo/caller",
        "/metaInfo/ipAddress",
        "/metaInfo/email",
        "/dispositionRemarks/0",
        "/destinations/0/respondingAgent/email",
        "/destinations/0/respondingAgent/name",
        "/destinations/0/respondingAgent/agentNotes/0",
        "/destinations/0/nonRespondingAgents/0/name",
        "/csatFeedback",
    ];
    for place in places {
        let values: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.pointer(place)?.as_str())
            .filter(|text| !["", "-"].contains(text))
            .collect();
        assert!(!values.is_empty(), "{place}");
        assert!(
            values.iter().all(|text| text.contains(PERSONAL)),
            "{place}: {values:?}"
        );
    }
}

/// Every place of a value, without positions in lists, with the kind of value found there.
fn places(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{name}"), into);
            }
            "object"
        }
        Value::Array(items) => {
            for item in items {
                places(item, &format!("{at}[]"), into);
            }
            "list"
        }
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "yes or no",
        Value::Null => "null",
    };
    into.insert(format!("{at}: {kind}"));
}

#[tokio::test]
async fn records_have_the_shapes_of_the_vendors_sample_and_no_others() {
    let sample: Value =
        serde_json::from_str(include_str!("../../../../tests/data/vendor-sample.json"))
            .expect("the sample is JSON");
    let mut known = BTreeSet::new();
    places(&sample["data"], "", &mut known);
    // A segment after a transfer between agents stands flat among the destinations.
    let nested: Vec<String> = known
        .iter()
        .filter(|place| place.contains("/respondingAgent/"))
        .map(|place| place.replace("/respondingAgent/", "/"))
        .collect();
    known.extend(nested);
    // In the table of the vendor's page, but in no record of its sample.
    for documented in ["destinationType", "nonResponseEvent"] {
        known.insert(format!(
            "[]/destinations[]/nonRespondingAgents[]/{documented}: text"
        ));
    }
    // Callbacks come of long waits.
    let scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: NOON_MS - 2 * HOUR_MS,
        duration_ms: HOUR_MS / 2,
        queue: None,
        ..Scenario::STEADY
    };
    let bench = bench_of(Plan { scenario, ..plan() }, roomy(), &[]).await;
    let mut body = window("10:00:00", "12:00:00");
    body["selectedFields"] = json!([
        "skills",
        "customerinfo",
        "userleveltags",
        "sessionleveltags"
    ]);
    let rows = bench.all_pages(&body).await;
    let mut shown = BTreeSet::new();
    places(&Value::Array(rows), "", &mut shown);
    let foreign: Vec<_> = shown.difference(&known).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
    let lacking: Vec<_> = known
        .difference(&shown)
        .filter(|place| !place.contains("/metaInfo/"))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}
