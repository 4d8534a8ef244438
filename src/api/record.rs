//! One row of a page, as sent: only the fields that something is counted from.

use super::Row;
use super::time::Timestamp;
use super::walk::{Read, Sent, Walk};
use super::wire::wire;
use std::borrow::Cow;
use std::ops::Deref;

/// Text as sent, without the blanks around it and never empty; allocates only where the JSON has escapes.
pub type Text<'a> = Cow<'a, str>;

/// An id as sent: a [`Text`] that stands for somebody, see its reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id<'a>(pub(super) Text<'a>);

impl Deref for Id<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id<'_> {
    fn as_ref(&self) -> &str {
        self
    }
}

/// Items kept of one list, so that no record can ask for more work than a thousand conversations would.
pub const LIST_LIMIT: usize = 1_000;

/// The items of an array that are what they should be, in order.
#[derive(Clone)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Items of another type, which are left out. (`null` and empty strings are just absent.)
    pub strangers: u32,
    /// There were more than [`LIST_LIMIT`]; the rest is left out.
    pub overlong: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List {
            items: Vec::new(),
            strangers: 0,
            overlong: false,
        }
    }
}

impl<'a, T: Read<'a>> Read<'a> for List<T> {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        walk.array(|list: &mut Self, walk| {
            if list.items.len() == LIST_LIMIT {
                list.overlong = true;
                return;
            }
            match T::read(walk) {
                Sent::Value(item) => {
                    // Nearly always there is one; room for four, as is usual, would be most of a record's memory.
                    if list.items.is_empty() {
                        list.items.reserve_exact(1);
                    }
                    list.items.push(item);
                }
                Sent::WrongType | Sent::Unreadable => list.strangers += 1,
                Sent::Absent => {}
            }
        })
    }
}

wire! {
    /// One session: a bot's alone, or a conversation.
    Record {
        "conversationId" => conversation_id: Id<'a>,
        "sessionId" => session_id: Id<'a>,
        "channel" => channel: Text<'a>,
        "sessionStartTime" => session_start_time: Timestamp,
        "sessionEndTime" => session_end_time: Timestamp,
        "Direction" => direction: Text<'a>,
        "finalStatus" => final_status: Text<'a>,
        "smartStatus" => smart_status: Text<'a>,
        "isVoicemail" => is_voicemail: bool,
        "disconnectingEvent" => disconnecting_event: Text<'a>,
        "dispositions" => dispositions: List<Text<'a>>,
        "customerinfo" => customer: Customer<'a>,
        "metaInfo" => meta_info: MetaInfo<'a>,
        "destinations" => destinations: List<Destination<'a>>,
        "csatScore" => csat_score: f64,
        "npsScore" => nps_score: f64,
        "likeDislikeScore" => like_dislike_score: f64,
    }

    /// Of the customer, only which way the conversation went.
    Customer {
        "Direction" => direction: Text<'a>,
    }

    /// Of what the automation handed on, full of names, numbers and addresses, only how the agent was asked for.
    MetaInfo {
        "agentTransferConfig" => agent_transfer: AgentTransfer<'a>,
    }

    /// Of how the agent was asked for, only the name of the bot's last intent. (What the user typed stands beside it.)
    AgentTransfer {
        "lastIntentName" => last_intent: Text<'a>,
    }

    /// A queue or an agent that the conversation was sent to.
    Destination {
        "destinationType" => destination_type: Text<'a>,
        "queueId" => queue_id: Id<'a>,
        "queueName" => queue_name: Text<'a>,
        "EnterTime" => enter_time: Timestamp,
        "CallbackOpted" => callback_opted: bool,
        "CallbackOptedTime" => callback_opted_time: Timestamp,
        "userCallbackAcceptTime" => user_callback_accept_time: Timestamp,
        "respondingAgent" => responding_agent: Agent<'a>,
        "nonRespondingAgents" => non_responding_agents: List<NonRespondingAgent<'a>>,
        ..flat: Agent<'a>
    }

    /// The agent who took it: nested in a queue's entry, or flat, as a destination of its own.
    Agent {
        "agentId" => agent_id: Id<'a>,
        "status" => status: Text<'a>,
        "assignedAt" => assigned_at: Timestamp,
        "acceptedTime" => accepted_time: Timestamp,
        "firstResponseDuration" => first_response_duration: f64,
        "interactionDuration" => interaction_duration: f64,
        "interactionEndTime" => interaction_end_time: Timestamp,
        "afterCallWorkDuration" => after_call_work_duration: f64,
        "afterCallWorkEndTime" => after_call_work_end_time: Timestamp,
        "ConsultingAgents" => consulting_agents: List<ConsultingAgent>,
    }

    /// An agent who was offered it and did not take it.
    NonRespondingAgent {
        "agentId" => agent_id: Id<'a>,
        "assignedAt" => assigned_at: Timestamp,
        "nonResponseEvent" => non_response_event: Text<'a>,
    }
}

/// Somebody whom an agent asked while the customer waited: when, and never who. (Nothing of it borrows from the text, so it
/// is no wire object like the others.)
#[derive(Clone, Default)]
pub struct ConsultingAgent {
    pub assigned_at: Sent<Timestamp>,
}

impl ConsultingAgent {
    /// The vendor's names of what is read.
    pub const KEYS: &'static [&'static str] = &["assignedAt"];
}

impl<'a> Read<'a> for ConsultingAgent {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        walk.object(|agent: &mut Self, key, walk| {
            if Self::KEYS.contains(&key) {
                walk.read_into(&mut agent.assigned_at);
            }
        })
    }
}

impl<'a> Record<'a> {
    /// Reads a row of a page; `None` if it is no object.
    pub fn read(row: impl Into<Row<'a>>) -> Option<Self> {
        match <Self as Read>::read(&mut Walk::over(row.into())) {
            Sent::Value(record) => Some(record),
            Sent::Absent | Sent::WrongType | Sent::Unreadable => None,
        }
    }
}
