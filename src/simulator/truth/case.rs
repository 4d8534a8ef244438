//! One finished conversation, judged and counted.

use super::super::centre::{Channel, QUEUES};
use super::super::conversation::{
    Answer, Conversation, Destination, DestinationKind, End, Ending, Segment,
};
use super::super::oddity::{Oddity, Struck};
use super::recent::Glance;
use super::{Truth, Witness};
use std::collections::BTreeSet;

/// Between two instants, as whole seconds are shown of each.
fn shown_ms(from_ms: i64, to_ms: i64) -> i64 {
    (to_ms.div_euclid(1000) - from_ms.div_euclid(1000)) * 1000
}

pub(super) struct Case<'c> {
    pub(super) conversation: &'c Conversation,
    pub(super) struck: Struck<'c>,
    pub(super) end: End,
    pub(super) now_ms: i64,
    pub(super) channel: &'static str,
    pub(super) queue: &'static str,
    direction: &'static str,
    pub(super) outcome: &'static str,
}

impl<'c> Case<'c> {
    /// `None` while it is live or settling, or waits for what decides it to be readable.
    pub(super) fn of(
        conversation: &'c Conversation,
        now_ms: i64,
        struck: Struck<'c>,
        witness: &Witness,
    ) -> Option<Self> {
        let end = conversation.ended(now_ms)?;
        if struck.waits(conversation, now_ms) {
            return None;
        }
        let answered = conversation
            .destinations
            .iter()
            .any(|destination| destination.segment_by(now_ms).is_some());
        if !answered && shown_ms(end.at_ms, now_ms) < witness.settle.as_millis() as i64 {
            return None;
        }
        Some(Case {
            conversation,
            struck,
            end,
            now_ms,
            channel: conversation.channel.name(),
            queue: conversation
                .destinations
                .last()
                .map_or("none", |last| QUEUES[last.queue].name),
            direction: if conversation.outbound {
                "outbound"
            } else {
                "inbound"
            },
            outcome: outcome(conversation, end.how, answered),
        })
    }

    pub(super) fn count(&self, truth: &mut Truth, witness: &Witness) {
        let (channel, queue) = (("channel", self.channel), ("queue", self.queue));
        let (direction, outcome) = (("direction", self.direction), ("outcome", self.outcome));
        truth.add(
            "smartassist_conversations_total",
            &[channel, queue, direction, outcome],
        );
        let session_ms = shown_ms(self.conversation.start_ms, self.end.at_ms);
        truth.observe(
            "smartassist_session_duration_seconds",
            &[channel, queue, outcome],
            session_ms,
        );
        truth.add(
            "smartassist_final_status_total",
            &[channel, ("status", self.end.how.final_status())],
        );
        let event = self.end.how.disconnecting_event(self.conversation.channel);
        if !event.is_empty() {
            truth.add(
                "smartassist_disconnects_total",
                &[channel, queue, ("event", event)],
            );
        }
        self.count_request(truth);
        if self.offered() {
            truth.add("smartassist_offered_total", &[channel, queue]);
            if self.answered_within(witness) {
                truth.add(
                    "smartassist_answered_within_target_total",
                    &[channel, queue],
                );
            }
        }
        self.count_words(truth);
        if witness.second {
            self.count_second(truth);
        }
        for (place, destination) in self.conversation.destinations.iter().enumerate() {
            self.count_destination(truth, place, destination);
        }
    }

