//! One abandoned conversation: as it is stored, as a line, and as it is served.

use crate::ledger::label;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The only outcome that there are lines of.
const OUTCOME: &str = "abandoned";

/// What is told of it. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// When it ended, UTC seconds.
    pub ended_s: i64,
    pub conversation_id: Option<String>,
    pub session_id: Option<String>,
    pub channel: String,
    /// As on the page of metrics, `none` where it was in none.
    pub queue: String,
    /// How long it waited in that queue; `None` where the record does not tell.
    pub wait_millis: Option<u64>,
    /// Who or what hung up, in the vendor's words.
    pub event: Option<String>,
}

/// The line's form: an interface, told in `docs/events.md`.
#[derive(Debug, Serialize)]
pub struct Line<'c> {
    time: String,
    account: &'c str,
    conversation_id: Option<&'c str>,
    session_id: Option<&'c str>,
    channel: &'c str,
    queue: &'c str,
    wait_seconds: Option<f64>,
    event: Option<&'c str>,
    outcome: &'static str,
    commit: i64,
}

impl Call {
    /// With no text longer than a label's.
    #[must_use]
    pub fn cut(mut self) -> Call {
        let texts = [&mut self.channel, &mut self.queue];
        let optional = [
            &mut self.conversation_id,
            &mut self.session_id,
            &mut self.event,
        ];
        for text in texts.into_iter().chain(optional.into_iter().flatten()) {
            text.truncate(label(text).len());
        }
        self
    }

    /// As it is stored.
    ///
    /// # Errors
    /// None that is known of.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// `None`: damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Call> {
        serde_json::from_slice(bytes).ok()
    }

    /// What is told of one that `commit` counted.
    pub fn told<'c>(&'c self, account: &'c str, commit: i64) -> Line<'c> {
        Line {
            time: self.time(),
            account,
            conversation_id: self.conversation_id.as_deref(),
            session_id: self.session_id.as_deref(),
            channel: &self.channel,
            queue: &self.queue,
            wait_seconds: self.wait_millis.map(|millis| millis as f64 / 1000.0),
            event: self.event.as_deref(),
            outcome: OUTCOME,
            commit,
        }
    }

    /// The same as one line of JSON, without its end.
    pub(super) fn line(&self, account: &str, commit: i64) -> String {
        // Texts and finite numbers: there is nothing that could not be written.
        serde_json::to_string(&self.told(account, commit)).unwrap_or_default()
    }

    /// When it ended, as in a line.
    pub fn time(&self) -> String {
        Timestamp::from_second(self.ended_s)
            .map(|time| time.to_string())
            .unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) fn call(number: i64) -> Call {
    Call {
        ended_s: 1_790_000_000 + number,
        conversation_id: Some(format!("c-{number}")),
        session_id: Some(format!("s-{number}")),
        channel: "Voice".to_owned(),
        queue: "Billing".to_owned(),
        wait_millis: Some(42_500),
        event: Some("User Hangup".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_whose_form_is_told() {
        assert_eq!(
            call(7).line("acme", 12),
            r#"{"time":"2026-09-21T14:13:27Z","account":"acme","conversation_id":"c-7","session_id":"s-7","channel":"Voice","queue":"Billing","wait_seconds":42.5,"event":"User Hangup","outcome":"abandoned","commit":12}"#
        );
        let bare = Call {
            conversation_id: None,
            wait_millis: None,
            event: None,
            queue: "a \"b\"\n".to_owned(),
            ..call(7)
        };
        let line = bare.line("acme", 1);
        assert!(!line.contains('\n'), "{line}");
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["queue"], "a \"b\"\n");
        assert!(told["conversation_id"].is_null() && told["wait_seconds"].is_null());
    }

    #[test]
    fn what_is_stored_is_read_back_and_texts_have_an_end() {
        let stored = call(3).to_bytes().unwrap();
        assert_eq!(Call::from_bytes(&stored), Some(call(3)));
        assert_eq!(Call::from_bytes(&stored[1..]), None);
        let long = Call {
            conversation_id: Some("é".repeat(1_000)),
            ..call(3)
        };
        assert_eq!(long.cut().conversation_id, Some("é".repeat(128)));
    }
}
