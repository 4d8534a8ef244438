//! One call: attempts, and what comes between them.

use super::Client;
use super::allotment::Allotment;
use super::answer::{self, Body, Failure};
use super::budget::Wait;
use super::error::{CallError, TokenError};
use super::observe::{Observer, RequestResult};
use crate::api::limits::PAGE_ROWS;
use crate::api::{CallDetailsRequest, Page};
use crate::config::CallDetails;
use backon::ExponentialBackoff;
use bytes::Bytes;
use reqwest::header::HeaderName;
use std::time::{Duration, Instant};
use tracing::{Instrument, Span, field};
use url::Url;

/// A long wait is told to the observer in parts of this, so that its counter moves while it lasts.
const TOLD_EVERY: Duration = Duration::from_secs(5);

const AUTH: HeaderName = HeaderName::from_static("auth");

/// How much a call tries before it says that no answer is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// As often as [`Limits::attempts`](super::Limits) allows.
    Full,
    /// Once, where a failure is expected and more of them would only cost requests. A rate limit and a refused token
    /// are no failures of what was asked for: these are tried again all the same.
    Once,
}

/// Whether a first page that tells of rows and has no `data` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstPage {
    /// It must show what it tells of: what does not is a failure.
    ShowsRows,
    /// Pages may be counted from 1, and the rows stand on the next.
    MayBeEmpty,
}

/// What is asked.
pub(super) struct Question {
    pub url: Url,
    /// Sent by POST; without one it is a GET.
    pub body: Option<Bytes>,
}

/// What a failed attempt leads to.
enum Next {
    /// Try again after this; the budget's own pause comes on top.
    Again(Duration),
    GiveUp(CallError),
}

/// What a call remembers from attempt to attempt.
struct Tries {
    effort: Effort,
    attempt: u32,
    token_renewed: bool,
    backoff: ExponentialBackoff,
}

impl Client {
    /// *Call Details*: one whole page of the records of a window, counted from 0.
    ///
    /// Waits for the budget, and tries again what is worth it.
    ///
    /// # Errors
    /// [`CallError`], told apart by what to do next.
    pub async fn call_details(
        &self,
        request: &CallDetailsRequest,
        page: u32,
        first: FirstPage,
        effort: Effort,
    ) -> Result<Page, CallError> {
        let mut url = self.call_details.clone();
        url.query_pairs_mut()
            .append_pair("limit", &PAGE_ROWS.to_string())
            .append_pair("offset", &page.to_string());
        let body = match self.version {
            CallDetails::V1 => serde_json::json!(request),
            CallDetails::V2 => serde_json::json!(request.without_customer()),
        };
        let body = body.to_string();
        let question = Question {
            url,
            body: Some(body.into()),
        };
        let span = |attempt| {
            tracing::info_span!(
                "request",
                otel.kind = "client",
                otel.status_code = field::Empty,
                account = self.account,
                endpoint = "calldetails",
                from = request.start_date,
                to = request.end_date,
                page,
                attempt,
                result = field::Empty,
                status = field::Empty,
            )
        };
        let shows_rows = page == 0 && first == FirstPage::ShowsRows;
        let read = |body| answer::page(body, shows_rows);
        self.call(&question, effort, read, span).await
    }

