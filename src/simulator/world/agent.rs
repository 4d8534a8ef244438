//! Agents: offers taken and ignored, talks, transfers, calls out.

use super::super::centre::{Channel, QUEUES, WRAP_UP_MEDIAN_S, WRAP_UP_SIGMA, WRITING_FACTOR};
use super::super::conversation::{DestinationKind, End, Ending, Ignored, Segment};
use super::{Event, Phase, World};

const IGNORES_OFFER: f64 = 0.04;
const LEAVES_DURING_TALK: f64 = 0.03;
const TRANSFERS: f64 = 0.06;
const TO_ANOTHER_QUEUE: f64 = 0.6;
/// No conversation is passed on for ever.
const MOST_DESTINATIONS: usize = 3;
const TAKES_CALLBACK_CALL: f64 = 0.8;
const ANSWERS_OUTBOUND: f64 = 0.65;
const APPEARS_LATE: f64 = 0.04;

/// How a talk that is not passed on ends.
const CLOSINGS: [(Ending, f64); 4] = [
    (Ending::ClosedByAgent, 0.46),
    (Ending::ClosedByUser, 0.42),
    (Ending::ClosedByBot, 0.07),
    (Ending::HungUpByAgent, 0.05),
];

const NON_RESPONSES: [(Option<&str>, f64); 3] = [
    (Some("Ignored"), 0.7),
    (Some("Supervisor Reassigned"), 0.2),
    (None, 0.1),
];

/// What an agent who ignored an offer is taken out for.
const BREAK_MS: i64 = 45_000;

fn agent_number(queue: usize, place: usize) -> usize {
    place * QUEUES.len() + queue
}

impl World {
    /// Offers the longest waiting to the longest idle, as long as there are both.
    pub(super) fn offer(&mut self, queue: usize) {
        while !self.teams[queue].waiting.is_empty() {
            let Some(place) = self.teams[queue].call_agent() else {
                return;
            };
            let Some(number) = self.teams[queue].waiting.pop_front() else {
                return;
            };
            let (agent, assigned_ms) = (agent_number(queue, place), self.now_ms);
            self.progress.insert(
                number,
                Phase::Offered {
                    queue,
                    agent,
                    assigned_ms,
                },
            );
            let taken = !self.dice.chance(IGNORES_OFFER);
            let rings_ms = match (taken, self.conversation(number).channel) {
                (false, _) => self.dice.between_ms(18.0, 22.0),
                (true, Channel::Voice) => self.dice.lognormal_ms(3.5, 0.5),
                (true, Channel::Mail) => self.dice.lognormal_ms(20.0, 0.8),
                (true, _) => self.dice.lognormal_ms(5.0, 0.6),
            };
            self.schedule(
                assigned_ms + rings_ms,
                Event::OfferEnds {
                    number,
                    agent,
                    assigned_ms,
                    taken,
                },
            );
        }
    }

    pub(super) fn offer_ends(&mut self, number: u32, agent: usize, assigned_ms: i64, taken: bool) {
        let queue = agent % QUEUES.len();
        if self.progress.get(&number)
            != Some(&Phase::Offered {
                queue,
                agent,
                assigned_ms,
            })
        {
            return;
        }
        if taken {
            self.accept(number, agent, assigned_ms);
        } else {
            self.ignore(
                number,
                queue,
                Ignored {
                    agent,
                    assigned_ms,
                    given_up_ms: self.now_ms,
                    event: None,
                },
            );
        }
    }

    fn ignore(&mut self, number: u32, queue: usize, mut offer: Ignored) {
        offer.event = self.dice.pick(None, &NON_RESPONSES);
        self.teams[queue].away.insert(offer.agent / QUEUES.len());
        self.schedule(
            self.now_ms + BREAK_MS,
            Event::AgentFree { agent: offer.agent },
        );
        if let Some(destination) = self.conversation(number).destinations.last_mut() {
            destination.ignored.push(offer);
        }
        self.progress.insert(number, Phase::Waiting { queue });
        self.teams[queue].waiting.push_front(number);
        self.offer(queue);
    }

    fn accept(&mut self, number: u32, agent: usize, assigned_ms: i64) {
        let reached = self.dice.chance(TAKES_CALLBACK_CALL);
        let answers_ms = self.now_ms + self.dice.between_ms(0.5, 9.0);
        let destination = self.conversation(number).destinations.last_mut();
        match destination.filter(|destination| destination.callback_ms.is_some()) {
            Some(_) if !reached => {
                let given_up_ms = self.now_ms + self.dice.between_ms(20.0, 30.0);
                self.schedule(given_up_ms, Event::AgentFree { agent });
                self.finish(number, given_up_ms, Ending::CallbackFailed);
                return;
            }
            Some(destination) => destination.callback_accepted_ms = Some(answers_ms),
            None => {}
        }
        self.talk(number, agent, assigned_ms, self.now_ms);
    }

