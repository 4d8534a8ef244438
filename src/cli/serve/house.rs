//! What the web serves.

use crate::cli::glance;
use crate::clock;
use crate::fleet::{Elsewhere, Fleet, Shown};
use crate::metrics::{Encoding, Publisher, Scrape};
use crate::web::{self, AccountStatus, Gate, Lifecycle, Listed, Source, Wall};
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub(super) struct House {
    pub publisher: Arc<Publisher>,
    pub fleet: Arc<Fleet>,
    /// Once it was, it is.
    pub was_ready: AtomicBool,
    pub lifecycle: Option<Box<dyn Lifecycle>>,
    pub gate: Arc<Gate>,
    /// Why the configuration in force is not what its file says now.
    pub not_reloaded: ArcSwapOption<String>,
}

impl Source for House {
    fn metrics(&self, encoding: Encoding) -> Scrape {
        // Who wakes may be asked before it has looked around.
        self.fleet.hide_what_may_be_anothers();
        self.publisher.page(encoding, Instant::now())
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        let status = |account: &Shown| AccountStatus {
            name: Arc::clone(&account.name),
            status: account.status.borrow().clone(),
            live: account.live.sources(),
        };
        self.fleet.shown().iter().map(status).collect()
    }

    fn elsewhere(&self) -> Vec<(Arc<str>, Option<Arc<str>>)> {
        let elsewhere = self.fleet.elsewhere();
        let both = |it: &Elsewhere| (Arc::clone(&it.name), it.holder.clone());
        elsewhere.iter().map(both).collect()
    }

    fn wall(&self) -> Wall {
        let shown = |account: &Shown| {
            let status = account.status.borrow().clone();
            glance::account(&account.name, status, &account.live.present())
        };
        Wall {
            now_s: clock::now_s(),
            accounts: self.fleet.shown().iter().map(shown).collect(),
        }
    }

    fn abandoned(&self) -> Vec<Listed> {
        let listed = |account: &Shown| (Arc::clone(&account.name), account.calls.clone());
        self.fleet.shown().iter().map(listed).collect()
    }

    fn notices(&self) -> Vec<String> {
        let config = self.not_reloaded.load();
        let config = config.as_ref().map(|why| {
            format!("the configuration was to be read again and could not be; the last good one stands: {why}; hint: the log names each problem, and so does `smartassist-exporter check`")
        });
        let web = self.gate.trouble().map(|why| {
            format!(
                "the web configuration changed and cannot be used; the last good one stands: {why}"
            )
        });
        config.into_iter().chain(web).collect()
    }

    fn healthy(&self) -> bool {
        self.fleet.is_alive()
    }

    fn ready(&self) -> Result<(), String> {
        // Who waits for its turn is as ready as it can be.
        if self.was_ready.load(Ordering::Relaxed) || self.fleet.stands_by() {
            return Ok(());
        }
        web::ready(&self.accounts())?;
        self.was_ready.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn lifecycle(&self) -> Option<&dyn Lifecycle> {
        self.lifecycle.as_deref()
    }
}
