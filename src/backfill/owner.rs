//! Which conversations an exporter has counted itself, among what it first showed or since.

use super::Error;
use crate::ledger::{Id, Ledger, Measure, Policy, Sum, Version};
use crate::poller::FirstShown;
use crate::store::{Beginning, Place, counted_among};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the exporter first showed, by measure and label values.
pub type FirstSums = BTreeMap<(Measure, Vec<Arc<str>>), Sum>;

/// The exporter that counts the account.
pub struct Owner {
    pub(super) began: Beginning,
    place: Place,
    meets: Option<FirstShown>,
}

impl Owner {
    pub fn new(place: Place, began: Beginning, meets: Option<FirstShown>) -> Owner {
        Owner {
            began,
            place,
            meets,
        }
    }

    /// The ids of those that the exporter counts. It read what began since it began to count. Of what began before and ended
    /// later it knows what its API listed there; what it does not remember it has not counted.
    ///
    /// # Errors
    /// Its store cannot be read.
    pub fn owned(&self, records: &[Version<'_>]) -> Result<FxHashSet<Id>, Error> {
        let mut owned = FxHashSet::default();
        let Some(FirstShown { since_s, .. }) = self.meets else {
            return Ok(owned);
        };
        let mut in_doubt = BTreeSet::new();
        for record in records {
            let ids = [record.ids.conversation, record.ids.session];
            let ids = ids.into_iter().flatten();
            if record
                .derived
                .start_s
                .is_some_and(|start_s| start_s >= since_s)
            {
                owned.extend(ids);
            } else if record.derived.latest_s >= since_s {
                in_doubt.extend(ids);
            }
        }
        if !in_doubt.is_empty() {
            let counted = counted_among(&self.place, &self.began, &in_doubt)?;
            owned.extend(counted.ok_or_else(|| {
                Error::BegunOtherwise(format!(
                    "{}: the exporter's state is another than a moment ago; hint: put the one before back to go on",
                    self.place
                ))
            })?);
        }
        Ok(owned)
    }

    /// What it showed first.
    pub fn first_sums(&self, policy: Policy) -> FirstSums {
        let mut sums = FirstSums::new();
        if self.meets.is_none() {
            return sums;
        }
        let mut ledger = Ledger::new(self.began.hash_key, policy);
        ledger.symbols = self.began.symbols.clone();
        ledger.names = self.began.names.clone();
        for (key, sum) in &self.began.first_shown {
            if let Some(labels) = ledger.labels(key) {
                sums.entry((key.measure, labels))
                    .and_modify(|shown| shown.add(sum))
                    .or_insert_with(|| sum.clone());
            }
        }
        sums
    }
}
