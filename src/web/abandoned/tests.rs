use super::*;
use crate::events::{Sink, Stored};
use crate::metrics::{Encoding, Own, Scrape};
use crate::web::{AccountStatus, Wall, router};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use std::sync::Arc;
use tower::Service;

struct Calls(Vec<Listed>);

impl Source for Calls {
    fn metrics(&self, _: Encoding) -> Scrape {
        unreachable!("nobody asks for it")
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        Vec::new()
    }

    fn elsewhere(&self) -> Vec<(Arc<str>, Option<Arc<str>>)> {
        vec![("apac".into(), Some("pod-2".into()))]
    }

    fn wall(&self) -> Wall {
        Wall::default()
    }

    fn healthy(&self) -> bool {
        true
    }

    fn abandoned(&self) -> Vec<Listed> {
        self.0.clone()
    }
}

fn call(ago_s: i64, queue: &str) -> Call {
    Call {
        ended_s: clock::now_s() - ago_s,
        conversation_id: Some(format!("c-{ago_s}")),
        session_id: None,
        channel: "Voice".to_owned(),
        queue: queue.to_owned(),
        wait_millis: Some(65_000),
        event: Some("<User> Hangup".to_owned()),
    }
}

fn listed(name: &str, calls: Vec<Call>) -> Listed {
    let output = crate::config::Output::File("/no/such/folder/lines".into());
    let sink = Arc::new(Sink::begin(&output).unwrap());
    let outlet = sink.outlet((name.to_owned(), String::new()), Arc::default());
    let own = Own::any().begin();
    let stored = Stored {
        calls: (1..).zip(calls).collect(),
        written: i64::MAX,
        commits: i64::MAX,
    };
    outlet.open(&name.into(), &own, 3_600, stored);
    (name.into(), Some(outlet.book))
}

fn centre() -> Vec<Listed> {
    vec![
        listed(
            "eu",
            vec![
                call(1_000, "Sales"),
                call(20, "Sales"),
                call(30, "Bill & <b>"),
            ],
        ),
        listed("us", vec![call(25, "Sales")]),
    ]
}

async fn ask(accounts: Vec<Listed>, path: &str, accept: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).header("accept", accept);
    let request = request.body(Body::empty()).unwrap();
    let answer = router(Arc::new(Calls(accounts)))
        .call(request)
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

async fn ids(path: &str) -> Vec<String> {
    let (status, kind, body) = ask(centre(), path, "*/*").await;
    assert_eq!((status, &*kind), (StatusCode::OK, JSON), "{body}");
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    let calls = told["abandoned"].as_array().unwrap().iter();
    let id = |call: &serde_json::Value| {
        format!(
            "{} {}",
            call["account"].as_str().unwrap(),
            call["conversation_id"].as_str().unwrap()
        )
    };
    calls.map(id).collect()
}

#[tokio::test]
async fn those_that_are_asked_for_are_listed_the_latest_first() {
    assert_eq!(ids("/abandoned").await, ["eu c-20", "us c-25", "eu c-30"]);
    assert_eq!(
        ids("/abandoned?account=eu&queue=Sales&channel=&since=1h").await,
        ["eu c-20", "eu c-1000"]
    );
    assert_eq!(ids("/abandoned?account=us&channel=Mail").await, [""; 0]);
    assert_eq!(ids("/abandoned?queue=Bill+%26+%3Cb%3E").await, ["eu c-30"]);
}

#[tokio::test]
async fn a_browser_gets_a_page_in_which_everything_is_text() {
    let browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
    let (status, kind, page) = ask(centre(), "/abandoned?account=eu", browser).await;
    assert_eq!(
        (status, &*kind),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    assert!(page.contains("2 abandoned conversations"), "{page}");
    assert!(
        page.contains("Bill &#38; &#60;b&#62;") && !page.contains("<User>"),
        "{page}"
    );
    assert!(page.contains("1:05") && page.contains("c-20"), "{page}");
    let (_, kind, _) = ask(centre(), "/abandoned?format=json", browser).await;
    assert_eq!(kind, JSON);
}

#[tokio::test]
async fn what_cannot_be_listed_says_why_and_what_is_allowed() {
    for (path, status, words) in [
        ("/abandoned?since=2h", 400, "at most `1h`"),
        ("/abandoned?since=15", 400, "`since` is `15`"),
        ("/abandoned?since=0s", 400, "allowed: a duration"),
        (
            "/abandoned?qeueu=x",
            400,
            "`qeueu` is no parameter; allowed: `account`",
        ),
        ("/abandoned?format=xml", 400, "allowed: `html`, `json`"),
        (
            "/abandoned?account=emea",
            404,
            "no account is called `emea`; there are: `eu`, `us`",
        ),
        ("/abandoned?account=apac", 404, "another exporter: pod-2"),
    ] {
        let (found, _, body) = ask(centre(), path, "*/*").await;
        assert_eq!(found.as_u16(), status, "{path}: {body}");
        assert!(body.contains(words), "{path}: {body}");
    }
    let (status, _, body) = ask(vec![("eu".into(), None)], "/abandoned", "*/*").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("`events.abandoned` is not set"), "{body}");
}

#[tokio::test]
async fn more_than_one_page_holds_are_told_by_their_number() {
    let calls = (0..1_200).map(|ago_s| call(ago_s / 10, "Sales")).collect();
    let (_, _, body) = ask(vec![listed("eu", calls)], "/abandoned", "*/*").await;
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["abandoned"].as_array().unwrap().len(), MOST_LISTED);
    assert_eq!(told["left_out"], 200);
}
