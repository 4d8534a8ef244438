//! What comes after the end: dispositions and their late edits, surveys and their late answers.

use super::super::centre::Channel;
use super::super::conversation::{Answer, Conversation, Disposition, Ending, Survey};
use super::World;

const BY_AGENT: [(&str, f64); 5] = [
    ("Resolved", 0.62),
    ("Unresolved", 0.14),
    ("Requires Supervisor Attention", 0.08),
    ("System Generated", 0.05),
    // The centre's own word: the set is open.
    ("Promise to Pay", 0.11),
];

const EDITED_LATE: f64 = 0.03;
const SECOND_DISPOSITION: f64 = 0.04;

/// Parts of the surveys by kind.
const KINDS: [(Answer, f64); 3] = [
    (Answer::Csat(0), 0.5),
    (Answer::Nps(0), 0.32),
    (Answer::Like(true), 0.18),
];

/// A late answer comes within this time.
const LATEST_ANSWER_MS: i64 = 6 * 3_600_000;

/// A survey wave reaches back this far.
const WAVE_REACH_MS: i64 = 8 * 3_600_000;

impl World {
    pub(super) fn dispose(&mut self, number: u32) {
        let conversation = &self.conversations[number as usize];
        let Some(end) = conversation.end else { return };
        let (text, from_ms) = match end.how {
            Ending::GivenUp
            | Ending::LineLost
            | Ending::CallbackFailed
            | Ending::NobodyAnswered => ("DROP-OFF", end.at_ms),
            Ending::ClosedByAgent
            | Ending::ClosedByUser
            | Ending::ClosedByBot
            | Ending::HungUpByAgent => (self.dice.pick("Resolved", &BY_AGENT), end.at_ms),
            _ => return,
        };
        let mut dispositions = vec![Disposition {
            text,
            from_ms,
            until_ms: None,
        }];
        if text != "DROP-OFF" && self.dice.chance(SECOND_DISPOSITION) {
            dispositions.push(Disposition {
                text: another(text),
                from_ms,
                until_ms: None,
            });
        } else if self.dice.chance(EDITED_LATE) {
            let edited_ms = from_ms + self.dice.between_ms(600.0, 21_600.0);
            if self.dice.chance(self.plan.replaced_dispositions) {
                dispositions[0].until_ms = Some(edited_ms);
            }
            dispositions.push(Disposition {
                text: another(text),
                from_ms: edited_ms,
                until_ms: None,
            });
        }
        self.conversation(number).dispositions = dispositions;
    }

    pub(super) fn survey(&mut self, number: u32) {
        let conversation = &self.conversations[number as usize];
        let Some(end) = conversation.end else { return };
        let takes_part = match (end.how, conversation.channel) {
            (_, Channel::Campaign) => 0.0,
            (Ending::Contained, _) => 0.10,
            (
                Ending::ClosedByAgent
                | Ending::ClosedByUser
                | Ending::ClosedByBot
                | Ending::HungUpByAgent,
                Channel::Voice,
            ) => 0.36,
            (
                Ending::ClosedByAgent
                | Ending::ClosedByUser
                | Ending::ClosedByBot
                | Ending::HungUpByAgent,
                _,
            ) => 0.44,
            (Ending::GivenUp | Ending::LeftQueue | Ending::LeftAgent, _) => 0.06,
            _ => 0.0,
        };
        if !self.dice.chance(takes_part) {
            return;
        }
        let after_ms = if self.dice.chance(0.55) {
            self.dice.between_ms(5.0, 90.0)
        } else {
            self.dice.lognormal_ms(1500.0, 1.1)
        };
        let at_ms = end.at_ms + after_ms.min(LATEST_ANSWER_MS);
        self.answer(number, at_ms);
    }

    /// A wave of answers to surveys that had been left open.
    pub(super) fn survey_wave(&mut self, until_ms: i64) {
        let (from_ms, now_ms) = (self.now_ms - WAVE_REACH_MS, self.now_ms);
        let first = self
            .conversations
            .partition_point(|conversation| conversation.start_ms < from_ms);
        for number in first..self.conversations.len() {
            let conversation = &self.conversations[number];
            let open = conversation.survey.is_none()
                && conversation.ended(now_ms).is_some()
                && !conversation.outbound;
            if open && self.dice.chance(0.6) {
                let part = self.dice.fraction();
                let at_ms = now_ms + (part * (until_ms - now_ms) as f64) as i64;
                self.answer(number as u32, at_ms);
            }
        }
    }

    fn answer(&mut self, number: u32, at_ms: i64) {
        let mood = mood(&self.conversations[number as usize]);
        let answer = match self.dice.pick(Answer::Csat(0), &KINDS) {
            Answer::Csat(_) => Answer::Csat(
                self.dice
                    .normal(1.0 + 4.0 * mood, 0.9)
                    .round()
                    .clamp(1.0, 5.0) as u8,
            ),
            Answer::Nps(_) => {
                Answer::Nps(self.dice.normal(10.4 * mood, 2.1).round().clamp(0.0, 10.0) as u8)
            }
            Answer::Like(_) => Answer::Like(self.dice.chance(mood)),
        };
        let feedback = self.dice.chance(0.3);
        self.conversation(number).survey = Some(Survey {
            at_ms,
            answer,
            feedback,
        });
    }
}

/// From 0, furious, to 1, delighted: long waits spoil it, and nobody answering spoils it for good.
fn mood(conversation: &Conversation) -> f64 {
    let waited_ms: i64 = conversation
        .destinations
        .iter()
        .filter_map(|destination| {
            destination
                .segment
                .as_ref()
                .map(|segment| segment.accepted_ms - destination.enter_ms)
        })
        .sum();
    let after_wait = 0.84 - (waited_ms as f64 / 600_000.0).min(0.45);
    match conversation.end.map(|end| end.how) {
        Some(Ending::GivenUp | Ending::LeftQueue | Ending::LeftAgent) => 0.2,
        Some(Ending::Contained) => 0.7,
        _ => after_wait,
    }
}

fn another(text: &str) -> &'static str {
    if text == "Requires Supervisor Attention" {
        "Resolved"
    } else {
        "Requires Supervisor Attention"
    }
}
