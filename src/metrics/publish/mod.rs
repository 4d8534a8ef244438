//! The page as it is served: each account's part is rendered when it publishes, and handed out as it stands.
//!
//! Invariant: a publication costs its own account's series and no other's; a scrape renders no business metric, waits
//! for no publication, and sees each account's last one whole. The page is held once as text and once compressed. The
//! exporter's own metrics are those of at most [`OWN_AGE`] ago, and never older than the last publication. While the
//! accounts change ([`Publisher::hold`]) a scrape sees them all as they were before.

mod account;
mod hold;
mod page;

pub use page::{Encoding, Scrape};

use super::gzip::Deflater;
use super::live::{Live, LiveSample, Teller};
use super::own::Own;
use super::text::Encoder;
use crate::ledger::{Measure, View};
use account::{AccountPage, Part, Renderer, Shown};
use arc_swap::{ArcSwap, ArcSwapOption};
use page::{Heads, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How old the exporter's own metrics on a page may be: far below any scrape interval, and it bounds the work that
/// a flood of scrapes can cause.
pub(super) const OWN_AGE: Duration = Duration::from_millis(250);

/// Idle renderers that are kept: of many accounts that publish at once, few publish at the same instant.
const RENDERERS: usize = 4;

/// Takes Views in, gives pages out. Times are of a clock that never goes back, so that no jump of the wall clock
/// holds a series longer. Publishing renders: call it where it may block.
#[derive(Debug)]
pub struct Publisher {
    own: Arc<Own>,
    live: Live,
    zero_first_ms: AtomicU64,
    heads: Heads,
    /// By name. Written only when an account publishes for the first time, and when it is forgotten.
    accounts: RwLock<BTreeMap<Arc<str>, Arc<Account>>>,
    /// Of these nothing is shown, whoever publishes it.
    silenced: RwLock<BTreeSet<Arc<str>>>,
    /// Rises with every publication.
    publications: AtomicU64,
    /// What the last scrape saw, until something is published.
    moment: ArcSwapOption<Seen>,
    /// What every scrape sees while the accounts change.
    held: ArcSwapOption<Moment>,
    /// Held while a moment is put together, so that of many scrapes at once one does it.
    looking: Mutex<()>,
    /// Lent to whoever publishes.
    renderers: Mutex<Vec<Renderer>>,
}

#[derive(Debug, Default)]
struct Account {
    page: ArcSwap<AccountPage>,
    /// `None` until its first publication. Held while it publishes.
    shown: Mutex<Option<Shown>>,
}

/// A moment, and how fresh it is.
#[derive(Debug)]
struct Seen {
    moment: Arc<Moment>,
    publications: u64,
    at: Instant,
}

impl Publisher {
    /// Shows the exporter's own metrics alone, until Views come. A `zero_first` of 0 holds nothing.
    pub fn new(own: Arc<Own>, zero_first: Duration) -> Publisher {
        Publisher {
            own,
            live: Live::default(),
            zero_first_ms: AtomicU64::new(millis(zero_first)),
            heads: heads(),
            accounts: RwLock::default(),
            silenced: RwLock::default(),
            publications: AtomicU64::new(0),
            moment: ArcSwapOption::empty(),
            held: ArcSwapOption::empty(),
            looking: Mutex::default(),
            renderers: Mutex::default(),
        }
    }

    /// From now on a new series stands at 0 for so long.
    pub fn set_zero_first(&self, zero_first: Duration) {
        self.zero_first_ms
            .store(millis(zero_first), Ordering::Relaxed);
    }

    /// Shows nothing more of an account, from the next scrape on. To be called when nobody publishes it any more.
    pub fn forget(&self, account: &str) {
        let accounts = self.accounts.write();
        let mut accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        accounts.remove(account);
        drop(accounts);
        self.live.forget(account);
        self.own.forget(account);
        self.look_again();
    }

    /// Shows nothing more of an account at once, although somebody may still publish it, until it is [heard](Self::hear)
    /// again.
    pub fn silence(&self, account: &Arc<str>) {
        let silenced = self.silenced.write();
        let mut silenced = silenced.unwrap_or_else(PoisonError::into_inner);
        silenced.insert(Arc::clone(account));
        self.forget(account);
    }

    /// From now on what is published of the account is shown.
    pub fn hear(&self, account: &str) {
        let silenced = self.silenced.write();
        let mut silenced = silenced.unwrap_or_else(PoisonError::into_inner);
        silenced.remove(account);
    }

    /// Shows an account's new View.
    pub fn publish(&self, view: View, now: Instant) {
        // Held while it is published, so that nothing comes after the silence.
        let silenced = self.silenced.read();
        let silenced = silenced.unwrap_or_else(PoisonError::into_inner);
        if silenced.contains(&view.account) {
            return;
        }
        let zero_first = Duration::from_millis(self.zero_first_ms.load(Ordering::Relaxed));
        self.own.account(&view.account).overflowed(&view.overflowed);
        let account = self.account(&view.account);
        let mut shown = lock(&account.shown);
        self.with_renderer(|renderer| {
            let page = if let Some(shown) = shown.as_mut() {
                let before = account.page.load();
                shown.next(view, &before, (now, zero_first), renderer)
            } else {
                let (first, page) = Shown::new(view, renderer);
                *shown = Some(first);
                page
            };
            self.show(&account, page);
        });
    }

    /// Shows what an account's queue is now, in place of what was shown of it before.
    pub fn show_live(&self, account: &Arc<str>, samples: Vec<LiveSample>) {
        self.live.show(account, Teller::Live, samples);
    }

    /// Shows an account's counts beside the vendor's own, in place of what was shown of that before.
    pub fn show_compared(&self, account: &Arc<str>, samples: Vec<LiveSample>) {
        // Held while it is shown, so that nothing comes after the silence.
        let silenced = self.silenced.read();
        let silenced = silenced.unwrap_or_else(PoisonError::into_inner);
        if !silenced.contains(account) {
            self.live.show(account, Teller::Reconcile, samples);
        }
    }

    /// Renders anew where a series that stood at 0 now shows its value; to be called about every second.
    pub fn tick(&self, now: Instant) {
        for account in self.accounts() {
            let mut shown = lock(&account.shown);
            let Some(shown) = shown.as_mut() else {
                continue;
            };
            self.with_renderer(|renderer| {
                let released = shown.released(now, &account.page.load(), renderer);
                if let Some(page) = released {
                    self.show(&account, page);
                }
            });
        }
    }

    /// The page to serve.
    pub fn page(&self, encoding: Encoding, now: Instant) -> Scrape {
        if let Some(moment) = self.at_hand(now) {
            return moment.page(encoding);
        }
        let _looking = lock(&self.looking);
        // Another scrape may have done it meanwhile.
        let moment = self.at_hand(now).unwrap_or_else(|| self.look(now));
        moment.page(encoding)
    }

    /// Puts a moment together; to be called by whoever holds `looking`.
    fn look(&self, now: Instant) -> Arc<Moment> {
        // What is published from here on is news to the next scrape.
        let publications = self.publications.load(Ordering::Acquire);
        let accounts = self.accounts();
        let pages = accounts.iter().map(|account| account.page.load_full());
        let heads = Arc::clone(&self.heads);
        let rest = self.live.render(now) + &self.own.render();
        let moment = Arc::new(Moment::new(heads, pages.collect(), rest));
        self.moment.store(Some(Arc::new(Seen {
            moment: Arc::clone(&moment),
            publications,
            at: now,
        })));
        moment
    }

    fn at_hand(&self, now: Instant) -> Option<Arc<Moment>> {
        let held = self.held.load_full();
        held.or_else(|| self.fresh(now))
    }

    fn fresh(&self, now: Instant) -> Option<Arc<Moment>> {
        let seen = self.moment.load();
        let seen = seen.as_ref()?;
        let fresh = now.saturating_duration_since(seen.at) < OWN_AGE
            && seen.publications == self.publications.load(Ordering::Acquire);
        fresh.then(|| Arc::clone(&seen.moment))
    }

    fn show(&self, account: &Account, page: AccountPage) {
        account.page.store(Arc::new(page));
        self.look_again();
    }

    /// The next scrape sees what changed, also of what is not published here.
    pub fn look_again(&self) {
        self.publications.fetch_add(1, Ordering::AcqRel);
        // Or it would keep what was published before.
        self.moment.store(None);
    }

    fn account(&self, name: &Arc<str>) -> Arc<Account> {
        let known = self.accounts.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.get(name) {
            return Arc::clone(account);
        }
        drop(known);
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(Arc::clone(name)).or_default())
    }

    fn accounts(&self) -> Vec<Arc<Account>> {
        let accounts = self.accounts.read();
        let accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        accounts.values().cloned().collect()
    }

    fn with_renderer(&self, work: impl FnOnce(&mut Renderer)) {
        let mut renderer = lock(&self.renderers).pop().unwrap_or_default();
        work(&mut renderer);
        let mut idle = lock(&self.renderers);
        if idle.len() < RENDERERS {
            idle.push(renderer);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn heads() -> Heads {
    let mut deflater = Deflater::default();
    let head = |measure: &Measure| {
        let mut head = Encoder::default();
        head.family(measure.metric());
        Part::open(&head.finish(), &mut deflater)
    };
    Measure::ALL.iter().map(head).collect()
}

/// A panic elsewhere leaves nothing half-written here that the next publication does not replace.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
