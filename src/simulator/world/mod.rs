//! The centre at work: a discrete-event simulation. Customers arrive, bots answer, queues fill, agents pick up or do
//! not, patience runs out. Nothing draws "abandoned": it emerges from waiting.
//!
//! Invariant: one stream of chance, used in the order of events; so the same [`Plan`] makes the same conversations,
//! however the time up to an instant is cut into calls of [`World::advance`].
//! Not here: what a record looks like (`wire`), and how it is asked for (`http`).

mod after;
mod agent;
mod bot;
mod queue;

use super::centre::{self, QUEUES};
use super::conversation::{Conversation, Destination, DestinationKind, End, Ending};
use super::dice::Dice;
use super::now::StaffNow;
use super::scenario::{Name, Scenario};
use queue::{Leave, Team};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What a world is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub seed: u64,
    /// The first instant of the world, UTC milliseconds; before it there was nobody.
    pub start_ms: i64,
    /// Mean arrivals an hour over a day, all occasions together.
    pub rate_per_hour: f64,
    /// Minutes east of UTC of the clock on the centre's wall, which the hour of the day follows.
    pub local_offset_minutes: i32,
    pub scenario: Scenario,
    /// Some agent segments appear only up to 20 s after the session's end.
    pub late_segments: bool,
    /// The part of late disposition edits that replace, instead of add: what was counted then reads differently.
    pub replaced_dispositions: f64,
}

/// Greatest rate: beyond it, a day of history no longer fits into ordinary memory.
pub(crate) const GREATEST_RATE: f64 = 50_000.0;

#[derive(Debug, Clone)]
pub struct World {
    plan: Plan,
    dice: Dice,
    now_ms: i64,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    scheduled: u64,
    conversations: Vec<Conversation>,
    progress: BTreeMap<u32, Phase>,
    teams: Vec<Team>,
}

/// Something that will happen unless the conversation has moved on by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    BotTransfers {
        number: u32,
        queue: usize,
    },
    LeavesQueue {
        number: u32,
        stay: usize,
        why: Leave,
    },
    OfferEnds {
        number: u32,
        agent: usize,
        assigned_ms: i64,
        taken: bool,
    },
    AgentTransfers {
        number: u32,
        agent: usize,
        to_queue: Option<usize>,
    },
    AgentFree {
        agent: usize,
    },
    Roster {
        repeats: bool,
    },
    SurveyWave {
        until_ms: i64,
    },
}

/// Where a conversation that is not decided yet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting {
        queue: usize,
    },
    Offered {
        queue: usize,
        agent: usize,
        assigned_ms: i64,
    },
    Talking,
}

/// How often the staff is compared with its plan.
const ROSTER_MS: i64 = 600_000;

impl World {
    pub fn new(plan: Plan) -> Self {
        let teams = QUEUES
            .iter()
            .map(|queue| Team::new(centre::greatest_staff(queue, plan.rate_per_hour)))
            .collect();
        let mut world = World {
            dice: Dice::new(plan.seed, 0),
            now_ms: plan.start_ms,
            events: BinaryHeap::new(),
            scheduled: 0,
            conversations: Vec::new(),
            progress: BTreeMap::new(),
            teams,
            plan,
        };
        world.schedule(world.now_ms, Event::Roster { repeats: true });
        world.schedule(world.now_ms, Event::Arrival);
        world.stage(world.plan.scenario);
        world
    }

    /// Lets everything up to and including this instant happen; an instant already past changes nothing.
    pub fn advance(&mut self, to_ms: i64) {
        while let Some(Reverse((at_ms, _, event))) = self.events.peek().copied() {
            if at_ms > to_ms {
                break;
            }
            self.events.pop();
            self.now_ms = at_ms;
            self.happen(event);
        }
        self.now_ms = self.now_ms.max(to_ms);
    }

