//! Which conversations of a window were abandoned, for the lines that tell of them: what the records say while they are
//! at hand, and what of it was counted.

use crate::events::{Call, Forget, Outlet, Stored};
use crate::fact::{Derived, Fact, Kind, Outcome, Stage};
use crate::ledger::{Commit, Id, Ledger, NO_QUEUE, QueueSym, Sym, Version};
use crate::metrics::AccountMetrics;
use crate::poller::progress::Progress;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::sync::Arc;

/// An account's way to its lines.
pub struct Abandoned {
    outlet: Option<Outlet>,
    /// What it is opened with: nothing of a poller shows before it is known to run.
    stored: Stored,
    /// Lines were asked for once, and are not any more: what is stored for them goes with the next commit.
    to_clear: bool,
}

/// What is told of the abandoned conversations of a window, by whose they are.
pub(super) struct Heard(FxHashMap<Id, (Rank, Call)>);

/// Which of several versions is counted: the fullest, and of these the one whose digest is the least.
type Rank = (usize, Reverse<u64>);

impl Abandoned {
    pub fn new(outlet: Option<Outlet>, stored: Stored) -> Abandoned {
        let to_clear = !stored.calls.is_empty() && outlet.is_none();
        Abandoned {
            outlet,
            stored,
            to_clear,
        }
    }

    /// From now on lines go there.
    pub fn open(&mut self, account: &Arc<str>, own: &Arc<AccountMetrics>, longest_s: i64) {
        let stored = std::mem::take(&mut self.stored);
        if let Some(outlet) = &self.outlet {
            outlet.open(account, own, longest_s, stored);
        }
    }

    /// Those of a window, whether they are counted or not.
    pub(super) fn hear(&self, records: &[Version<'_>], ledger: &Ledger) -> Heard {
        let mut heard = Heard(FxHashMap::default());
        if self.outlet.is_none() {
            return heard;
        }
        for Version {
            ids,
            digest,
            derived,
        } in records
        {
            let (Some(id), Some(call)) = (ids.conversation.or(ids.session), call(derived, ledger))
            else {
                continue;
            };
            let rank = (derived.facts.len(), Reverse(*digest));
            if heard.0.get(&id).is_none_or(|(before, _)| *before < rank) {
                heard.0.insert(id, (rank, call));
            }
        }
        heard
    }

    /// Up to where lines are written now.
    pub(super) fn note_written(&self, progress: &mut Progress) {
        if let Some(outlet) = &self.outlet {
            progress.lines_written = outlet.book.written().max(progress.lines_written);
        }
    }

    /// What the store need not keep, if it is time.
    pub(super) fn forget(&self, now_s: i64) -> Option<Forget> {
        match &self.outlet {
            Some(outlet) => outlet.book.forget(now_s),
            None => self.to_clear.then_some(Forget {
                written: i64::MAX,
                before_s: i64::MAX,
                lost_before_s: i64::MAX,
            }),
        }
    }

    /// A commit is durable that counts these.
    pub(super) fn add(&mut self, commit: i64, calls: Vec<Call>) {
        self.to_clear = false;
        if let Some(outlet) = &self.outlet {
            outlet.add(commit, calls);
        }
    }
}

impl Heard {
    /// Those that a commit counts for the first time, in the order of their ends.
    pub(super) fn counted(mut self, commit: &Commit) -> Vec<Call> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let first = commit.first_counts();
        let abandoned = first.filter(|(_, counted)| counted.outcome == Outcome::Abandoned);
        let calls = abandoned.filter_map(|(id, _)| self.0.remove(&id));
        let mut calls: Vec<Call> = calls.map(|(_, call)| call).collect();
        calls.sort_by(|one, other| {
            let key = |call: &Call| (call.ended_s, call.conversation_id.clone());
            key(one).cmp(&key(other))
        });
        calls
    }
}

/// `None` for one that was not abandoned.
fn call(derived: &Derived<'_>, ledger: &Ledger) -> Option<Call> {
    let conversation = derived.conversation.as_ref()?;
    if derived.stage != Stage::Ended || conversation.outcome != Outcome::Abandoned {
        return None;
    }
    let fact = |kind: Kind| {
        let of_kind = |fact: &&Fact<'_>| fact.kind == kind;
        derived.facts.iter().rfind(of_kind)
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let waited = fact(Kind::QueueWait).filter(|wait| wait.text == Outcome::Abandoned.as_str());
    let queue = conversation.queue;
    let learned = || {
        let id = ledger.symbols.find(queue.id?)?;
        let name = Sym::ABSENT;
        let shown = ledger.names.shown(QueueSym { id, name })?;
        Some(ledger.symbols.text(shown).to_string())
    };
    let call = Call {
        ended_s: conversation.ended_s,
        conversation_id: owned(derived.identity.conversation),
        session_id: owned(derived.identity.session),
        channel: conversation.channel.to_owned(),
        queue: (owned(queue.name).or_else(learned))
            .or(owned(queue.id))
            .unwrap_or_else(|| NO_QUEUE.to_owned()),
        wait_millis: waited.map(|wait| wait.millis),
        event: fact(Kind::Disconnect).map(|fact| fact.text.to_owned()),
    };
    Some(call.cut())
}
