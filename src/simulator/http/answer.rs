//! Answers other than a page, in the shapes of the vendor and of what stands before it.

#![allow(
    clippy::unnecessary_box_returns,
    reason = "an error of that size is boxed"
)]

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The vendor's words, to the letter.
pub(super) const RATE_TEXT: &str =
    "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";

/// Code of missing, bad and unscoped tokens.
const DENIED: u32 = 4002;
/// The vendor names no code for the others.
const OTHER: u32 = 4000;

/// What a handler gives back instead of a page.
pub(super) type Refusal = Box<Response>;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

pub(super) fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, JSON)])
}

fn errors(status: StatusCode, message: &str, code: u32) -> Refusal {
    let body = json!({"errors": [{"msg": message, "code": code}]}).to_string();
    Box::new((status, json_headers(), body).into_response())
}

pub(super) fn denied(message: &str) -> Refusal {
    errors(StatusCode::UNAUTHORIZED, message, DENIED)
}

pub(super) fn invalid(message: &str) -> Refusal {
    errors(StatusCode::PRECONDITION_FAILED, message, OTHER)
}

pub(super) fn not_found() -> Refusal {
    errors(StatusCode::NOT_FOUND, "Not Found", OTHER)
}

pub(super) fn wrong_method() -> Refusal {
    errors(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", OTHER)
}

pub(super) fn failed(status: StatusCode) -> Refusal {
    errors(status, status.canonical_reason().unwrap_or("Error"), OTHER)
}

/// Unavailable, and when to come back.
pub(super) fn unavailable(retry_after_s: u64) -> Refusal {
    let mut refusal = failed(StatusCode::SERVICE_UNAVAILABLE);
    refusal
        .headers_mut()
        .insert(header::RETRY_AFTER, retry_after_s.into());
    refusal
}

/// The rate limit; `retry_after_s` in a header, where it is told.
pub(super) fn too_many(status: StatusCode, retry_after_s: Option<u64>) -> Refusal {
    let mut refusal = errors(status, RATE_TEXT, OTHER);
    if let Some(seconds) = retry_after_s {
        refusal
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    refusal
}

pub(super) fn html(status: StatusCode) -> Refusal {
    const PAGE: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n";
    Box::new((status, [(header::CONTENT_TYPE, "text/html")], PAGE).into_response())
}

/// To a place that counts the tokens brought to it.
pub(super) fn redirect() -> Refusal {
    let location: [(HeaderName, &str); 1] = [(header::LOCATION, "/elsewhere")];
    Box::new((StatusCode::TEMPORARY_REDIRECT, location).into_response())
}
