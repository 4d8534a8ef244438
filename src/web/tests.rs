use super::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use std::sync::Arc;
use tower::Service;

mod server;

/// A source that says what it was given.
#[derive(Clone)]
struct Fixed {
    accounts: Vec<AccountStatus>,
    healthy: bool,
}

impl Source for Fixed {
    fn metrics(&self) -> Page {
        Page {
            text: Bytes::from_static(b"up 1\n"),
            gzip: Bytes::from_static(b"(gzip)"),
        }
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        self.accounts.clone()
    }

    fn healthy(&self) -> bool {
        self.healthy
    }
}

fn published(name: &str) -> AccountStatus {
    AccountStatus {
        name: name.to_owned(),
        published: true,
        last_success_s: Some(0),
        ..Default::default()
    }
}

fn waiting(name: &str) -> AccountStatus {
    AccountStatus {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn failed(name: &str) -> AccountStatus {
    AccountStatus {
        name: name.to_owned(),
        first_poll_failed: true,
        last_error: Some("unauthorized".to_owned()),
        ..Default::default()
    }
}

fn serving(accounts: &[AccountStatus]) -> Router {
    router(Arc::new(Fixed {
        accounts: accounts.to_vec(),
        healthy: true,
    }))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(mut router: Router, request: Request<Body>) -> Answer {
    let response = router.call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn request(method: Method, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Body::empty())
        .unwrap()
}

async fn get(router: Router, path: &str) -> Answer {
    ask(router, request(Method::GET, path)).await
}

#[tokio::test]
async fn metrics_are_served_as_published() {
    let answer = get(serving(&[]), "/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header(CONTENT_TYPE),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.header(VARY), "accept-encoding");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.body, "up 1\n");
}

#[tokio::test]
async fn metrics_are_gzipped_for_those_who_take_it() {
    let mut request = request(Method::GET, "/metrics");
    request
        .headers_mut()
        .insert(ACCEPT_ENCODING, "gzip".parse().unwrap());
    let answer = ask(serving(&[]), request).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.header(VARY), "accept-encoding");
    assert_eq!(answer.body, "(gzip)");
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let answer = ask(serving(&[]), request(Method::HEAD, "/metrics")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CONTENT_LENGTH), "5");
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn an_unknown_path_is_told_which_there_are() {
    let answer = get(serving(&[]), "/metric").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("/metrics"), "{}", answer.body);
}

#[tokio::test]
async fn a_wrong_method_is_told_what_is_allowed() {
    for path in ["/", "/metrics", "/-/healthy", "/-/ready"] {
        let answer = ask(serving(&[]), request(Method::POST, path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header(ALLOW), "GET,HEAD", "{path}");
        assert_eq!(answer.body, "allowed: GET, HEAD\n");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let mut request = request(Method::GET, "/metrics");
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, "1000000".parse().unwrap());
    let answer = ask(serving(&[]), request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn health_is_that_of_the_loops() {
    let answer = get(serving(&[failed("acme")]), "/-/healthy").await;
    assert_eq!(answer.status, StatusCode::OK);
    let stopped = router(Arc::new(Fixed {
        accounts: vec![published("acme")],
        healthy: false,
    }));
    let answer = get(stopped, "/-/healthy").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn ready_needs_every_account_to_have_tried_and_one_to_show() {
    let (shown, not_yet, broken) = (published("a"), waiting("b"), failed("c"));
    let recovered = AccountStatus {
        last_error: None,
        last_success_s: Some(0),
        ..broken.clone()
    };
    for (accounts, ready) in [
        (vec![], false),
        (vec![not_yet.clone()], false),
        (vec![broken.clone()], false),
        (vec![shown.clone()], true),
        (vec![shown.clone(), not_yet.clone()], false),
        (vec![shown.clone(), broken.clone()], true),
        (vec![shown.clone(), recovered], true),
        (vec![shown, not_yet, broken], false),
    ] {
        let answer = get(serving(&accounts), "/-/ready").await;
        assert_eq!(answer.status == StatusCode::OK, ready, "{accounts:?}");
    }
}

#[tokio::test]
async fn who_is_not_ready_says_why() {
    let reading = AccountStatus {
        last_success_s: Some(0),
        ..waiting("d")
    };
    let accounts = [published("a"), waiting("b"), failed("c"), reading];
    let answer = get(serving(&accounts), "/-/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.body,
        "not ready\n\
        account `b`: waits for its first poll\n\
        account `c`: its first poll failed: unauthorized\n\
        account `d`: reads its past for the first time\n"
    );
}

#[tokio::test]
async fn the_landing_page_shows_every_account_and_escapes_what_it_shows() {
    let answer = get(serving(&[published("<script>&\"'"), failed("globex")]), "/").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CONTENT_TYPE), "text/html; charset=utf-8");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let page = answer.body;
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&#60;script&#62;&#38;&#34;&#39;"), "{page}");
    assert!(page.contains("1970-01-01 00:00:00 UTC"), "{page}");
    assert!(page.contains("unauthorized"), "{page}");
    assert!(page.contains(env!("CARGO_PKG_VERSION")), "{page}");
}

/// A source that is broken.
struct Panicking;

impl Source for Panicking {
    fn metrics(&self) -> Page {
        panic!("squeamish ossifrage")
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        Vec::new()
    }

    fn healthy(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_panic_is_answered_without_its_cause() {
    let answer = get(router(Arc::new(Panicking)), "/metrics").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("ossifrage"), "{}", answer.body);
}
