//! What a counted fact that reads differently now is corrected by. Counts never fall, so what was counted stays; beside
//! it stands from what to what it changed, so that both together are what the records say now.

use super::Draft;
use crate::fact::{Conversation, Kind, Queue};
use crate::ledger::Measure;
use crate::ledger::entry::Counted;
use crate::ledger::seen::{self, Fixed, Read, Seen, Was};
use crate::ledger::series::{Own, QueueSym, SeriesKey};
use crate::ledger::symbols::Sym;
use crate::ledger::targets::NONE;

/// How a fact without a word of its own is told from one that is gone.
const COUNTED: &str = "counted";

impl<'a> Draft<'a> {
    /// A counted fact that reads otherwise `now`; `None`: it is gone. How it read before, versions of long ago did not keep:
    /// such a revision is counted, and what it changed can't be told.
    pub(super) fn correct(&mut self, kind: Kind, was: Was, now: Option<Read>) {
        *self.tally.revised.entry(kind).or_default() += 1;
        let before = match was {
            Was::Unknown => return,
            Was::Gone => None,
            Was::Read(read) => Some(read),
        };
        let (from, to) = (self.word(kind, before), self.word(kind, now));
        self.change(kind.as_str(), from, to);
        if seen::is_duration(kind) {
            let millis = |read: Option<Read>| read.map_or(0, |read| read.millis);
            self.lengthen(kind.as_str(), millis(before), millis(now));
        }
    }

    /// What is fixed with the first count and is no fact of its own. True if any of it reads otherwise now.
    pub(super) fn reread(
        &mut self,
        seen: &mut Seen,
        counted: &Counted,
        conversation: &Conversation<'a>,
    ) -> bool {
        let mut changed = false;
        for what in Fixed::ALL {
            let (at_first, now) = match what {
                Fixed::Channel => (counted.channel, self.interner.sym(conversation.channel)),
                Fixed::Queue => {
                    let now = self.queue(conversation.queue);
                    (self.queue_word(counted.queue), self.queue_word(now))
                }
                Fixed::Direction => (
                    counted.direction,
                    self.interner.sym(&conversation.direction),
                ),
                Fixed::Offered => {
                    let word = self.interner.sym(COUNTED);
                    let if_so = |offered| if offered { word } else { Sym::ABSENT };
                    (if_so(counted.offered), if_so(conversation.offered))
                }
            };
            let before = seen.fixed(what, at_first);
            let renamed = what == Fixed::Queue
                && (before == at_first && self.same(counted.queue, conversation.queue)
                    || self.is_called(conversation.queue, before));
            if before != now && !renamed {
                seen.reread(what, now);
                self.change(what.as_str(), before, now);
                changed = true;
            }
        }
        changed
    }

    /// A queue is the same while its id is, whatever it is called.
    fn same(&mut self, before: QueueSym, now: Queue<'a>) -> bool {
        let now = self.queue(now);
        !now.id.is_absent() && before.id == now.id
    }

    /// Whether a queue was ever called so, or is by its id.
    fn is_called(&mut self, queue: Queue<'a>, word: Sym) -> bool {
        let id = self.queue(queue).id;
        let learned = self.names.get(&id).or_else(|| self.ledger.names.get(id));
        let named = learned.is_some_and(|name| name.first == word || name.latest == word);
        !id.is_absent() && (named || id == word)
    }

    fn word(&mut self, kind: Kind, read: Option<Read>) -> Sym {
        match read {
            None => Sym::ABSENT,
            Some(read) if seen::has_word(kind) => read.word,
            Some(_) => self.interner.sym(COUNTED),
        }
    }

    fn change(&mut self, fact: &str, from: Sym, to: Sym) {
        if from == to {
            return;
        }
        let fact = self.interner.sym(fact);
        self.add(key(Measure::Corrections, Own::change(fact, from, to)), 0);
    }

    fn lengthen(&mut self, fact: &str, before_ms: u64, now_ms: u64) {
        let direction = match before_ms.cmp(&now_ms) {
            std::cmp::Ordering::Less => "up",
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => "down",
        };
        let own = Own::directed(self.interner.sym(direction), self.interner.sym(fact));
        self.add(
            key(Measure::CorrectionSeconds, own),
            before_ms.abs_diff(now_ms),
        );
    }

    /// What a queue is called, else its id: that gets its name when it is shown, as the id of a sum does.
    fn queue_word(&mut self, queue: QueueSym) -> Sym {
        let told = [queue.name, queue.id];
        let told = told.into_iter().find(|sym| !sym.is_absent());
        told.unwrap_or_else(|| self.interner.sym(NONE))
    }
}

fn key(measure: Measure, own: Own) -> SeriesKey {
    SeriesKey {
        measure,
        channel: Sym::ABSENT,
        queue: QueueSym::default(),
        own,
    }
}
