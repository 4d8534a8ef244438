//! What an attempt came to, in one closed vocabulary: returned, logged, and counted as a label.

use std::time::Duration;

/// How one attempt ended. Every attempt ends in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestResult {
    /// A whole page came.
    Ok,
    /// The account's requests are used up: status 429, or the vendor's text for it in any other.
    RateLimited,
    /// 401 or 403: the token is missing, wrong, out of time, or lacks the scope.
    Unauthorized,
    /// 412 or another 4xx: the request as such was refused.
    Invalid,
    /// 404 or 410.
    NotFound,
    /// 5xx.
    ServerError,
    /// Nothing, or not everything, came in time; also 408.
    Timeout,
    /// Refused, reset, cut off, no such host, no trust.
    Connection,
    /// A success that carries no page: HTML, cut-off JSON, undecodable or oversized.
    BadBody,
    /// 3xx: never followed, because the token would go to an address nobody configured.
    Redirect,
}

impl RequestResult {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::RateLimited,
        Self::Unauthorized,
        Self::Invalid,
        Self::NotFound,
        Self::ServerError,
        Self::Timeout,
        Self::Connection,
        Self::BadBody,
        Self::Redirect,
    ];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RateLimited => "rate_limited",
            Self::Unauthorized => "unauthorized",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::BadBody => "bad_body",
            Self::Redirect => "redirect",
        }
    }
}

impl std::fmt::Display for RequestResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the text of a 401 or 403 is about, as far as it says. The vendor's own answers one text to several causes, so it
/// is a hint and no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    Scope,
    /// The account or the stream.
    Place,
    /// It was missing, or used before.
    Jti,
    Expired,
    Token,
}

/// Is told of everything a client does that is worth a metric. Called from within requests: must not block.
pub trait Observer: Send + Sync {
    /// One attempt ended; `took` counts from sending to the last byte read. An attempt whose call was dropped never
    /// ends and is not told.
    fn attempt(&self, result: RequestResult, took: Duration);
    /// A request beside the poll ended.
    fn aside(&self, result: RequestResult);
    /// A call waited this long for its budget or for the vendor's pause; a long wait is told in parts.
    fn throttled(&self, waited: Duration);
    /// Requests a minute that the budget stands at, before and after an attempt and while one waits.
    fn budget(&self, per_minute: f64);
    /// The head of an answer came, and with it the time that the server says it is, UTC seconds.
    fn head(&self, _status: u16, _date_s: Option<i64>) {}
    /// A token was refused, and the text said of what.
    fn complaint(&self, _complaint: Complaint) {}
}

/// Tells nobody.
pub struct Unobserved;

impl Observer for Unobserved {
    fn attempt(&self, _: RequestResult, _: Duration) {}
    fn aside(&self, _: RequestResult) {}
    fn throttled(&self, _: Duration) {}
    fn budget(&self, _: f64) {}
}
