//! What is answered: the page, its two files, and the JSON.

use super::document::Document;
use crate::web::Source;
use crate::web::router::{HTML, JSON, reply, text};
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page takes its own script, style and numbers from here, and nothing from anywhere else; nobody frames it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
const REFERRER: (&str, HeaderValue) = ("referrer-policy", HeaderValue::from_static("no-referrer"));

pub(in crate::web) fn routes() -> Router<Arc<dyn Source>> {
    let file = |content_type, text: &'static str| get(async move || fresh(content_type, text));
    Router::new()
        .route("/wall", file(HTML, include_str!("wall.html")))
        .route("/wall.css", file(CSS, include_str!("wall.css")))
        .route("/wall.js", file(SCRIPT, include_str!("wall.js")))
        .route("/wall.json", get(numbers))
}

async fn numbers(State(source): State<Arc<dyn Source>>) -> Response {
    match serde_json::to_string(&Document::of(&source.wall())) {
        Ok(json) => fresh(JSON, json),
        Err(error) => {
            tracing::error!(%error, "the wall's numbers can't be written");
            text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal error; the log has its cause\n",
            )
        }
    }
}

/// Of this very moment: a screen that shows an old page after an upgrade, or old numbers, shows what is not.
fn fresh(content_type: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = reply(StatusCode::OK, content_type, body);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER.0, REFERRER.1);
    response
}
