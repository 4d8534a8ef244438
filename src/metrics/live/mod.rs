//! The queue as it is now, and the counts beside the vendor's own, as a page shows them: every value only until it is too
//! old.
//!
//! Invariant: no value is shown past the instant that came with it, whether or not anybody reads the source again.
//! Not here: where values come from (the rooms `live` and `reconcile`). Told by their loops, asked by the publisher.

mod table;
#[cfg(test)]
mod tests;

pub use table::Gauge;
pub(super) use table::{COMPARED, LIVE};

use super::table::ACCOUNT;
use super::text::Encoder;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

/// One value of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveSample {
    pub gauge: Gauge,
    /// In the order of the gauge's labels.
    pub labels: Vec<Arc<str>>,
    pub value: f64,
    /// Not shown from then on; `None`: shown until it is replaced.
    pub until: Option<Instant>,
}

/// Who tells: each replaces what it told itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Teller {
    Live,
    Reconcile,
}

/// An account, and who tells of it.
type Told = (Arc<str>, Teller);

/// What is shown of each account, by who told it.
#[derive(Debug, Default)]
pub(super) struct Live(RwLock<BTreeMap<Told, Vec<LiveSample>>>);

impl Live {
    /// Shows these in place of the account's earlier ones of the same teller.
    pub(super) fn show(&self, account: &Arc<str>, teller: Teller, mut samples: Vec<LiveSample>) {
        samples.sort_by(|one, other| (one.gauge, &one.labels).cmp(&(other.gauge, &other.labels)));
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        accounts.insert((Arc::clone(account), teller), samples);
    }

    /// Shows nothing more of an account.
    pub(super) fn forget(&self, account: &str) {
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(|(told, _), _| **told != *account);
    }

    /// Writes a page of those that are not too old.
    pub(super) fn render(&self, now: Instant) -> String {
        let accounts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut page = Encoder::default();
        for (gauge, metric) in Gauge::ALL.iter().zip(table::rows()) {
            let mut opened = false;
            for ((account, _), samples) in accounts.iter() {
                let fresh = |sample: &&LiveSample| sample.until.is_none_or(|until| now < until);
                let of_gauge = samples.iter().filter(|sample| sample.gauge == *gauge);
                for sample in of_gauge.filter(fresh) {
                    if !opened {
                        page.family(metric);
                        opened = true;
                    }
                    let values = sample.labels.iter().map(|value| &**value);
                    let labels = metric.labels.iter().copied().zip(values);
                    page.labels([(ACCOUNT, &**account)].into_iter().chain(labels));
                    page.number(sample.value);
                }
            }
        }
        page.finish()
    }
}
