//! The page as it is served: rendered when something changed, handed out as it stands.
//!
//! Invariant: a scrape renders no business metric, waits for no poll and copies no page; it sees one publication
//! whole. The exporter's own metrics are those of at most [`OWN_AGE`] ago, and never older than the publication.

use super::gzip::Deflated;
use super::own::Own;
use super::render::render_held;
use super::zero_first::Held;
use crate::ledger::View;
use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How old the exporter's own metrics on a page may be: far below any scrape interval, and it bounds the work that
/// a flood of scrapes can cause.
pub const OWN_AGE: Duration = Duration::from_millis(250);

/// What `/metrics` answers.
#[derive(Debug, Clone)]
pub struct Page {
    pub text: Bytes,
    /// The same, gzipped.
    pub gzip: Bytes,
}

/// Takes Views in, gives pages out. Times are of a clock that never goes back, so that no jump of the wall clock
/// holds a series longer.
#[derive(Debug)]
pub struct Publisher {
    own: Arc<Own>,
    zero_first: Duration,
    accounts: Mutex<BTreeMap<Arc<str>, Shown>>,
    published: ArcSwap<Published>,
    /// None before the first scrape.
    page: ArcSwapOption<Composed>,
    /// Held while a page is put together, so that of many scrapes at once one does it.
    composing: Mutex<()>,
}

/// One account's latest View, and which of its series still stand at 0.
#[derive(Debug)]
struct Shown {
    view: Arc<View>,
    held: Held,
}

/// The business metrics, rendered and compressed.
#[derive(Debug)]
struct Published {
    text: String,
    deflated: Deflated,
}

/// A page, and what it was made of.
#[derive(Debug)]
struct Composed {
    page: Page,
    published: Arc<Published>,
    at: Instant,
}

impl Publisher {
    /// Shows the exporter's own metrics alone, until Views come. A `zero_first` of 0 holds nothing.
    pub fn new(own: Arc<Own>, zero_first: Duration) -> Publisher {
        Publisher {
            own,
            zero_first,
            accounts: Mutex::default(),
            published: ArcSwap::from_pointee(Published::from(String::new())),
            page: ArcSwapOption::empty(),
            composing: Mutex::default(),
        }
    }

    /// Shows an account's new View, with the latest of all others.
    pub fn publish(&self, view: Arc<View>, now: Instant) {
        // Fails for an invalid table alone, which tests rule out; the View is worth more than this count.
        if let Ok(account) = self.own.account(&view.account) {
            account.overflowed(&view.overflowed);
        }
        let mut accounts = lock(&self.accounts);
        match accounts.get_mut(&view.account) {
            Some(shown) => {
                // What the first publication shows was counted before, or is history just read: it goes on as it is.
                if shown.view.counting {
                    shown
                        .held
                        .note(&shown.view.sums, &view.sums, now, self.zero_first);
                }
                shown.view = view;
            }
            None => {
                let account = Arc::clone(&view.account);
                accounts.insert(
                    account,
                    Shown {
                        view,
                        held: Held::default(),
                    },
                );
            }
        }
        release(&mut accounts, now);
        self.render(&accounts);
    }

    /// Renders anew if a series that stood at 0 now shows its value; to be called about every second.
    pub fn tick(&self, now: Instant) {
        let mut accounts = lock(&self.accounts);
        if release(&mut accounts, now) {
            self.render(&accounts);
        }
    }

    /// When [`Publisher::tick`] will next have something to do.
    pub fn next_change(&self) -> Option<Instant> {
        lock(&self.accounts)
            .values()
            .filter_map(|shown| shown.held.next_change())
            .min()
    }

    /// The page to serve.
    pub fn page(&self, now: Instant) -> Page {
        if let Some(page) = self.fresh_page(now) {
            return page;
        }
        let _composing = lock(&self.composing);
        // Another scrape may have done it meanwhile.
        if let Some(page) = self.fresh_page(now) {
            return page;
        }
        let composed = compose(&self.own, self.published.load_full(), now);
        let page = composed.page.clone();
        self.page.store(Some(Arc::new(composed)));
        page
    }

    fn fresh_page(&self, now: Instant) -> Option<Page> {
        let composed = self.page.load();
        let composed = composed.as_ref()?;
        let fresh = now.saturating_duration_since(composed.at) < OWN_AGE
            && Arc::ptr_eq(&composed.published, &self.published.load());
        fresh.then(|| composed.page.clone())
    }

    fn render(&self, accounts: &BTreeMap<Arc<str>, Shown>) {
        let text = render_held(
            accounts
                .values()
                .map(|Shown { view, held }| (&**view, |sample: &_| held.holds(sample))),
        );
        self.published.store(Arc::new(Published::from(text)));
    }
}

impl From<String> for Published {
    fn from(text: String) -> Published {
        Published {
            deflated: Deflated::open(text.as_bytes()),
            text,
        }
    }
}

fn compose(own: &Own, published: Arc<Published>, now: Instant) -> Composed {
    let own = own.render();
    let gzip = published
        .deflated
        .followed_by(&Deflated::last(own.as_bytes()));
    let text = [published.text.as_str(), &own].concat();
    Composed {
        page: Page {
            text: text.into(),
            gzip: gzip.into(),
        },
        published,
        at: now,
    }
}

fn release(accounts: &mut BTreeMap<Arc<str>, Shown>, now: Instant) -> bool {
    accounts
        .values_mut()
        .fold(false, |any, shown| shown.held.release(now) | any)
}

/// A panic elsewhere leaves nothing half-written here that the next publication does not replace.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
