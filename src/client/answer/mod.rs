//! One attempt: send, read within the limits, and say in one word how it ended.

mod headers;

pub(crate) use self::headers::retry_after;

use self::headers::{clock_ahead_s, redirect_origin, sent_s};
use super::limits::Limits;
use super::observe::{Complaint, Observer, RequestResult};
use crate::api::{Page, PageError};
use crate::chain::chain;
use reqwest::{RequestBuilder, Response, StatusCode};
use std::error::Error;
use std::time::Duration;

/// As much of an error's body as is searched for the rate-limit text.
const ERROR_BODY_BYTES: usize = 64 * 1024;

/// The heart of the vendor's text "You've exceeded the per-minute rate limit. Please wait …", without the apostrophe,
/// which may be escaped or typographic.
const RATE_LIMIT_TEXT: &str = "exceeded the per-minute rate limit";
/// Where its one hyphen stands.
const RATE_LIMIT_HYPHEN: usize = "exceeded the per".len();

/// What is wrong with a success, in words.
const RATE_LIMITED: &str = "the rate-limit text";
const HTML: &str = "HTML where JSON is due; hint: a gateway or a login page answers";

/// How an attempt failed. Holds nothing of the body.
#[derive(Debug)]
pub(super) struct Failure {
    pub result: RequestResult,
    pub status: Option<StatusCode>,
    /// How long the server asks us to wait.
    pub retry_after: Option<Duration>,
    /// Our clock minus the server's, when the difference is worth a word.
    pub clock_ahead_s: Option<i64>,
    /// The body passed its limit.
    pub oversized: bool,
    /// Of a refused token: what its text is about.
    pub complaint: Option<Complaint>,
    /// For people: what was found.
    pub detail: String,
}

impl Failure {
    fn new(result: RequestResult, detail: impl Into<String>) -> Self {
        Self {
            result,
            status: None,
            retry_after: None,
            clock_ahead_s: None,
            oversized: false,
            complaint: None,
            detail: detail.into(),
        }
    }

    fn from_transport(error: reqwest::Error) -> Self {
        let result = if error.is_timeout() {
            RequestResult::Timeout
        } else if unpacking_failed(&error) {
            RequestResult::BadBody
        } else {
            RequestResult::Connection
        };
        Self::new(result, chain(&error.without_url()))
    }
}

/// A success: its body, and when the server says that it sent it.
pub(super) struct Body {
    pub text: String,
    /// UTC seconds, of the header `Date`.
    pub sent_s: Option<i64>,
}

/// Sends once; `now_ms` is our wall clock, for the answer's times of day; `read` makes of a success what was asked for.
pub(super) async fn attempt<T>(
    request: RequestBuilder,
    limits: &Limits,
    now_ms: i64,
    observer: &dyn Observer,
    read: impl FnOnce(Body) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let response = request.send().await.map_err(Failure::from_transport)?;
    let status = response.status();
    let headers = response.headers().clone();
    observer.head(status.as_u16(), sent_s(&headers));
    let answer = if status.is_success() {
        let text = body(response, limits.body_bytes).await;
        let sent_s = sent_s(&headers);
        text.and_then(|text| read(Body { text, sent_s }))
    } else {
        Err(refusal(response).await)
    };
    if let Err(Failure {
        complaint: Some(complaint),
        ..
    }) = &answer
    {
        observer.complaint(*complaint);
    }
    answer.map_err(|failure| Failure {
        status: Some(status),
        retry_after: retry_after(&headers, now_ms),
        clock_ahead_s: clock_ahead_s(&headers, now_ms),
        ..failure
    })
}

/// The text of a success.
async fn body(response: Response, limit_bytes: usize) -> Result<String, Failure> {
    match read(response, limit_bytes).await? {
        Read::Whole(bytes) => Ok(lossy(bytes)),
        Read::Cut(_) => {
            let detail = format!("more than {limit_bytes} bytes");
            Err(Failure {
                oversized: true,
                ..Failure::new(RequestResult::BadBody, detail)
            })
        }
    }
}

/// The page that a success carries, or what is wrong with it, in words that hold nothing of it. One without `data` is one
/// way to say that nothing stands there, unless it must `show` the rows that it tells of.
pub(super) fn page(body: Body, show: bool) -> Result<Page, Failure> {
    let text = body.text;
    let rate_limited = says_rate_limited(&text);
    let html = is_html(&text);
    let detail = match Page::parse(text) {
        // Rows may quote the text of the rate limit; where there are none, it is the vendor's own.
        Ok(page) if !page.is_empty() => return Ok(page),
        _ if rate_limited => {
            return Err(Failure::new(RequestResult::RateLimited, RATE_LIMITED));
        }
        Ok(page) if show && page.lacks_data => PageError::NoData.to_string(),
        Ok(page) => return Ok(page),
        Err(_) if html => HTML.to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::new(RequestResult::BadBody, detail))
}

