//! Connections that can be cut: after so many bytes, in the middle of an answer.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Accepts connections that can be cut.
pub(super) struct Lines(pub TcpListener);

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    cut: Cut,
}

/// The scissors of one connection: how many bytes may still be written.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    left: Arc<AtomicUsize>,
    /// Whether the other end is on this machine.
    is_local: bool,
}

/// Not to be cut.
const UNCUT: usize = usize::MAX;

impl Cut {
    pub(super) fn after(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Release);
    }

    /// For a connection from there.
    pub(super) fn of(address: SocketAddr) -> Cut {
        Cut {
            left: Arc::new(AtomicUsize::new(UNCUT)),
            is_local: address.ip().to_canonical().is_loopback(),
        }
    }

    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }

    /// At most this many of the bytes may be written; none when the line is cut.
    fn allow(&self, bytes: usize) -> Option<usize> {
        match self.left.load(Ordering::Acquire) {
            UNCUT => Some(bytes),
            0 => None,
            left => Some(bytes.min(left)),
        }
    }

    fn spend(&self, bytes: usize) {
        let left = self.left.load(Ordering::Acquire);
        if left != UNCUT {
            self.left.store(left - bytes.min(left), Ordering::Release);
        }
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (
            Line {
                stream,
                cut: Cut::of(address),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().cut.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(allowed) = self.cut.allow(bytes.len()) else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = &written {
            self.cut.spend(*count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
