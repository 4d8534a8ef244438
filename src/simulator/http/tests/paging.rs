//! Servers that page in other ways than the vendor's page has it.

use super::*;
use std::collections::BTreeSet;

/// The sizes of pages 0 to 10, and how many different records they hold.
async fn pages(bench: &Bench, body: &Value) -> (Vec<usize>, usize) {
    let (mut sizes, mut had) = (Vec::new(), BTreeSet::new());
    for offset in 0..=10 {
        let query = format!("?limit=100&offset={offset}");
        let page = bench.page(&query, body).await;
        let rows = page["data"].as_array().expect("rows");
        sizes.push(rows.len());
        had.extend(ids(rows).into_iter().map(str::to_owned));
    }
    (sizes, had.len())
}

#[tokio::test]
async fn pages_may_be_short_although_more_follow_and_nothing_is_lost() {
    let body = window("09:00:00", "10:30:00");
    let plain = bench(roomy()).await;
    let (sizes, all) = pages(&plain, &body).await;
    assert!(all > 250 && sizes[0] == 100, "{sizes:?}");
    let total = plain.page("?limit=100", &body).await["numResults"].clone();
    assert_eq!(total, all);

    let filtered = bench(reading(|reading| reading.filter_after_paging = 0.01)).await;
    let (sizes, had) = pages(&filtered, &body).await;
    assert_eq!((sizes[0], sizes[1], had), (99, 99, all), "{sizes:?}");

    let capped = bench(reading(|reading| reading.page_cap = Some(50))).await;
    let (sizes, had) = pages(&capped, &body).await;
    assert_eq!((sizes[0], sizes[1]), (50, 50));
    assert_eq!(had, all.min(11 * 50));

    let from_one = bench(reading(|reading| reading.empty_first_page = true)).await;
    let (sizes, had) = pages(&from_one, &body).await;
    assert_eq!((sizes[0], sizes[1], had), (0, 100, all), "{sizes:?}");
    let first = from_one.page("?limit=100", &body).await;
    assert_eq!(first["numResults"], all);

    let stores = bench(reading(|reading| reading.two_stores = true)).await;
    let short = window("10:00:00", "10:20:00");
    let (sizes, had) = pages(&stores, &short).await;
    let first = stores.page("?limit=100", &short).await;
    let rows = first["data"].as_array().expect("rows");
    assert!(
        rows.iter().all(|row| row.get("conversationId").is_none()),
        "bots alone"
    );
    assert!((1..100).contains(&sizes[0]) && sizes[1] > 0, "{sizes:?}");
    assert_eq!(first["numResults"], had);

    let merged = bench(reading(|reading| reading.page_overfull = true)).await;
    let (sizes, had) = pages(&merged, &body).await;
    assert!(sizes[0] > 100 && had == all, "{sizes:?}");
}

#[tokio::test]
async fn a_total_may_be_wrong_in_both_directions_and_no_record_may_be_told_in_three_ways() {
    let body = window("10:00:00", "11:00:00");
    let all = bench(roomy()).await.page("?limit=1", &body).await["numResults"]
        .as_u64()
        .expect("a number");
    let nobody = window("02:00:00", "02:00:01");
    for (says, some, none) in [
        (NumResults::TooMany, all + all / 10 + 7, 7),
        (NumResults::TooFew, all / 2, 0),
    ] {
        let bench = bench(reading(|reading| reading.num_results = says)).await;
        assert_eq!(bench.page("?limit=1", &body).await["numResults"], some);
        assert_eq!(bench.page("?limit=1", &nobody).await["numResults"], none);
    }
    for (no_data, shown) in [
        (NoData::List, Some(json!([]))),
        (NoData::Null, Some(Value::Null)),
        (NoData::Missing, None),
    ] {
        let bench = bench(reading(|reading| reading.no_data = no_data)).await;
        let page = bench.page("?limit=1", &nobody).await;
        assert_eq!(page.get("data"), shown.as_ref());
        assert_eq!(page["numResults"], 0);
        assert_eq!(
            bench.page("?limit=1", &body).await["data"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
    }
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() {
    let bench = bench(reading(|reading| reading.byte_order_mark = true)).await;
    let answer = bench.ask("", &window("10:00:00", "11:00:00")).send().await;
    let body = answer.expect("an answer").bytes().await.expect("a body");
    assert_eq!(&body[..4], b"\xef\xbb\xbf{");
}

#[tokio::test]
async fn a_window_that_touches_a_bad_second_fails_and_its_neighbours_do_not() {
    let bad: Span = "2025-10-01T10:30:00Z+1s".parse().expect("a stretch");
    let bench = bench(reading(|reading| reading.unreadable = vec![bad])).await;
    for (from, to, good) in [
        ("10:00:00", "11:00:00", false),
        ("10:30:00", "10:30:01", false),
        ("10:29:58", "10:29:59", true),
        ("10:30:01", "10:31:00", true),
    ] {
        let answer = bench
            .ask("", &window(from, to))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status() == StatusCode::OK, good, "{from} {to}");
    }
    bench.simulator.change(|reading| reading.unreadable.clear());
    let answer = bench.ask("", &window("10:00:00", "11:00:00")).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn records_may_be_listed_only_some_time_after_their_end() {
    let bench = bench(reading(|reading| reading.lag = Duration::from_mins(10))).await;
    let rows = bench.all_pages(&window("11:00:00", "12:00:00")).await;
    let ends: BTreeSet<&str> = rows
        .iter()
        .map(|row| row["sessionEndTime"].as_str().expect("ended ones alone"))
        .collect();
    let last = ends.last().expect("some");
    assert!(
        ("2025-10-01T11:45:00".."2025-10-01T11:50:01").contains(last),
        "{last}"
    );
}

#[tokio::test]
async fn readings_are_changed_over_the_control_interface() {
    let bench = bench(roomy()).await;
    let asked = json!({"page-cap": 50, "zone": "+05:30", "lag": "20s", "num-results": "too-few"});
    let set = bench
        .client
        .post(bench.url("/control/reading"))
        .header("content-type", "application/json")
        .body(asked.to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(set.status(), StatusCode::OK);
    let now = value(set).await;
    assert_eq!(
        (&now["page-cap"], &now["zone"]),
        (&json!(50), &json!("+05:30"))
    );
    let page = bench
        .page("?limit=100", &window("10:00:00", "11:00:00"))
        .await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(50));
}
