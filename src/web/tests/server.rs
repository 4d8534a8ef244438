//! Over real sockets: limits, crowds, and stopping.

use super::super::server::{Limits, serve_within};
use super::super::{Gate, bind, router, serve};
use super::{Fixed, PAGE, published};
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const GET: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
/// Far longer than anything here should take.
const DEADLINE: Duration = Duration::from_secs(20);

const LONG: Duration = Duration::from_mins(10);
const SHORT: Duration = Duration::from_millis(100);

/// Nothing but what a test sets is ever reached.
pub(super) const LIMITS: Limits = Limits {
    connections: 256,
    idle: LONG,
    head: LONG,
    stall: LONG,
    answer: LONG,
    grace: SHORT,
};

struct Started {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

async fn start(limits: Option<Limits>, page: &Bytes) -> Started {
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let token = stop.clone();
    let router = router(Arc::new(Fixed {
        text: page.clone(),
        accounts: vec![published("acme")],
        wall: super::Wall::default(),
        healthy: true,
    }));
    let served = tokio::spawn(async move {
        match limits {
            Some(limits) => serve_within(limits, listener, router, Gate::open(), token).await,
            None => serve(listener, router, Gate::open(), token).await,
        }
    });
    Started {
        address,
        stop,
        served,
    }
}

/// More than the system keeps for a reader that does not read.
fn large() -> Bytes {
    Bytes::from(vec![b'#'; 48 * 1024 * 1024])
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

/// Until the other side has ended it, one way or the other; what is sent until then is read away.
async fn ended(stream: &mut TcpStream) {
    in_time(async { while matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {} }).await;
}

/// What probes ask, each on a connection of its own.
async fn assert_probes_are_answered(address: SocketAddr) {
    for path in ["/-/healthy", "/-/ready"] {
        let mut said = String::new();
        let ask = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        in_time(async {
            let mut stream = connect(address).await;
            stream.write_all(ask.as_bytes()).await.unwrap();
            stream.read_to_string(&mut said).await.unwrap();
        })
        .await;
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {said}");
    }
}

/// More connections than there are places. One crowd at a time: a process may open only so many files.
async fn crowd(
    address: SocketAddr,
    first_words: &[u8],
) -> (MutexGuard<'static, ()>, Vec<TcpStream>) {
    static ONE: Mutex<()> = Mutex::const_new(());
    let turn = ONE.lock().await;
    let mut crowd = Vec::new();
    for _ in 0..300 {
        let mut stream = connect(address).await;
        // Whoever had to give way already hears nothing more.
        stream.write_all(first_words).await.ok();
        crowd.push(stream);
    }
    (turn, crowd)
}

#[tokio::test]
async fn three_hundred_that_say_nothing_lock_no_probe_out() {
    let started = start(None, &PAGE).await;
    let _crowd = crowd(started.address, b"").await;
    assert_probes_are_answered(started.address).await;
}

#[tokio::test]
async fn three_hundred_that_never_read_a_large_page_lock_no_probe_out() {
    let started = start(None, &large()).await;
    let _crowd = crowd(started.address, GET).await;
    assert_probes_are_answered(started.address).await;
}

#[tokio::test]
async fn three_hundred_that_ask_on_without_reading_lock_no_probe_out() {
    let started = start(None, &large()).await;
    let _crowd = crowd(started.address, &GET.repeat(200)).await;
    assert_probes_are_answered(started.address).await;
}

#[tokio::test]
async fn three_hundred_that_send_their_head_byte_by_byte_lock_no_probe_out() {
    let started = start(None, &PAGE).await;
    let (_turn, mut crowd) = crowd(started.address, b"").await;
    for byte in GET[..20].chunks(1) {
        for stream in &mut crowd {
            stream.write_all(byte).await.ok();
        }
        assert_probes_are_answered(started.address).await;
    }
}

#[tokio::test]
async fn who_is_idle_longest_gives_way_and_nobody_else() {
    let limits = Limits {
        connections: 2,
        ..LIMITS
    };
    let started = start(Some(limits), &PAGE).await;
    let (mut first, mut second) = (
        connect(started.address).await,
        connect(started.address).await,
    );
    in_time(answer(&mut first)).await;
    in_time(answer(&mut second)).await;
    in_time(answer(&mut first)).await;
    let mut third = connect(started.address).await;
    in_time(answer(&mut third)).await;
    ended(&mut second).await;
    in_time(answer(&mut first)).await;
    in_time(answer(&mut third)).await;
}

#[tokio::test]
async fn who_takes_its_answer_keeps_its_place_before_who_does_not() {
    let limits = Limits {
        connections: 2,
        ..LIMITS
    };
    let page = large();
    let started = start(Some(limits), &page).await;
    let (mut reads, mut stuck) = (
        connect(started.address).await,
        connect(started.address).await,
    );
    reads.write_all(GET).await.unwrap();
    stuck.write_all(GET).await.unwrap();
    let mut taken = 0;
    let mut part = vec![0; 1024 * 1024];
    // Half of it: by then the other has stood still for long.
    while taken < page.len() / 2 {
        taken += in_time(reads.read(&mut part)).await.unwrap();
    }
    let mut third = connect(started.address).await;
    third.write_all(GET).await.unwrap();
    in_time(third.read_exact(&mut [0; 15])).await.unwrap();
    while taken < page.len() {
        let count = in_time(reads.read(&mut part)).await.unwrap();
        assert!(count > 0, "cut after {taken} bytes");
        taken += count;
    }
}

#[tokio::test]
async fn a_connection_that_stays_idle_is_cut() {
    let limits = Limits {
        idle: SHORT,
        ..LIMITS
    };
    let started = start(Some(limits), &PAGE).await;
    let (mut silent, mut asked) = (
        connect(started.address).await,
        connect(started.address).await,
    );
    in_time(answer(&mut asked)).await;
    ended(&mut silent).await;
    ended(&mut asked).await;
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_cut_although_bytes_come_in() {
    let limits = Limits {
        head: SHORT,
        ..LIMITS
    };
    let started = start(Some(limits), &PAGE).await;
    let (mut read, mut write) = connect(started.address).await.into_split();
    let writing = tokio::spawn(async move {
        while write.write_all(b"X").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    let mut said = Vec::new();
    in_time(read.read_to_end(&mut said)).await.ok();
    assert!(!said.starts_with(b"HTTP/1.1 200"));
    in_time(writing).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_cut() {
    let limits = Limits {
        stall: SHORT,
        head: SHORT,
        ..LIMITS
    };
    let started = start(Some(limits), &large()).await;
    let mut stuck = connect(started.address).await;
    stuck.write_all(GET).await.unwrap();
    // Nothing is read: that the other side has given up shows in that it takes nothing more either.
    in_time(async {
        while stuck.write_all(b"X").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_taken_by_drops_has_an_end() {
    let limits = Limits {
        answer: SHORT * 5,
        head: SHORT,
        ..LIMITS
    };
    let page = large();
    let started = start(Some(limits), &page).await;
    let mut slow = connect(started.address).await;
    slow.write_all(GET).await.unwrap();
    let (mut taken, mut part) = (0, vec![0; 64 * 1024]);
    while let Ok(count @ 1..) = in_time(slow.read(&mut part)).await {
        taken += count;
        tokio::time::sleep(SHORT / 10).await;
    }
    assert!(taken < page.len(), "{taken}");
}

#[tokio::test]
async fn what_was_asked_at_once_is_answered_in_order() {
    let started = start(None, &PAGE).await;
    let mut stream = connect(started.address).await;
    let asked =
        b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n\
        GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(asked).await.unwrap();
    let mut said = String::new();
    in_time(stream.read_to_string(&mut said)).await.unwrap();
    let place = |body: &str| said.find(body).unwrap_or_else(|| panic!("{said}"));
    assert!(place("\r\nhealthy\n") < place("up 1\n") && place("up 1\n") < place("ready\n"));
}

#[tokio::test]
async fn an_open_connection_does_not_hold_up_the_end() {
    let started = start(None, &PAGE).await;
    let mut idle = connect(started.address).await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200 OK\r\n"));
    started.stop.cancel();
    in_time(started.served).await.unwrap();
    assert_eq!(in_time(idle.read(&mut [0])).await.unwrap(), 0);
    assert!(TcpStream::connect(started.address).await.is_err());
}

#[tokio::test]
async fn neither_half_a_request_nor_a_stuck_reader_holds_up_the_end() {
    let started = start(Some(LIMITS), &large()).await;
    let mut half = connect(started.address).await;
    half.write_all(&GET[..20]).await.unwrap();
    let mut stuck = connect(started.address).await;
    stuck.write_all(GET).await.unwrap();
    in_time(stuck.read_exact(&mut [0; 15])).await.unwrap();
    started.stop.cancel();
    in_time(started.served).await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_refused_with_a_way_out() {
    let started = start(None, &PAGE).await;
    let refused = bind(started.address).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("cannot listen on `{}`: ", started.address)),
        "{refused}"
    );
    assert!(refused.contains("--web.listen-address"), "{refused}");
}