    /// Dispositions and surveys.
    fn count_words(&self, truth: &mut Truth) {
        let (channel, queue) = (("channel", self.channel), ("queue", self.queue));
        let standing = self.conversation.dispositions.iter().filter(|disposition| {
            disposition.from_ms <= self.now_ms
                && disposition
                    .until_ms
                    .is_none_or(|until_ms| self.now_ms < until_ms)
        });
        for text in standing
            .map(|disposition| disposition.text)
            .collect::<BTreeSet<_>>()
        {
            truth.add(
                "smartassist_dispositions_total",
                &[channel, queue, ("disposition", text)],
            );
        }
        match self.answer() {
            Some(Answer::Csat(score)) => truth.add(
                "smartassist_csat_responses_total",
                &[channel, queue, ("score", &score.to_string())],
            ),
            Some(Answer::Nps(score)) => truth.add(
                "smartassist_nps_responses_total",
                &[channel, queue, ("score", &score.to_string())],
            ),
            Some(Answer::Like(like)) => {
                let response = if like { "like" } else { "dislike" };
                truth.add(
                    "smartassist_like_dislike_responses_total",
                    &[channel, queue, ("response", response)],
                );
            }
            None => {}
        }
    }

    fn count_destination(&self, truth: &mut Truth, place: usize, destination: &Destination) {
        let (channel, queue) = (
            ("channel", self.channel),
            ("queue", QUEUES[destination.queue].name),
        );
        if place > 0 {
            let left = QUEUES[self.conversation.destinations[place - 1].queue].name;
            truth.add("smartassist_transfers_total", &[channel, ("queue", left)]);
        }
        if destination.kind != DestinationKind::Agent {
            self.count_entry(truth, place, destination);
        }
        for offer in &destination.ignored {
            let event = ("event", offer.event.unwrap_or("unknown"));
            truth.add(
                "smartassist_agent_nonresponses_total",
                &[channel, queue, event],
            );
        }
        if let Some(segment) = destination.segment_by(self.now_ms) {
            self.count_segment(truth, queue.1, segment);
        }
    }

    fn count_entry(&self, truth: &mut Truth, place: usize, entry: &Destination) {
        let (channel, queue) = (
            ("channel", self.channel),
            ("queue", QUEUES[entry.queue].name),
        );
        let next = self.conversation.destinations.get(place + 1);
        let (outcome, until_ms) = match (entry.segment_by(self.now_ms), next) {
            (Some(segment), _) => ("answered", segment.accepted_ms),
            (None, Some(next)) => ("transferred", next.enter_ms),
            (None, None) if entry.callback_ms.is_some() => ("callback", self.end.at_ms),
            (None, None) if left(self.end.how) => ("abandoned", self.end.at_ms),
            (None, None) => ("terminated", self.end.at_ms),
        };
        truth.add(
            "smartassist_queue_entries_total",
            &[
                channel,
                queue,
                ("direction", self.direction),
                ("outcome", outcome),
            ],
        );
        if entry.kind == DestinationKind::Queue {
            let wait_ms = shown_ms(entry.enter_ms, until_ms);
            truth.observe(
                "smartassist_queue_wait_seconds",
                &[channel, queue, ("outcome", outcome)],
                wait_ms,
            );
        }
        if let Some(opted_ms) = entry.callback_ms {
            truth.add(
                "smartassist_callbacks_total",
                &[channel, queue, ("stage", "requested")],
            );
            if let Some(accepted_ms) = entry
                .callback_accepted_ms
                .filter(|at_ms| *at_ms <= self.now_ms)
            {
                truth.add(
                    "smartassist_callbacks_total",
                    &[channel, queue, ("stage", "accepted")],
                );
                truth.observe(
                    "smartassist_callback_wait_seconds",
                    &[channel, queue],
                    accepted_ms - opted_ms,
                );
            }
        }
    }

