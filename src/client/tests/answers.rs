//! What each kind of answer leads to.

use super::RequestResult::*;
use super::*;

#[tokio::test]
async fn a_rate_limit_answer_is_waited_for_and_tried_again() {
    for limited in [
        Reply::new(429, "", ""),
        Reply::new(429, "retry-after: 0\r\n", RATE_LIMIT_TEXT),
        Reply::new(200, "", RATE_LIMIT_TEXT),
        Reply::new(
            200,
            "",
            format!(r#"{{"errors":[{{"msg":"{RATE_LIMIT_TEXT}"}}]}}"#),
        ),
        Reply::new(
            200,
            "",
            format!(r#"{{"data":[],"numResults":0,"message":"{RATE_LIMIT_TEXT}"}}"#),
        ),
        Reply::new(503, "", RATE_LIMIT_TEXT),
        Reply::new(401, "", RATE_LIMIT_TEXT),
    ] {
        let talk = Talk::start(vec![limited, Reply::page()]).await;
        assert_eq!(talk.call().await.unwrap(), ROW);
        assert_eq!(talk.told.results(), [RateLimited, Ok]);
        assert_eq!(*talk.told.budget.lock().unwrap(), 3_000_000.0);
    }
}

#[tokio::test]
async fn a_pause_is_told_even_when_the_call_is_dropped_in_it() {
    let talk = Talk::start(vec![Reply::new(429, "retry-after: 30\r\n", "")]).await;
    let limited = async {
        while talk.told.results().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = talk.call() => panic!("the call did not wait"),
        () = limited => {}
    }
    let throttled = *talk.told.throttled.lock().unwrap();
    assert!(
        !throttled.is_zero() && throttled < Duration::from_secs(30),
        "{throttled:?}"
    );
}

#[tokio::test]
async fn a_long_retry_after_ends_the_call_and_silences_the_next() {
    let talk = Talk::start(vec![Reply::new(429, "retry-after: 300\r\n", "")]).await;
    for _ in 0..2 {
        let CallError::RateLimited { pause } = talk.call().await.unwrap_err() else {
            panic!("not rate limited")
        };
        assert!(
            pause > Duration::from_secs(290) && pause <= Duration::from_mins(5),
            "{pause:?}"
        );
    }
    assert_eq!(talk.told.results(), [RateLimited]);
    assert!(!talk.client.allowance().pause.is_zero());
}

/// The server says when to come back: neither this call nor a later one asks before, whatever the status was.
#[tokio::test]
async fn a_long_retry_after_of_any_status_silences_the_next_call_too() {
    for status in [503, 500, 408, 412, 404, 302] {
        let talk = Talk::start(vec![Reply::new(status, "retry-after: 3600\r\n", "")]).await;
        talk.call().await.unwrap_err();
        let Err(CallError::AskedToWait { pause }) = talk.call().await else {
            panic!("`{status}`: asked again")
        };
        assert!(
            pause > Duration::from_secs(590) && pause <= Duration::from_mins(10),
            "{pause:?}"
        );
        assert_eq!(talk.told.results().len(), 1, "`{status}`");
    }
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for() {
    let unavailable = Reply::new(503, "retry-after: 1\r\n", "");
    let talk = Talk::start(vec![unavailable, Reply::page()]).await;
    let asked = Instant::now();
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert!(asked.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn one_try_is_one_request_but_for_the_rate_limit() {
    let limited = Reply::new(429, "", "");
    let talk = Talk::start(vec![limited, Reply::new(500, "", "")]).await;
    let error = talk.call_with(Effort::Once).await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { .. }), "{error}");
    assert_eq!(talk.told.results(), [RateLimited, ServerError]);

    let talk = Talk::start(vec![Reply::new(500, "", "")]).await;
    let error = talk.call_with(Effort::Once).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "no answer to use after 1 attempt: `server_error` (status `500`)"
    );
}

#[tokio::test]
async fn the_budget_is_told_before_the_first_answer() {
    let talk = Talk::start(vec![Reply::page()]).await;
    talk.client.admitted().await.unwrap();
    assert_eq!(*talk.told.budget.lock().unwrap(), 6_000_000.0);
    assert_eq!(talk.told.results(), []);
}

#[tokio::test]
async fn a_page_that_quotes_the_rate_limit_text_is_a_page() {
    let row = format!(r#"{{"agentNotes":["{RATE_LIMIT_TEXT}"]}}"#);
    let page = format!(r#"{{"data":[{row}]}}"#);
    let talk = Talk::start(vec![Reply::new(200, "", &page)]).await;
    assert_eq!(talk.call().await.unwrap(), row);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let talk = Talk::start(vec![Reply::new(401, "", ""), Reply::page()]).await;
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert_eq!(talk.told.results(), [Unauthorized, Ok]);
}

#[tokio::test]
async fn a_second_refusal_says_what_to_check() {
    let talk = Talk::start(vec![Reply::new(401, "", ""), Reply::new(401, "", "")]).await;
    let error = talk.call().await.unwrap_err().to_string();
    assert!(
        error.contains("`401`") && error.contains("secret") && error.contains("scope"),
        "{error}"
    );
    assert_eq!(talk.told.results(), [Unauthorized, Unauthorized]);
}

#[tokio::test]
async fn a_refusal_by_a_server_of_another_time_names_the_clock() {
    let early = || Reply::new(401, "date: Wed, 25 Feb 2026 05:13:20 GMT\r\n", "");
    let talk = Talk::start(vec![early(), early()]).await;
    let error = talk.call().await.unwrap_err().to_string();
    assert!(error.contains("clock first: it is 3600 s ahead"), "{error}");
}

#[tokio::test]
async fn what_would_be_refused_again_is_not_tried_again() {
    for (status, result) in [
        (412, Invalid),
        (400, Invalid),
        (405, Invalid),
        (404, NotFound),
    ] {
        let talk = Talk::start(vec![Reply::new(status, "", "")]).await;
        let error = talk.call().await.unwrap_err();
        let CallError::Refused {
            result: found,
            detail,
            ..
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!(
            (*found, detail.as_str()),
            (result, format!("status `{status}`").as_str())
        );
        assert_eq!(talk.told.results(), [result]);
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let cut_off = b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{\"data\":[".to_vec();
    let packed = gzip(PAGE.as_bytes());
    let cut_off_gzip = [
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9000\r\n\r\n",
        &packed[..30],
    ]
    .concat();
    for (reply, result) in [
        (Reply::new(500, "", ""), ServerError),
        (Reply::new(502, "", "<html>bad gateway</html>"), ServerError),
        (
            Reply::new(200, "content-type: text/html\r\n", "<html>log in</html>"),
            BadBody,
        ),
        (Reply::new(200, "", ""), BadBody),
        (Reply::new(200, "", &PAGE[..40]), BadBody),
        (Reply::new(200, "", "{}"), BadBody),
        (
            Reply::new(200, "content-encoding: gzip\r\n", "this is no gzip"),
            BadBody,
        ),
        (
            Reply::new(
                200,
                "content-encoding: gzip\r\n",
                &gzip(PAGE.as_bytes())[..30],
            ),
            BadBody,
        ),
        (Reply::Bytes(cut_off), Connection),
        (Reply::Bytes(cut_off_gzip), Connection),
        (Reply::HangUp, Connection),
        (Reply::Bytes(b"no HTTP at all\r\n\r\n".to_vec()), Connection),
    ] {
        let talk = Talk::start(vec![reply, Reply::page()]).await;
        assert_eq!(talk.call().await.unwrap(), ROW);
        assert_eq!(talk.told.results(), [result, Ok]);
    }
}

#[tokio::test]
async fn attempts_come_to_an_end() {
    let script = (0..5).map(|_| Reply::new(500, "", "")).collect();
    let talk = Talk::start(script).await;
    let error = talk.call().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "no answer to use after 5 attempts, the last: `server_error` (status `500`)"
    );
    assert_eq!(talk.told.results(), [ServerError; 5]);

    let script = (0..5)
        .map(|_| Reply::new(429, "retry-after: 0\r\n", ""))
        .collect();
    let talk = Talk::start(script).await;
    assert!(matches!(
        talk.call().await,
        Err(CallError::RateLimited { .. })
    ));
    assert_eq!(talk.told.results(), [RateLimited; 5]);
    // A tenth of 6,000,000 is the floor.
    assert_eq!(talk.client.allowance().per_minute, 600_000.0);
}

#[tokio::test]
async fn a_server_that_says_nothing_runs_into_the_time_limit() {
    let limits = Limits {
        timeout: Duration::from_millis(500),
        ..quick()
    };
    let talk = Talk::with(vec![Reply::Silence, Reply::page()], limits, |_| {}).await;
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert_eq!(talk.told.results(), [Timeout, Ok]);
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_runs_into_the_limit_of_silence() {
    let begun = Reply::Unfinished(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec());
    let limits = Limits {
        stall: Duration::from_millis(50),
        ..quick()
    };
    let script = vec![Reply::Silence, begun, Reply::page()];
    let talk = Talk::with(script, limits, |_| {}).await;
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert_eq!(talk.told.results(), [Timeout, Timeout, Ok]);
}

#[tokio::test]
async fn a_head_without_end_is_left_unread() {
    let long = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(450_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101));
    let script = [long, many].map(|head| Reply::Bytes(head.into_bytes()));
    let limits = Limits {
        attempts: 2,
        ..quick()
    };
    let talk = Talk::with(script.into(), limits, |_| {}).await;
    talk.call().await.unwrap_err();
    assert_eq!(talk.told.results(), [Connection; 2]);
}

#[tokio::test]
async fn a_closed_port_is_a_connection_error() {
    let limits = Limits {
        attempts: 2,
        ..quick()
    };
    let talk = Talk::with(vec![], limits, |account| {
        // Nothing may listen there without privileges, so no other test does.
        account.url = Url::parse("http://127.0.0.1:1").unwrap();
    })
    .await;
    let error = talk.call().await.unwrap_err().to_string();
    assert!(error.contains("refused"), "{error}");
    assert_eq!(talk.told.results(), [Connection; 2]);
}

#[tokio::test]
async fn an_oversized_body_is_left_unread_and_not_asked_for_again() {
    let limits = || Limits {
        body_bytes: 1000,
        ..quick()
    };
    let zeros = vec![b' '; 1_000_000];
    let bomb = Reply::new(200, "content-encoding: gzip\r\n", gzip(&zeros));
    let endless = Reply::Bytes(
        [
            b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".as_slice(),
            &zeros,
        ]
        .concat(),
    );
    for reply in [Reply::new(200, "", &zeros), bomb, endless] {
        let talk = Talk::with(vec![reply], limits(), |_| {}).await;
        assert!(matches!(
            talk.call().await,
            Err(CallError::TooLarge { limit_bytes: 1000 })
        ));
        assert_eq!(talk.told.results(), [BadBody]);
    }
}

#[tokio::test]
async fn invalid_utf8_mangles_a_name_and_not_the_page() {
    let talk = Talk::start(vec![Reply::new(
        200,
        "",
        b"{\"data\":[{\"queueName\":\"Caf\xe9\"}]}",
    )])
    .await;
    assert_eq!(
        talk.call().await.unwrap(),
        "{\"queueName\":\"Caf\u{fffd}\"}"
    );
}
