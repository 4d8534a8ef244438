use super::*;
use crate::simulator::fault::Fault;
use crate::simulator::scenario::{Name, Scenario};
use crate::simulator::wire::PERSONAL;
use jsonwebtoken::{EncodingKey, Header};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_util::sync::DropGuard;

/// 2025-10-01T12:00:00Z, in the middle of a busy day.
const NOON_MS: i64 = 1_759_320_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A served simulator whose clock a test sets.
struct Bench {
    address: SocketAddr,
    simulator: Arc<Simulator>,
    clock: Arc<AtomicI64>,
    client: reqwest::Client,
    _shutdown: DropGuard,
}

fn plan() -> Plan {
    Plan {
        seed: 11,
        start_ms: NOON_MS - 4 * HOUR_MS,
        rate_per_hour: 300.0,
        local_offset_minutes: 0,
        scenario: Scenario::STEADY,
        late_segments: true,
        replaced_dispositions: 0.0,
    }
}

fn roomy() -> Contract {
    Contract {
        requests_per_minute: 100_000,
        ..Contract::default()
    }
}

async fn bench(contract: Contract) -> Bench {
    bench_of(plan(), contract, &[]).await
}

async fn bench_of(plan: Plan, contract: Contract, faults: &[(Fault, f64)]) -> Bench {
    let clock = Arc::new(AtomicI64::new(NOON_MS));
    let hand = Arc::clone(&clock);
    let faults = Faults::new(faults.iter().copied()).expect("rates are allowed");
    let simulator = Simulator::new(
        plan,
        contract,
        faults,
        Box::new(move || hand.load(Ordering::Relaxed)),
    );
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback is there");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, Arc::clone(&simulator), shutdown.clone()));
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("the client is built");
    Bench {
        address,
        simulator,
        clock,
        client,
        _shutdown: shutdown.drop_guard(),
    }
}

/// The window from `from` to `to` hours around noon.
fn window(from: &str, to: &str) -> Value {
    json!({"startDate": format!("2025-10-01 {from}"), "endDate": format!("2025-10-01 {to}"), "timeZoneOffset": 0, "selectedFields": ["customerinfo"]})
}

fn token(claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(
        &Header::default(),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("the token is signed")
}

impl Bench {
    fn good_token(&self) -> String {
        token(
            &json!({"appId": self.simulator.contract().client_id}),
            &self.simulator.contract().client_secret,
        )
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn ask(&self, query: &str, body: &Value) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        let path = format!(
            "/agentassist/api/public/analytics/account/{}/calldetails{query}",
            contract.account_id
        );
        self.client
            .post(self.url(&path))
            .header("auth", self.good_token())
            .header("accountId", &contract.account_id)
            .header("iId", &contract.stream_id)
            .header("content-type", "application/json;charset=UTF-8")
            .body(body.to_string())
    }

    async fn page(&self, query: &str, body: &Value) -> Value {
        let response = self
            .ask(query, body)
            .send()
            .await
            .expect("the simulator answers");
        assert_eq!(response.status(), StatusCode::OK);
        value(response).await
    }

    async fn all_pages(&self, body: &Value) -> Vec<Value> {
        let mut rows = Vec::new();
        for offset in 0..=10 {
            let page = self
                .page(&format!("?limit=100&offset={offset}"), body)
                .await;
            rows.extend(page["data"].as_array().expect("rows").iter().cloned());
        }
        rows
    }
}

async fn value(response: Response) -> Value {
    serde_json::from_str(&response.text().await.expect("a body")).expect("json")
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| row["sessionId"].as_str())
        .collect()
}

/// Refusals by what is wrong with the request.
async fn refused(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("the simulator answers");
    (
        response.status().as_u16(),
        value(response).await["errors"][0]["code"].clone(),
    )
}

