//! `/control`: the hand of a test, or of whoever demonstrates, on a running simulator.
//!
//! | | |
//! | --- | --- |
//! | `GET /control/faults` | the rates in force |
//! | `POST /control/faults` `{"429": 0.05, "conversations:timeout": 0.01}` | sets them anew; what is not named stops |
//! | `GET /control/reading` | how requests are read and answered, by the names of the flags |
//! | `POST /control/reading` `{"page-cap": 50, "zone": "+05:30"}` | sets it anew; what is not named is as by default |
//! | `GET /control/scenario` | the scenario in force |
//! | `POST /control/scenario` `{"name": "abandonment-spike", "in": "0s", "for": "20m", "queue": "Billing", "staying": 0.5}` | from now; all but `name` may be left out |
//! | `POST /control/freeze` | stops the world's time |
//! | `GET /control/truth?settle=30s` | what must have been counted by now, and what goes on |
//! | `GET /control/answers` | answers so far, by what they were |

use super::super::centre::QUEUES;
use super::super::fault::{Aim, Faults};
use super::super::now::{Now, STATES};
use super::super::scenario::{Name, STAYING, Scenario};
use super::super::truth::{Series, Witness};
use super::Simulator;
use super::line::Cut;
use super::reading::{LONGEST, Reading};
use axum::Json;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
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
        .map(|(aim, rate)| (aim.to_string(), rate))
        .collect();
    Json(json!(rates))
}

pub(super) async fn set_faults(
    State(simulator): Shared,
    Json(rates): Json<BTreeMap<String, f64>>,
) -> Answer {
    let named = rates
        .into_iter()
        .map(|(name, rate)| Ok((name.parse::<Aim>()?, rate)))
        .collect::<Result<Vec<_>, String>>();
    let set = named.and_then(Faults::new).map_err(refuse)?;
    simulator.set_faults(set);
    Ok(faults(State(simulator)).await)
}

pub(super) async fn reading(State(simulator): Shared) -> Json<Reading> {
    Json(simulator.lock().reading.clone())
}

/// What no flag allows is refused here as well.
pub(super) async fn set_reading(
    State(simulator): Shared,
    Json(wanted): Json<Reading>,
) -> Result<Json<Reading>, (StatusCode, String)> {
    wanted.check().map_err(refuse)?;
    simulator.change(|reading| *reading = wanted);
    Ok(reading(State(simulator)).await)
}

pub(super) async fn scenario(State(simulator): Shared) -> Json<Value> {
    let scenario = simulator.lock().world.scenario();
    Json(json!({
        "name": scenario.name.to_string(),
        "start_ms": scenario.start_ms,
        "end_ms": scenario.end_ms(),
        "queue": scenario.queue.map(|queue| QUEUES[queue].name),
        "staying": scenario.staying,
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
    let now_ms = simulator.now_ms();
    let staged = wanted.scenario(now_ms).map_err(refuse)?;
    {
        let world = &mut simulator.lock().world;
        world.advance(now_ms);
        world.stage(staged);
    }
    Ok(scenario(State(simulator)).await)
}

impl Wanted {
    /// As asked for; what can't be, and what would be ignored, is refused with the reason.
    fn scenario(&self, now_ms: i64) -> Result<Scenario, String> {
        let name: Name = self.name.parse()?;
        let queue = self.queue.as_deref();
        let queue = queue.map(Scenario::queue_named).transpose()?;
        let spike = Name::AbandonmentSpike;
        for (field, given) in [
            ("queue", queue.is_some()),
            ("staying", self.staying.is_some()),
        ] {
            if given && name != spike {
                return Err(format!(
                    "`{field}` means nothing in `{name}`; hint: it belongs to `{spike}`"
                ));
            }
        }
        let staying = self.staying.unwrap_or(STAYING);
        if !(0.0..=1.0).contains(&staying) {
            return Err(format!(
                "`staying` is `{staying}`; it is the part of the agents that stays, from 0 to 1"
            ));
        }
        let length_ms = |field: &str, text: Option<&str>, default: &str| {
            let length = duration(text.unwrap_or(default));
            let length = length.map_err(|(_, wrong)| format!("`{field}`: {}", wrong.trim_end()))?;
            if length > LONGEST {
                return Err(format!("`{field}` is longer than a year"));
            }
            Ok(length.as_millis() as i64)
        };
        let duration_ms = length_ms("for", self.lasts.as_deref(), DEFAULT_DURATION)?;
        if duration_ms == 0 && name != Name::Steady {
            return Err(format!("`for` is zero: `{name}` would never be"));
        }
        Ok(Scenario {
            name,
            start_ms: now_ms + length_ms("in", self.starts_in.as_deref(), "0s")?,
            duration_ms,
            queue,
            staying,
        })
    }
}

fn duration(text: &str) -> Result<Duration, (StatusCode, String)> {
    humantime::parse_duration(text)
        .map_err(|error| refuse(format!("`{text}` is no duration: {error}")))
}

/// Whoever reaches the address may ask; only this machine may change what is answered.
pub(super) async fn local_alone(
    State(simulator): Shared,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    if cut.is_local() || simulator.contract().control_beyond_loopback {
        return next.run(request).await;
    }
    let told =
        "`/control` answers this machine alone; hint: `--control.beyond-loopback` opens it\n";
    (StatusCode::FORBIDDEN, told).into_response()
}

pub(super) async fn freeze(State(simulator): Shared) -> Json<Value> {
    Json(json!({"now_ms": simulator.freeze()}))
}

#[derive(Deserialize)]
pub(super) struct AsWitness {
    settle: Option<String>,
    /// Reads *Call Details* v2.
    #[serde(default)]
    second: bool,
}

pub(super) async fn truth(State(simulator): Shared, Query(asked): Query<AsWitness>) -> Answer {
    let settle = duration(asked.settle.as_deref().unwrap_or("0s"))?;
    let truth = simulator.truth(&Witness {
        settle,
        second: asked.second,
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
        "now": going(&simulator.present()),
        "counted": truth.counted,
        "open": truth.open,
        "counters": counters,
        "histograms": histograms.collect::<Vec<_>>(),
    })))
}

/// What goes on: by channel and queue, where somebody is, and the agents of each queue.
fn going(now: &Now) -> Value {
    let places = now.places.iter().map(|((channel, queue), place)| {
        json!({
            "channel": channel,
            "queue": queue,
            "waiting": place.waiting,
            "with_agent": place.with_agent,
            "overdue": place.overdue,
            "longest_wait_ms": place.waits_since_ms.map_or(0, |since_ms| now.at_ms - since_ms),
        })
    });
    let agents = now.staff.iter().map(|(queue, staff)| {
        let states: BTreeMap<&str, usize> = STATES.into_iter().zip(*staff).collect();
        (*queue, states)
    });
    json!({
        "places": places.collect::<Vec<_>>(),
        "agents": agents.collect::<BTreeMap<_, _>>(),
    })
}

pub(super) async fn answers(State(simulator): Shared) -> Json<Value> {
    Json(json!(simulator.answers()))
}
