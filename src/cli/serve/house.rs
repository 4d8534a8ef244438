//! What the web serves.

use crate::cli::glance;
use crate::clock;
use crate::fleet::{Fleet, Shown};
use crate::metrics::{Encoding, Publisher, Scrape};
use crate::web::{self, AccountStatus, Lifecycle, Source, Wall};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub(super) struct House {
    pub publisher: Arc<Publisher>,
    pub fleet: Arc<Fleet>,
    /// Once it was, it is.
    pub was_ready: AtomicBool,
    pub lifecycle: Option<Box<dyn Lifecycle>>,
}

impl Source for House {
    fn metrics(&self, encoding: Encoding) -> Scrape {
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

    fn healthy(&self) -> bool {
        self.fleet.is_alive()
    }

    fn ready(&self) -> Result<(), String> {
        if self.was_ready.load(Ordering::Relaxed) {
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
