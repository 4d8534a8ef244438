//! A server on loopback that answers each connection with the next line of its script, byte by byte as told.

use super::*;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(super) enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing for as long as the client waits.
    Unfinished(Vec<u8>),
    /// Nothing, for as long as the client waits.
    Silence,
    /// The connection is closed without reading the request.
    HangUp,
}

impl Reply {
    pub(super) fn new(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            body.len()
        );
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub(super) fn page() -> Self {
        Self::new(200, "content-type: application/json\r\n", PAGE)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Request {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

pub(super) struct Server {
    pub url: Url,
    requests: Arc<Mutex<Vec<Request>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// When the script is over, connections are refused: a request too many fails the test.
    pub(super) async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(play(listener, script, requests.clone()));
        Self {
            url,
            requests,
            task,
        }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(listener: TcpListener, script: Vec<Reply>, requests: Arc<Mutex<Vec<Request>>>) {
    for reply in script {
        let (mut stream, _) = listener.accept().await.unwrap();
        if matches!(reply, Reply::HangUp) {
            continue;
        }
        let request = read(&mut stream).await;
        requests.lock().unwrap().push(request);
        match reply {
            Reply::Bytes(bytes) => {
                // A client that stops reading at its limit is within its rights.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
            Reply::Unfinished(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await });
            }
            Reply::Silence => {
                tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await });
            }
            Reply::HangUp => {}
        }
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let mut lines = head.lines();
        let line = lines.next().unwrap().to_owned();
        let headers: BTreeMap<String, String> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if body.len() == headers["content-length"].parse::<usize>().unwrap() {
            return Request {
                line,
                headers,
                body: body.to_owned(),
            };
        }
    }
}
