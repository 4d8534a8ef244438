//! Listening, and stopping. Every connection has limits of time, their number has one, and none of them keeps another
//! from being served: see [`place`].

mod place;
mod wire;

use super::gate::{Gate, Shown, Tls, guarded};
use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use place::{Place, Places, Taken};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use wire::{Answer, Answering, Wire};

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
/// Requests at once on a connection of HTTP/2. A scraper has one.
const STREAMS: u32 = 16;
/// Of an answer, what HTTP/2 keeps for a reader that is slow.
const LARGEST_BUFFER: usize = 64 * 1024;
/// For an answer under way when the TLS settings changed.
const LAST_ANSWER: Duration = Duration::from_secs(10);
/// As Go says it.
const NO_TLS: &[u8] = b"HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
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
///
/// Who may ask, and how, is the gate's to say.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) {
    serve_within(LIMITS, listener, router, gate, stop).await;
}

pub(super) async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) {
    let router = guarded(router, &gate);
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
                let caller = Caller {
                    router: router.clone(),
                    gate: Arc::clone(&gate),
                    watcher: graceful.watcher(),
                    handshake: limits.head,
                };
                connections.spawn(converse(stream, taken, caller));
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

/// What a connection needs to be served.
struct Caller {
    router: Router,
    gate: Arc<Gate>,
    watcher: Watcher,
    /// How long a handshake of TLS may take.
    handshake: Duration,
}

async fn converse(stream: TcpStream, taken: Taken, caller: Caller) {
    let place = taken.place();
    // A client that went away or spoke no HTTP has been told so; there is nobody else to tell.
    tokio::select! {
        () = talk(stream, place, caller) => {}
        () = place.given_up() => {}
    }
}

async fn talk(mut stream: TcpStream, place: &Arc<Place>, caller: Caller) {
    let Some(tls) = caller.gate.tls().await else {
        let wire = Wire::new(stream, Arc::clone(place));
        let connection = plain().serve_connection(
            TokioIo::new(wire),
            service(caller.router, place, Shown::Nothing),
        );
        return watched(connection, caller.watcher).await;
    };
    let begun = tokio::time::timeout(caller.handshake, async {
        if speaks_plainly(&stream).await {
            stream.write_all(NO_TLS).await.ok();
            return None;
        }
        let wire = Wire::new(stream, Arc::clone(place));
        tls.acceptor().accept(wire).await.ok()
    });
    let Ok(Some(stream)) = begun.await else {
        return;
    };
    let (shown, is_http2) = tls.agreed(stream.get_ref().1);
    place.agreed(is_http2);
    let io = TokioIo::new(stream);
    let service = service(caller.router, place, shown);
    let talking = async {
        if is_http2 {
            watched(multiplexed().serve_connection(io, service), caller.watcher).await;
        } else {
            watched(plain().serve_connection(io, service), caller.watcher).await;
        }
    };
    tokio::select! {
        () = talking => {}
        () = outdated(&tls, place) => {}
    }
}

fn service(
    router: Router,
    place: &Arc<Place>,
    shown: Shown,
) -> impl hyper::service::Service<
    hyper::Request<hyper::body::Incoming>,
    Response = hyper::Response<Answer>,
    Error = std::convert::Infallible,
    Future: Send + 'static,
> + use<> {
    let router = TowerToHyperService::new(router);
    let place = Arc::clone(place);
    service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(shown);
        let answering = Answering::begin(&place);
        let answer = hyper::service::Service::call(&router, request);
        async move {
            let answer = answer.await;
            answer.map(|answer| answer.map(|body| Answer::new(body, answering)))
        }
    })
}

async fn watched<C: GracefulConnection>(connection: C, watcher: Watcher) {
    watcher.watch(connection).await.ok();
}

fn plain() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(LARGEST_HEAD);
    builder
}

fn multiplexed() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(usize::try_from(STREAMS).ok())
        .max_local_error_reset_streams(usize::try_from(STREAMS).ok())
        .max_header_list_size(LARGEST_HEAD as u32)
        .max_send_buf_size(LARGEST_BUFFER);
    builder
}

/// Whether what comes first is a request, and no handshake.
async fn speaks_plainly(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0].is_ascii_uppercase()
}

/// Ends a while after the certificate, or whom it asks for one, has changed: whoever was let in shows himself anew.
async fn outdated(tls: &Tls, place: &Place) {
    tls.ended().await;
    let last = Instant::now() + LAST_ANSWER;
    while place.is_answering() && Instant::now() < last {
        tokio::time::sleep(Duration::from_millis(20)).await;
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
