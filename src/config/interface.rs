//! Which of the vendor's *Call Details* is read.

use super::field::listed;
use super::kind::{Kind, Refused};

/// Versions of *Call Details*. Both tell of the same conversations, by the same ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallDetails {
    #[default]
    V1,
    /// Tells the direction without personal data, of voicemails and consults, and its own summary of each conversation.
    V2,
}

const VERSIONS: [(&str, CallDetails); 2] = [("v1", CallDetails::V1), ("v2", CallDetails::V2)];

pub(super) fn call_details() -> Kind<CallDetails> {
    Kind::new(listed(VERSIONS.map(|(word, _)| word)), |text| {
        let found = VERSIONS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        found
            .map(|(_, version)| *version)
            .ok_or_else(|| Refused::is(text))
    })
}
