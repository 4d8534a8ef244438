//! Listening, and stopping. Every connection has a time limit, and so has their number.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// More wait in the kernel's queue.
    pub connections: usize,
    /// For a request's head to be complete, and so also for a connection to be idle.
    pub head_wait: Duration,
    /// What answers under way get when all is to stop.
    pub grace: Duration,
}

const LIMITS: Limits = Limits {
    // Far above what scrapers, probes and people need.
    connections: 256,
    // Longer than a usual scrape interval, so that scrapers keep their connection.
    head_wait: Duration::from_secs(75),
    // Far below the 10 s that container engines give.
    grace: Duration::from_secs(3),
};

/// A head is some hundred bytes.
const LARGEST_HEAD: usize = 16 * 1024;
/// Accepting fails when files run out; asking again at once would burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

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
    let mut connections = JoinSet::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    while let Some((stream, permit)) = next(&listener, &room, &stop).await {
        connections.spawn(converse(
            limits,
            stream,
            router.clone(),
            stop.clone(),
            permit,
        ));
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.grace, all_done).await.is_err() {
        tracing::warn!(
            "connections were still open after {:?} and are cut",
            limits.grace
        );
    }
}

/// The next connection and its right to be; `None` when all is to stop.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let accepted = async {
        let permit = Arc::clone(room).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((stream, permit)),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        accepted = accepted => accepted,
    }
}

async fn converse(
    limits: Limits,
    stream: TcpStream,
    router: Router,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
) {
    // Answers are written whole; waiting for more of them would only delay the last packet.
    stream.set_nodelay(true).ok();
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_wait)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A client that went away or spoke no HTTP has been told so; there is nobody else to tell.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.ok();
}
