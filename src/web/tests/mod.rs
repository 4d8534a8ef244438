use super::*;
use crate::poller::{FirstReading, Status};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use std::sync::Arc;
use tower::Service;

mod gate;
mod pages;
mod server;
mod wall;

const PAGE: Bytes = Bytes::from_static(b"up 1\n");

/// A source that says what it was given.
#[derive(Clone)]
struct Fixed {
    text: Bytes,
    accounts: Vec<AccountStatus>,
    wall: Wall,
    healthy: bool,
}

impl Source for Fixed {
    fn metrics(&self, encoding: Encoding) -> Scrape {
        match encoding {
            Encoding::Plain => self.text.clone().into(),
            Encoding::Gzip => Bytes::from_static(b"(gzip)").into(),
        }
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        self.accounts.clone()
    }

    fn wall(&self) -> Wall {
        self.wall.clone()
    }

    fn healthy(&self) -> bool {
        self.healthy
    }
}

fn account(name: &str, status: Status) -> AccountStatus {
    let name = name.into();
    let live = Vec::new();
    AccountStatus { name, status, live }
}

fn published(name: &str) -> AccountStatus {
    let status = Status {
        published: true,
        last_success_s: Some(0),
        ..Status::default()
    };
    account(name, status)
}

fn waiting(name: &str) -> AccountStatus {
    account(name, Status::default())
}

fn failed(name: &str) -> AccountStatus {
    let status = Status {
        failed_unpublished: true,
        failure: Some("unauthorized: see `url`".to_owned()),
        ..Status::default()
    };
    account(name, status)
}

/// Half of a day is read.
fn reading(name: &str) -> AccountStatus {
    let first_reading = FirstReading {
        read_s: 43_200,
        of_s: 86_400,
        left_s: Some(120),
    };
    let status = Status {
        last_success_s: Some(0),
        first_reading: Some(first_reading),
        ..Status::default()
    };
    account(name, status)
}

fn serving(accounts: &[AccountStatus]) -> Router {
    router(Arc::new(Fixed {
        text: PAGE,
        accounts: accounts.to_vec(),
        wall: Wall::default(),
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
    for path in [
        "/",
        "/wall",
        "/wall.json",
        "/runbooks",
        "/metrics",
        "/-/healthy",
        "/-/ready",
    ] {
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
        text: PAGE,
        accounts: vec![published("acme")],
        wall: Wall::default(),
        healthy: false,
    }));
    let answer = get(stopped, "/-/healthy").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn ready_needs_every_account_to_have_tried_and_one_to_show() {
    let (shown, not_yet, broken) = (published("a"), waiting("b"), failed("c"));
    let mut recovered = broken.clone();
    recovered.status.failure = None;
    recovered.status.last_success_s = Some(0);
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
    let accounts = [published("a"), waiting("b"), failed("c"), reading("d")];
    let answer = get(serving(&accounts), "/-/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.body,
        "not ready\n\
        account `b`: waits for its first poll\n\
        account `c`: its first poll failed: unauthorized: see `url`\n\
        account `d`: reads its past for the first time: 50 % of 24h read, about 2 minutes left\n"
    );
}

#[tokio::test]
async fn an_account_whose_first_poll_goes_on_reads_rather_than_waits() {
    let mut acme = reading("acme");
    acme.status.last_success_s = None;
    let page = get(serving(&[acme.clone()]), "/").await.body;
    assert!(page.contains("catching up"), "{page}");
    assert!(!page.contains("waiting for"), "{page}");
    let ready = get(serving(&[acme.clone()]), "/-/ready").await.body;
    assert!(ready.contains("`acme`: reads its past"), "{ready}");
    acme.status.first_reading.as_mut().unwrap().read_s = 0;
    let ready = get(serving(&[acme]), "/-/ready").await.body;
    assert!(
        ready.contains("`acme`: waits for its first poll"),
        "{ready}"
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
    assert!(
        page.contains("unauthorized: see <code>url</code>"),
        "{page}"
    );
    assert!(!page.contains('`'), "{page}");
    assert!(page.contains(env!("CARGO_PKG_VERSION")), "{page}");
}

#[tokio::test]
async fn the_landing_page_tells_how_far_the_first_reading_has_come() {
    let page = get(serving(&[reading("acme")]), "/").await.body;
    assert!(
        page.contains("50 % of 24h read, about 2 minutes left"),
        "{page}"
    );
    assert!(page.contains("max=\"86400\" value=\"43200\""), "{page}");
    assert!(page.contains("http-equiv=\"refresh\""), "{page}");
    let page = get(serving(&[published("acme")]), "/").await.body;
    assert!(!page.contains("http-equiv"), "{page}");
}

/// A source that is broken.
struct Panicking;

impl Source for Panicking {
    fn metrics(&self, _: Encoding) -> Scrape {
        panic!("squeamish ossifrage")
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        Vec::new()
    }

    fn wall(&self) -> Wall {
        Wall::default()
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
