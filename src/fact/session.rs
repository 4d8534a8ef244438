//! A record's own fields: when it began and ended, in which state, and what follows for the whole conversation.

use super::clock::WHOLE;
use super::destination::Stop;
use super::reading::{Reading, is_word, refused};
use super::{Context, Conversation, Fact, Field, FirstAnswer, Identity, Kind, Rule, Stage};
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
    pub(super) channel: &'r str,
    direction: Option<&'r str>,
    status: Option<&'r str>,
    /// The vendor's own summary, which *Call Details* v2 has: by it nothing is counted otherwise.
    pub(super) smart_status: Option<&'r str>,
    /// The status is that of a user who left.
    user_abandoned: bool,
    /// The status is a state of one that still goes on.
    live: bool,
    event: Option<&'r str>,
    is_conversation: bool,
    pub(super) start_ms: Option<i64>,
    pub(super) end_ms: Option<i64>,
    /// An end was sent, and can't be read.
    end_refused: bool,
    /// The latest that it may have ended, where a change of summer time leaves that open.
    latest_end_ms: Option<i64>,
    /// `sessionStartTime`, else the time in the session id; UTC seconds.
    pub(super) start_s: Option<i64>,
}

fn is_one_of(status: Option<&str>, states: &[&str]) -> bool {
    status.is_some_and(|status| states.iter().any(|state| is_word(status, state)))
}

impl<'r> Session<'r> {
    pub(super) fn read(
        record: &'r Record<'r>,
        identity: Identity<'r>,
        context: &Context<'_>,
        reading: &mut Reading,
    ) -> Self {
        let customer = reading.value(Field::CustomerInfo, &record.customer);
        let start_ms = reading.time_ms(Field::SessionStartTime, WHOLE, &record.session_start_time);
        let id_time_s = || session_time_s(identity.session?, context.now_s);
        let end_ms = reading.time_ms(Field::SessionEndTime, WHOLE, &record.session_end_time);
        let status = reading.text(Field::FinalStatus, &record.final_status);
        let channel = reading.text(Field::Channel, &record.channel);
        let smart_status = reading.text(Field::SmartStatus, &record.smart_status);
        let inside = customer.and_then(|it| reading.text(Field::Direction, &it.direction));
        let direction = reading.text(Field::Direction, &record.direction).or(inside);
        Session {
            channel: channel.unwrap_or("unknown"),
            direction,
            status,
            smart_status,
            user_abandoned: status.is_some_and(|status| is_word(status, "USER ABANDONED")),
            live: is_one_of(status, &LIVE_STATES),
            event: reading.text(Field::DisconnectingEvent, &record.disconnecting_event),
            is_conversation: identity.conversation.is_some(),
            start_ms,
            end_ms,
            end_refused: refused(&record.session_end_time, &end_ms),
            latest_end_ms: reading.clock().latest_end_ms(),
            start_s: start_ms
                .map(|millis| millis.div_euclid(1000))
                .or_else(id_time_s),
        }
    }

    pub(super) fn end_s(&self) -> Option<i64> {
        self.end_ms.map(|millis| millis.div_euclid(1000))
    }

    /// Whether it goes on: the vendor says so, or it has neither an end nor a status that would be one.
    pub(super) fn is_running(&self) -> bool {
        match self.status {
            Some(_) => self.live,
            None => self.end_ms.is_none() && !self.end_refused,
        }
    }

    pub(super) fn is_in_state(&self, states: &[&str]) -> bool {
        is_one_of(self.status, states) || is_one_of(self.smart_status, states)
    }

    /// Whether the summary is one of what goes on.
    pub(super) fn is_summed_up_as_running(&self) -> bool {
        is_one_of(self.smart_status, &LIVE_STATES)
    }

    fn has_status(&self, word: &str) -> bool {
        self.status.is_some_and(|status| is_word(status, word))
    }

    /// The outcome's rule, first that fits.
    pub(super) fn rule(&self, stops: &[Stop]) -> Rule {
        if stops.iter().any(|stop| stop.agent.answered()) {
            return if self.user_abandoned {
                Rule::UserLeftAgent
            } else {
                Rule::AgentAnswered
            };
        }
        if !stops.is_empty() || self.is_conversation || self.user_abandoned {
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
        } else if self.user_abandoned {
            Rule::UserAbandoned
        } else if self
            .event
            .is_some_and(|event| is_word(event, "User Hangup"))
        {
            Rule::UserHungUp
        } else {
            Rule::EndedForUser
        }
    }

