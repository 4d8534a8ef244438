//! How the last look at the files ended: told once in the log, and for as long as it lasts by a metric and the page for
//! people.

use crate::clock;
use crate::config::one_line;
use crate::metrics::Own;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

#[derive(Default)]
pub(super) struct Standing {
    own: OnceLock<Arc<Own>>,
    trouble: Mutex<Trouble>,
}

/// Why the files, as they are now, are not in force. Both `None` where they are.
#[derive(Default)]
struct Trouble {
    /// What is wrong with them.
    unusable: Option<String>,
    /// Their disk does not say what they hold.
    unanswered: Option<String>,
}

impl Standing {
    /// From now on the metrics are told, too. What was read at the start is in force.
    pub(super) fn told_to(&self, own: Arc<Own>) {
        own.web_configured(clock::now_s());
        self.own.set(own).ok();
    }

    /// The files changed, and are in force.
    pub(super) fn is_in_force(&self, file: &Path) {
        tracing::info!(file = %file.display(), "the web configuration is read again");
        let mut trouble = self.lock();
        *trouble = Trouble::default();
        if let Some(own) = self.own.get() {
            own.web_configured(clock::now_s());
        }
    }

    /// The files changed, and cannot be used.
    pub(super) fn is_unusable(&self, why: &str) {
        let error = one_line(why);
        tracing::error!(
            error,
            "the web configuration changed and cannot be used; the last good one stands"
        );
        let mut trouble = self.lock();
        *trouble = Trouble {
            unusable: Some(error),
            unanswered: None,
        };
        self.tell(&trouble);
    }

    /// The files are as they were at the last look.
    pub(super) fn is_as_before(&self) {
        let mut trouble = self.lock();
        if trouble.unanswered.take().is_some() {
            tracing::info!("the web configuration can be looked at again");
            self.tell(&trouble);
        }
    }

    /// Nobody can say what the files hold now.
    pub(super) fn is_unanswered(&self, why: &str) {
        let mut trouble = self.lock();
        if trouble.unanswered.replace(why.to_owned()).is_none() {
            tracing::error!(
                error = why,
                "the web configuration cannot be looked at; the last good one stands"
            );
            self.tell(&trouble);
        }
    }

    /// Why the files, as they are now, are not in force.
    pub(super) fn trouble(&self) -> Option<String> {
        let trouble = self.lock();
        trouble.unanswered.clone().or(trouble.unusable.clone())
    }

    fn tell(&self, trouble: &Trouble) {
        let fails = trouble.unusable.is_some() || trouble.unanswered.is_some();
        if let Some(own) = self.own.get() {
            own.web_configuration_stands(!fails);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
