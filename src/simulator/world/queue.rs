//! Waiting: who waits, for how long, and what ends it before an agent does.

use super::super::centre::{Channel, PATIENCE_SIGMA, QUEUES};
use super::super::conversation::{DestinationKind, Ending, Ignored};
use super::{Event, Phase, World};
use std::collections::{BTreeSet, VecDeque};

/// The agents of one queue. An agent's number in the world is `place in the team × queues + queue`.
#[derive(Debug, Clone)]
pub(super) struct Team {
    pub waiting: VecDeque<u32>,
    /// Places of those without work, longest idle first.
    pub idle: VecDeque<usize>,
    /// Places of those on a break.
    pub away: BTreeSet<usize>,
    /// Places below this are on duty.
    pub on_duty: usize,
}

/// Why a stay in a queue ends without an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leave {
    Impatient,
    Overflow,
    OptsForCallback,
    LineLost,
    NobodyThere,
    TooLong,
    CallbackExpired,
}

/// The callback announcement comes after this wait.
const ANNOUNCEMENT_S: f64 = 40.0;
const TAKES_CALLBACK: f64 = 0.35;
/// From here on, part of the waiting is moved to another queue.
const OVERFLOW_S: f64 = 90.0;
/// The same where nobody is there to wait for.
const CLOSED_OVERFLOW_S: f64 = 5.0;
const OVERFLOWS: f64 = 0.5;
const LINE_BREAKS: f64 = 0.004;
/// The system gives up: a call or chat, and a mail.
const LONGEST_WAIT_S: f64 = 900.0;
const LONGEST_MAIL_WAIT_S: f64 = 43_200.0;
const CALLBACK_EXPIRES_MS: i64 = 7_200_000;

impl Team {
    pub(super) fn new(agents: usize) -> Self {
        Team {
            waiting: VecDeque::new(),
            idle: (0..agents).collect(),
            away: BTreeSet::new(),
            on_duty: 0,
        }
    }

    /// Takes the agent on duty who has been idle longest.
    pub(super) fn call_agent(&mut self) -> Option<usize> {
        let place = self.idle.iter().position(|agent| *agent < self.on_duty)?;
        self.idle.remove(place)
    }
}

impl World {
    pub(super) fn enter_queue(&mut self, number: u32, queue: usize) {
        self.push_destination(number, DestinationKind::Queue, queue);
        self.progress.insert(number, Phase::Waiting { queue });
        self.teams[queue].waiting.push_back(number);
        let (after_ms, why) = self.draw_leave(number, queue);
        let stay = self.conversation(number).destinations.len();
        self.schedule(
            self.now_ms + after_ms,
            Event::LeavesQueue { number, stay, why },
        );
        self.offer(queue);
    }

    /// Everything that can end a wait is drawn at its beginning; the earliest of it is what would happen.
    fn draw_leave(&mut self, number: u32, queue: usize) -> (i64, Leave) {
        let channel = self.conversation(number).channel;
        let first_stay = self.conversation(number).destinations.len() == 1;
        if channel == Channel::Mail {
            return (
                self.dice
                    .between_ms(LONGEST_MAIL_WAIT_S, LONGEST_MAIL_WAIT_S + 60.0),
                Leave::TooLong,
            );
        }
        let mut leaves = vec![
            (
                self.dice
                    .lognormal_ms(QUEUES[queue].patience_median_s, PATIENCE_SIGMA),
                Leave::Impatient,
            ),
            (
                self.dice.between_ms(LONGEST_WAIT_S, LONGEST_WAIT_S + 5.0),
                Leave::TooLong,
            ),
        ];
        if self.dice.chance(LINE_BREAKS) {
            leaves.push((self.dice.between_ms(3.0, 60.0), Leave::LineLost));
        }
        if channel == Channel::Voice && self.dice.chance(TAKES_CALLBACK) {
            leaves.push((
                self.dice.between_ms(ANNOUNCEMENT_S, ANNOUNCEMENT_S + 15.0),
                Leave::OptsForCallback,
            ));
        }
        let closed = self.teams[queue].on_duty == 0;
        if first_stay && QUEUES[queue].overflow.is_some() && self.dice.chance(OVERFLOWS) {
            let overflow_s = if closed {
                CLOSED_OVERFLOW_S
            } else {
                OVERFLOW_S
            };
            leaves.push((
                self.dice.between_ms(overflow_s, overflow_s + 2.0),
                Leave::Overflow,
            ));
        }
        if closed {
            leaves.push((self.dice.between_ms(8.0, 16.0), Leave::NobodyThere));
        }
        leaves.into_iter().min().unwrap_or((1, Leave::TooLong))
    }