    /// Changes what is to come.
    pub fn stage(&mut self, scenario: Scenario) {
        self.plan.scenario = scenario;
        match scenario.name {
            Name::Steady => self.schedule(self.now_ms, Event::Roster { repeats: false }),
            Name::AbandonmentSpike => {
                self.schedule(
                    scenario.start_ms.max(self.now_ms),
                    Event::Roster { repeats: false },
                );
                self.schedule(
                    scenario.end_ms().max(self.now_ms),
                    Event::Roster { repeats: false },
                );
            }
            Name::SurveyWave if scenario.end_ms() > self.now_ms => {
                self.schedule(
                    scenario.start_ms.max(self.now_ms),
                    Event::SurveyWave {
                        until_ms: scenario.end_ms(),
                    },
                );
            }
            Name::SurveyWave | Name::Outage => {}
        }
    }

    pub fn scenario(&self) -> Scenario {
        self.plan.scenario
    }

    pub fn seed(&self) -> u64 {
        self.plan.seed
    }

    /// The agents of a queue: available, busy, away, offline. Away are those who let an offer pass, for their break.
    pub(super) fn staff(&self, queue: usize) -> StaffNow {
        let team = &self.teams[queue];
        let all = centre::greatest_staff(&QUEUES[queue], self.plan.rate_per_hour);
        let idle = team.idle.iter();
        let available = idle.filter(|place| **place < team.on_duty).count();
        let offline = team.idle.len() - available;
        let away = team.away.len();
        [available, all - team.idle.len() - away, away, offline]
    }

    /// All conversations that ever began, in the order of their start.
    pub fn conversations(&self) -> &[Conversation] {
        &self.conversations
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival => self.arrival(),
            Event::BotTransfers { number, queue } => self.enter_queue(number, queue),
            Event::LeavesQueue { number, stay, why } => self.leave_queue(number, stay, why),
            Event::OfferEnds {
                number,
                agent,
                assigned_ms,
                taken,
            } => self.offer_ends(number, agent, assigned_ms, taken),
            Event::AgentTransfers {
                number,
                agent,
                to_queue,
            } => self.agent_transfers(number, agent, to_queue),
            Event::AgentFree { agent } => self.agent_free(agent),
            Event::Roster { repeats } => self.roster(repeats),
            Event::SurveyWave { until_ms } => self.survey_wave(until_ms),
        }
    }

    fn schedule(&mut self, at_ms: i64, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((at_ms, self.scheduled, event)));
    }

    fn conversation(&mut self, number: u32) -> &mut Conversation {
        &mut self.conversations[number as usize]
    }

    /// Begins a conversation now.
    fn begin(&mut self, channel: centre::Channel, outbound: bool) -> u32 {
        let number = self.conversations.len() as u32;
        self.conversations.push(Conversation {
            number,
            channel,
            outbound,
            start_ms: self.now_ms,
            handover_ms: None,
            destinations: Vec::new(),
            end: None,
            dispositions: Vec::new(),
            survey: None,
        });
        number
    }

    /// Fixes how and when a conversation ends, now or later.
    fn finish(&mut self, number: u32, at_ms: i64, how: Ending) {
        self.progress.remove(&number);
        self.conversation(number).end = Some(End { at_ms, how });
        self.dispose(number);
        self.survey(number);
    }

    /// Compares the staff with its plan. Who must go finishes the conversation at hand first.
    fn roster(&mut self, repeats: bool) {
        for (place, queue) in QUEUES.iter().enumerate() {
            let planned = centre::planned_staff(
                queue,
                self.now_ms,
                self.plan.local_offset_minutes,
                self.plan.rate_per_hour,
            );
            let staying = planned as f64 * self.plan.scenario.staffing_at(self.now_ms, place);
            // A walkout leaves at least one: nobody at all would end calls by the system instead of by the caller.
            self.teams[place].on_duty = (staying as usize).max(planned.min(1));
            self.offer(place);
        }
        if repeats {
            self.schedule(self.now_ms + ROSTER_MS, Event::Roster { repeats });
        }
    }

    fn push_destination(
        &mut self,
        number: u32,
        kind: DestinationKind,
        queue: usize,
    ) -> &mut Destination {
        let now_ms = self.now_ms;
        let conversation = self.conversation(number);
        conversation.handover_ms.get_or_insert(now_ms);
        conversation
            .destinations
            .push(Destination::new(kind, queue, now_ms));
        let last = conversation.destinations.len() - 1;
        &mut conversation.destinations[last]
    }
}

#[cfg(test)]
mod tests;
