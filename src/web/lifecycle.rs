//! What changes the process: reading its configuration again, and how much it logs. Only where it was started to allow that.

use super::Source;
use super::router::text;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{ALLOW, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Below what any answer may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// What may be asked of the process.
pub trait Lifecycle: Send + Sync {
    /// Has the configuration read again. It is, whether or not anybody waits for the answer.
    fn reload(&self) -> Reloading;
    /// The least severe events that are logged.
    fn log_level(&self) -> &'static str;
    /// # Errors
    /// It is none; what is allowed.
    fn set_log_level(&self, word: &str) -> Result<(), String>;
}

pub type Reloading = Pin<Box<dyn Future<Output = Reloaded> + Send>>;

/// How a reload ended, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    Done(String),
    /// Nothing changed.
    Failed(String),
    /// It was not even tried.
    NotNow(String),
}

pub(super) fn routes() -> Router<Arc<dyn Source>> {
    Router::new()
        .route("/-/reload", any(reload))
        .route("/-/log-level", any(log_level))
}

async fn reload(State(source): State<Arc<dyn Source>>, method: Method) -> Response {
    if method != Method::POST && method != Method::PUT {
        return only("POST, PUT", "Only POST or PUT requests allowed\n");
    }
    let Some(lifecycle) = source.lifecycle() else {
        return not_enabled();
    };
    match tokio::time::timeout(PATIENCE, lifecycle.reload()).await {
        Ok(Reloaded::Done(told)) => text(StatusCode::OK, told),
        Ok(Reloaded::Failed(why)) => {
            let said = format!("failed to reload config: {why}\n");
            text(StatusCode::INTERNAL_SERVER_ERROR, said)
        }
        Ok(Reloaded::NotNow(why)) => text(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not reloaded: {why}\n"),
        ),
        Err(_) => text(
            StatusCode::ACCEPTED,
            "the reload goes on; the log and smartassist_exporter_config_last_reload_successful tell how it ends\n",
        ),
    }
}

/// `PUT /-/log-level?level=debug`, or the word as the body; GET tells what is in force.
async fn log_level(
    State(source): State<Arc<dyn Source>>,
    method: Method,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    let reads = method == Method::GET || method == Method::HEAD;
    if !reads && method != Method::PUT {
        return only("GET, HEAD, PUT", "Only GET or PUT requests allowed\n");
    }
    let Some(lifecycle) = source.lifecycle() else {
        return not_enabled();
    };
    if !reads {
        let body = String::from_utf8_lossy(&body);
        let body = body.trim();
        let word = query.get("level").map(String::as_str);
        let word = word.unwrap_or_else(|| body.strip_prefix("level=").unwrap_or(body));
        if let Err(why) = lifecycle.set_log_level(word) {
            return text(StatusCode::BAD_REQUEST, format!("{why}\n"));
        }
    }
    text(StatusCode::OK, format!("{}\n", lifecycle.log_level()))
}

fn not_enabled() -> Response {
    text(
        StatusCode::FORBIDDEN,
        "Lifecycle API is not enabled.\nhint: it is with the flag `--web.enable-lifecycle`\n",
    )
}

fn only(allowed: &'static str, words: &'static str) -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, words);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
