//! Which path answers what.

use super::accept::takes_gzip;
use super::scrape::ScrapeBody;
use super::shelf::{BOARDS, MANUAL};
use super::{Source, abandoned, landing, lifecycle, runbooks, wall};
use crate::metrics::{CONTENT_TYPE as EXPOSITION, Encoding};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// The largest that anything here reads is a word.
const LARGEST_BODY: usize = 16 * 1024;
/// Every answer is at hand; one that takes this long hangs.
const LONGEST_REQUEST: Duration = Duration::from_secs(10);

const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const JSON: &str = "application/json";
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// The page brings its own style and nothing else.
const HTML_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const VARY: (HeaderName, HeaderValue) = (
    axum::http::header::VARY,
    HeaderValue::from_static("accept-encoding"),
);
const NO_SNIFF: (HeaderName, HeaderValue) = (
    axum::http::header::X_CONTENT_TYPE_OPTIONS,
    HeaderValue::from_static("nosniff"),
);

/// All that is served.
pub fn router(source: Arc<dyn Source>) -> Router {
    let shelf = MANUAL
        .iter()
        .map(|leaf| (leaf, TEXT))
        .chain(BOARDS.iter().map(|leaf| (leaf, JSON)));
    let with_shelf = shelf.fold(Router::new(), |router, (leaf, content_type)| {
        let answer = async move || reply(StatusCode::OK, content_type, leaf.text);
        router.route(&format!("/{}", leaf.path), get(answer))
    });
    with_shelf
        .route("/", get(landing))
        .route("/runbooks", get(runbooks))
        .route("/abandoned", get(abandoned::answer))
        .merge(wall::routes())
        .merge(lifecycle::routes())
        .route("/metrics", get(metrics))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .method_not_allowed_fallback(|| async {
            text(StatusCode::METHOD_NOT_ALLOWED, "allowed: GET, HEAD\n")
        })
        .fallback(not_found)
        .with_state(source)
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_REQUEST,
        ))
        .layer(CatchPanicLayer::custom(panicked))
}

async fn metrics(State(source): State<Arc<dyn Source>>, headers: HeaderMap) -> Response {
    let encoding = if takes_gzip(&headers) {
        Encoding::Gzip
    } else {
        Encoding::Plain
    };
    let page = ScrapeBody::from(source.metrics(encoding));
    let mut response = reply(StatusCode::OK, EXPOSITION, Body::new(page));
    let headers = response.headers_mut();
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.extend([VARY]);
    response
}

async fn healthy(State(source): State<Arc<dyn Source>>) -> Response {
    if source.healthy() {
        text(StatusCode::OK, "healthy\n")
    } else {
        text(
            StatusCode::SERVICE_UNAVAILABLE,
            "not healthy: a polling loop has stopped\n",
        )
    }
}

async fn ready(State(source): State<Arc<dyn Source>>) -> Response {
    match source.ready() {
        Ok(()) => text(StatusCode::OK, "ready\n"),
        Err(reasons) => text(StatusCode::SERVICE_UNAVAILABLE, reasons),
    }
}

async fn landing(State(source): State<Arc<dyn Source>>) -> Response {
    let (accounts, elsewhere) = (source.accounts(), source.elsewhere());
    let lists_abandoned = source.abandoned().iter().any(|(_, book)| book.is_some());
    let page = landing::page(&accounts, &elsewhere, &source.notices(), lists_abandoned);
    document(page)
}

async fn runbooks() -> Response {
    document(runbooks::page())
}

/// A page for people that brings all it needs.
pub(super) fn document(page: String) -> Response {
    let mut response = reply(StatusCode::OK, HTML, page);
    let policy = (
        axum::http::header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(HTML_POLICY),
    );
    response.headers_mut().extend([policy]);
    response
}

async fn not_found() -> Response {
    text(
        StatusCode::NOT_FOUND,
        "not found; there are /, /wall, /abandoned, /runbooks, /metrics, /-/healthy and /-/ready\n",
    )
}

/// The cause is not for the network.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        cause = cause.unwrap_or("unknown"),
        "a request failed unexpectedly"
    );
    text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal error; the log has its cause\n",
    )
}

pub(super) fn text(status: StatusCode, body: impl Into<Body>) -> Response {
    reply(status, TEXT, body)
}

pub(super) fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let content_type = (CONTENT_TYPE, HeaderValue::from_static(content_type));
    let headers = HeaderMap::from_iter([content_type, NO_SNIFF]);
    (status, headers, body.into()).into_response()
}