    fn count_segment(&self, truth: &mut Truth, queue: &str, segment: &Segment) {
        let labels = [("channel", self.channel), ("queue", queue)];
        truth.observe(
            "smartassist_agent_pickup_seconds",
            &labels,
            shown_ms(segment.assigned_ms, segment.accepted_ms),
        );
        let whole_s_ms = |duration_ms: i64| duration_ms / 1000 * 1000;
        if let Some(at_ms) = segment
            .first_response_ms
            .filter(|at_ms| segment.reached(*at_ms, self.now_ms))
        {
            truth.observe(
                "smartassist_first_response_duration_seconds",
                &labels,
                whole_s_ms(at_ms - segment.accepted_ms),
            );
        }
        if segment.reached(segment.interaction_end_ms, self.now_ms) {
            let labels = [labels[0], labels[1], ("direction", self.direction)];
            let interaction_ms = segment.interaction_end_ms - segment.accepted_ms;
            truth.observe(
                "smartassist_interaction_duration_seconds",
                &labels,
                whole_s_ms(interaction_ms),
            );
        }
        if let Some(at_ms) = segment
            .wrap_up_end_ms
            .filter(|at_ms| segment.reached(*at_ms, self.now_ms))
        {
            let wrap_up_ms = at_ms - segment.interaction_end_ms;
            truth.observe(
                "smartassist_after_call_work_duration_seconds",
                &labels,
                whole_s_ms(wrap_up_ms),
            );
        }
    }

    /// The first answered stay in a queue waited no longer than its target.
    fn answered_within(&self, witness: &Witness) -> bool {
        self.first_answer().is_some_and(|(entry, wait_ms)| {
            let others = match self.conversation.channel {
                Channel::Mail => witness.mail_target,
                _ => witness.target,
            };
            let target = witness
                .targets
                .get(QUEUES[entry.queue].name)
                .copied()
                .unwrap_or(others);
            wait_ms <= target.as_millis() as i64
        })
    }

    /// The first answered stay in a queue, and how long it waited.
    fn first_answer(&self) -> Option<(&Destination, i64)> {
        let stays = self.conversation.destinations.iter();
        stays
            .filter(|destination| destination.kind == DestinationKind::Queue)
            .find_map(|stay| {
                let segment = stay.segment_by(self.now_ms)?;
                Some((stay, shown_ms(stay.enter_ms, segment.accepted_ms)))
            })
    }

    /// What the recent windows tell of it.
    pub(super) fn glance(&self, witness: &Witness) -> Glance {
        let offered = self.offered();
        let segments = self.conversation.destinations.iter();
        let talks_end_ms = segments
            .filter_map(|destination| destination.segment_by(self.now_ms))
            .filter(|segment| segment.reached(segment.interaction_end_ms, self.now_ms))
            .map(|segment| segment.interaction_end_ms);
        let ended_ms = talks_end_ms.fold(self.end.at_ms, i64::max);
        Glance {
            ended_s: ended_ms.div_euclid(1000),
            channel: self.channel,
            queue: self.queue,
            direction: self.direction,
            outcome: self.outcome,
            offered,
            within_target: offered && self.answered_within(witness),
            wait_ms: self
                .first_answer()
                .map(|(_, wait_ms)| wait_ms)
                .filter(|_| offered),
            survey: self.answer(),
        }
    }

    fn offered(&self) -> bool {
        !self.conversation.outbound
            && !matches!(self.outcome, "contained" | "bot_dropped" | "other")
    }

    /// The survey's answer, if it is there and no refused score.
    fn answer(&self) -> Option<Answer> {
        let survey = self.conversation.survey;
        let answer = survey.filter(|survey| survey.at_ms <= self.now_ms)?.answer;
        let refused = matches!(answer, Answer::Csat(_)) && self.struck.by(Oddity::ScoresRefused);
        (!refused).then_some(answer)
    }
}

/// The customer went.
pub(super) fn left(how: Ending) -> bool {
    matches!(
        how,
        Ending::LeftBeforeQueue | Ending::LeftQueue | Ending::LeftAgent | Ending::ClosedByUser
    )
}

fn outcome(conversation: &Conversation, how: Ending, answered: bool) -> &'static str {
    let called_back = conversation
        .destinations
        .iter()
        .any(|destination| destination.callback_ms.is_some());
    match how {
        Ending::Contained => "contained",
        Ending::BotDropped => "bot_dropped",
        Ending::BotClosed => "other",
        Ending::LeftQueue | Ending::LeftAgent if answered => "abandoned_with_agent",
        _ if answered => "answered",
        _ if called_back => "callback",
        how if left(how) => "abandoned",
        _ => "terminated",
    }
}
