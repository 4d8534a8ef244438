//! A network that fails: a proxy on loopback, in front of a server, whose connections can be cut or held.
//!
//! Shared with the library's own tests, so it names nothing of this crate.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(
    unreachable_pub,
    reason = "a module of the library's tests is reachable from nowhere else"
)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Until dropped. It begins as a network that works.
pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    connections: Arc<AtomicUsize>,
    accepted: Arc<AtomicUsize>,
    asked: Asked,
    _runtime: Runtime,
}

/// When something came from a client.
type Asked = Arc<Mutex<Vec<Instant>>>;

#[derive(Debug, Clone, Copy, Default)]
struct Network {
    refuses: bool,
    /// What the client says does not arrive.
    holds_questions: bool,
    /// What the server says does not arrive.
    holds_answers: bool,
    /// Connections of an earlier age are cut.
    age: u64,
}

impl Network {
    fn holds(self, way: Way) -> bool {
        match way {
            Way::Question => self.holds_questions,
            Way::Answer => self.holds_answers,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Question,
    Answer,
}

impl Proxy {
    pub fn before(server: SocketAddr) -> Proxy {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (network, seen) = watch::channel(Network::default());
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::new(AtomicUsize::new(0));
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let counts = (Arc::clone(&connections), Arc::clone(&accepted));
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counts.1.fetch_add(1, Ordering::SeqCst);
                let (seen, connections) = (seen.clone(), Arc::clone(&counts.0));
                let noted = Arc::clone(&noted);
                tokio::spawn(async move {
                    connections.fetch_add(1, Ordering::SeqCst);
                    connect(client, server, seen, noted).await;
                    connections.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Proxy {
            address,
            network,
            connections,
            accepted,
            asked,
            _runtime: runtime,
        }
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that are there now.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Connections that ever came, refused ones too.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// When clients said something. Of HTTP with short requests, one for each.
    pub fn asked(&self) -> Vec<Instant> {
        self.asked.lock().unwrap().clone()
    }

    /// Every connection is reset, at both ends; new ones go on as before.
    pub fn cut(&self) {
        self.network.send_modify(|network| network.age += 1);
    }

    /// New connections are reset before anything is said.
    pub fn refuse(&self) {
        self.network.send_modify(|network| network.refuses = true);
    }

    /// A partition: nothing passes in either direction, not even that one side has gone; new connections hear nothing.
    pub fn freeze(&self) {
        self.network.send_modify(|network| {
            network.holds_questions = true;
            network.holds_answers = true;
        });
    }

    /// What the client says arrives, and it never hears what came of it.
    pub fn freeze_answers(&self) {
        self.network
            .send_modify(|network| network.holds_answers = true);
    }

    /// A network that works again. What was held arrives now, late, as after a partition; to lose it, [`cut`](Self::cut)
    /// first.
    pub fn mend(&self) {
        self.network.send_modify(|network| {
            *network = Network {
                age: network.age,
                ..Network::default()
            };
        });
    }
}

async fn connect(
    mut client: TcpStream,
    server: SocketAddr,
    mut network: watch::Receiver<Network>,
    asked: Asked,
) {
    let Network { age, refuses, .. } = *network.borrow();
    let mut of_server = network.clone();
    let connected = async {
        let arrives = |network: &Network| !network.holds_questions;
        of_server.wait_for(arrives).await.ok()?;
        TcpStream::connect(server).await.ok()
    };
    let server = tokio::select! {
        server = connected, if !refuses => server,
        _ = network.wait_for(|network| refuses || network.age != age) => None,
    };
    let Some(mut server) = server else {
        return reset(&client);
    };
    // What is small must not wait for what is to come: the latency of a test would be the proxy's.
    for stream in [&client, &server] {
        stream.set_nodelay(true).ok();
    }
    let is_cut = {
        let (questions, to_client) = client.split();
        let (answers, to_server) = server.split();
        let carried = async {
            tokio::join!(
                carry(questions, to_server, Way::Question, network.clone(), &asked),
                carry(answers, to_client, Way::Answer, network.clone(), &asked),
            )
        };
        let mut network = network.clone();
        tokio::select! {
            _ = carried => false,
            _ = network.wait_for(|network| network.age != age) => true,
        }
    };
    if is_cut {
        reset(&client);
        reset(&server);
    }
}

/// Once it is dropped, the other end is told so at once, and nothing that is under way arrives.
fn reset(stream: &TcpStream) {
    stream.set_zero_linger().ok();
}

/// Until one side ends and the other has been told.
async fn carry(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    way: Way,
    mut network: watch::Receiver<Network>,
    asked: &Asked,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        // An end, too, has to pass the network, however it came.
        let count = from.read(&mut bytes).await.unwrap_or(0);
        if count > 0 && matches!(way, Way::Question) {
            asked.lock().unwrap().push(Instant::now());
        }
        let passes = network.wait_for(|network| !network.holds(way)).await;
        let passes = passes.map(drop).is_ok();
        if !passes || count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}
