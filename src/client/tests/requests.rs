//! What is sent, where to, and what never is.

use super::RequestResult::*;
use super::*;

#[tokio::test]
async fn a_request_is_sent_as_the_vendor_has_it() {
    let talk = Talk::start(vec![Reply::page()]).await;
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert_eq!(talk.told.results(), [Ok]);

    let request = &talk.requests()[0];
    let path = "/agentassist/api/public/analytics/account/67654be356840f366e790000/calldetails?limit=100&offset=3";
    assert_eq!(request.line, format!("POST {path} HTTP/1.1"));
    for (name, value) in [
        ("accountid", "67654be356840f366e790000"),
        ("iid", "st-1234"),
        ("content-type", "application/json;charset=UTF-8"),
        ("accept", "application/json"),
        (
            "user-agent",
            concat!("smartassist-exporter/", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        assert_eq!(
            request.headers.get(name).map(String::as_str),
            Some(value),
            "{name}"
        );
    }
    assert!(request.headers["auth"].starts_with("eyJ"));
    assert!(
        request
            .body
            .contains(r#""startDate":"2026-02-23 07:20:15""#),
        "{}",
        request.body
    );
}

#[tokio::test]
async fn the_second_version_is_asked_at_its_own_place_and_never_for_names() {
    let not_found = Reply::new(404, "", "");
    let talk = Talk::with(vec![Reply::page(), not_found], quick(), |account| {
        account.call_details = CallDetails::V2;
    })
    .await;
    talk.call().await.unwrap();
    let request = &talk.requests()[0];
    let path = "/agentassist/api/public/analytics/account/67654be356840f366e790000/v2/calldetails?limit=100&offset=3";
    assert_eq!(request.line, format!("POST {path} HTTP/1.1"));
    assert!(
        request.body.contains(r#""selectedFields":[]"#),
        "{}",
        request.body
    );

    let error = talk.call().await.unwrap_err().to_string();
    assert!(
        error.contains("set the account's `call_details: v1`"),
        "{error}"
    );
    let first = Talk::start(vec![Reply::page(), Reply::new(404, "", "")]).await;
    first.call().await.unwrap();
    let body = &first.requests()[0].body;
    assert!(
        body.contains(r#""selectedFields":["customerinfo"]"#),
        "{body}"
    );
    let error = first.call().await.unwrap_err().to_string();
    assert!(
        error.contains("hint: check `url` and `account_id`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_base_url_with_a_path_keeps_it() {
    let talk = Talk::with(vec![Reply::page()], quick(), |account| {
        account.url.set_path("/gateway/");
    })
    .await;
    talk.call().await.unwrap();
    assert!(
        talk.requests()[0]
            .line
            .starts_with("POST /gateway/agentassist/api/")
    );
}

#[tokio::test]
async fn with_jti_no_token_is_sent_twice() {
    let script = vec![Reply::new(500, "", ""), Reply::page(), Reply::page()];
    let talk = Talk::with(script, quick(), |account| account.auth = minting(true)).await;
    talk.call().await.unwrap();
    talk.call().await.unwrap();
    let tokens: std::collections::BTreeSet<String> = talk
        .requests()
        .iter()
        .map(|request| request.headers["auth"].clone())
        .collect();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_goes_nowhere_else() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(vec![Reply::page()]).await;
        let location = format!("location: {}secret-path?who=me\r\n", elsewhere.url);
        let talk = Talk::start(vec![Reply::new(status, &location, "")]).await;
        let error = talk.call().await.unwrap_err().to_string();
        let origin = elsewhere.url.origin().ascii_serialization();
        assert!(
            error.contains(&format!("status `{status}` to `{origin}`")),
            "{error}"
        );
        assert!(!error.contains("secret-path"), "{error}");
        assert_eq!(talk.told.results(), [Redirect]);
        assert_eq!(elsewhere.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_page_may_come_in_gzip() {
    let talk = Talk::start(vec![Reply::new(
        200,
        "content-encoding: gzip\r\n",
        gzip(PAGE.as_bytes()),
    )])
    .await;
    assert_eq!(talk.call().await.unwrap(), ROW);
    assert_eq!(talk.requests()[0].headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn a_dropped_call_leaves_the_client_usable() {
    let talk = Talk::start(vec![Reply::Silence, Reply::page()]).await;
    let sent = async {
        while talk.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = talk.call() => panic!("silence was answered"),
        () = sent => {}
    }
    assert_eq!(talk.call().await.unwrap(), ROW);
}

#[tokio::test]
async fn no_secret_shows_in_debug_or_errors() {
    let talk = Talk::start(vec![Reply::new(401, "", ""), Reply::new(401, "", "")]).await;
    let error = talk.call().await.unwrap_err();
    let token = &talk.requests()[0].headers["auth"];
    let shown = format!("{:?} {error:?} {error}", talk.client);
    assert!(!shown.contains(SECRET) && !shown.contains(token), "{shown}");
}

#[test]
fn an_id_that_cannot_stand_in_a_header_is_named() {
    let account = Account {
        stream_id: "st-\n1".into(),
        ..account(minting(false))
    };
    let error =
        Client::new(&account, Limits::default(), || 0, Arc::new(Told::default())).unwrap_err();
    assert!(error.to_string().contains("stream_id of `acme`"), "{error}");
}

#[test]
fn every_result_has_a_label_of_its_own() {
    let labels: std::collections::BTreeSet<_> = RequestResult::ALL
        .iter()
        .map(|result| result.as_str())
        .collect();
    assert_eq!(labels.len(), RequestResult::ALL.len());
}
