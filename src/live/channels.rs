//! Source ids and what *Call Details* calls their channels, so that live numbers stand beside the counts.

use crate::api::limits::MAIL;
use std::collections::BTreeMap;
use std::sync::Arc;

/// As far as known; ids compare without case.
const KNOWN: [(&str, &str); 7] = [
    ("rtm", "Web/Mobile Client"),
    ("voice", "Voice"),
    ("audiocodes", "Voice"),
    ("korevg", "Voice"),
    ("twiliovoice", "Voice"),
    ("ivrvoice", "Voice"),
    ("email", MAIL),
];

/// How the id of each mail connection begins.
const MAIL_SOURCES: &str = "emailinst-";

/// The names of an account's channels.
#[derive(Debug, Clone)]
pub struct Channels(BTreeMap<String, Arc<str>>);

impl Channels {
    /// What is known, and what is configured beside it or in its place.
    pub fn new<'c>(configured: impl IntoIterator<Item = (&'c String, &'c String)>) -> Channels {
        let known = KNOWN
            .iter()
            .map(|(id, name)| ((*id).to_owned(), Arc::from(*name)));
        let own = configured.into_iter();
        let own = own.map(|(id, name)| (id.trim().to_lowercase(), Arc::from(name.as_str())));
        Channels(known.chain(own).collect())
    }

    /// The channel of a source id; one that is not known is shown as it is.
    pub fn of(&self, source: Option<&str>) -> Arc<str> {
        let Some(source) = source else {
            return Arc::from("unknown");
        };
        let key = source.trim().to_lowercase();
        match self.0.get(&key) {
            Some(name) => Arc::clone(name),
            None if key.starts_with(MAIL_SOURCES) => Arc::from(MAIL),
            None => Arc::from(crate::ledger::label(source)),
        }
    }
}
