//! What happened in one simulated conversation, to the millisecond. Everything carries its instant, so that what
//! the vendor's record of it shows at any later moment is a pure function of (conversation, now).

use super::centre::Channel;

#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its place in the world, from 0; ids are made of it.
    pub number: u32,
    pub channel: Channel,
    pub outbound: bool,
    pub start_ms: i64,
    /// When an agent was asked for: from then on the record has a `conversationId`.
    pub handover_ms: Option<i64>,
    pub destinations: Vec<Destination>,
    /// May lie in the future: the length of a talk is drawn when it begins.
    pub end: Option<End>,
    pub dispositions: Vec<Disposition>,
    pub survey: Option<Survey>,
}

/// A stay in a queue, or an agent that another agent passed the conversation to.
#[derive(Debug, Clone, PartialEq)]
pub struct Destination {
    pub kind: DestinationKind,
    pub queue: usize,
    pub enter_ms: i64,
    /// Offers that were not taken, in order.
    pub ignored: Vec<Ignored>,
    pub callback_ms: Option<i64>,
    pub callback_accepted_ms: Option<i64>,
    pub segment: Option<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    /// A queue with its name, an `EnterTime`, and `CallbackOpted`.
    Queue,
    /// A queue of an outbound call, which shows its id alone.
    OutboundQueue,
    /// A flat agent segment after a transfer between agents.
    Agent,
}

/// An offer to an agent who did not take it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    pub agent: usize,
    pub assigned_ms: i64,
    /// Shown from here on.
    pub given_up_ms: i64,
    /// The vendor leaves it out when the conversation ended while the offer stood.
    pub event: Option<&'static str>,
}

/// An agent who took the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub agent: usize,
    pub assigned_ms: i64,
    pub accepted_ms: i64,
    /// The segment may appear in the record only after the session has ended.
    pub shown_from_ms: i64,
    pub first_response_ms: Option<i64>,
    pub interaction_end_ms: i64,
    /// End of the after-call work, where there is any.
    pub wrap_up_end_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    pub at_ms: i64,
    pub how: Ending,
}

/// The one way in which a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// The bot was enough.
    Contained,
    /// The bot lost the user.
    BotDropped,
    /// The bot offered an agent outside of opening hours and closed.
    BotClosed,
    /// Hung up after asking for an agent, before any queue.
    LeftBeforeQueue,
    /// Waited in a queue, then lost patience.
    LeftQueue,
    /// Waited in a queue until the system gave up: no agent there, or the longest wait was over.
    GivenUp,
    /// The line broke while waiting.
    LineLost,
    /// Opted for a callback that never reached them.
    CallbackFailed,
    /// An outbound call nobody took.
    NobodyAnswered,
    /// Left while with an agent.
    LeftAgent,
    ClosedByAgent,
    ClosedByUser,
    /// The bot took the call back from the agent and ended it.
    ClosedByBot,
    HungUpByAgent,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Disposition {
    pub text: &'static str,
    pub from_ms: i64,
    /// Only where a supervisor replaces it.
    pub until_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    pub at_ms: i64,
    pub answer: Answer,
    pub feedback: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 1–5.
    Csat(u8),
    /// 0–10.
    Nps(u8),
    Like(bool),
}

impl Conversation {
    /// The end, if it is over.
    pub fn ended(&self, now_ms: i64) -> Option<End> {
        self.end.filter(|end| end.at_ms <= now_ms)
    }

    /// Destinations that exist by now.
    pub fn destinations_by(&self, now_ms: i64) -> impl Iterator<Item = &Destination> {
        self.destinations
            .iter()
            .filter(move |destination| destination.enter_ms <= now_ms)
    }
}

impl Destination {
    pub fn new(kind: DestinationKind, queue: usize, enter_ms: i64) -> Self {
        Destination {
            kind,
            queue,
            enter_ms,
            ignored: Vec::new(),
            callback_ms: None,
            callback_accepted_ms: None,
            segment: None,
        }
    }

    /// The agent, if the record shows one by now.
    pub fn segment_by(&self, now_ms: i64) -> Option<&Segment> {
        self.segment
            .as_ref()
            .filter(|segment| segment.shown_from_ms <= now_ms)
    }
}

impl Segment {
    /// An instant of the segment, if it has come and the segment is shown.
    pub fn reached(&self, at_ms: i64, now_ms: i64) -> bool {
        at_ms <= now_ms && self.shown_from_ms <= now_ms
    }
}

impl Ending {
    /// The record's `finalStatus`.
    pub fn final_status(self) -> &'static str {
        match self {
            Ending::Contained => "BotResolved",
            Ending::BotDropped => "Dropped",
            Ending::LeftBeforeQueue | Ending::LeftQueue | Ending::LeftAgent => "USER ABANDONED",
            _ => "CLOSED",
        }
    }

    /// The record's `disconnectingEvent`; who closes a chat window leaves none.
    pub fn disconnecting_event(self, channel: Channel) -> &'static str {
        match self {
            Ending::Contained | Ending::BotClosed | Ending::LineLost | Ending::ClosedByBot => {
                "Bot Hangup"
            }
            Ending::LeftQueue | Ending::LeftAgent if channel == Channel::Web => "",
            Ending::BotDropped
            | Ending::LeftBeforeQueue
            | Ending::LeftQueue
            | Ending::LeftAgent
            | Ending::ClosedByUser => "User Hangup",
            Ending::GivenUp | Ending::CallbackFailed | Ending::NobodyAnswered => "System Hangup",
            Ending::ClosedByAgent => "Agent Closed",
            Ending::HungUpByAgent => "Agent Hangup",
        }
    }
}
