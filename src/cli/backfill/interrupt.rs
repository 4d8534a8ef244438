//! A signal ends it between two requests: what was read is kept.

use super::super::complain;
use anyhow::{Context as _, anyhow};
use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// For what is under way to end by itself. What is read is committed by then, or is read again.
const LAST_RESORT: Duration = Duration::from_secs(5);

const GOES_ON: &str = "interrupted; what was read is kept: the same command goes on";

/// Signals are heard from here on. A second one ends the process at once.
pub(super) fn listen() -> anyhow::Result<CancellationToken> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot listen for signals")?;
    let mut ears = {
        let _entered = runtime.enter();
        let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
        let [terminate, interrupt] =
            kinds.map(|kind| signal(kind).context("cannot listen for signals"));
        (terminate?, interrupt?)
    };
    let stop = CancellationToken::new();
    let told = stop.clone();
    let hear = async move {
        let mut next = async || {
            tokio::select! {
                _ = ears.0.recv() => {}
                _ = ears.1.recv() => {}
            }
        };
        next().await;
        told.cancel();
        tokio::time::timeout(LAST_RESORT, next()).await.ok();
        // Where nobody reads what we say, that is not waited for.
        thread::spawn(|| complain(&format!("error: {GOES_ON}")));
        tokio::time::sleep(Duration::from_millis(100)).await;
        process::exit(1);
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(hear))
        .context("cannot listen for signals")?;
    Ok(stop)
}

pub(super) fn interrupted() -> anyhow::Error {
    anyhow!(GOES_ON)
}

/// # Errors
/// It was told to stop.
pub(super) fn go_on(stop: &CancellationToken) -> Result<(), anyhow::Error> {
    if stop.is_cancelled() {
        return Err(interrupted());
    }
    Ok(())
}

/// Writes until it is told to stop.
pub(super) struct UntilStopped<'s, W>(pub W, pub &'s CancellationToken);

impl<W: Write> Write for UntilStopped<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        go_on(self.1).map_err(io::Error::other)?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
