//! One account's detector: its scopes, and the conversations that may still change.

use super::follow::Follow;
use super::past::slot_of;
use super::plan::Plan;
use super::scope::{Conversation, Counts, Numbers, Reading, Scope, Settings, Taken};
use super::tail::{At, Entry, MOST, NOBODY, OPEN_S, Tail};
use super::walk::Walk;

/// The account's own part of the false pages: most spikes are everybody's, and it sees them first.
const ACCOUNT_PART: f64 = 0.9;
/// The part of all other scopes together.
const OTHERS_PART: f64 = 1.0 - ACCOUNT_PART;
/// A channel or queue with this part of an account's conversations is as good as all of it, and pages with it.
const ALL: f64 = 0.95;

/// Evidence of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    pub(super) settings: Settings,
    /// The account, then channels and queues as they came.
    pub(super) follows: Vec<Follow>,
    pub(super) numbers: Numbers,
    pub(super) tail: Tail,
    /// The newest half hour that has plans.
    pub(super) slot: Option<i64>,
    pub(super) newest_s: i64,
    /// Up to here all is settled.
    pub(super) settled: Option<At>,
    /// Whether the open part must be gone through again.
    pub(super) stale: bool,
    pub(super) counts: Counts,
}

impl Detector {
    pub fn new(settings: Settings) -> Detector {
        Detector {
            settings,
            follows: vec![Follow::new(Scope::Account)],
            numbers: Numbers::default(),
            tail: Tail::default(),
            slot: None,
            newest_s: i64::MIN / 2,
            settled: None,
            stale: false,
            counts: Counts::default(),
        }
    }

    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Takes a conversation, or what is now known of one that was put in before under the same number, which is not 0.
    ///
    /// The order in which they come changes nothing, as long as each ended less than 15 minutes before the newest.
    pub fn put(&mut self, id: u64, conversation: &Conversation) -> Taken {
        let at = (conversation.ended_s, id);
        if self.settled.is_some_and(|settled| at <= settled) {
            self.take_back(id);
            self.counts.late += 1;
            return Taken::Late;
        }
        let entry = self.entry(conversation);
        if let Some(known) = self.tail.of(id) {
            if known == (at, entry) {
                return Taken::Judged;
            }
            self.take_back(id);
        }
        self.insert(at, entry);
        Taken::Judged
    }

    /// Whether a conversation is among those that may still change.
    pub fn knows(&self, id: u64) -> bool {
        self.tail.of(id).is_some()
    }

    /// Forgets a conversation that turned out to be none, or not to be over. Whether it was still open.
    pub fn take_back(&mut self, id: u64) -> bool {
        let found = self.tail.take(id);
        self.stale |= found;
        found
    }

    /// Says that the time before this was not read, or not wholly: evidence begins at 0 there.
    pub fn unread_until(&mut self, until_s: i64) {
        let at = (until_s, 0);
        if self.settled.is_none_or(|settled| at > settled) {
            self.insert(at, Entry::Unread);
        }
    }

