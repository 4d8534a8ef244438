//! Over real sockets: limits, and stopping.

use super::super::server::{Limits, serve_within};
use super::super::{bind, serve};
use super::{published, serving};
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const GET: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
/// Far longer than anything here should take.
const DEADLINE: Duration = Duration::from_secs(20);

const LIMITS: Limits = Limits {
    connections: 1,
    head_wait: Duration::from_millis(100),
    grace: Duration::from_millis(100),
};

async fn started(limits: Option<Limits>) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (router, token) = (serving(&[published("acme")]), stop.clone());
    let served = tokio::spawn(async move {
        match limits {
            Some(limits) => serve_within(limits, listener, router, token).await,
            None => serve(listener, router, token).await,
        }
    });
    (address, stop, served)
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

async fn answer(stream: &mut TcpStream) -> String {
    stream.write_all(GET).await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"up 1\n") {
        let count = stream.read_buf(&mut read).await.unwrap();
        assert!(count > 0, "cut after {:?}", String::from_utf8_lossy(&read));
    }
    String::from_utf8(read).unwrap()
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, what).await.unwrap()
}

#[tokio::test]
async fn an_open_connection_does_not_hold_up_the_end() {
    let (address, stop, served) = started(None).await;
    let mut idle = connect(address).await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200 OK\r\n"));
    stop.cancel();
    in_time(served).await.unwrap();
    assert_eq!(in_time(idle.read(&mut [0])).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_up_the_end() {
    let limits = Limits {
        head_wait: DEADLINE * 2,
        ..LIMITS
    };
    let (address, stop, served) = started(Some(limits)).await;
    let mut slow = connect(address).await;
    // An answer shows that the connection is being served; then half a head.
    answer(&mut slow).await;
    slow.write_all(&GET[..20]).await.unwrap();
    stop.cancel();
    in_time(served).await.unwrap();
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_cut() {
    let (address, _stop, _served) = started(Some(LIMITS)).await;
    let mut slow = connect(address).await;
    slow.write_all(&GET[..20]).await.unwrap();
    let mut said = String::new();
    in_time(slow.read_to_string(&mut said)).await.unwrap();
    assert!(!said.starts_with("HTTP/1.1 200"), "{said}");
}

#[tokio::test]
async fn one_connection_too_many_waits_for_its_turn() {
    let (address, _stop, _served) = started(Some(LIMITS)).await;
    let mut first = connect(address).await;
    answer(&mut first).await;
    let mut second = connect(address).await;
    in_time(answer(&mut second)).await;
    // Its turn came when the first, idle for too long, was cut: that one has ended already.
    let mut first = first.into_std().unwrap();
    assert_eq!(first.read(&mut [0]).unwrap(), 0);
}

#[tokio::test]
async fn a_taken_port_is_refused_with_a_way_out() {
    let (address, _stop, _served) = started(None).await;
    let refused = bind(address).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("cannot listen on `{address}`: ")),
        "{refused}"
    );
    assert!(refused.contains("--web.listen-address"), "{refused}");
}
