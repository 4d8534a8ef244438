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
    for old in [
        "Wednesday, 25-Feb-26 06:13:50 GMT",
        "Wed Feb 25 06:13:50 2026",
    ] {
        assert_eq!(read(old), Some(Duration::from_secs(30)), "{old}");
    }
    assert_eq!(read("25.5"), Some(Duration::from_secs(26)));
    assert_eq!(read("1e99"), Some(Duration::from_secs(u64::MAX)));
    assert_eq!(read("NaN"), None);
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
