//! Faults, outages, and the hand that stages them.

use super::*;

#[tokio::test]
async fn faults_are_what_their_names_say() {
    let body = window("09:00:00", "12:00:00");
    for (fault, status) in [
        (Fault::TooMany, 429),
        (Fault::TooManyRetryAfter, 429),
        (Fault::RateText, 200),
        (Fault::Unauthorized, 401),
        (Fault::NotFound, 404),
        (Fault::Invalid, 412),
        (Fault::Internal, 500),
        (Fault::Unavailable, 503),
        (Fault::Html, 502),
        (Fault::HtmlOk, 200),
        (Fault::Redirect, 307),
    ] {
        let bench = bench_of(plan(), roomy(), &[(fault, 1.0)]).await;
        let response = bench
            .ask("", &body)
            .send()
            .await
            .expect("the simulator answers");
        assert_eq!(response.status().as_u16(), status, "{fault}");
        assert_eq!(
            response.headers().contains_key("retry-after"),
            fault == Fault::TooManyRetryAfter
        );
        let text = response.text().await.expect("a body");
        assert!(!text.contains("numResults"), "{fault}");
    }
    for fault in [Fault::Reset, Fault::CutOff, Fault::Timeout] {
        let bench = bench_of(plan(), roomy(), &[(fault, 1.0)]).await;
        let request = bench
            .ask("?limit=100", &body)
            .timeout(Duration::from_millis(if fault == Fault::Timeout {
                200
            } else {
                20_000
            }));
        let error = match request.send().await {
            Ok(response) => response.bytes().await.expect_err("the body is cut off"),
            Err(error) => error,
        };
        assert_eq!(
            error.is_timeout(),
            fault == Fault::Timeout,
            "{fault}: {error:?}"
        );
    }
}

#[tokio::test]
async fn faulty_pages_are_oversized_repeated_shifted_or_garbage() {
    let body = window("09:00:00", "12:00:00");
    let good = bench(roomy()).await.all_pages(&body).await;
    let page_of = async |fault: Fault| {
        bench_of(plan(), roomy(), &[(fault, 1.0)])
            .await
            .page("?limit=100&offset=1", &body)
            .await
    };

    let repeated = page_of(Fault::Repeated).await;
    assert_eq!(
        ids(repeated["data"].as_array().expect("rows")),
        ids(&good[..100])
    );
    let shifted = page_of(Fault::Shifted).await;
    assert_eq!(
        ids(shifted["data"].as_array().expect("rows")),
        ids(&good[99..200])
    );
    let garbage = page_of(Fault::Garbage).await;
    let spoiled = garbage["data"]
        .as_array()
        .expect("rows")
        .iter()
        .zip(&good[100..200])
        .filter(|(row, good)| row != good)
        .count();
    assert!((10..60).contains(&spoiled), "{spoiled}");

    let oversized = bench_of(plan(), roomy(), &[(Fault::Oversized, 1.0)]).await;
    let response = oversized
        .ask("", &body)
        .send()
        .await
        .expect("the simulator answers");
    assert_eq!(response.content_length(), Some(64 << 20));
}