    async fn call<T>(
        &self,
        question: &Question,
        effort: Effort,
        read: impl Fn(Body) -> Result<T, Failure>,
        span: impl Fn(u32) -> Span,
    ) -> Result<T, CallError> {
        let mut tries = Tries {
            effort,
            attempt: 0,
            token_renewed: false,
            backoff: self.limits.backoff(),
        };
        loop {
            let under_way = self.admitted().await?;
            tries.attempt += 1;
            let attempt = self.attempt(question, &read);
            let attempt = attempt.instrument(span(tries.attempt)).await;
            drop(under_way);
            let failure = match attempt? {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let (result, detail) = (failure.result, failure.detail.clone());
            match self.after(failure, &mut tries) {
                Next::GiveUp(error) => return Err(error),
                Next::Again(delay) => {
                    let (account, attempt) = (&self.account, tries.attempt);
                    tracing::warn!(account, %result, detail, attempt, "request failed, trying again");
                    // A timer of zero still costs a tick, and that wait would be told to nobody.
                    if !delay.is_zero() {
                        tokio::time::sleep(delay).await;
                    }
                }
            }
        }
    }

    /// Sends once, tells the observer, and keeps the books of the budget.
    async fn attempt<T>(
        &self,
        question: &Question,
        read: &impl Fn(Body) -> Result<T, Failure>,
    ) -> Result<Result<T, Failure>, TokenError> {
        let sent = Instant::now();
        let answer = self.send(question, read).await?;
        let result = result_of(&answer);
        self.observer.attempt(result, sent.elapsed());
        match &answer {
            Ok(_) => self.allotment.succeeded(),
            Err(failure) if result == RequestResult::RateLimited => {
                self.allotment.rate_limited(failure.retry_after);
            }
            // A server that says when to come back is left alone until then, whatever failed, and by later polls, too.
            Err(failure) => {
                if let Some(asked) = failure.retry_after {
                    self.allotment.asked_to_wait(asked);
                }
            }
        }
        self.observer.budget(self.allowance().per_minute);
        Ok(answer)
    }

    /// Sends once, and keeps the books of the span.
    pub(super) async fn send<T>(
        &self,
        question: &Question,
        read: impl FnOnce(Body) -> Result<T, Failure>,
    ) -> Result<Result<T, Failure>, TokenError> {
        let now_ms = (self.wall_clock)();
        let token = self.tokens.header(now_ms.div_euclid(1000)).await?;
        let url = question.url.clone();
        let http = self.connections.client().await;
        let request = match &question.body {
            Some(body) => http.post(url).body(body.clone()),
            None => http.get(url),
        };
        let request = request.header(AUTH, token);
        let answer = answer::attempt(request, &self.limits, now_ms, &*self.observer, read).await;
        let span = Span::current();
        span.record("result", result_of(&answer).as_str());
        if let Err(failure) = &answer {
            if failure.result == RequestResult::Connection {
                self.connections.failed();
            }
            span.record("otel.status_code", "error");
            if let Some(status) = failure.status {
                span.record("status", status.as_u16());
            }
        }
        Ok(answer)
    }

    /// Waits until the budget has a request to spend.
    pub(super) async fn admitted(&self) -> Result<UnderWay<'_>, CallError> {
        loop {
            if !self.may_ask() {
                return Err(CallError::NotOurs);
            }
            let taken = self.allotment.take();
            self.observer.budget(self.allowance().per_minute);
            let wait = match taken {
                Ok(()) => return Ok(UnderWay(&self.allotment)),
                Err(Wait::Pause { left, rate_limited }) if left > self.limits.patience => {
                    return Err(if rate_limited {
                        CallError::RateLimited { pause: left }
                    } else {
                        CallError::AskedToWait { pause: left }
                    });
                }
                Err(Wait::Pause { left: wait, .. } | Wait::Refill(wait)) => wait,
            };
            let _told = Throttled {
                since: Instant::now(),
                observer: &*self.observer,
            };
            tokio::time::sleep(wait.min(TOLD_EVERY)).await;
        }
    }

    fn after(&self, failure: Failure, tries: &mut Tries) -> Next {
        let Failure { result, detail, .. } = failure;
        let last = tries.attempt >= self.limits.attempts;
        match result {
            RequestResult::RateLimited if last => Next::GiveUp(CallError::RateLimited {
                pause: self.allowance().pause,
            }),
            RequestResult::RateLimited => Next::Again(Duration::ZERO),
            RequestResult::Unauthorized if !tries.token_renewed && !last => {
                tries.token_renewed = true;
                self.tokens.refused();
                Next::Again(Duration::ZERO)
            }
            RequestResult::Unauthorized => Next::GiveUp(CallError::Unauthorized {
                status: failure.status.map_or(401, |status| status.as_u16()),
                clock_ahead_s: failure.clock_ahead_s,
            }),
            RequestResult::Invalid | RequestResult::NotFound | RequestResult::Redirect => {
                let version = self.version;
                Next::GiveUp(CallError::Refused {
                    result,
                    version,
                    detail,
                })
            }
            RequestResult::BadBody if failure.oversized => Next::GiveUp(CallError::TooLarge {
                limit_bytes: self.limits.body_bytes,
            }),
            _ => match failure.retry_after {
                // The pause is longer than this call may wait, so it ends, and tells how much of the pause is left.
                Some(asked) if asked > self.limits.patience => {
                    Next::GiveUp(CallError::AskedToWait {
                        pause: self.allowance().pause,
                    })
                }
                _ if last || tries.effort == Effort::Once => Next::GiveUp(CallError::Unavailable {
                    attempts: tries.attempt,
                    result,
                    detail,
                }),
                _ => Next::Again(tries.backoff.next().unwrap_or_default()),
            },
        }
    }
}

pub(super) fn result_of<T>(answer: &Result<T, Failure>) -> RequestResult {
    answer
        .as_ref()
        .map_or_else(|failure| failure.result, |_| RequestResult::Ok)
}

/// A request of the budget's, until it is answered or given up.
pub(super) struct UnderWay<'a>(&'a Allotment);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// Tells its length when it ends, also when the call that waits is dropped.
struct Throttled<'a> {
    since: Instant,
    observer: &'a dyn Observer,
}

impl Drop for Throttled<'_> {
    fn drop(&mut self) {
        self.observer.throttled(self.since.elapsed());
    }
}
