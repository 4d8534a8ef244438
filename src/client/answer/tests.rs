use super::*;
use reqwest::header::HeaderValue;

const NOW_MS: i64 = 1_772_000_000_000; // Wed, 25 Feb 2026 06:13:20 GMT

fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
        .collect()
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    let read = |value| retry_after(&headers(&[(RETRY_AFTER, value)]), NOW_MS);
    assert_eq!(read("7"), Some(Duration::from_secs(7)));
    assert_eq!(read(" 0 "), Some(Duration::ZERO));
    assert_eq!(
        read("Wed, 25 Feb 2026 06:13:50 GMT"),
        Some(Duration::from_secs(30))
    );
    assert_eq!(read("Wed, 25 Feb 2026 06:00:00 GMT"), Some(Duration::ZERO));
    assert_eq!(read("soon"), None);
    assert_eq!(read("-1"), None);
    assert_eq!(retry_after(&HeaderMap::new(), NOW_MS), None);
}

#[test]
fn a_retry_date_is_measured_against_the_servers_own_clock() {
    let headers = headers(&[
        (RETRY_AFTER, "Wed, 25 Feb 2026 07:00:10 GMT"),
        (DATE, "Wed, 25 Feb 2026 07:00:00 GMT"),
    ]);
    assert_eq!(retry_after(&headers, NOW_MS), Some(Duration::from_secs(10)));
}

#[test]
fn a_clock_is_suspected_only_when_it_is_far_off() {
    let ahead = |date| clock_ahead_s(&headers(&[(DATE, date)]), NOW_MS);
    assert_eq!(ahead("Wed, 25 Feb 2026 06:13:00 GMT"), None);
    assert_eq!(ahead("Wed, 25 Feb 2026 05:13:20 GMT"), Some(3600));
    assert_eq!(ahead("Wed, 25 Feb 2026 07:13:20 GMT"), Some(-3600));
}

#[test]
fn every_status_has_one_result() {
    for (statuses, result) in [
        (&[429][..], RequestResult::RateLimited),
        (&[401, 403], RequestResult::Unauthorized),
        (&[404, 410], RequestResult::NotFound),
        (&[408], RequestResult::Timeout),
        (&[301, 302, 304, 307, 308], RequestResult::Redirect),
        (&[500, 502, 503, 504, 599], RequestResult::ServerError),
        (&[400, 405, 412, 413, 422], RequestResult::Invalid),
    ] {
        for status in statuses {
            assert_eq!(
                of_status(StatusCode::from_u16(*status).unwrap()),
                result,
                "{status}"
            );
        }
    }
}

#[test]
fn the_rate_limit_text_is_found_in_any_clothes() {
    assert!(says_rate_limited(
        "You've exceeded the per-minute rate limit. Please wait for sometime before retrying."
    ));
    assert!(says_rate_limited(
        r#"{"errors":[{"msg":"You\u2019ve EXCEEDED the Per-Minute rate limit."}]}"#
    ));
    assert!(says_rate_limited(
        "<html>You&#39;ve exceeded the per-minute rate limit</html>"
    ));
    assert!(!says_rate_limited("exceeded the rate limit"));
    assert!(!says_rate_limited(""));
}

#[test]
fn what_is_wrong_with_a_body_is_said_without_showing_it() {
    for body in [
        "",
        "hello John",
        r#"{"data":"John"}"#,
        r#"{"data":[{"name":"John"#,
        "<html>John",
        r#"{"a":"John"}"#,
    ] {
        let wrong = no_page(body).unwrap();
        assert!(!wrong.contains("John"), "{wrong}");
    }
    assert_eq!(
        no_page(r#"{"numResults":1,"data":[{"sessionId":"x"}, 7, null]}"#),
        None
    );
}
