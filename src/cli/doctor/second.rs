//! Where *Call Details* v2 is configured and not found: whether v1 is there.

use super::ask::Examination;
use crate::api::CallDetailsRequest;
use crate::client::{CallError, Client, Effort, FirstPage, Observer, RequestResult};
use crate::config::{Account, CallDetails};
use crate::poller::coverage::Window;
use std::sync::Arc;

impl Examination<'_> {
    /// Whether *Call Details* v1 answers.
    pub(super) async fn first_version(&self, window: Window) -> bool {
        let account = Account {
            call_details: CallDetails::V1,
            ..self.account.clone()
        };
        let ear = Arc::clone(&self.ear) as Arc<dyn Observer>;
        let Ok(client) = Client::new(&account, self.limits.clone(), self.clock, ear) else {
            return false;
        };
        let request = CallDetailsRequest::between(window.from_s, window.to_s, false);
        let answer = client
            .call_details(&request, 0, FirstPage::MayBeEmpty, Effort::Once)
            .await;
        answer.is_ok()
    }
}

/// A release without *Call Details* v2, or an address without any.
pub(super) fn is_missing_v2(told: &Result<(), CallError>) -> bool {
    let Err(CallError::Refused {
        result, version, ..
    }) = told
    else {
        return false;
    };
    (*result, *version) == (RequestResult::NotFound, CallDetails::V2)
}
