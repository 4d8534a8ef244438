//! `/control`: the hand of a test, or of whoever demonstrates, on a running simulator.
//!
//! | | |
//! | --- | --- |
//! | `GET /control/faults` | the rates in force |
//! | `POST /control/faults` `{"429": 0.05, "timeout": 0.01}` | sets them anew; what is not named stops |
//! | `GET /control/reading` | how requests are read and answered, by the names of the flags |
//! | `POST /control/reading` `{"page-cap": 50, "zone": "+05:30"}` | sets it anew; what is not named is as by default |
//! | `GET /control/scenario` | the scenario in force |
//! | `POST /control/scenario` `{"name": "abandonment-spike", "in": "0s", "for": "20m", "queue": "Billing", "staying": 0.5}` | from now; all but `name` may be left out |
//! | `POST /control/freeze` | stops the world's time |
//! | `GET /control/truth?settle=30s` | what must have been counted by now |
//! | `GET /control/answers` | answers so far, by what they were |

use super::super::centre::QUEUES;
use super::super::fault::{Fault, Faults};
use super::super::scenario::{Name, STAYING, Scenario};
use super::super::truth::{Series, Witness};
use super::{Reading, Simulator};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

type Shared = State<Arc<Simulator>>;
type Answer = Result<Json<Value>, (StatusCode, String)>;

fn refuse(why: String) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, why + "\n")
}

/// Where redirects lead. A token that comes here has left its server.
pub(super) async fn elsewhere(State(simulator): Shared, headers: HeaderMap) -> StatusCode {
    simulator.count(if headers.contains_key("auth") {
        "token_elsewhere"
    } else {
        "elsewhere"
    });
    StatusCode::NOT_FOUND
}

pub(super) async fn faults(State(simulator): Shared) -> Json<Value> {
    let rates: BTreeMap<String, f64> = simulator
        .lock()
        .faults
        .rates()
        .map(|(fault, rate)| (fault.to_string(), rate))
        .collect();
    Json(json!(rates))
}

pub(super) async fn set_faults(
    State(simulator): Shared,
    Json(rates): Json<BTreeMap<String, f64>>,
) -> Answer {
    let named = rates
        .into_iter()
        .map(|(name, rate)| Ok((name.parse::<Fault>()?, rate)))
        .collect::<Result<Vec<_>, String>>();
    let set = named.and_then(Faults::new).map_err(refuse)?;
    simulator.set_faults(set);
    Ok(faults(State(simulator)).await)
}

pub(super) async fn reading(State(simulator): Shared) -> Json<Reading> {
    Json(simulator.lock().reading.clone())
}

pub(super) async fn set_reading(
    State(simulator): Shared,
    Json(wanted): Json<Reading>,
) -> Json<Reading> {
    simulator.change(|reading| *reading = wanted);
    reading(State(simulator)).await
}

pub(super) async fn scenario(State(simulator): Shared) -> Json<Value> {
    let scenario = simulator.lock().world.scenario();
    Json(json!({
        "name": scenario.name.to_string(),
        "start_ms": scenario.start_ms,
        "end_ms": scenario.end_ms(),
        "queue": scenario.queue.map(|queue| QUEUES[queue].name),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: String,
    #[serde(rename = "in")]
    starts_in: Option<String>,
    #[serde(rename = "for")]
    lasts: Option<String>,
    queue: Option<String>,
    staying: Option<f64>,
}

/// Where a staged scenario names no duration.
const DEFAULT_DURATION: &str = "20m";

pub(super) async fn set_scenario(State(simulator): Shared, Json(wanted): Json<Wanted>) -> Answer {
    let name: Name = wanted.name.parse().map_err(refuse)?;
    let queue = wanted
        .queue
        .as_deref()
        .map(Scenario::queue_named)
        .transpose()
        .map_err(refuse)?;
    let starts_in_ms = duration_ms(wanted.starts_in.as_deref().unwrap_or("0s"))?;
    let duration_ms = duration_ms(wanted.lasts.as_deref().unwrap_or(DEFAULT_DURATION))?;
    let now_ms = simulator.now_ms();
    {
        let world = &mut simulator.lock().world;
        world.advance(now_ms);
        world.stage(Scenario {
            name,
            start_ms: now_ms + starts_in_ms,
            duration_ms,
            queue,
            staying: wanted.staying.unwrap_or(STAYING),
        });
    }
    Ok(scenario(State(simulator)).await)
}

fn duration(text: &str) -> Result<Duration, (StatusCode, String)> {
    humantime::parse_duration(text)
        .map_err(|error| refuse(format!("`{text}` is no duration: {error}")))
}

fn duration_ms(text: &str) -> Result<i64, (StatusCode, String)> {
    i64::try_from(duration(text)?.as_millis()).map_err(|_| refuse(format!("`{text}` is too long")))
}

pub(super) async fn freeze(State(simulator): Shared) -> Json<Value> {
    Json(json!({"now_ms": simulator.freeze()}))
}

#[derive(Deserialize)]
pub(super) struct AsWitness {
    settle: Option<String>,
}

pub(super) async fn truth(State(simulator): Shared, Query(asked): Query<AsWitness>) -> Answer {
    let settle = duration(asked.settle.as_deref().unwrap_or("0s"))?;
    let truth = simulator.truth(&Witness {
        settle,
        ..Witness::default()
    });
    let line = |series: &Series, values: Value| {
        let labels: BTreeMap<&str, &String> = series
            .labels
            .iter()
            .map(|(name, value)| (*name, value))
            .collect();
        json!({"metric": series.metric, "labels": labels, "values": values})
    };
    let counters: Vec<Value> = truth
        .counters
        .iter()
        .map(|(series, count)| line(series, json!({"count": count})))
        .collect();
    let histograms = truth.histograms.iter().map(|(series, observed)| {
        line(
            series,
            json!({"count": observed.count, "sum_ms": observed.sum_ms}),
        )
    });
    Ok(Json(json!({
        "now_ms": simulator.now_ms(),
        "counted": truth.counted,
        "open": truth.open,
        "counters": counters,
        "histograms": histograms.collect::<Vec<_>>(),
    })))
}

pub(super) async fn answers(State(simulator): Shared) -> Json<Value> {
    Json(json!(simulator.answers()))
}