    /// The value that decides an outcome, the conversation's or one of its entries', and that was sent but can't be
    /// read. Taken as absent it would decide the other way round: an answered call would be abandoned, a callback a hang-up.
    ///
    /// - `conversationId`: without one, a conversation is a bot's session;
    /// - `destinations`, or one of them: any may be the one where an agent answered, and the last names the queue;
    /// - `respondingAgent`, `acceptedTime`, `status` where no other of them tells that the agent answered;
    /// - `destinationType`, `queueId` and `queueName` where they tell whether there is a queue's entry at all;
    /// - `CallbackOpted` and `CallbackOptedTime`, `disconnectingEvent` where nobody answered.
    ///
    /// `finalStatus` and `sessionEndTime` need no place here: without them nothing has ended. Neither does `Direction`:
    /// exporters that don't ask for it go by the shape of the entries, and so does one that can't read it. All else is a
    /// label or a duration of its own, and costs no more than itself.
    pub(super) fn waits_for(&self, record: &Record<'_>, stops: &[Stop]) -> Option<Field> {
        if refused(&record.conversation_id, &self.is_conversation.then_some(())) {
            return Some(Field::ConversationId);
        }
        let destinations = record.destinations.value();
        if refused(&record.destinations, &destinations)
            || destinations.is_some_and(|list| list.strangers > 0)
        {
            return Some(Field::Destinations);
        }
        if let Some(field) = stops.iter().find_map(|stop| stop.undecided) {
            return Some(field);
        }
        // Rule 2 is for a conversation that nobody answered; in one that somebody did, for its last entry alone.
        let answered = stops.iter().any(|stop| stop.agent.answered());
        let last_alone = if answered {
            stops.len().saturating_sub(1)
        } else {
            0
        };
        let counts = |stop: &&Stop| !answered || stop.entry;
        let mut open = stops.iter().skip(last_alone).filter(counts);
        let unanswered = open.clone().any(|stop| !stop.agent.answered());
        if answered && !unanswered || !answered && stops.is_empty() && !self.is_conversation {
            return None;
        }
        if open.clone().any(|stop| stop.callback_opted) {
            return None;
        }
        if let Some(field) = open.find_map(|stop| stop.callback_undecided) {
            return Some(field);
        }
        (!self.user_abandoned && refused(&record.disconnecting_event, &self.event))
            .then_some(Field::DisconnectingEvent)
    }

    pub(super) fn stage(
        &self,
        rule: Rule,
        waits_for: Option<Field>,
        context: &Context<'_>,
    ) -> Stage {
        let live = self.status.is_none() || self.live;
        let end_ms = self.end_ms.filter(|_| !live && waits_for.is_none());
        let Some(end_ms) = end_ms.map(|end_ms| end_ms.max(self.latest_end_ms.unwrap_or(end_ms)))
        else {
            return Stage::Live;
        };
        let settled = context.now_s.saturating_sub(end_ms.div_euclid(1000)) >= context.settle_s;
        if rule.answered() || settled {
            Stage::Ended
        } else {
            Stage::Settling
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
            offered: rule.meant_for_agent() && direction == "inbound",
            direction,
            direction_told: self.direction.is_some(),
            outcome,
            rule,
            first_answer,
            ended_s: ended_ms.div_euclid(1000),
        }
    }

    /// The vendor's word, else by shape: an agent's own call enters a queue without a time and without its name.
    ///
    /// *Call Details* v2 tells none of what stayed with the bot. What a campaign called is outbound there as it is in v1,
    /// which tells it.
    pub(super) fn direction(&self, stops: &[Stop]) -> Cow<'r, str> {
        match self.direction {
            Some(word) if word.eq_ignore_ascii_case("inbound") => "inbound".into(),
            Some(word) if word.eq_ignore_ascii_case("outbound") => "outbound".into(),
            Some(word) => word.to_lowercase().into(),
            None => {
                let mut entries = stops.iter().filter(|stop| stop.entry).peekable();
                let by_agents = entries.peek().is_some() && entries.all(|stop| stop.unannounced);
                let campaign = self.smart_status.is_some() && is_word(self.channel, "campaign");
                let outbound = by_agents || campaign && stops.is_empty();
                if outbound {
                    "outbound".into()
                } else {
                    "inbound".into()
                }
            }
        }
    }
}
