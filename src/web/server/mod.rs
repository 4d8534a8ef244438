//! Listening, and stopping. Every connection has limits of time, their number has one, and none of them keeps another
//! from being served: see [`place`].

mod place;
mod wire;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use place::{Places, Taken};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use wire::{Answer, Wire};

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// As many at once. When one more comes, the one that made progress longest ago gives way.
    pub connections: usize,
    /// Between requests.
    pub idle: Duration,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// Without a byte of an answer being taken.
    pub stall: Duration,
    /// For an answer to be taken whole.
    pub answer: Duration,
    /// What answers under way get when all is to stop.
    pub grace: Duration,
}

const LIMITS: Limits = Limits {
    // Far above what scrapers, probes and people need; each costs a file.
    connections: 256,
    // Longer than a usual scrape interval, so that scrapers keep their connection.
    idle: Duration::from_secs(75),
    // A head is one packet.
    head: Duration::from_secs(10),
    // Above what an answer may take to be made.
    stall: Duration::from_secs(20),
    // No scraper waits longer than its interval; and whoever reads a page keeps it in memory.
    answer: Duration::from_mins(1),
    grace: Duration::from_secs(2),
};

/// A head is some hundred bytes.
const LARGEST_HEAD: usize = 16 * 1024;
/// Accepting fails when files run out; asking again at once would burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Limits of time are held to this.
const SWEEP: Duration = Duration::from_secs(1);
/// That places run out is worth a line, but not one for every connection.
const TOLD_EVERY: Duration = Duration::from_mins(1);

#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{address}`: {cause}{}", hint(.cause))]
pub struct BindError {
    address: SocketAddr,
    cause: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "\n  hint: another process has the port; choose one with `--web.listen-address`"
        }
        io::ErrorKind::PermissionDenied => {
            "\n  hint: ports below 1024 need a privilege; choose one with `--web.listen-address`"
        }
        io::ErrorKind::AddrNotAvailable => "\n  hint: no interface of this machine has the address",
        _ => "",
    }
}

/// Takes the port; port 0 takes any that is free.
///
/// # Errors
/// The port is taken, or not ours to take.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| BindError { address, cause })
}

/// Serves until `stop` is cancelled; then answers what is under way and returns within seconds.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    serve_within(LIMITS, listener, router, stop).await;
}

pub(super) async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) {
    let places = Arc::new(Places::new(limits));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut crowd = Crowd::default();
    let mut sweep = tokio::time::interval(SWEEP.min(limits.head / 4));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = sweep.tick() => {
                places.sweep();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (taken, gave_way) = places.take();
                if gave_way {
                    crowd.tell(limits.connections);
                }
                connections.spawn(converse(stream, router.clone(), taken, graceful.watcher()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Most likely files ran out: the next one finds those of this connection.
                places.give_up_one();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let ended = tokio::time::timeout(limits.grace, graceful.shutdown()).await;
    if ended.is_err() {
        tracing::warn!(
            "connections were still open after {:?} and are cut",
            limits.grace
        );
    }
}

async fn converse(stream: TcpStream, router: Router, taken: Taken, watcher: Watcher) {
    let place = taken.place();
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| {
        place.head_complete();
        let answer = hyper::service::Service::call(&router, request);
        let place = Arc::clone(place);
        async move {
            let answer = answer.await;
            answer.map(|answer| answer.map(|body| Answer::new(body, place)))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(Wire::new(stream, Arc::clone(place))), service);
    // A client that went away or spoke no HTTP has been told so; there is nobody else to tell.
    tokio::select! {
        _ = watcher.watch(connection) => {}
        () = place.given_up() => {}
    }
}

/// Says now and then that places run out.
#[derive(Debug, Default)]
struct Crowd {
    told: Option<Instant>,
    since_told: u64,
}

impl Crowd {
    fn tell(&mut self, places: usize) {
        self.since_told += 1;
        let now = Instant::now();
        if self.told.is_some_and(|told| now - told < TOLD_EVERY) {
            return;
        }
        tracing::warn!(
            cut = self.since_told,
            places,
            "all places for connections are taken: those idle or stuck longest give way; hint: who connects to the port?"
        );
        *self = Crowd {
            told: Some(now),
            since_told: 0,
        };
    }
}
