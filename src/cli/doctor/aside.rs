//! What is asked beside *Call Details*.

use super::ask::{ATTEMPTS, Examination};
use super::seen::Beside;
use crate::api::LiveRows;
use crate::client::{Answer, Aside};
use crate::ledger::{QUARTER_S, quarter_of};
use crate::live::{conversations_request, queue_performance_request};
use crate::reconcile::{Source, totals_request};

impl Examination<'_> {
    /// What else the token opens. Where *Call Details* is refused, it tells a bad token from a missing scope.
    pub(super) async fn beside(&self) {
        let asks = |beside: &Beside| *beside != Beside::Off;
        let (queues, list) = {
            let seen = self.seen();
            (asks(&seen.queue_performance), asks(&seen.conversations))
        };
        if queues {
            let inquiry = queue_performance_request(self.now_s(), 0);
            let answer = self.client.ask(&inquiry, rows).await;
            self.seen().queue_performance = beside(answer);
        }
        if list {
            let answer = self.client.ask(&conversations_request(0), rows).await;
            self.seen().conversations = beside(answer);
        }
    }

    /// Whether it tells the totals that Queue Performance refuses, if anybody wants them.
    pub(super) async fn contact_volume(&self) {
        let org_id = {
            let seen = self.seen();
            let wanted = seen.reconciles && seen.queue_performance.is_refused();
            seen.org_id.clone().filter(|_| wanted)
        };
        let Some(org_id) = org_id.filter(|_| self.has_left(ATTEMPTS)) else {
            return;
        };
        let to_s = quarter_of(self.now_s());
        let inquiry = totals_request(Source::ContactVolume, &(to_s - QUARTER_S..to_s), 0, &org_id);
        let answer = self.client.ask(&inquiry, rows).await;
        self.seen().contact_volume = beside(answer);
    }
}

/// How many rows an answer tells of.
fn rows(answer: &Answer<'_>) -> Result<u64, String> {
    let rows = LiveRows::read(answer.text)?;
    Ok(rows.total.unwrap_or(rows.len() as u64))
}

fn beside(answer: Result<u64, Aside>) -> Beside {
    match answer {
        Ok(rows) => Beside::Granted(rows),
        Err(Aside::Refused(said)) if said.starts_with("`unauthorized`") => {
            Beside::Unauthorized(said)
        }
        Err(Aside::Refused(said)) => Beside::Refused(said),
        Err(Aside::Failed { detail, .. }) => Beside::Failed(detail),
        Err(Aside::NoneToSpare) => Beside::NotAsked,
    }
}
