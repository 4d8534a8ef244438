//! What serves, serves until a signal comes; then it ends within 8 s, whatever blocks.
//!
//! SIGTERM and SIGINT ask the work to end: it has [`FAREWELL`] for that. Work that hangs even then, at a disk that does
//! not answer, say, is left behind: nothing is lost by it, since a commit is whole or not there. [`LAST_RESORT`] ends the
//! process from a thread of its own, should anything else hang: the log's reader, the collector of traces. A second
//! signal ends it at once. SIGHUP, which would end a process that says nothing else, is handed on to whoever reads the
//! configuration again; where there is none, it is told and ignored.

use anyhow::Context;
use std::process;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// For the work to end by itself: answers under way, the commit under way.
const FAREWELL: Duration = Duration::from_secs(4);
/// For what still runs on the runtime's threads when the work has ended.
const LEAVE: Duration = Duration::from_millis(500);
/// The farewells of the work, its threads and the traces (2 s) add up to less; containers give 10 s.
const LAST_RESORT: Duration = Duration::from_secs(7);

/// Wrappers such as `timeout` send a signal to the process and to its group: what comes so soon is the same asking, and
/// whoever would end in time anyway is let.
const ONE_ASKING: Duration = Duration::from_millis(300);
/// For a line to be written, if anybody reads it, before what it tells of goes on: a fast end would overtake it.
const FOR_A_LINE: Duration = Duration::from_millis(250);

/// Something that the signals tell: its level is for whoever says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Stopping(&'static str),
    AtOnce,
    HangupIgnored,
}

impl Told {
    /// As log lines.
    pub(super) fn log(self) {
        match self {
            Told::Stopping(signal) => tracing::info!(signal, "stopping"),
            Told::AtOnce => tracing::warn!("a second signal: ended at once"),
            Told::HangupIgnored => tracing::info!(
                signal = "SIGHUP",
                "ignored: there is no configuration to read again"
            ),
        }
    }
}

/// What a SIGHUP does.
pub(super) enum OnHangup {
    /// It is told, and nothing else.
    Ignore,
    /// Whoever waits for it is woken: once for as many as come meanwhile.
    Notify(Arc<Notify>),
}

/// Signals are heard from here on.
pub(super) struct Listening {
    stop: CancellationToken,
}

/// From here on a hangup ends no command, however early it comes or whatever the command does: one that reads its
/// configuration again is told so by many a script at once when it starts, and a backfill of hours outlives its terminal.
pub(super) fn outlive_hangups() {
    let hear = |runtime: &Runtime| {
        let _entered = runtime.enter();
        // Once a signal was listened to, what it does by default is gone for good.
        signal(SignalKind::hangup()).map(drop)
    };
    let runtime = Builder::new_current_thread().enable_io().build();
    // Where there is no ear for it, `listen` says so.
    runtime.and_then(|runtime| hear(&runtime)).ok();
}

/// To be called first of all: what comes before it, a signal still kills.
///
/// # Errors
/// There is no ear for signals.
pub(super) fn listen(tell: fn(Told), on_hangup: OnHangup) -> anyhow::Result<Listening> {
    let stop = CancellationToken::new();
    obey_signals(stop.clone(), tell, on_hangup)?;
    Ok(Listening { stop })
}

impl Listening {
    /// Runs work on a runtime of its own until it is done, or has been told to stop and is done with that.
    ///
    /// # Errors
    /// Those of the work; or there can be no runtime.
    pub(super) fn run<W>(self, work: impl FnOnce(CancellationToken) -> W) -> anyhow::Result<()>
    where
        W: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        // At least two threads: one may wait for the disk.
        let threads = thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()?;
        let work = work(self.stop.clone());
        let ended = run_within(&runtime, FAREWELL, self.stop, work);
        runtime.shutdown_timeout(LEAVE);
        ended.unwrap_or_else(|| {
            tracing::warn!(
                "what was under way took too long to end; what it had not committed is read again"
            );
            Ok(())
        })
    }
}

/// `None` if it did not end within `farewell` of being told to.
fn run_within(
    runtime: &Runtime,
    farewell: Duration,
    stop: CancellationToken,
    work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
) -> Option<anyhow::Result<()>> {
    // A task, since one that blocks its thread would also block this one.
    let work = runtime.spawn(work);
    runtime.block_on(async {
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(farewell).await;
        };
        tokio::select! {
            ended = work => Some(ended.unwrap_or_else(|panic| Err(panic.into()))),
            () = late => None,
        }
    })
}

struct Ears {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// Hears signals on a thread and a runtime of its own, so that they are heard whatever the work does to its.
fn obey_signals(
    stop: CancellationToken,
    tell: fn(Told),
    on_hangup: OnHangup,
) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot listen for signals")?;
    let ears = {
        let _entered = runtime.enter();
        let hear = |kind| signal(kind).context("cannot listen for signals");
        Ears {
            hangup: hear(SignalKind::hangup())?,
            interrupt: hear(SignalKind::interrupt())?,
            terminate: hear(SignalKind::terminate())?,
        }
    };
    let hear = move || runtime.block_on(hear(ears, stop, tell, on_hangup));
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(hear)
        .context("cannot listen for signals")?;
    Ok(())
}

async fn hear(mut ears: Ears, stop: CancellationToken, tell: fn(Told), on_hangup: OnHangup) {
    let mut first: Option<Instant> = None;
    loop {
        let signal = tokio::select! {
            _ = ears.terminate.recv() => "SIGTERM",
            _ = ears.interrupt.recv() => "SIGINT",
            _ = ears.hangup.recv() => {
                match &on_hangup {
                    OnHangup::Ignore => tell_beside(tell, Told::HangupIgnored),
                    OnHangup::Notify(hangup) => hangup.notify_one(),
                }
                continue;
            }
        };
        if let Some(first) = first {
            thread::sleep(ONE_ASKING.saturating_sub(first.elapsed()));
            tell_beside(tell, Told::AtOnce);
            process::exit(0);
        }
        first = Some(Instant::now());
        tell_beside(tell, Told::Stopping(signal));
        stop.cancel();
        thread::spawn(|| {
            thread::sleep(LAST_RESORT);
            process::exit(0);
        });
    }
}

/// On a thread of its own: where nobody reads what we say, saying it takes for ever.
fn tell_beside(tell: fn(Told), told: Told) {
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        tell(told);
        said.send(()).ok();
    });
    heard.recv_timeout(FOR_A_LINE).ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    static SAID: AtomicBool = AtomicBool::new(false);

    #[test]
    fn what_is_told_is_said_before_it_happens_but_not_waited_for_for_ever() {
        tell_beside(
            |_| {
                thread::sleep(Duration::from_millis(5));
                SAID.store(true, Ordering::SeqCst);
            },
            Told::Stopping("SIGTERM"),
        );
        assert!(SAID.load(Ordering::SeqCst));
        let begun = Instant::now();
        tell_beside(
            |_| thread::sleep(Duration::from_mins(1)),
            Told::HangupIgnored,
        );
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
