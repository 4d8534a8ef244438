//! What counts beside the outcome: what the bot handed over for, and what *Call Details* v2 alone tells.

use super::super::centre::QUEUES;
use super::super::intent::last_intent;
use super::super::oddity::Oddity;
use super::super::second;
use super::Truth;
use super::case::Case;

impl Case<'_> {
    /// What the bot handed it over for, of all that was not the bot's own.
    pub(super) fn count_request(&self, truth: &mut Truth) {
        if matches!(self.outcome, "contained" | "bot_dropped" | "other") {
            return;
        }
        let intent = last_intent(self.struck.seed(), self.conversation).unwrap_or("none");
        let labels = [
            ("channel", self.channel),
            ("queue", self.queue),
            ("intent", intent),
        ];
        truth.add("smartassist_agent_requests_total", &labels);
        if self.outcome == "abandoned" {
            truth.add("smartassist_abandoned_agent_requests_total", &labels);
        }
    }

    /// What v2 tells beside: voicemails, consults, and a summary that fits another outcome.
    pub(super) fn count_second(&self, truth: &mut Truth) {
        let (seed, conversation) = (self.struck.seed(), self.conversation);
        let outcome = ("outcome", self.outcome);
        if second::is_voicemail(seed, conversation, self.now_ms) {
            truth.add(
                "smartassist_voicemails_total",
                &[("channel", self.channel), ("queue", self.queue), outcome],
            );
        }
        for (place, destination) in conversation.destinations.iter().enumerate() {
            let Some(segment) = destination.segment_by(self.now_ms) else {
                continue;
            };
            let queue = QUEUES[destination.queue].name;
            for _ in second::consults(seed, conversation, (place, segment), self.now_ms) {
                truth.add(
                    "smartassist_consults_total",
                    &[("channel", self.channel), ("queue", queue)],
                );
            }
        }
        if self.struck.by(Oddity::SmartStatusWrong) {
            let told = second::wrong_summary(second::summary(conversation, self.end.how));
            truth.add(
                "smartassist_exporter_outcome_disagreements_total",
                &[outcome, ("smart_status", told)],
            );
        }
    }
}
