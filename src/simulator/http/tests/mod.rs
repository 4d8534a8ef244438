mod contract;
mod control;
mod faces;
mod list;
mod misbehaviour;
mod paging;
mod queues;
mod readings;
mod second;
mod totals;
mod volume;

use super::*;
use crate::simulator::fault::Fault;
use crate::simulator::scenario::{Name, Scenario};
use crate::simulator::wire::PERSONAL;
use jsonwebtoken::{EncodingKey, Header};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_util::sync::DropGuard;

/// 2025-10-01T12:00:00Z, in the middle of a busy day.
const NOON_MS: i64 = 1_759_320_000_000;
const HOUR_MS: i64 = 3_600_000;

/// A served simulator whose clock a test sets.
struct Bench {
    address: SocketAddr,
    simulator: Arc<Simulator>,
    clock: Arc<AtomicI64>,
    client: reqwest::Client,
    _shutdown: DropGuard,
}

fn plan() -> Plan {
    Plan {
        seed: 11,
        start_ms: NOON_MS - 4 * HOUR_MS,
        rate_per_hour: 300.0,
        local_offset_minutes: 0,
        scenario: Scenario::STEADY,
        late_segments: true,
        replaced_dispositions: 0.0,
    }
}

fn roomy() -> Contract {
    Contract {
        requests_per_minute: 100_000,
        ..Contract::default()
    }
}

/// With one reading changed.
fn reading(change: impl FnOnce(&mut Reading)) -> Contract {
    let mut contract = roomy();
    change(&mut contract.reading);
    contract
}

async fn bench(contract: Contract) -> Bench {
    bench_of(plan(), contract, &[]).await
}

async fn bench_of(plan: Plan, contract: Contract, faults: &[(Fault, f64)]) -> Bench {
    let clock = Arc::new(AtomicI64::new(NOON_MS));
    let hand = Arc::clone(&clock);
    let faults = Faults::new(faults.iter().copied()).expect("rates are allowed");
    let simulator = Simulator::new(
        plan,
        contract,
        faults,
        Box::new(move || hand.load(Ordering::Relaxed)),
    );
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback is there");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, Arc::clone(&simulator), shutdown.clone()));
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("the client is built");
    Bench {
        address,
        simulator,
        clock,
        client,
        _shutdown: shutdown.drop_guard(),
    }
}

/// The window from `from` to `to` hours around noon.
fn window(from: &str, to: &str) -> Value {
    json!({"startDate": format!("2025-10-01 {from}"), "endDate": format!("2025-10-01 {to}"), "timeZoneOffset": 0, "selectedFields": ["customerinfo"]})
}

/// A centre that most of its agents left half an hour ago.
fn crowded() -> Plan {
    Plan {
        scenario: Scenario {
            name: Name::AbandonmentSpike,
            start_ms: NOON_MS - HOUR_MS / 2,
            duration_ms: 10 * HOUR_MS,
            ..Scenario::STEADY
        },
        rate_per_hour: 600.0,
        ..plan()
    }
}

fn token(claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(
        &Header::default(),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("the token is signed")
}

impl Bench {
    fn good_token(&self) -> String {
        token(
            &json!({"appId": self.simulator.contract().client_id}),
            &self.simulator.contract().client_secret,
        )
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// With the headers of both analytics interfaces.
    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        self.client
            .post(self.url(path))
            .header("auth", self.good_token())
            .header("accountId", &contract.account_id)
            .header("iId", &contract.stream_id)
    }

    fn ask(&self, query: &str, body: &Value) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        let path = format!(
            "/agentassist/api/public/analytics/account/{}/calldetails{query}",
            contract.account_id
        );
        self.post(&path)
            .header("content-type", "application/json;charset=UTF-8")
            .body(body.to_string())
    }

    /// *Queue Performance*.
    fn ask_queues(&self, query: &str, body: &Value) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        let path = format!(
            "/agentassist/api/public/analytics/account/{}/queue-performance{query}",
            contract.account_id
        );
        self.post(&path).body(body.to_string())
    }

    /// *Contact Volume*.
    fn ask_volume(&self, body: &Value) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        let path = format!(
            "/agentassist/api/public/analytics/account/{}/callvolume",
            contract.account_id
        );
        self.post(&path).body(body.to_string())
    }

    /// *List of Conversations*.
    fn ask_list(&self, query: &str) -> reqwest::RequestBuilder {
        let contract = self.simulator.contract();
        let path = format!(
            "/agentassist/api/v1/public/{}/conversations{query}",
            contract.stream_id
        );
        self.client
            .get(self.url(&path))
            .header("auth", self.good_token())
            .header("accountId", &contract.account_id)
    }

    /// All rows of *Queue Performance*.
    async fn queues(&self, body: &Value) -> Vec<Value> {
        let answer = good(self.ask_queues("", body)).await;
        let rows = answer["finalResult"].as_array();
        rows.expect("rows").clone()
    }

    /// All rows of *List of Conversations*, newest first.
    async fn list(&self, query: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        loop {
            let query = format!("?limit=100&skip={}{query}", rows.len());
            let answer = good(self.ask_list(&query)).await;
            rows.extend(answer["results"].as_array().expect("rows").iter().cloned());
            if answer["hasMore"] == false {
                return rows;
            }
        }
    }

    async fn page(&self, query: &str, body: &Value) -> Value {
        let response = self
            .ask(query, body)
            .send()
            .await
            .expect("the simulator answers");
        assert_eq!(response.status(), StatusCode::OK);
        value(response).await
    }

    async fn all_pages(&self, body: &Value) -> Vec<Value> {
        let mut rows = Vec::new();
        for offset in 0..=10 {
            let page = self
                .page(&format!("?limit=100&offset={offset}"), body)
                .await;
            rows.extend(page["data"].as_array().expect("rows").iter().cloned());
        }
        rows
    }
}

async fn good(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.expect("the simulator answers");
    assert_eq!(response.status(), StatusCode::OK);
    value(response).await
}

/// A value of the same kinds all through: the same fields, and elements like the first. `null` stands for anything.
fn is_like(sample: &Value, value: &Value) -> bool {
    match (sample, value) {
        (Value::Object(sample), Value::Object(fields)) => {
            let known = fields.iter().all(|(name, value)| {
                sample
                    .get(name)
                    .is_some_and(|sample| is_like(sample, value))
            });
            known && sample.keys().all(|name| fields.contains_key(name))
        }
        (Value::Array(sample), Value::Array(items)) => items
            .iter()
            .all(|item| sample.first().is_some_and(|sample| is_like(sample, item))),
        (Value::Null, _) => true,
        (Value::Number(sample), Value::Number(number)) => sample.is_i64() == number.is_i64(),
        _ => std::mem::discriminant(sample) == std::mem::discriminant(value),
    }
}

async fn value(response: Response) -> Value {
    serde_json::from_str(&response.text().await.expect("a body")).expect("json")
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| row["sessionId"].as_str())
        .collect()
}

/// Refusals by what is wrong with the request.
async fn refused(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("the simulator answers");
    (
        response.status().as_u16(),
        value(response).await["errors"][0]["code"].clone(),
    )
}
