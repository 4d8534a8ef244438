//! What must have been counted by some moment, told from what happened: the witness of end-to-end and crash tests.
//!
//! Invariant: no record is looked at, and none of the exporter's rules is called; who waited, who answered and how it
//! ended is taken from the simulated conversation. Series are spelled as on the exporter's page, without `account`.
//! Not here: recent windows, targets, the exporter's own metrics, and `per_agent`.

use super::centre::QUEUES;
use super::conversation::{
    Answer, Conversation, Destination, DestinationKind, End, Ending, Segment,
};
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How the exporter under test is set up, as far as its counts depend on it.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Unanswered conversations count only so long after their end.
    pub settle: Duration,
    /// Service level targets by queue name, and of all other queues.
    pub targets: BTreeMap<String, Duration>,
    pub target: Duration,
}

impl Default for Witness {
    /// No settling, and the exporter's default target of 20 s.
    fn default() -> Self {
        Witness {
            settle: Duration::ZERO,
            targets: BTreeMap::new(),
            target: Duration::from_secs(20),
        }
    }
}

/// A metric and its labels in the order of the table, without `account`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    pub metric: &'static str,
    pub labels: Vec<(&'static str, String)>,
}

/// Number and sum of observations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observed {
    pub count: u64,
    pub sum_ms: u64,
}

/// The expected totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    pub counters: BTreeMap<Series, u64>,
    pub histograms: BTreeMap<Series, Observed>,
    /// Conversations counted.
    pub counted: u64,
    /// Conversations begun, but live or settling.
    pub open: u64,
}

impl Truth {
    /// Of all conversations that began by `now_ms`; the world must have been advanced to it.
    pub fn of(world: &World, now_ms: i64, witness: &Witness) -> Truth {
        let mut truth = Truth::default();
        for conversation in world
            .conversations()
            .iter()
            .take_while(|conversation| conversation.start_ms <= now_ms)
        {
            match Case::of(conversation, now_ms, witness) {
                Some(case) => {
                    truth.counted += 1;
                    case.count(&mut truth, witness);
                }
                None => truth.open += 1,
            }
        }
        truth
    }

    /// Sum of a counter over all series that carry the given label value; over all with an empty one.
    pub fn total(&self, metric: &str, label: (&str, &str)) -> u64 {
        let fits = |series: &Series| {
            series.metric == metric
                && (label.1.is_empty()
                    || series
                        .labels
                        .iter()
                        .any(|(name, value)| (*name, value.as_str()) == label))
        };
        self.counters
            .iter()
            .filter(|(series, _)| fits(series))
            .map(|(_, value)| value)
            .sum()
    }

    /// Abandoned ÷ offered, over everything; 0 when nothing was offered. Leaving an agent is no abandonment.
    pub fn abandonment_ratio(&self) -> f64 {
        let abandoned: u64 = self
            .counters
            .iter()
            .filter(|(series, _)| series.metric == "smartassist_conversations_total")
            .filter(|(series, _)| {
                series
                    .labels
                    .iter()
                    .any(|(name, value)| *name == "direction" && value == "inbound")
            })
            .filter(|(series, _)| {
                series
                    .labels
                    .iter()
                    .any(|(name, value)| *name == "outcome" && value == "abandoned")
            })
            .map(|(_, value)| value)
            .sum();
        abandoned as f64 / self.total("smartassist_offered_total", ("", "")).max(1) as f64
    }

    fn add(&mut self, metric: &'static str, labels: &[(&'static str, &str)]) {
        *self.counters.entry(series(metric, labels)).or_default() += 1;
    }

    fn observe(&mut self, metric: &'static str, labels: &[(&'static str, &str)], duration_ms: i64) {
        let observed = self.histograms.entry(series(metric, labels)).or_default();
        observed.count += 1;
        observed.sum_ms += duration_ms.max(0) as u64;
    }
}

fn series(metric: &'static str, labels: &[(&'static str, &str)]) -> Series {
    Series {
        metric,
        labels: labels
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
    }
}

/// Between two instants, as whole seconds are shown of each.
fn shown_ms(from_ms: i64, to_ms: i64) -> i64 {
    (to_ms.div_euclid(1000) - from_ms.div_euclid(1000)) * 1000
}

/// One finished conversation, judged.
struct Case<'c> {
    conversation: &'c Conversation,
    end: End,
    now_ms: i64,
    channel: &'static str,
    queue: &'static str,
    direction: &'static str,
    outcome: &'static str,
}

impl<'c> Case<'c> {
    /// `None` while it is live or settling.
    fn of(conversation: &'c Conversation, now_ms: i64, witness: &Witness) -> Option<Self> {
        let end = conversation.ended(now_ms)?;
        let answered = conversation
            .destinations
            .iter()
            .any(|destination| destination.segment_by(now_ms).is_some());
        if !answered && shown_ms(end.at_ms, now_ms) < witness.settle.as_millis() as i64 {
            return None;
        }
        Some(Case {
            conversation,
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

    fn count(&self, truth: &mut Truth, witness: &Witness) {
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
        let offered = !self.conversation.outbound
            && !matches!(self.outcome, "contained" | "bot_dropped" | "other");
        if offered {
            truth.add("smartassist_offered_total", &[channel, queue]);
            if self.answered_within(witness) {
                truth.add(
                    "smartassist_answered_within_target_total",
                    &[channel, queue],
                );
            }
        }
        self.count_words(truth);
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
        match self
            .conversation
            .survey
            .filter(|survey| survey.at_ms <= self.now_ms)
            .map(|survey| survey.answer)
        {
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
        let answers = self
            .conversation
            .destinations
            .iter()
            .filter(|destination| destination.kind == DestinationKind::Queue);
        let first = answers
            .filter_map(|entry| {
                entry
                    .segment_by(self.now_ms)
                    .map(|segment| (entry, segment))
            })
            .next();
        first.is_some_and(|(entry, segment)| {
            let target = witness
                .targets
                .get(QUEUES[entry.queue].name)
                .copied()
                .unwrap_or(witness.target);
            shown_ms(entry.enter_ms, segment.accepted_ms) <= target.as_millis() as i64
        })
    }
}

/// The customer went.
fn left(how: Ending) -> bool {
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
