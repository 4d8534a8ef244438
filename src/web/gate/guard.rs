//! What each request passes before it is answered.

use super::passwords::{Claim, Verdict};
use super::tls::Shown;
use super::{Gate, Rules, ask};
use crate::web::router::text;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;

const HEALTHY: &str = "/-/healthy";
const READY: &str = "/-/ready";

/// The router with the gate before it.
pub(in crate::web) fn guarded(router: Router, gate: &Arc<Gate>) -> Router {
    match gate.file {
        None => router,
        Some(_) => router.layer(from_fn_with_state(Arc::clone(gate), guard)),
    }
}

async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let rules = gate.refreshed().await;
    let (head, body) = request.into_parts();
    let mut response = match gate.refusal(&rules, &head).await {
        Some(refusal) => refusal,
        None => next.run(Request::from_parts(head, body)).await,
    };
    for (name, value) in &rules.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

impl Gate {
    async fn refusal(&self, rules: &Rules, request: &Parts) -> Option<Response> {
        let path = request.uri.path();
        let open = self.open_health && matches!(path, HEALTHY | READY);
        // `health` is of this machine and has read the file; it can show neither a certificate nor a password.
        if open || path == HEALTHY && ask::knows(&rules.health, &request.headers) {
            return None;
        }
        if let Some(limit) = &rules.limit
            && !limit.bucket.take(Instant::now())
        {
            return Some(text(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests\n"));
        }
        let shown = request.extensions.get::<Shown>().copied();
        if rules.tls.as_ref().is_some_and(|tls| tls.is_refused(shown)) {
            let told = "a client certificate is required\n";
            return Some(text(StatusCode::FORBIDDEN, told));
        }
        if rules.users.is_empty() {
            return None;
        }
        let verdict = match Claim::of(&request.headers) {
            Some(claim) => self.passwords.judge(&rules.users, claim).await,
            None => Verdict::Wrong,
        };
        let (status, told, header) = match verdict {
            Verdict::Right => return None,
            Verdict::Wrong => (
                StatusCode::UNAUTHORIZED,
                "Unauthorized\n",
                (WWW_AUTHENTICATE, HeaderValue::from_static("Basic")),
            ),
            Verdict::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "too many passwords are being checked\n",
                (RETRY_AFTER, HeaderValue::from_static("5")),
            ),
        };
        let mut refusal = text(status, told);
        refusal.headers_mut().extend([header]);
        Some(refusal)
    }
}
