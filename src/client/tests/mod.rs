//! The real client against a server on loopback that answers as badly as servers do.

mod answers;
mod requests;
mod server;

use super::*;
use crate::api::CallDetailsRequest;
use crate::config::{AccountTargets, Algorithm, Auth, Secret};
use flate2::{Compression, write::GzEncoder};
use server::{Reply, Request, Server};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PAGE: &str = r#"{"numResults":1,"data":[{"sessionId":"68dc602b4afb07c72ac51234"}]}"#;
/// The one row of [`PAGE`].
const ROW: &str = r#"{"sessionId":"68dc602b4afb07c72ac51234"}"#;
const RATE_LIMIT_TEXT: &str =
    "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";
const SECRET: &str = "a secret nobody may see";
const NOW_MS: i64 = 1_772_000_000_000; // Wed, 25 Feb 2026 06:13:20 GMT

pub(super) fn account(auth: Auth) -> Account {
    Account {
        name: "acme".into(),
        url: Url::parse("http://127.0.0.1:9").unwrap(),
        account_id: "67654be356840f366e790000".into(),
        stream_id: "st-1234".into(),
        auth,
        // So many that no test waits for the bucket.
        call_details: CallDetails::V1,
        requests_per_minute: 6_000_000,
        targets: AccountTargets {
            abandonment_ratio: 0.05,
            service_level_within: Duration::from_secs(20),
            service_level_ratio: 0.8,
            speed_of_answer: Duration::from_secs(30),
            longest_wait: Duration::from_mins(3),
        },
        channels: BTreeMap::new(),
        queues: BTreeMap::new(),
        time_zone: None,
        org_id: None,
        ca_file: None,
    }
}

fn minting(jti: bool) -> Auth {
    let secret = Secret::from(SECRET);
    Auth::Mint {
        client_id: "cs-Client".into(),
        secret,
        algorithm: Algorithm::Hs256,
        jti,
    }
}

fn quick() -> Limits {
    Limits {
        first_backoff: Duration::from_millis(1),
        first_pause: Duration::from_millis(1),
        ..Limits::default()
    }
}

#[derive(Default)]
struct Told {
    results: Mutex<Vec<RequestResult>>,
    throttled: Mutex<Duration>,
    budget: Mutex<f64>,
}

impl Observer for Told {
    fn aside(&self, _: RequestResult) {}

    fn attempt(&self, result: RequestResult, _took: Duration) {
        self.results.lock().unwrap().push(result);
    }
    fn throttled(&self, waited: Duration) {
        *self.throttled.lock().unwrap() += waited;
    }
    fn budget(&self, per_minute: f64) {
        *self.budget.lock().unwrap() = per_minute;
    }
}

impl Told {
    fn results(&self) -> Vec<RequestResult> {
        self.results.lock().unwrap().clone()
    }
}

struct Talk {
    server: Server,
    told: Arc<Told>,
    client: Client,
}

impl Talk {
    async fn start(script: Vec<Reply>) -> Self {
        Self::with(script, quick(), |_| {}).await
    }

    async fn with(script: Vec<Reply>, limits: Limits, change: impl FnOnce(&mut Account)) -> Self {
        let server = Server::start(script).await;
        let mut account = Account {
            url: server.url.clone(),
            ..account(minting(false))
        };
        change(&mut account);
        let told = Arc::new(Told::default());
        let client = Client::new(&account, limits, || NOW_MS, told.clone()).unwrap();
        Self {
            server,
            told,
            client,
        }
    }

    /// The rows that came, one behind the other.
    async fn call(&self) -> Result<String, CallError> {
        self.call_with(Effort::Full).await
    }

    async fn call_with(&self, effort: Effort) -> Result<String, CallError> {
        let request = CallDetailsRequest::between(1_771_831_215, 1_771_832_115, true);
        let page = self
            .client
            .call_details(&request, 3, FirstPage::ShowsRows, effort)
            .await?;
        Ok(page.rows().map(|row| row.text()).collect())
    }

    fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
