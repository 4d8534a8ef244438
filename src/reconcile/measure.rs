//! What is compared.

/// A number that both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Who came to a queue, each time anew: who comes back counts again.
    Entries,
    /// Of them, taken by an agent; without mail.
    Answered,
    /// The same of mail, which the vendor calls answered only once the agent has replied. Shown, and not judged.
    MailAnswered,
    /// Of callers: left while they waited.
    Abandoned,
    /// Of callers: ended by the system while they waited.
    Terminated,
    /// Went on from one queue or agent to another.
    Transferred,
}

impl Measure {
    pub const ALL: [Measure; 6] = [
        Measure::Entries,
        Measure::Answered,
        Measure::MailAnswered,
        Measure::Abandoned,
        Measure::Terminated,
        Measure::Transferred,
    ];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Measure::Entries => "entries",
            Measure::Answered => "answered",
            Measure::MailAnswered => "mail_answered",
            Measure::Abandoned => "abandoned",
            Measure::Terminated => "terminated",
            Measure::Transferred => "transferred",
        }
    }

    /// What the vendor calls it there; `None` where that source does not tell it.
    pub fn of_vendor(self, source: super::Source) -> Option<&'static str> {
        use super::Source::{ContactVolume, QueuePerformance};
        match (self, source) {
            (Measure::Entries, QueuePerformance) => Some("totalConversation"),
            (Measure::Answered | Measure::MailAnswered, QueuePerformance) => Some("answered"),
            (Measure::Abandoned, QueuePerformance) => Some("abandonedInQueue"),
            (Measure::Terminated, QueuePerformance) => Some("systemTermination"),
            (Measure::Transferred, QueuePerformance) => Some("transferred"),
            (Measure::Entries, ContactVolume) => Some("offeredContacts"),
            (Measure::Answered | Measure::MailAnswered, ContactVolume) => Some("answeredContacts"),
            (Measure::Abandoned, ContactVolume) => Some("abandonedContacts"),
            (Measure::Terminated | Measure::Transferred, ContactVolume) => None,
        }
    }

    /// Whether both sides mean the same by it, so that a difference is a mistake of one of them.
    pub fn is_judged(self) -> bool {
        self != Measure::MailAnswered
    }

    /// Whether it may still grow on our side while a conversation goes on that the vendor has in his numbers at once.
    pub(super) fn waits_for_the_end(self) -> bool {
        matches!(
            self,
            Measure::Entries | Measure::Answered | Measure::Transferred
        )
    }
}
