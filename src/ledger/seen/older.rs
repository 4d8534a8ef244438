//! What is remembered of a conversation that an older version counted: of it not everything can be told.

use super::print::VANISHED;
use super::read::Mark;
use super::{Kind, Seen, slot};

/// Stands beside what is fixed with the first count: an older version counted the conversation, which knew nothing of requests
/// for an agent.
const WITHOUT_REQUESTS: u16 = 5;

impl Seen {
    /// Whether the version that counted the conversation kept how its facts read.
    pub(in crate::ledger) fn knows_reads(&self) -> bool {
        let conversation = self.find(slot(Kind::Conversation as u8, 0, 0));
        conversation.is_ok_and(|at| self.facts[at].read.is_some())
    }

    /// Where an older version counted the conversation, requests for an agent are left out of it for good. True if that is to be
    /// remembered.
    pub(in crate::ledger) fn leave_requests(&mut self) -> bool {
        let slot = slot(Kind::Conversation as u8, WITHOUT_REQUESTS, 0);
        match self.find(slot) {
            Err(at) if !self.knows_reads() => {
                let (print, read) = (VANISHED + 1, None);
                self.facts.insert(at, Mark { slot, print, read });
                true
            }
            _ => false,
        }
    }

    pub(in crate::ledger) fn leaves_requests(&self) -> bool {
        let slot = slot(Kind::Conversation as u8, WITHOUT_REQUESTS, 0);
        self.find(slot).is_ok()
    }
}