    pub(super) fn leave_queue(&mut self, number: u32, stay: usize, why: Leave) {
        let Some(phase) = self.progress.get(&number).copied() else {
            return;
        };
        let conversation = self.conversation(number);
        let moved_on = conversation.destinations.len() != stay;
        let called_back = conversation
            .destinations
            .last()
            .is_some_and(|last| last.callback_ms.is_some());
        if moved_on || phase == Phase::Talking || (called_back && why != Leave::CallbackExpired) {
            return;
        }
        match (why, phase) {
            (Leave::Overflow, Phase::Waiting { queue }) => {
                self.stop_waiting(number);
                self.enter_queue(number, QUEUES[queue].overflow.unwrap_or(queue));
            }
            (Leave::OptsForCallback, Phase::Waiting { .. }) => self.opt_for_callback(number, stay),
            // It is ringing already; the caller goes on waiting, with a patience of their own.
            (Leave::Overflow | Leave::OptsForCallback, Phase::Offered { queue, .. }) => {
                let after_ms = self
                    .dice
                    .lognormal_ms(QUEUES[queue].patience_median_s, PATIENCE_SIGMA);
                self.schedule(
                    self.now_ms + after_ms,
                    Event::LeavesQueue {
                        number,
                        stay,
                        why: Leave::Impatient,
                    },
                );
            }
            _ => {
                self.stop_waiting(number);
                self.finish(number, self.now_ms, ending(why));
            }
        }
    }

    /// The caller hangs up and keeps the place in the queue.
    fn opt_for_callback(&mut self, number: u32, stay: usize) {
        let now_ms = self.now_ms;
        if let Some(destination) = self.conversation(number).destinations.last_mut() {
            destination.callback_ms = Some(now_ms);
        }
        self.schedule(
            now_ms + CALLBACK_EXPIRES_MS,
            Event::LeavesQueue {
                number,
                stay,
                why: Leave::CallbackExpired,
            },
        );
    }

    /// Takes a conversation out of its queue, or away from an agent's ringing telephone.
    fn stop_waiting(&mut self, number: u32) {
        match self.progress.remove(&number) {
            Some(Phase::Waiting { queue }) => self.teams[queue]
                .waiting
                .retain(|waiting| *waiting != number),
            Some(Phase::Offered {
                agent, assigned_ms, ..
            }) => {
                let given_up_ms = self.now_ms;
                if let Some(destination) = self.conversation(number).destinations.last_mut() {
                    destination.ignored.push(Ignored {
                        agent,
                        assigned_ms,
                        given_up_ms,
                        event: None,
                    });
                }
                self.schedule(given_up_ms, Event::AgentFree { agent });
            }
            Some(Phase::Talking) | None => {}
        }
    }
}

fn ending(why: Leave) -> Ending {
    match why {
        Leave::Impatient | Leave::Overflow | Leave::OptsForCallback => Ending::LeftQueue,
        Leave::LineLost => Ending::LineLost,
        Leave::NobodyThere | Leave::TooLong => Ending::GivenUp,
        Leave::CallbackExpired => Ending::CallbackFailed,
    }
}
