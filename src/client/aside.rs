//! Requests beside the poll: what the queue is now, and what the vendor counted itself.
//!
//! Invariant: the poll suffers from none of them. They are sent only while there are requests to spare, at most a quarter
//! of the budget and none under a pause; a failure is told to whoever asked, and neither renews the token nor makes
//! anybody wait. The rate limit alone is everybody's: what it says holds for the poll, too.

use super::answer::{self, Body, Failure};
use super::call::{Question, result_of};
use super::observe::RequestResult;
use super::{CallError, Client};
use serde_json::Value as Json;
use std::time::Duration;
use tracing::{Instrument, field};

/// A success of an endpoint beside *Call Details*.
pub struct Answer<'a> {
    pub text: &'a str,
    /// When the server says that it sent it, UTC seconds.
    pub sent_s: Option<i64>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Aside {
    /// Nothing was sent: there is no request to spare now.
    NoneToSpare,
    /// 401, 403, 404, 410, 412 and their like: it will be refused again. How, for people.
    Refused(String),
    /// It may work next time.
    Failed {
        detail: String,
        /// The server said when to come back.
        pause: Option<Duration>,
    },
}

/// An endpoint that is asked beside the poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    QueuePerformance,
    Conversations,
    ContactVolume,
}

impl Endpoint {
    fn as_str(self) -> &'static str {
        match self {
            Endpoint::QueuePerformance => "queue-performance",
            Endpoint::Conversations => "conversations",
            Endpoint::ContactVolume => "callvolume",
        }
    }
}

/// What is asked of one.
#[derive(Debug)]
pub struct Inquiry {
    pub endpoint: Endpoint,
    /// Names and values of the address's query.
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Json>,
}

impl Client {
    /// Asks once. `read` makes of the answer what is wanted, or says what is wrong with it in words that hold nothing of it.
    ///
    /// # Errors
    /// [`Aside`], told apart by when to ask again.
    pub async fn ask_aside<T>(
        &self,
        inquiry: &Inquiry,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Aside> {
        if !self.may_spare() {
            return Err(Aside::NoneToSpare);
        }
        self.ask_now(inquiry, read).await
    }

    /// Asks once, with a request that [`may_spare`](Client::may_spare) took.
    ///
    /// # Errors
    /// [`Aside`], but never that there is none to spare.
    pub async fn ask_spared<T>(
        &self,
        inquiry: &Inquiry,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Aside> {
        self.ask_now(inquiry, read).await
    }

    /// Takes a request that the poll can spare, if there is one now.
    pub fn may_spare(&self) -> bool {
        self.may_ask() && self.allotment.take_aside()
    }

    /// The same for who has the budget for himself: waits for a request instead of doing without.
    ///
    /// # Errors
    /// [`Aside`], but never that there is none to spare.
    pub async fn ask<T>(
        &self,
        inquiry: &Inquiry,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Aside> {
        let admitted = self.admitted().await;
        let _under_way = admitted.map_err(|error| Aside::Failed {
            detail: error.to_string(),
            pause: None,
        })?;
        self.ask_now(inquiry, read).await
    }

    async fn ask_now<T>(
        &self,
        inquiry: &Inquiry,
        read: impl FnOnce(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Aside> {
        let Inquiry {
            endpoint,
            query,
            body,
        } = inquiry;
        let mut url = match endpoint {
            Endpoint::QueuePerformance => self.queue_performance.clone(),
            Endpoint::Conversations => self.conversations.clone(),
            Endpoint::ContactVolume => self.contact_volume.clone(),
        };
        url.query_pairs_mut().extend_pairs(query);
        let question = Question {
            url,
            body: body.as_ref().map(|body| body.to_string().into()),
        };
        let span = tracing::info_span!(
            "request",
            otel.kind = "client",
            otel.status_code = field::Empty,
            account = self.account,
            endpoint = endpoint.as_str(),
            result = field::Empty,
            status = field::Empty,
        );
        let read = |body: Body| {
            answer::other(&body, |body| {
                read(&Answer {
                    text: &body.text,
                    sent_s: body.sent_s,
                })
            })
        };
        let sent = self.send(&question, read).instrument(span).await;
        let answer = sent.map_err(|error| Aside::Failed {
            detail: CallError::from(error).to_string(),
            pause: None,
        })?;
        let result = result_of(&answer);
        self.observer.aside(result);
        if let Err(failure) = &answer
            && result == RequestResult::RateLimited
        {
            self.allotment.rate_limited(failure.retry_after);
            self.observer.budget(self.allowance().per_minute);
        }
        answer.map_err(why)
    }
}

fn why(failure: Failure) -> Aside {
    let said = format!("`{}` ({})", failure.result, failure.detail);
    match failure.result {
        RequestResult::Unauthorized
        | RequestResult::NotFound
        | RequestResult::Invalid
        | RequestResult::Redirect => Aside::Refused(said),
        _ => Aside::Failed {
            detail: said,
            pause: failure.retry_after,
        },
    }
}