    /// The talk, drawn whole at its beginning; only a transfer is left to happen later.
    fn talk(&mut self, number: u32, agent: usize, assigned_ms: i64, accepted_ms: i64) {
        self.progress.insert(number, Phase::Talking);
        let queue = &QUEUES[agent % QUEUES.len()];
        let (channel, outbound) = (
            self.conversation(number).channel,
            self.conversation(number).outbound,
        );
        let may_transfer =
            !outbound && self.conversation(number).destinations.len() < MOST_DESTINATIONS;
        let written = channel != Channel::Voice;
        let pace = if written { WRITING_FACTOR } else { 1.0 };
        // A callback begins only when the customer has picked up.
        let begins_ms = self
            .conversation(number)
            .destinations
            .last()
            .and_then(|last| last.callback_accepted_ms)
            .unwrap_or(accepted_ms);
        let talk_end_ms = begins_ms
            + self
                .dice
                .lognormal_ms(queue.talk_median_s * pace, queue.talk_sigma)
                .max(4_000);
        let first_response_ms = self.first_response(written, begins_ms, talk_end_ms);
        let mut segment = Segment {
            agent,
            assigned_ms,
            accepted_ms,
            shown_from_ms: accepted_ms,
            first_response_ms,
            interaction_end_ms: talk_end_ms,
            wrap_up_end_ms: None,
        };
        let mut closing = None;
        if may_transfer && self.dice.chance(TRANSFERS) {
            let to_queue = if self.dice.chance(TO_ANOTHER_QUEUE) {
                Some(self.wanted_queue())
            } else {
                None
            };
            self.schedule(
                talk_end_ms,
                Event::AgentTransfers {
                    number,
                    agent,
                    to_queue,
                },
            );
        } else {
            closing = Some(self.close(number, &mut segment));
        }
        if let Some(destination) = self.conversation(number).destinations.last_mut() {
            destination.segment = Some(segment);
        }
        if let Some(end) = closing {
            self.finish(number, end.at_ms, end.how);
        }
    }

    fn first_response(&mut self, written: bool, begins_ms: i64, talk_end_ms: i64) -> Option<i64> {
        let (median_s, missing) = if written { (9.0, 0.08) } else { (2.0, 0.25) };
        let after_ms = self.dice.lognormal_ms(median_s, 0.8);
        let left_out = self.dice.chance(missing);
        Some(begins_ms + after_ms).filter(|at_ms| !left_out && *at_ms < talk_end_ms)
    }

    /// Ends a talk that is not passed on: session, interaction and after-call work end apart from each other.
    fn close(&mut self, number: u32, segment: &mut Segment) -> End {
        let talk_end_ms = segment.interaction_end_ms;
        let left = self.dice.chance(LEAVES_DURING_TALK);
        let how = match self.dice.pick(Ending::ClosedByAgent, &CLOSINGS) {
            // Nobody hangs up on a letter.
            _ if self.conversation(number).channel == Channel::Mail => Ending::ClosedByAgent,
            _ if left => Ending::LeftAgent,
            closing => closing,
        };
        let session_end_ms = match how {
            // The customer is gone; the agent notices and closes later: up to 36 s in the vendor's samples.
            Ending::LeftAgent | Ending::ClosedByUser | Ending::ClosedByBot => {
                segment.interaction_end_ms = talk_end_ms + self.dice.between_ms(0.0, 36.0);
                talk_end_ms
            }
            // The agent is done; the session closes later: up to 66 s in the vendor's samples.
            _ => talk_end_ms + self.dice.between_ms(0.0, 66.0),
        };
        if self.dice.chance(0.9) {
            segment.wrap_up_end_ms = Some(
                segment.interaction_end_ms
                    + self.dice.lognormal_ms(WRAP_UP_MEDIAN_S, WRAP_UP_SIGMA),
            );
        }
        let free_ms = segment.wrap_up_end_ms.unwrap_or(segment.interaction_end_ms);
        self.schedule(
            free_ms,
            Event::AgentFree {
                agent: segment.agent,
            },
        );
        let alone = self.conversation(number).destinations.len() == 1
            && !self.conversation(number).outbound;
        if self.plan.late_segments
            && alone
            && how != Ending::LeftAgent
            && self.dice.chance(APPEARS_LATE)
        {
            segment.shown_from_ms = session_end_ms + self.dice.between_ms(1.0, 20.0);
        }
        End {
            at_ms: session_end_ms,
            how,
        }
    }

    /// To another agent of the team if one is free, else into a queue.
    pub(super) fn agent_transfers(&mut self, number: u32, agent: usize, to_queue: Option<usize>) {
        let queue = agent % QUEUES.len();
        let colleague = if to_queue.is_none() {
            self.teams[queue].call_agent()
        } else {
            None
        };
        self.schedule(self.now_ms + 5_000, Event::AgentFree { agent });
        match colleague {
            Some(place) => {
                let accepted_ms = self.now_ms + self.dice.between_ms(2.0, 8.0);
                self.push_destination(number, DestinationKind::Agent, queue);
                self.talk(number, agent_number(queue, place), self.now_ms, accepted_ms);
            }
            None => self.enter_queue(number, to_queue.unwrap_or(queue)),
        }
    }

    /// An agent without work calls a customer; nobody without work, no call.
    pub(super) fn call_out(&mut self) {
        let queue = self.wanted_queue();
        let Some(place) = self.teams[queue].call_agent() else {
            return;
        };
        let agent = agent_number(queue, place);
        let number = self.begin(Channel::Voice, true);
        self.push_destination(number, DestinationKind::OutboundQueue, queue);
        if self.dice.chance(ANSWERS_OUTBOUND) {
            let accepted_ms = self.now_ms + self.dice.between_ms(1.0, 3.0);
            self.talk(number, agent, self.now_ms, accepted_ms);
        } else {
            let given_up_ms = self.now_ms + self.dice.between_ms(25.0, 40.0);
            self.schedule(given_up_ms, Event::AgentFree { agent });
            self.finish(number, given_up_ms, Ending::NobodyAnswered);
        }
    }

    pub(super) fn agent_free(&mut self, agent: usize) {
        let queue = agent % QUEUES.len();
        let place = agent / QUEUES.len();
        self.teams[queue].away.remove(&place);
        self.teams[queue].idle.push_back(place);
        self.offer(queue);
    }
}
