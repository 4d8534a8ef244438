//! The exporter's own metrics: kept with the `prometheus` crate, printed by the encoder of all.
//!
//! Invariant: every series with a closed set of label values is there, at 0, from the first scrape. Names and help
//! come from the table. Not here: business numbers, the default registry.

mod account;
mod process;

pub use account::{AccountMetrics, PollResult};

use super::table::own::{BUILD_INFO, EXPORTER};
use super::table::{ACCOUNT, Metric, MetricKind};
use super::text::{self, Encoder};
use process::Process;
use prometheus::proto;
use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::{Arc, PoisonError, RwLock};

/// Which build runs.
#[derive(Debug, Clone)]
pub struct Build {
    pub version: String,
    /// Of the source; empty if unknown, and then not shown.
    pub revision: String,
}

/// The closed sets of label values that other rooms own.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// Of `requests_total{result}`.
    pub requests: Vec<&'static str>,
    /// Of `rejected_values_total{field}`.
    pub fields: Vec<&'static str>,
    /// Of `revised_facts_total{fact}`.
    pub facts: Vec<&'static str>,
}

#[derive(Debug)]
pub struct Own {
    build: Build,
    vocabulary: Vocabulary,
    accounts: RwLock<BTreeMap<String, Arc<AccountMetrics>>>,
}

impl Own {
    pub fn new(build: Build, vocabulary: Vocabulary) -> Own {
        Own {
            build,
            vocabulary,
            accounts: RwLock::default(),
        }
    }

    /// The account's metrics, made at the first call. Fails only if the table holds an invalid name.
    pub fn account(&self, name: &str) -> prometheus::Result<Arc<AccountMetrics>> {
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(name) {
            return Ok(Arc::clone(account));
        }
        let account = Arc::new(AccountMetrics::new(&self.vocabulary)?);
        accounts.insert(name.to_owned(), Arc::clone(&account));
        Ok(account)
    }

    /// A page of them, as they stand now.
    pub fn render(&self) -> String {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let gathered: Vec<(&str, HashMap<String, proto::MetricFamily>)> = accounts
            .iter()
            .map(|(name, account)| (name.as_str(), by_name(account.gather())))
            .collect();
        let mut page = Encoder::default();
        self.render_build(&mut page);
        for metric in EXPORTER {
            let families = || {
                gathered
                    .iter()
                    .filter_map(|(name, families)| Some((*name, families.get(metric.name)?)))
            };
            if families().next().is_some() {
                page.family(metric);
            }
            for (account, family) in families() {
                render_family(&mut page, metric, account, family);
            }
        }
        for (metric, value) in Process::read().values() {
            page.family(metric);
            page.labels([]);
            page.number(value);
        }
        page.finish()
    }

    fn render_build(&self, page: &mut Encoder) {
        let values = [self.build.version.as_str(), &self.build.revision];
        page.family(&BUILD_INFO);
        page.labels(
            BUILD_INFO
                .labels
                .iter()
                .copied()
                .zip(values)
                .filter(|(_, value)| !value.is_empty()),
        );
        page.count(1);
    }
}

fn by_name(families: Vec<proto::MetricFamily>) -> HashMap<String, proto::MetricFamily> {
    families
        .into_iter()
        .map(|family| (family.name().to_owned(), family))
        .collect()
}

fn render_family(page: &mut Encoder, metric: &Metric, account: &str, family: &proto::MetricFamily) {
    for series in family.get_metric() {
        let labels = series
            .get_label()
            .iter()
            .map(|label| (label.name(), label.value()));
        page.labels(iter::once((ACCOUNT, account)).chain(labels));
        match metric.kind {
            MetricKind::Counter => page.number(series.get_counter().get_value()),
            MetricKind::Gauge => page.number(series.get_gauge().get_value()),
            MetricKind::Histogram => render_histogram(page, series.get_histogram()),
        }
    }
}

fn render_histogram(page: &mut Encoder, histogram: &proto::Histogram) {
    let mut bounds: Vec<(String, u64)> = histogram
        .get_bucket()
        .iter()
        .map(|bucket| (text::bound(bucket.upper_bound()), bucket.cumulative_count()))
        .collect();
    bounds.push((text::bound(f64::INFINITY), histogram.get_sample_count()));
    page.buckets(
        bounds
            .iter()
            .map(|(bound, observations)| (bound.as_str(), *observations)),
    );
    page.sum_seconds(histogram.get_sample_sum());
    page.observations(histogram.get_sample_count());
}

#[cfg(test)]
mod tests;
