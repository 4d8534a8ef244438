//! What the vendor's page promises: pages, order, bounds, arguments, tokens, limits.

use super::*;

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
