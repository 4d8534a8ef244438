//! What carries connections: the store is called by threads that may block, and PostgreSQL's client is asynchronous.

use super::error::Failure;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// One thread that carries all connections.
#[derive(Debug)]
pub(super) struct Driver(Option<Runtime>);

impl Driver {
    pub(super) fn start() -> std::io::Result<Driver> {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(1).thread_name("postgres");
        Ok(Driver(Some(runtime.enable_all().build()?)))
    }

    /// Waits for `work`, no longer than `limit`.
    pub(super) fn wait<T, E: Into<Failure>>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let timed = async {
            let done = tokio::time::timeout(limit, work).await;
            done.map_err(|_| Failure::Silent(limit))?.map_err(E::into)
        };
        self.runtime().block_on(timed)
    }

    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime().spawn(work);
    }

    #[allow(clippy::expect_used, reason = "it is taken by `drop` alone")]
    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("it runs until it is dropped")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // To wait for its thread is not allowed to whoever is asynchronous itself, and there is nothing to wait for.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