#[tokio::test]
async fn pages_hold_bot_sessions_oldest_first_then_agent_conversations_newest_first() {
    let bench = bench(roomy()).await;
    let body = window("10:00:00", "11:30:00");
    let rows = bench.all_pages(&body).await;
    let total = bench.page("?limit=1&offset=0", &body).await["numResults"].as_u64();
    assert_eq!(total, Some(rows.len() as u64));
    assert!(rows.len() > 400, "{}", rows.len());
    let (agents, bots): (Vec<&Value>, Vec<&Value>) = rows
        .iter()
        .partition(|row| row.get("conversationId").is_some());
    assert!(
        rows[..bots.len()]
            .iter()
            .all(|row| row.get("conversationId").is_none())
    );
    assert!(
        bots.windows(2).all(
            |pair| pair[0]["sessionStartTime"].as_str() <= pair[1]["sessionStartTime"].as_str()
        )
    );
    assert!(
        agents.windows(2).all(
            |pair| pair[0]["sessionStartTime"].as_str() >= pair[1]["sessionStartTime"].as_str()
        )
    );
}

#[tokio::test]
async fn session_ids_tell_the_start_and_so_the_offset_shown() {
    for (zone, request_offset, expected_minutes) in [
        (Zone::Request, -330, 330),
        (Zone::Request, 300, -300),
        (Zone::Fixed(330), 0, 330),
    ] {
        let bench = bench(Contract { zone, ..roomy() }).await;
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
async fn a_window_bounds_session_starts_and_both_seconds_count() {
    let bench = bench(roomy()).await;
    let rows = bench.all_pages(&window("10:00:00", "11:00:00")).await;
    let second = rows[7]["sessionStartTime"]
        .as_str()
        .expect("a time")
        .replace('T', " ");
    let body = json!({"startDate": second, "endDate": second, "timeZoneOffset": 0});
    let alone = bench.page("?limit=100", &body).await;
    assert_eq!(alone["data"][0]["sessionId"], rows[7]["sessionId"]);
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
async fn requested_channels_use_other_words_and_a_wrong_one_selects_nothing() {
    let bench = bench(roomy()).await;
    let mut body = window("10:00:00", "11:00:00");
    for (word, channel) in [
        ("voice", "Voice"),
        ("rtm", "Web/Mobile Client"),
        ("email", "System Mail"),
        ("campaign", "campaign"),
    ] {
        body["channels"] = json!([word]);
        let page = bench.page("?limit=100", &body).await;
        let rows = page["data"].as_array().expect("rows");
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row["channel"] == channel),
            "{word}"
        );
    }
    body["channels"] = json!(["Voice"]);
    assert_eq!(bench.page("?limit=100", &body).await["numResults"], 0);
}

#[tokio::test]
async fn a_request_that_breaks_the_contract_is_refused() {
    let bench = bench(roomy()).await;
    let body = window("10:00:00", "11:00:00");
    for query in [
        "?limit=101",
        "?limit=0",
        "?offset=11",
        "?limit=x",
        "?offset=-1",
    ] {
        assert_eq!(refused(bench.ask(query, &body)).await.0, 412, "{query}");
    }
    let long = json!({"startDate": "2025-10-01 00:00:00", "endDate": "2025-10-08 00:00:01", "timeZoneOffset": 0});
    let zoneless = json!({"startDate": "2025-10-01", "endDate": "2025-10-01"});
    for bad in [long, zoneless, json!({}), json!(7)] {
        assert_eq!(refused(bench.ask("", &bad)).await.0, 412, "{bad}");
    }
    let mut plain = bench.ask("", &body).build().expect("a request");
    plain
        .headers_mut()
        .insert("content-type", "text/plain".parse().expect("a header"));
    assert_eq!(
        bench
            .client
            .execute(plain)
            .await
            .expect("the simulator answers")
            .status()
            .as_u16(),
        412
    );
    let got = bench.client.get(bench.url(&format!(
        "/agentassist/api/public/analytics/account/{}/calldetails",
        "x"
    )));
    assert_eq!(refused(got).await.0, 405);
    assert_eq!(
        refused(
            bench
                .client
                .post(bench.url("/agentassist/api/public/other"))
        )
        .await
        .0,
        404
    );
}

#[tokio::test]
async fn a_token_must_be_there_good_unexpired_and_of_this_app() {
    let bench = bench(roomy()).await;
    let contract = bench.simulator.contract();
    let body = window("10:00:00", "11:00:00");
    let app = contract.client_id.as_str();
    let bad_tokens = [
        String::new(),
        token(&json!({"appId": app}), "another secret"),
        token(
            &json!({"appId": app.to_uppercase()}),
            &contract.client_secret,
        ),
        token(
            &json!({"appId": app, "exp": 1_000_000_000}),
            &contract.client_secret,
        ),
        token(&json!({"sub": "1"}), &contract.client_secret),
    ];
    for bad in bad_tokens {
        let mut request = bench.ask("", &body).build().expect("a request");
        request
            .headers_mut()
            .insert("auth", bad.parse().expect("a header"));
        let response = bench
            .client
            .execute(request)
            .await
            .expect("the simulator answers");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(value(response).await["errors"][0]["code"], 4002);
    }
    for header in ["accountId", "iId", "auth"] {
        let mut request = bench.ask("", &body).build().expect("a request");
        request.headers_mut().remove(header);
        let status = bench
            .client
            .execute(request)
            .await
            .expect("the simulator answers")
            .status()
            .as_u16();
        assert_eq!(status, if header == "auth" { 401 } else { 412 }, "{header}");
    }
}

#[tokio::test]
async fn an_enforced_jti_is_good_once() {
    let bench = bench(Contract {
        enforce_jti: true,
        ..roomy()
    })
    .await;
    let contract = bench.simulator.contract();
    let body = window("10:00:00", "11:00:00");
    let with_jti = token(
        &json!({"appId": contract.client_id, "jti": "a"}),
        &contract.client_secret,
    );
    let mut statuses = Vec::new();
    for auth in [&bench.good_token(), &with_jti, &with_jti] {
        let mut request = bench.ask("", &body).build().expect("a request");
        request
            .headers_mut()
            .insert("auth", auth.parse().expect("a header"));
        statuses.push(
            bench
                .client
                .execute(request)
                .await
                .expect("the simulator answers")
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [401, 200, 401]);
}

#[tokio::test]
async fn the_account_has_sixty_requests_a_minute() {
    let bench = bench(Contract::default()).await;
    let body = window("11:59:00", "11:59:01");
    for _ in 0..60 {
        bench.page("", &body).await;
    }
    let response = bench
        .ask("", &body)
        .send()
        .await
        .expect("the simulator answers");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(
        response
            .text()
            .await
            .expect("a body")
            .contains("You've exceeded the per-minute rate limit.")
    );
}

#[tokio::test]
async fn open_questions_of_the_vendors_page_are_switches() {
    let body = window("09:00:00", "12:00:00");
    let pages = bench(roomy()).await;
    let all = pages.all_pages(&body).await;

    let rows = bench(Contract {
        offset_counts: OffsetCounts::Rows,
        ..roomy()
    })
    .await;
    let second = rows.page("?limit=100&offset=1", &body).await;
    assert_eq!(
        ids(second["data"].as_array().expect("rows")),
        ids(&all[1..101])
    );

    let page_size = bench(Contract {
        num_results: NumResults::Page,
        ..roomy()
    })
    .await;
    assert_eq!(page_size.page("?limit=7", &body).await["numResults"], 7);
    let missing = bench(Contract {
        num_results: NumResults::Missing,
        ..roomy()
    })
    .await;
    assert!(
        missing
            .page("?limit=7", &body)
            .await
            .get("numResults")
            .is_none()
    );

    let overfull = bench(Contract {
        overfull_pages: true,
        ..roomy()
    })
    .await;
    assert_eq!(
        overfull.page("?limit=100", &body).await["data"]
            .as_array()
            .map(Vec::len),
        Some(200)
    );

    let days = bench(Contract {
        ignores_time_of_day: true,
        ..roomy()
    })
    .await;
    let one_second = days.page("?limit=1", &window("10:00:00", "10:00:01")).await;
    assert!(one_second["numResults"].as_u64() > Some(all.len() as u64));

    let ended = bench(Contract {
        lists_live: false,
        ..roomy()
    })
    .await;
    assert!(
        ended
            .all_pages(&body)
            .await
            .iter()
            .all(|row| row.get("sessionEndTime").is_some())
    );
    assert!(all.iter().any(|row| row.get("sessionEndTime").is_none()));

    let by_end = bench(Contract {
        selects_on: SelectsOn::End,
        ..roomy()
    })
    .await;
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
