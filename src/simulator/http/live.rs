//! What the queue is now: `POST …/queue-performance` and `GET …/conversations`, over the same world.

use super::super::wire::{open_rows, queue_rows};
use super::super::world::World;
use super::answer::{self, Refusal};
use super::{Simulator, State};
use axum::body::Bytes;
use axum::extract::{Path, Query as Parameters, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SLOW: Duration = Duration::from_secs(3);
const GREATEST_RANGE_S: i64 = 86_400;
const GREATEST_QUEUE_LIMIT: usize = 1_000;
const GREATEST_LIMIT: usize = 100;

/// How a live interface answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Face {
    /// As the vendor's page has it.
    #[default]
    Open,
    /// 404, as a tenant on an older release.
    Missing,
    /// 401: the app lacks the scope.
    Unscoped,
    /// After three seconds.
    Slow,
    /// 503, to be asked again in an hour.
    Down,
    /// A page of HTML.
    Html,
    /// JSON whose numbers are none.
    Nonsense,
    /// Names of queues are left out, and numbers are texts.
    Terse,
}

pub(super) async fn queue_performance(
    Shared(simulator): Shared<Arc<Simulator>>,
    Path(account_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let face = simulator.lock().reading.queue_performance;
    simulator
        .show("queue-performance", face, || {
            simulator.admit(Some(&account_id), &headers, true)?;
            simulator.queues(&body)
        })
        .await
}

pub(super) async fn conversations(
    Shared(simulator): Shared<Arc<Simulator>>,
    Path(stream_id): Path<String>,
    Parameters(parameters): Parameters<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let face = simulator.lock().reading.conversations;
    simulator
        .show("conversations", face, || {
            simulator.admit(None, &headers, false)?;
            if stream_id != simulator.contract.stream_id {
                return Err(answer::denied("Permission denied. Stream is incorrect!"));
            }
            simulator.open(&parameters)
        })
        .await
}

impl Simulator {
    async fn show(
        &self,
        name: &str,
        face: Face,
        rows: impl FnOnce() -> Result<Value, Refusal>,
    ) -> Response {
        let latency = self.lock().reading.latency;
        tokio::time::sleep(latency).await;
        if face == Face::Slow {
            tokio::time::sleep(SLOW).await;
        }
        let answer = rows().and_then(|value| match face {
            Face::Missing => Err(answer::not_found()),
            Face::Unscoped => Err(answer::denied("Permission denied. Scope is incorrect!")),
            Face::Down => Err(answer::unavailable(3600)),
            Face::Html => Err(answer::html(StatusCode::OK)),
            Face::Nonsense => Ok(nonsense(value)),
            Face::Terse => Ok(terse(value)),
            Face::Open | Face::Slow => Ok(value),
        });
        let status = answer
            .as_ref()
            .map_or_else(|refusal| refusal.status(), |_| StatusCode::OK);
        self.count(&format!("{name}:{}", status.as_u16()));
        match answer {
            Ok(value) => {
                let kind = "application/json; charset=utf-8".to_owned();
                let headers = [(header::CONTENT_TYPE, kind), (header::DATE, self.date())];
                (headers, value.to_string()).into_response()
            }
            Err(refusal) => *refusal,
        }
    }

    /// The world's time, as a header.
    fn date(&self) -> String {
        let now = Timestamp::from_millisecond(self.now_ms()).unwrap_or_default();
        DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&now)
            .unwrap_or_default()
    }

    fn queues(&self, body: &[u8]) -> Result<Value, Refusal> {
        let invalid = |field: &str| answer::invalid(&format!("{field} is invalid"));
        let body: Value = serde_json::from_slice(body).map_err(|_| invalid("body"))?;
        let time = |field: &str| {
            let text = body.get(field).and_then(Value::as_str);
            let time: Option<Timestamp> = text.and_then(|text| text.parse().ok());
            time.ok_or_else(|| invalid(field))
        };
        let (from, to) = (time("startDate")?, time("endDate")?);
        let range_s = to.as_second() - from.as_second();
        if !(0..=GREATEST_RANGE_S).contains(&range_s) {
            return Err(answer::invalid("date range must not exceed 24 hours"));
        }
        let number = |field: &str, default| body.get(field).map_or(Some(default), Value::as_u64);
        let limit = number("limit", 100).ok_or_else(|| invalid("limit"))? as usize;
        let offset = number("offset", 0).ok_or_else(|| invalid("offset"))? as usize;
        if !(1..=GREATEST_QUEUE_LIMIT).contains(&limit) {
            return Err(answer::invalid("limit must be between 1 and 1000"));
        }
        let (rows, page_rows) =
            self.look(|world, now_ms| queue_rows(world, now_ms, from.as_millisecond()));
        let limit = limit.min(page_rows);
        let page: Vec<&Value> = rows.iter().skip(offset).take(limit).collect();
        Ok(json!({
            "finalResult": page,
            "hasMore": offset + page.len() < rows.len(),
            "offset": offset,
            "limit": limit,
            "totalResults": rows.len(),
        }))
    }

    fn open(&self, parameters: &BTreeMap<String, String>) -> Result<Value, Refusal> {
        let number = |name: &str, default| {
            let text = parameters.get(name);
            text.map_or(Ok(default), |text| text.parse::<usize>())
                .map_err(|_| answer::invalid(&format!("{name} is invalid")))
        };
        let (skip, limit) = (number("skip", 0)?, number("limit", 10)?);
        if !(1..=GREATEST_LIMIT).contains(&limit) {
            return Err(answer::invalid("limit must be between 1 and 100"));
        }
        let open = parameters
            .get("status")
            .is_none_or(|status| status == "OPEN");
        let (rows, page_rows) = self.look(open_rows);
        let rows = if open { rows } else { Vec::new() };
        let limit = limit.min(page_rows);
        let page: Vec<&Value> = rows.iter().skip(skip).take(limit).collect();
        Ok(json!({
            "results": page,
            "skip": skip,
            "limit": limit,
            "hasMore": skip + page.len() < rows.len(),
            "totalPages": rows.len().div_ceil(limit),
            "totalResults": rows.len(),
        }))
    }

    /// The rows of one instant, and how many the live interfaces hand out at once at most.
    fn look(&self, rows: impl FnOnce(&World, i64) -> Vec<Value>) -> (Vec<Value>, usize) {
        let now_ms = self.now_ms();
        let State { world, reading, .. } = &mut *self.lock();
        world.advance(now_ms);
        let most = reading.live_page.map_or(usize::MAX, |rows| rows as usize);
        (rows(world, now_ms), most)
    }
}

/// Numbers become what no number is.
fn nonsense(mut value: Value) -> Value {
    for row in rows(&mut value) {
        for (key, wrong) in [
            ("waiting", json!(-3)),
            ("ongoing", json!("many")),
            ("overdue", json!([1])),
            ("agentStatusCount", json!(7)),
            ("queues", json!("none")),
            ("participants", json!({})),
        ] {
            if row.get(key).is_some() {
                row[key] = wrong;
            }
        }
    }
    value
}

fn terse(mut value: Value) -> Value {
    for row in rows(&mut value) {
        if let Some(row) = row.as_object_mut() {
            row.remove("queueName");
            for key in ["waiting", "ongoing", "overdue"] {
                if let Some(number) = row.get_mut(key) {
                    *number = json!(number.to_string());
                }
            }
        }
    }
    value
}

fn rows(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    let object = value
        .as_object_mut()
        .into_iter()
        .flat_map(|it| it.iter_mut());
    let lists = object.filter(|(key, _)| *key == "finalResult" || *key == "results");
    lists.flat_map(|(_, list)| list.as_array_mut().into_iter().flatten())
}
