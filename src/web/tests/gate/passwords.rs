//! Names and passwords, headers, and how many requests are answered.

use super::*;

#[tokio::test]
async fn only_who_knows_a_password_is_answered() {
    let house = House::new();
    let served = house
        .serve(&format!("basic_auth_users: {{alice: {HASH}, bob: {HASH}}}"))
        .await;
    for (headers, wanted) in [
        (String::new(), 401),
        (basic("alice:password"), 200),
        (basic("alice:password"), 200),
        (basic("bob:password"), 200),
        (basic("alice:Password"), 401),
        (basic("alice:"), 401),
        (basic("alice"), 401),
        (basic("carol:password"), 401),
        (basic(":"), 401),
        (basic("alice:pass\0word"), 401),
        (basic(&format!("alice:{}", "p".repeat(4000))), 401),
        ("Authorization: Basic !!\r\n".to_owned(), 401),
        ("Authorization: Bearer password\r\n".to_owned(), 401),
        ("Authorization: Health\r\n".to_owned(), 401),
    ] {
        assert_eq!(served.plain_status(&headers).await, wanted, "{headers}");
    }
    let mut stream = served.plain().await;
    let told = said(&mut stream, "/-/reload", "").await;
    assert!(
        told.starts_with("HTTP/1.1 401 ") && told.contains("www-authenticate: Basic\r\n"),
        "{told}"
    );
}

#[tokio::test]
async fn headers_stand_on_every_answer_and_requests_beyond_the_limit_are_refused() {
    let house = House::new();
    let served = house.serve("http_server_config: {headers: {X-Frame-Options: deny, X-XSS-Protection: 1}}\nrate_limit: {interval: 1h, burst: 2}").await;
    let mut statuses = Vec::new();
    for path in ["/metrics", "/nowhere", "/metrics"] {
        let told = said(&mut served.plain().await, path, "").await;
        assert!(
            told.contains("x-frame-options: deny\r\n") && told.contains("x-xss-protection: 1\r\n"),
            "{told}"
        );
        statuses.push(told[9..12].to_owned());
    }
    assert_eq!(statuses, ["200", "404", "429"]);
}

#[test]
fn that_everybody_may_read_is_said_where_it_is_so() {
    let house = House::new();
    let beyond = ["0.0.0.0:1", "[::]:1", "10.0.0.1:1"];
    let within = [
        "127.0.0.1:1",
        "[::1]:1",
        "127.9.9.9:1",
        "[::ffff:127.0.0.1]:1",
    ];
    let says = |gate: &Gate, address: &str| gate.exposed(address.parse().unwrap()).is_some();
    let open = Gate::open();
    assert!(beyond.iter().all(|address| says(&open, address)));
    assert!(!within.iter().any(|address| says(&open, address)));
    for configuration in [TLS, &format!("basic_auth_users: {{alice: {HASH}}}")] {
        let gate = house.gate(configuration, false).unwrap();
        assert!(!beyond.iter().any(|address| says(&gate, address)));
    }
    let gate = house
        .gate("rate_limit: {interval: 1s, burst: 1}", false)
        .unwrap();
    assert!(says(&gate, "0.0.0.0:1"));
}