    /// Every scope that can be judged, after all that was put in. Where nothing ended for half an hour until now there
    /// is no evidence.
    pub fn readings(&mut self, now_s: i64) -> impl Iterator<Item = Reading<'_>> {
        self.refresh();
        let follows = self.follows.iter();
        follows.filter_map(move |follow| follow.reading(now_s))
    }

    /// The scopes of the conversation that ended last, as of its end.
    pub fn newest(&mut self) -> impl Iterator<Item = Reading<'_>> {
        self.refresh();
        let scopes = match self.tail.last() {
            Some((_, Entry::Conversation { scopes, .. })) => scopes,
            _ => [NOBODY; 3],
        };
        let follows = scopes.into_iter();
        let follows = follows.filter_map(|number| self.follows.get(number as usize));
        follows.filter_map(|follow| follow.reading(self.newest_s))
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn entry(&mut self, conversation: &Conversation) -> Entry {
        let channel = match self.numbers.channel(conversation.channel) {
            Some(number) => number,
            None => self.follow(Scope::Channel(conversation.channel.into())),
        };
        let queue = conversation
            .queue
            .map(|name| match self.numbers.queue(name) {
                Some(number) => number,
                None => self.follow(Scope::Queue(name.into())),
            });
        self.counts.unfollowed += u64::from(channel == NOBODY || queue == Some(NOBODY));
        Entry::Conversation {
            scopes: [0, channel, queue.unwrap_or(NOBODY)],
            abandoned: conversation.abandoned,
            target_millionths: (conversation.target * 1e6).round() as u32,
        }
    }

    fn follow(&mut self, scope: Scope) -> u32 {
        if self.follows.len() >= self.settings.scopes {
            return self.follow_instead(scope);
        }
        let number = self.follows.len() as u32;
        self.numbers.note(&scope, number);
        self.follows.push(Follow::new(scope));
        number
    }

    /// Gives a scope the place of one of which nothing is known any more.
    fn follow_instead(&mut self, scope: Scope) -> u32 {
        self.refresh();
        let Some(place) = self.follows.iter().position(Follow::is_forgotten) else {
            return NOBODY;
        };
        self.numbers.forget(&self.follows[place].scope);
        self.numbers.note(&scope, place as u32);
        self.follows[place] = Follow::new(scope);
        place as u32
    }

    fn insert(&mut self, at: At, entry: Entry) {
        if at.0 > self.newest_s {
            self.newest_s = at.0;
            self.settle();
            self.enter(slot_of(at.0));
        }
        let is_last = self.tail.last().is_none_or(|(last, _)| at > last);
        self.tail.put(at, entry);
        if is_last && !self.stale {
            self.lead(at, entry);
        } else {
            self.stale = true;
        }
        if self.tail.len() > MOST {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let newest = self.slot;
        while let Some((at, entry)) = self.tail.settle(self.newest_s - OPEN_S) {
            self.settled = Some(at);
            match entry {
                Entry::Unread => {
                    for follow in &mut self.follows {
                        follow.settled = Walk::default();
                    }
                }
                Entry::Conversation {
                    scopes,
                    abandoned,
                    target_millionths,
                } => {
                    for number in scopes {
                        if let Some(follow) = self.follows.get_mut(number as usize) {
                            follow.settle(at.0, abandoned, target_millionths, newest);
                        }
                    }
                }
            }
        }
    }

    /// Makes the plans of all half hours up to this one. Each is made of those alone that ended half an hour before it
    /// begins: all of them is settled, whatever comes late.
    fn enter(&mut self, slot: i64) {
        if self.slot.is_some_and(|newest| newest >= slot) {
            return;
        }
        let newest = self.slot.unwrap_or(slot - 1);
        for closed in newest - 1..=slot - 2 {
            // Of a long gap only its ends matter: nothing is open within.
            if closed > newest + 1 && closed < slot - 3 {
                continue;
            }
            for follow in &mut self.follows {
                follow.close(closed);
            }
            self.plan(closed + 2);
        }
        self.slot = Some(slot);
    }

    fn plan(&mut self, slot: i64) {
        let account = self.follows[0].past.a_month(slot);
        let is_all = |follow: &Follow| follow.past.a_month(slot) >= ALL * account;
        let least = self.settings.min_offered;
        let could = |follow: &&Follow| follow.past.could_page(least) && !is_all(follow);
        let others = self.follows.iter().filter(could).count().max(1) as f64;
        let pages = self.settings.false_pages_per_month;
        for follow in &mut self.follows {
            let share = if is_all(follow) {
                pages * ACCOUNT_PART
            } else {
                pages * OTHERS_PART / others
            };
            follow.plans = [Plan::new(&follow.past, slot, share), follow.plans[0]];
        }
    }

    fn refresh(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        for follow in &mut self.follows {
            (follow.head, follow.recent) = (follow.settled, (0, 0));
        }
        let tail = std::mem::take(&mut self.tail);
        for (at, entry) in tail.iter() {
            self.lead(at, entry);
        }
        self.tail = tail;
    }

    /// Takes the next entry into the heads.
    fn lead(&mut self, at: At, entry: Entry) {
        let newest = self.slot;
        match entry {
            Entry::Unread => {
                for follow in &mut self.follows {
                    follow.head = Walk::default();
                }
            }
            Entry::Conversation {
                scopes, abandoned, ..
            } => {
                for number in scopes {
                    if let Some(follow) = self.follows.get_mut(number as usize) {
                        follow.lead(at.0, abandoned, newest);
                    }
                }
            }
        }
    }
}
