//! Made-up personal data, in every place where the vendor sends real ones. All of it carries [`PERSONAL`], so that a
//! test can prove that none of it is kept, logged or shown.

use super::super::centre::Channel;
use super::super::conversation::Conversation;
use super::super::intent::last_intent;
use super::id::{USER, guid};
use serde_json::{Value, json};

/// In every name, address, number, note, remark and feedback of the simulator; nowhere else.
pub const PERSONAL: &str = "zq7personal";

pub(super) fn agent_name(agent: usize) -> String {
    format!("Agent {PERSONAL} {agent}")
}

pub(super) fn agent_mail(agent: usize) -> String {
    format!("agent.{PERSONAL}.{agent}@example.com")
}

pub(super) fn note() -> String {
    format!("The customer, {PERSONAL}, asked about an open matter; the agent took it on.")
}

pub(super) fn feedback() -> String {
    format!("Friendly, says {PERSONAL}.")
}

/// What the customer told the bot.
pub(super) fn said() -> String {
    format!("I am {PERSONAL}, let me speak to somebody")
}

/// Whom an agent consulted: a name, or a number.
pub(super) fn consulted(by: usize) -> String {
    if by.is_multiple_of(2) {
        format!("+1417{PERSONAL}{by:07}")
    } else {
        agent_name(by + 1)
    }
}

/// Why a conversation ended with an agent.
pub(super) fn reason(agent: usize) -> String {
    format!("Some Queue:{}", agent_name(agent))
}

/// One remark beside the dispositions; a dash stands beside the system's own.
pub(super) fn remarks(dispositions: &[&'static str]) -> Vec<String> {
    match dispositions.first() {
        None => Vec::new(),
        Some(&"DROP-OFF") => vec!["-".to_owned()],
        Some(_) => vec![format!(
            "Spoke with {PERSONAL} and agreed on the next step."
        )],
    }
}

/// The customer of one conversation.
pub(super) struct Person<'a> {
    pub seed: u64,
    pub conversation: &'a Conversation,
}

impl Person<'_> {
    pub(super) fn user_id(&self) -> String {
        format!(
            "u-{}",
            guid(self.seed, USER, u64::from(self.conversation.number))
        )
    }

    /// Has no known format; some channels pass an address here.
    pub(super) fn channel_specific_id(&self) -> String {
        format!("{PERSONAL}.{}@example.com", self.conversation.number)
    }

    pub(super) fn phone(&self) -> String {
        format!("+1321{PERSONAL}{:07}", self.conversation.number)
    }

    fn centre_phone(&self) -> String {
        format!("+1417{PERSONAL}0000000")
    }

    pub(super) fn customer_info(&self) -> Value {
        let written = self.conversation.channel != Channel::Voice;
        json!({
            "CustomerPhone": self.phone(),
            "CenterPhone": if written { String::new() } else { self.centre_phone() },
            "Direction": if self.conversation.outbound { "Outbound" } else { "Inbound" },
            "CustomerFirstName": format!("Jane {PERSONAL}"),
            "CustomerLastName": format!("Doe {PERSONAL}"),
            "CustomerEmail": if written { self.channel_specific_id() } else { String::new() },
        })
    }

    pub(super) fn session_tags(&self, handed_over: bool) -> Value {
        if self.conversation.channel != Channel::Voice || self.conversation.outbound {
            return json!([]);
        }
        let mut tags = vec![
            json!({"name": "audioCodesCallDisconnect", "value": "1"}),
            json!({"name": "callerNumber", "value": self.phone()}),
            json!({"name": "welcomeMessageTwilio", "value": "1"}),
        ];
        if handed_over {
            tags.insert(2, json!({"name": "voiceAgentTransferStart", "value": "1"}));
        }
        Value::Array(tags)
    }

    pub(super) fn meta_info(&self) -> Value {
        match (self.conversation.outbound, self.conversation.channel) {
            (true, _) => self.called(),
            (false, Channel::Voice) => self.caller(),
            (false, _) => self.writer(),
        }
    }

    /// How the agent was asked for, beside what its channel tells of that.
    fn transfer(&self, mut config: Value) -> Value {
        config["overrideAgents"] = json!(false);
        config["overrideValues"] = json!([]);
        config["assistEvents"] = json!({"startEvent": {"isEnabled": false}});
        if let Some(intent) = last_intent(self.seed, self.conversation) {
            config["lastIntentName"] = json!(intent);
        }
        config
    }

    fn caller(&self) -> Value {
        json!({
            "caller": self.phone(),
            "callee": self.centre_phone(),
            "callerHost": format!("54.244.{PERSONAL}.2"),
            "userId": self.user_id(),
            "dialedNumber": self.centre_phone(),
            "agentTransferConfig": self.transfer(json!({"skillsIds": []})),
            "workinghours": {"workdays": "mon,tue,wed,thu,fri", "workstart": "8:00 AM", "workend": "5:00 PM"},
            "profImage": "no-avatar",
            "profColour": "#add8e6",
            "activationStatus": "active",
            "firstName": format!("Jane {PERSONAL}"),
            "lastName": format!("Doe {PERSONAL}"),
            "_id": self.user_id(),
            "identities": [{"val": self.channel_specific_id(), "type": "mapped"}],
            "transcribeConfig": {"transcribe": true},
        })
    }

    fn writer(&self) -> Value {
        json!({
            "firstName": format!("Jane {PERSONAL}"),
            "lastName": format!("Doe {PERSONAL}"),
            "email": self.channel_specific_id(),
            "phoneNumber": self.phone(),
            "category": "i18n",
            "identities": [{"val": self.channel_specific_id(), "type": "mapped"}],
            "agentTransferConfig": self.transfer(json!({
                "dialog_tone": [{"tone_name": "sad", "level": 2.5, "count": 2, "totalLevel": 5}],
            })),
            "ipAddress": format!("115.114.{PERSONAL}.7"),
            "hostDomain": format!("https://{PERSONAL}.example.com"),
            "os": "Windows",
        })
    }

    fn called(&self) -> Value {
        json!({
            "userId": self.user_id(),
            "firstName": format!("Jane {PERSONAL}"),
            "lastName": format!("Doe {PERSONAL}"),
            "caller": self.centre_phone(),
            "callee": self.phone(),
            "countryCode": "1",
            "dialedNumber": self.centre_phone(),
            "endUserNumber": self.phone(),
            "agentTransferConfig": {},
        })
    }
}
