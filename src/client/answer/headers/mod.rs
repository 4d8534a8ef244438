//! What the headers of an answer tell: how long to wait, what time it is, where to go instead.

use jiff::fmt::rfc2822;
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use std::time::{Duration, UNIX_EPOCH};

/// Clocks that differ by less than this are not why a token is refused.
const CLOCK_TOLERANCE_S: i64 = 60;

/// Seconds, or a date, which is measured against the server's own clock where it tells the time.
pub(crate) fn retry_after(headers: &HeaderMap, now_ms: i64) -> Option<Duration> {
    if let Ok(seconds) = text(headers, RETRY_AFTER)?.parse::<f64>() {
        // A cast of a float saturates: forever is as long as there is.
        return (seconds >= 0.0).then(|| Duration::from_secs(seconds.ceil() as u64));
    }
    let until_s = date_s(headers, RETRY_AFTER)?;
    let now_s = date_s(headers, DATE).unwrap_or(now_ms.div_euclid(1000));
    let wait_s = u64::try_from(until_s - now_s).unwrap_or(0);
    Some(Duration::from_secs(wait_s))
}

/// Our clock minus the server's, where they differ by a minute or more.
pub(super) fn clock_ahead_s(headers: &HeaderMap, now_ms: i64) -> Option<i64> {
    let ahead_s = now_ms.div_euclid(1000) - date_s(headers, DATE)?;
    (ahead_s.abs() >= CLOCK_TOLERANCE_S).then_some(ahead_s)
}

/// Scheme and host alone: the rest of the address may carry what the server knows of us.
pub(super) fn redirect_origin(response: &Response) -> Option<String> {
    let location = text(response.headers(), LOCATION)?;
    let target = response.url().join(location).ok()?;
    Some(target.origin().ascii_serialization())
}

/// When the server says that it sent the answer, UTC seconds.
pub(super) fn sent_s(headers: &HeaderMap) -> Option<i64> {
    date_s(headers, DATE)
}

fn date_s(headers: &HeaderMap, name: HeaderName) -> Option<i64> {
    let date = text(headers, name)?;
    // The three forms of HTTP, and what mail writes beside them.
    if let Ok(instant) = httpdate::parse_http_date(date) {
        return i64::try_from(instant.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok();
    }
    Some(rfc2822::parse(date).ok()?.timestamp().as_second())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests;
