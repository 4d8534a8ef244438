//! The real client against a server on loopback that answers as badly as servers do.

mod server;

use super::*;
use crate::config::{Algorithm, Auth, Targets};
use flate2::{Compression, write::GzEncoder};
use secrecy::SecretString;
use server::{Reply, Request, Server};
use std::collections::BTreeMap;
use std::io::Write;

const PAGE: &str = r#"{"numResults":1,"data":[{"sessionId":"68dc602b4afb07c72ac51234"}]}"#;
const RATE_LIMIT_TEXT: &str =
    "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";
const SECRET: &str = "a secret nobody may see";
const NOW_MS: i64 = 1_772_000_000_000; // Wed, 25 Feb 2026 06:13:20 GMT

pub fn account(auth: Auth) -> Account {
    Account {
        name: "acme".into(),
        url: Url::parse("http://127.0.0.1:9").unwrap(),
        account_id: "67654be356840f366e790000".into(),
        stream_id: "st-1234".into(),
        auth,
        // So many that no test waits for the bucket.
        requests_per_minute: 6_000_000,
        targets: Targets {
            abandonment_ratio: 0.05,
            service_level_within: Duration::from_secs(20),
            service_level_ratio: 0.8,
            speed_of_answer: Duration::from_secs(30),
        },
        queues: BTreeMap::new(),
    }
}

fn minting(jti: bool) -> Auth {
    let secret = SecretString::from(SECRET);
    Auth::Mint {
        client_id: "cs-Client".into(),
        secret,
        algorithm: Algorithm::Hs256,
        jti,
    }
}

fn quick() -> Limits {
    Limits {
        first_backoff: Duration::from_millis(1),
        first_pause: Duration::from_millis(1),
        ..Limits::default()
    }
}

#[derive(Default)]
struct Told {
    results: Mutex<Vec<RequestResult>>,
    throttled: Mutex<Duration>,
    budget: Mutex<f64>,
}

impl Observer for Told {
    fn attempt(&self, result: RequestResult, _took: Duration) {
        self.results.lock().unwrap().push(result);
    }
    fn throttled(&self, waited: Duration) {
        *self.throttled.lock().unwrap() += waited;
    }
    fn budget(&self, per_minute: f64) {
        *self.budget.lock().unwrap() = per_minute;
    }
}

impl Told {
    fn results(&self) -> Vec<RequestResult> {
        self.results.lock().unwrap().clone()
    }
}

struct Talk {
    server: Server,
    told: Arc<Told>,
    client: Client,
}

impl Talk {
    async fn start(script: Vec<Reply>) -> Self {
        Self::with(script, quick(), |_| {}).await
    }

    async fn with(script: Vec<Reply>, limits: Limits, change: impl FnOnce(&mut Account)) -> Self {
        let server = Server::start(script).await;
        let mut account = Account {
            url: server.url.clone(),
            ..account(minting(false))
        };
        change(&mut account);
        let told = Arc::new(Told::default());
        let client = Client::new(&account, limits, || NOW_MS, told.clone()).unwrap();
        Self {
            server,
            told,
            client,
        }
    }

    async fn call(&self) -> Result<String, CallError> {
        let page = PageOf {
            from_s: 1_771_831_215,
            to_s: 1_771_832_115,
            page: 3,
        };
        self.client.call_details(page, &["customerinfo"]).await
    }

    fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

use RequestResult::*;

#[tokio::test]
async fn a_request_is_sent_as_the_vendor_has_it() {
    let talk = Talk::start(vec![Reply::page()]).await;
    assert_eq!(talk.call().await.unwrap(), PAGE);
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
async fn a_base_url_with_a_path_keeps_it() {
    let talk = Talk::with(vec![Reply::page()], quick(), |account| {
        account.url.set_path("/gateway/")
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
        Reply::new(503, "", RATE_LIMIT_TEXT),
        Reply::new(401, "", RATE_LIMIT_TEXT),
    ] {
        let talk = Talk::start(vec![limited, Reply::page()]).await;
        assert_eq!(talk.call().await.unwrap(), PAGE);
        assert_eq!(talk.told.results(), [RateLimited, Ok]);
        assert_eq!(*talk.told.budget.lock().unwrap(), 3_000_000.0);
    }
}

#[tokio::test]
async fn the_pause_after_a_rate_limit_answer_is_told() {
    let limits = Limits {
        first_pause: Duration::from_millis(20),
        ..quick()
    };
    let talk = Talk::with(vec![Reply::new(429, "", ""), Reply::page()], limits, |_| {}).await;
    talk.call().await.unwrap();
    let throttled = *talk.told.throttled.lock().unwrap();
    assert!(throttled >= Duration::from_millis(15), "{throttled:?}");
}

#[tokio::test]
async fn a_long_retry_after_ends_the_call_and_silences_the_next() {
    let talk = Talk::start(vec![Reply::new(429, "retry-after: 300\r\n", "")]).await;
    for _ in 0..2 {
        let CallError::RateLimited { pause } = talk.call().await.unwrap_err() else {
            panic!("not rate limited")
        };
        assert!(
            pause > Duration::from_secs(290) && pause <= Duration::from_secs(300),
            "{pause:?}"
        );
    }
    assert_eq!(talk.told.results(), [RateLimited]);
    assert_eq!(talk.client.allowance().ready, 0);
}

#[tokio::test]
async fn a_page_that_quotes_the_rate_limit_text_is_a_page() {
    let page = format!(r#"{{"data":[{{"agentNotes":["{RATE_LIMIT_TEXT}"]}}]}}"#);
    let talk = Talk::start(vec![Reply::new(200, "", &page)]).await;
    assert_eq!(talk.call().await.unwrap(), page);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let talk = Talk::start(vec![Reply::new(401, "", ""), Reply::page()]).await;
    assert_eq!(talk.call().await.unwrap(), PAGE);
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
        (Reply::new(200, "", r#"{"numResults":0}"#), BadBody),
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
        assert_eq!(talk.call().await.unwrap(), PAGE);
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
        "no answer to use after 5 attempts, the last of them `server_error` (status `500`)"
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
        timeout: Duration::from_millis(100),
        ..quick()
    };
    let talk = Talk::with(vec![Reply::Silence, Reply::page()], limits, |_| {}).await;
    assert_eq!(talk.call().await.unwrap(), PAGE);
    assert_eq!(talk.told.results(), [Timeout, Ok]);
}

#[tokio::test]
async fn a_closed_port_is_a_connection_error() {
    let limits = Limits {
        attempts: 2,
        ..quick()
    };
    let talk = Talk::with(vec![], limits, |account| {
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        account.url = Url::parse(&format!("http://{closed}")).unwrap();
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
    assert_eq!(talk.call().await.unwrap(), PAGE);
    assert_eq!(talk.requests()[0].headers["accept-encoding"], "gzip");
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
        "{\"data\":[{\"queueName\":\"Caf\u{fffd}\"}]}"
    );
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
    assert_eq!(talk.call().await.unwrap(), PAGE);
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

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
