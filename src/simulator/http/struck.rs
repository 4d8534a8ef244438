//! What a fault does to a request, whichever interface it strikes.

use super::super::fault::{Fault, Interface};
use super::answer::{self, Refusal};
use super::line::Cut;
use super::{Simulator, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Body of an oversized answer.
const OVERSIZED: usize = 64 << 20;
pub(super) const SLOW: Duration = Duration::from_secs(3);

impl Simulator {
    /// The fault that strikes this request.
    pub(super) fn strike(&self, interface: Interface) -> Option<Fault> {
        let State {
            faults, fault_dice, ..
        } = &mut *self.lock();
        faults.strike(interface, fault_dice)
    }

    /// Waits as the fault does, and refuses where it stands before everything else.
    pub(super) async fn meet(&self, fault: Option<Fault>, cut: &Cut) -> Result<(), Refusal> {
        match fault {
            Some(Fault::Timeout) => std::future::pending().await,
            Some(Fault::Slow) => self.pass(SLOW).await,
            Some(Fault::Reset) => cut.after(0),
            _ => {}
        }
        fault.and_then(refused_by).map_or(Ok(()), Err)
    }
}

fn refused_by(fault: Fault) -> Option<Refusal> {
    Some(match fault {
        Fault::TooMany => answer::too_many(StatusCode::TOO_MANY_REQUESTS, None),
        Fault::TooManyRetryAfter => answer::too_many(StatusCode::TOO_MANY_REQUESTS, Some(2)),
        Fault::RateText => answer::too_many(StatusCode::OK, None),
        Fault::Unauthorized => answer::denied("Permission denied. Scope is incorrect!"),
        Fault::NotFound => answer::not_found(),
        Fault::Invalid => answer::invalid("startDate is invalid"),
        Fault::Internal => answer::failed(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::Unavailable => answer::failed(StatusCode::SERVICE_UNAVAILABLE),
        Fault::UnavailableRetryAfter => answer::unavailable(3600),
        Fault::Html => answer::html(StatusCode::BAD_GATEWAY),
        Fault::HtmlOk => answer::html(StatusCode::OK),
        Fault::Redirect => answer::redirect(),
        _ => return None,
    })
}

/// A good body, as far as the fault lets it come.
pub(super) fn deliver(
    headers: HeaderMap,
    mut body: String,
    fault: Option<Fault>,
    cut: &Cut,
) -> Response {
    match fault {
        Some(Fault::CutOff) => cut.after(body.len() / 2),
        // White space after the object: the page stays good JSON, only too much of it.
        Some(Fault::Oversized) => body.extend(std::iter::repeat_n(
            ' ',
            OVERSIZED.saturating_sub(body.len()),
        )),
        _ => {}
    }
    (headers, body).into_response()
}
