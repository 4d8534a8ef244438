//! The exporter's own metrics: values that the rooms touch, printed by the encoder of all.
//!
//! Invariant: every series with a closed set of label values is there, at 0, from the first scrape. A metric is one row
//! of [`table`]. Not here: business numbers, which the ledger counts. Made by `serve`, touched by the poller.

mod account;
mod process;
pub(super) mod table;
mod value;

pub use account::PollResult;
pub use table::AccountMetrics;
pub use value::{Amount, Count, Counts, Level, Seconds, Timings, TimingsBy};

use super::table::ACCOUNT;
use super::text::Encoder;
use process::Process;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use table::{BUILD_INFO, LEADER, PUSHES, RELOADS};

pub(super) use process::PROCESS;

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

/// How a push to a collector ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushResult {
    Ok,
    /// Some or all of it is refused.
    Rejected,
    /// Nobody took it in time.
    Failed,
}

impl PushResult {
    const ALL: [PushResult; 3] = [PushResult::Ok, PushResult::Rejected, PushResult::Failed];

    fn as_str(self) -> &'static str {
        match self {
            PushResult::Ok => "ok",
            PushResult::Rejected => "rejected",
            PushResult::Failed => "failed",
        }
    }
}

/// Of a file that is read again: whether what is in force is what it says now, and since when that is in force.
#[derive(Debug, Default)]
struct InForce {
    is_latest: Level,
    since: Level,
}

impl InForce {
    fn since(&self, now_s: i64) {
        self.since.set(now_s);
        self.is_latest.set(1);
    }

    fn values(&self) -> [&Level; 2] {
        [&self.is_latest, &self.since]
    }
}

#[derive(Debug)]
pub struct Own {
    build: Build,
    vocabulary: Vocabulary,
    config: InForce,
    web_config: InForce,
    pushes: [(PushResult, Count); 3],
    leads: RwLock<Vec<(String, bool)>>,
    accounts: RwLock<BTreeMap<String, Arc<AccountMetrics>>>,
}

impl Own {
    pub fn new(build: Build, vocabulary: Vocabulary) -> Own {
        Own {
            build,
            vocabulary,
            config: InForce::default(),
            web_config: InForce::default(),
            pushes: PushResult::ALL.map(|result| (result, Count::default())),
            leads: RwLock::default(),
            accounts: RwLock::default(),
        }
    }

    /// The account's metrics, made at the first call.
    pub fn account(&self, name: &str) -> Arc<AccountMetrics> {
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(name) {
            return Arc::clone(account);
        }
        let account = self.begin();
        accounts.insert(name.to_owned(), Arc::clone(&account));
        account
    }

    /// Metrics of an account that is not shown yet.
    pub fn begin(&self) -> Arc<AccountMetrics> {
        Arc::new(AccountMetrics::new(&self.vocabulary))
    }

    /// From now on these are the account's.
    pub fn show(&self, name: &str, account: Arc<AccountMetrics>) {
        let accounts = self.accounts.write();
        let mut accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        accounts.insert(name.to_owned(), account);
    }

    /// Shows nothing more of an account.
    pub(super) fn forget(&self, name: &str) {
        let accounts = self.accounts.write();
        let mut accounts = accounts.unwrap_or_else(PoisonError::into_inner);
        accounts.remove(name);
    }

    /// The configured accounts, each with whether it is counted by this process.
    pub fn leads(&self, leads: Vec<(String, bool)>) {
        *self.leads.write().unwrap_or_else(PoisonError::into_inner) = leads;
    }

    /// None of them is, as far as this process knows.
    pub fn leads_nothing(&self) {
        let leads = self.leads.write();
        let mut leads = leads.unwrap_or_else(PoisonError::into_inner);
        leads.iter_mut().for_each(|(_, leads)| *leads = false);
    }

    /// A configuration came into force; `now_s` is UTC seconds.
    pub fn configured(&self, now_s: i64) {
        self.config.since(now_s);
    }

    /// A configuration was to come into force, and could not.
    pub fn not_configured(&self) {
        self.config.is_latest.set(0);
    }

    /// The same of the web's configuration.
    pub fn web_configured(&self, now_s: i64) {
        self.web_config.since(now_s);
    }

    /// Whether the web's configuration in force is what its files say now.
    pub fn web_configuration_stands(&self, stands: bool) {
        self.web_config.is_latest.set(i64::from(stands));
    }

    /// A push to a collector ended.
    pub fn pushed(&self, result: PushResult) {
        for (known, count) in &self.pushes {
            if *known == result {
                count.inc();
            }
        }
    }

    /// A page of them, as they stand now.
    pub fn render(&self) -> String {
        let mut page = Encoder::default();
        self.render_build(&mut page);
        let files = [&self.config, &self.web_config];
        let reloads = files.into_iter().flat_map(InForce::values);
        for (metric, value) in RELOADS.iter().zip(reloads) {
            page.family(metric);
            page.labels([]);
            page.number(value.get() as f64);
        }
        page.family(&PUSHES);
        for (result, count) in &self.pushes {
            page.labels(PUSHES.labels.iter().map(|label| (*label, result.as_str())));
            page.count(count.get());
        }
        let leads = self.leads.read().unwrap_or_else(PoisonError::into_inner);
        if !leads.is_empty() {
            page.family(&LEADER);
        }
        for (account, is_leader) in leads.iter() {
            page.labels([(ACCOUNT, account.as_str())]);
            page.count(u64::from(*is_leader));
        }
        drop(leads);
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let mut values: Vec<_> = accounts
            .iter()
            .map(|(name, account)| ((ACCOUNT, name.as_str()), account.values()))
            .collect();
        // All accounts have the same metrics in the same order: a family at a time.
        loop {
            let mut ended = true;
            for (place, (account, values)) in values.iter_mut().enumerate() {
                if let Some((metric, value)) = values.next() {
                    if place == 0 {
                        page.family(metric);
                    }
                    let label = metric.labels.first().copied().unwrap_or_default();
                    value.render(&mut page, *account, label);
                    ended = false;
                }
            }
            if ended {
                break;
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

#[cfg(test)]
impl Own {
    /// For a test of another room.
    pub(crate) fn any() -> Own {
        let build = Build {
            version: "1".to_owned(),
            revision: String::new(),
        };
        let vocabulary = Vocabulary {
            requests: Vec::new(),
            fields: Vec::new(),
            facts: Vec::new(),
        };
        Own::new(build, vocabulary)
    }
}

#[cfg(test)]
mod tests;
