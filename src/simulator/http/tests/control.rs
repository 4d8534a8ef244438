//! Whom `/control` answers.

use super::super::line::Cut;
use super::*;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use tower::Service;

async fn status(from: &str, beyond_loopback: bool, path: &str) -> u16 {
    let contract = Contract {
        control_beyond_loopback: beyond_loopback,
        ..Contract::default()
    };
    let simulator = Simulator::new(plan(), contract, Faults::default(), Box::new(|| NOON_MS));
    let cut = Cut::of(from.parse().unwrap());
    let request = Request::get(path)
        .extension(ConnectInfo(cut))
        .body(Body::empty());
    let answer = router(simulator).call(request.unwrap()).await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn control_answers_this_machine_alone_unless_told_otherwise() {
    for (from, beyond, wanted) in [
        ("127.0.0.1:1", false, 200),
        ("[::1]:1", false, 200),
        ("[::ffff:127.0.0.1]:1", false, 200),
        ("10.0.0.1:1", false, 403),
        ("[2001:db8::1]:1", false, 403),
        ("10.0.0.1:1", true, 200),
    ] {
        for path in ["/control/answers", "/control/scenario", "/control/truth"] {
            assert_eq!(status(from, beyond, path).await, wanted, "{from} {path}");
        }
        assert_eq!(status(from, beyond, "/-/healthy").await, 200, "{from}");
    }
}