#[tokio::test]
async fn an_outage_is_down_for_its_time_and_the_control_hand_can_stage_one() {
    let bench = bench(roomy()).await;
    let body = window("11:00:00", "12:00:00");
    let staged = bench
        .client
        .post(bench.url("/control/scenario"))
        .header("content-type", "application/json");
    let staged = staged
        .body(json!({"name": Name::Outage.to_string(), "for": "10m"}).to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(staged.status(), StatusCode::OK);
    assert_eq!(
        bench
            .ask("", &body)
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16(),
        503
    );
    bench.clock.store(NOON_MS + 10 * 60_000, Ordering::Relaxed);
    assert_eq!(
        bench
            .ask("", &body)
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16(),
        200
    );
}

#[tokio::test]
async fn the_control_hand_sets_faults_freezes_time_and_tells_the_truth() {
    let bench = bench(roomy()).await;
    let post = |path: &str, body: Value| {
        bench
            .client
            .post(bench.url(path))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
    };
    let set = value(
        post("/control/faults", json!({"500": 1.0}))
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(set, json!({"500": 1.0}));
    assert_eq!(
        bench
            .ask("", &window("11:00:00", "12:00:00"))
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16(),
        500
    );
    for bad in [json!({"teapot": 1.0}), json!({"500": 2.0})] {
        assert_eq!(
            post("/control/faults", bad)
                .await
                .expect("an answer")
                .status()
                .as_u16(),
            400
        );
    }
    let frozen = value(post("/control/freeze", json!({})).await.expect("an answer")).await;
    assert_eq!(frozen["now_ms"], NOON_MS);
    bench.clock.store(NOON_MS + HOUR_MS, Ordering::Relaxed);
    let truth = value(
        bench
            .client
            .get(bench.url("/control/truth"))
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(
        (truth["now_ms"].as_i64(), truth["counted"].as_u64()),
        (
            Some(NOON_MS),
            Some(bench.simulator.truth(&Witness::default()).counted)
        )
    );
    assert!(truth["counted"].as_u64() > Some(500));
}

/// What the control hand says to a body that it refuses, and the status.
async fn said_to(bench: &Bench, path: &str, body: &Value) -> (u16, String) {
    let post = bench.client.post(bench.url(path));
    let post = post
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = post.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a body"))
}

#[tokio::test]
async fn a_scenario_that_cannot_be_is_refused_with_the_reason() {
    let bench = bench(roomy()).await;
    let spike = "abandonment-spike";
    for (scenario, why) in [
        (json!({"name": "party"}), "no scenario is called `party`"),
        (json!({"name": spike, "staying": 2}), "`staying` is `2`"),
        (json!({"name": spike, "staying": -0.1}), "from 0 to 1"),
        (
            json!({"name": spike, "queue": "Lobby"}),
            "no queue is called `Lobby`",
        ),
        (
            json!({"name": "outage", "queue": "Billing"}),
            "`queue` means nothing in `outage`",
        ),
        (
            json!({"name": "survey-wave", "staying": 0.5}),
            "`staying` means nothing",
        ),
        (
            json!({"name": "outage", "for": "soon"}),
            "`for`: `soon` is no duration",
        ),
        (json!({"name": "outage", "for": "0s"}), "`for` is zero"),
        (
            json!({"name": "outage", "for": "500years"}),
            "`for` is longer than a year",
        ),
        (
            json!({"name": "outage", "in": "500years"}),
            "`in` is longer than a year",
        ),
    ] {
        let (status, said) = said_to(&bench, "/control/scenario", &scenario).await;
        assert_eq!(status, 400, "{scenario}: {said}");
        assert!(said.contains(why), "{scenario}: {said}");
    }
    let staged = good(bench.client.get(bench.url("/control/scenario"))).await;
    assert_eq!(staged["name"], "steady", "what is refused changes nothing");
    let all = json!({"name": spike, "staying": 0, "queue": "Billing", "in": "1m", "for": "1h"});
    assert_eq!(said_to(&bench, "/control/scenario", &all).await.0, 200);
}

#[tokio::test]
async fn a_reading_that_no_flag_allows_is_refused_with_the_reason() {
    let bench = bench(roomy()).await;
    for (reading, why) in [
        (json!({"page-cap": 0}), "`page-cap`: allowed are 1 to 100"),
        (json!({"page-cut": 101}), "`page-cut`: allowed are 1 to 100"),
        (json!({"live-page": 0}), "`live-page`"),
        (json!({"filter-after-paging": 0.9}), "allowed are 0 to 0.5"),
        (
            json!({"off-queue": 7}),
            "`off-queue` is `7`; allowed are 0 to 1",
        ),
        (json!({"totals-lag": "500years"}), "longer than a year"),
    ] {
        let (status, said) = said_to(&bench, "/control/reading", &reading).await;
        assert_eq!(status, 400, "{reading}: {said}");
        assert!(said.contains(why), "{reading}: {said}");
    }
    for reading in [
        json!({"renamed": ["Lobby=Hall"]}),
        json!({"wait-time": "min"}),
    ] {
        let (status, _) = said_to(&bench, "/control/reading", &reading).await;
        assert_eq!(status, 422, "{reading}");
    }
}
