//! A record's own fields: when it began and ended, in which state, and what follows for the whole conversation.

use super::destination::Stop;
use super::reading::Reading;
use super::{
    Context, Conversation, Fact, Field, FirstAnswer, Identity, Kind, Outcome, Rule, Stage,
};
use crate::api::{Record, session_time_s};
use std::borrow::Cow;

/// States of the vendor's own screens in which a conversation is still going on.
const LIVE_STATES: [&str; 19] = [
    "OPEN",
    "ACTIVE",
    "IDLE",
    "OVERDUE",
    "WaitingQueue",
    "Assigned",
    "WithAgent",
    "WithBot",
    "Expired",
    "OnHold",
    "OnMute",
    "OnSnooze",
    "Callback Created",
    "Dialing",
    "Ringing",
    "ACW",
    "AwaitingFeedback",
    "InWorkbin",
    "InAgentsWorkbin",
];

pub(super) struct Session<'r> {
    channel: &'r str,
    direction: Option<&'r str>,
    status: Option<&'r str>,
    event: Option<&'r str>,
    is_conversation: bool,
    start_ms: Option<i64>,
    pub(super) end_ms: Option<i64>,
    /// `sessionStartTime`, else the time in the session id; UTC seconds.
    pub(super) start_s: Option<i64>,
}

impl<'r> Session<'r> {
    pub(super) fn read(
        record: &'r Record<'r>,
        identity: Identity<'r>,
        context: &Context,
        reading: &mut Reading,
    ) -> Self {
        let customer = reading.value(Field::CustomerInfo, &record.customer);
        let start_ms = reading.time_ms(Field::SessionStartTime, &record.session_start_time);
        let id_time_s = || session_time_s(identity.session?, context.now_s);
        Session {
            channel: reading
                .text(Field::Channel, &record.channel)
                .unwrap_or("unknown"),
            direction: customer.and_then(|it| reading.text(Field::Direction, &it.direction)),
            status: reading.text(Field::FinalStatus, &record.final_status),
            event: reading.text(Field::DisconnectingEvent, &record.disconnecting_event),
            is_conversation: identity.conversation.is_some(),
            start_ms,
            end_ms: reading.time_ms(Field::SessionEndTime, &record.session_end_time),
            start_s: start_ms
                .map(|millis| millis.div_euclid(1000))
                .or_else(id_time_s),
        }
    }

    pub(super) fn end_s(&self) -> Option<i64> {
        self.end_ms.map(|millis| millis.div_euclid(1000))
    }

    fn has_status(&self, word: &str) -> bool {
        self.status
            .is_some_and(|status| status.eq_ignore_ascii_case(word))
    }

    /// The outcome's rule, first that fits.
    pub(super) fn rule(&self, stops: &[Stop]) -> Rule {
        if stops.iter().any(|stop| stop.agent.answered()) {
            return if self.has_status("USER ABANDONED") {
                Rule::UserLeftAgent
            } else {
                Rule::AgentAnswered
            };
        }
        if !stops.is_empty() || self.is_conversation || self.has_status("USER ABANDONED") {
            return self.unanswered(stops.iter().any(|stop| stop.callback_opted));
        }
        if self.has_status("BotResolved") {
            Rule::BotResolved
        } else if self.has_status("Dropped") {
            Rule::BotDropped
        } else {
            Rule::NoneOfThese
        }
    }

    /// Rule 2, for a conversation or for one entry of a queue.
    pub(super) fn unanswered(&self, callback_opted: bool) -> Rule {
        if callback_opted {
            Rule::CallbackOpted
        } else if self.has_status("USER ABANDONED") {
            Rule::UserAbandoned
        } else if self
            .event
            .is_some_and(|event| event.eq_ignore_ascii_case("User Hangup"))
        {
            Rule::UserHungUp
        } else {
            Rule::EndedForUser
        }
    }

    pub(super) fn stage(&self, rule: Rule, context: &Context) -> Stage {
        let live = self.status.is_none_or(|status| {
            LIVE_STATES
                .iter()
                .any(|state| state.eq_ignore_ascii_case(status))
        });
        match self.end_s() {
            Some(end_s) if !live => {
                let settled = context.now_s.saturating_sub(end_s) >= context.settle_s;
                if rule.answered() || settled {
                    Stage::Ended
                } else {
                    Stage::Settling
                }
            }
            _ => Stage::Live,
        }
    }

    /// The facts of the record's own fields. What stands in lists and scores is collected elsewhere.
    pub(super) fn collect(&self, rule: Rule, reading: &mut Reading, facts: &mut Vec<Fact<'r>>) {
        facts.push(Fact::of_conversation(
            Kind::Conversation,
            rule.outcome().as_str(),
        ));
        let duration = reading.between_ms(self.start_ms, self.end_ms, Field::SessionEndTime);
        if let Some(millis) = duration {
            facts.push(Fact {
                millis,
                ..Fact::of_conversation(Kind::SessionDuration, "")
            });
        }
        if let Some(status) = self.status {
            facts.push(Fact::of_conversation(Kind::FinalStatus, status));
        }
        if let Some(event) = self.event {
            facts.push(Fact::of_conversation(Kind::Disconnect, event));
        }
    }

    /// What is fixed when the conversation is first counted.
    pub(super) fn conversation(
        &self,
        rule: Rule,
        stops: &[Stop<'r>],
        first_answer: Option<FirstAnswer<'r>>,
    ) -> Conversation<'r> {
        let outcome = rule.outcome();
        let direction = self.direction(stops);
        let agent_wanted = matches!(
            outcome,
            Outcome::Answered
                | Outcome::Abandoned
                | Outcome::AbandonedWithAgent
                | Outcome::Terminated
                | Outcome::Callback
        );
        let last_interaction = stops
            .iter()
            .filter_map(|stop| stop.agent.interaction_ended_ms)
            .max();
        let ended_ms = self.end_ms.max(last_interaction).unwrap_or_default();
        Conversation {
            channel: self.channel,
            queue: stops
                .iter()
                .rev()
                .find_map(|stop| stop.queue)
                .unwrap_or_default(),
            offered: agent_wanted && direction == "inbound",
            direction,
            outcome,
            rule,
            first_answer,
            ended_s: ended_ms.div_euclid(1000),
        }
    }

    /// The vendor's word, else by shape: an agent's own call enters a queue without a time and without its name.
    fn direction(&self, stops: &[Stop]) -> Cow<'r, str> {
        match self.direction {
            Some(word) if word.eq_ignore_ascii_case("inbound") => "inbound".into(),
            Some(word) if word.eq_ignore_ascii_case("outbound") => "outbound".into(),
            Some(word) => word.to_lowercase().into(),
            None => {
                let mut entries = stops.iter().filter(|stop| stop.entry).peekable();
                let outbound = entries.peek().is_some() && entries.all(|stop| stop.unannounced);
                if outbound {
                    "outbound".into()
                } else {
                    "inbound".into()
                }
            }
        }
    }
}