/// What `read` makes of a success that is no page of records. It says what is wrong in words that hold nothing of it.
pub(super) fn other<T>(
    body: &Body,
    read: impl FnOnce(&Body) -> Result<T, String>,
) -> Result<T, Failure> {
    read(body).map_err(|wrong| {
        if says_rate_limited(&body.text) {
            Failure::new(RequestResult::RateLimited, RATE_LIMITED)
        } else if is_html(&body.text) {
            Failure::new(RequestResult::BadBody, HTML)
        } else {
            Failure::new(RequestResult::BadBody, wrong)
        }
    })
}

/// Any answer but a success.
async fn refusal(response: Response) -> Failure {
    let status = response.status();
    let detail = match redirect_origin(&response) {
        Some(origin) => format!("status `{}` to `{origin}`", status.as_u16()),
        None => format!("status `{}`", status.as_u16()),
    };
    // Whatever goes wrong while reading it, the status has already said what matters.
    let text = match read(response, ERROR_BODY_BYTES).await {
        Ok(Read::Whole(bytes) | Read::Cut(bytes)) => lossy(bytes),
        Err(_) => String::new(),
    };
    let result = if says_rate_limited(&text) {
        RequestResult::RateLimited
    } else {
        of_status(status)
    };
    let complaint = if result == RequestResult::Unauthorized {
        complaint(&text)
    } else {
        None
    };
    Failure {
        complaint,
        ..Failure::new(result, detail)
    }
}

/// By the words that the vendor's answers use. What is said of the place comes before the token: it is told of one that
/// was understood.
fn complaint(text: &str) -> Option<Complaint> {
    let text = text.to_ascii_lowercase();
    [
        ("scope", Complaint::Scope),
        ("account", Complaint::Place),
        ("stream", Complaint::Place),
        ("jti", Complaint::Jti),
        ("used before", Complaint::Jti),
        ("expired", Complaint::Expired),
        ("token", Complaint::Token),
        ("signature", Complaint::Token),
        ("jwt", Complaint::Token),
    ]
    .into_iter()
    .find_map(|(word, complaint)| text.contains(word).then_some(complaint))
}

fn of_status(status: StatusCode) -> RequestResult {
    match status.as_u16() {
        429 => RequestResult::RateLimited,
        401 | 403 => RequestResult::Unauthorized,
        404 | 410 => RequestResult::NotFound,
        408 => RequestResult::Timeout,
        300..=399 => RequestResult::Redirect,
        500..=599 => RequestResult::ServerError,
        _ => RequestResult::Invalid,
    }
}

enum Read {
    Whole(Vec<u8>),
    /// The limit was reached; this much was read.
    Cut(Vec<u8>),
}

/// Reads in chunks, counting what they unpack to, so that neither a wrong `Content-Length` nor a gzip bomb fills the
/// memory.
async fn read(mut response: Response, limit_bytes: usize) -> Result<Read, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::from_transport)? {
        if bytes.len() + chunk.len() > limit_bytes {
            return Ok(Read::Cut(bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Read::Whole(bytes))
}

/// Invalid UTF-8 is replaced: one mangled name must not lose the page it stands on.
fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn is_html(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// Looked for around its hyphen, since nearly every byte of a page is a letter and hardly one is a hyphen.
fn says_rate_limited(text: &str) -> bool {
    let wanted = RATE_LIMIT_TEXT.as_bytes();
    let text = text.as_bytes();
    let head = text.get(..ERROR_BODY_BYTES).unwrap_or(text);
    let hyphens = head.iter().enumerate().filter(|(_, byte)| **byte == b'-');
    hyphens
        .filter_map(|(at, _)| {
            head.get(at.checked_sub(RATE_LIMIT_HYPHEN)?..)?
                .get(..wanted.len())
        })
        .any(|found| found.eq_ignore_ascii_case(wanted))
}

/// A body fails in two ways: the connection breaks, which the HTTP library reports, or it is whole and what is packed in
/// it is not, which comes as a bare I/O error.
fn unpacking_failed(error: &reqwest::Error) -> bool {
    let cause = sources(error).find(|source| !source.is::<reqwest::Error>());
    error.is_decode() && cause.is_some_and(<dyn std::error::Error + 'static>::is::<std::io::Error>)
}

fn sources(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&source| source.source())
}

#[cfg(test)]
mod tests;
