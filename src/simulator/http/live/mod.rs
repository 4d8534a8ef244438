//! What stands beside the records, over the same world: `POST …/queue-performance` and `GET …/conversations`, of now and of
//! a stretch of time, and `POST …/callvolume`, by the quarter of an hour.

mod list;
mod queues;
mod volume;

use super::super::fault::{Fault, Interface};
use super::super::world::World;
use super::answer::{self, Refusal};
use super::garbage::spoil;
use super::line::Cut;
use super::struck::{SLOW, deliver};
use super::{Reading, Simulator, State};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query as Parameters, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

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
    /// Names of queues are left out, and numbers of rows are texts.
    Terse,
}

pub(super) async fn queue_performance(
    Shared(simulator): Shared<Arc<Simulator>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(account_id): Path<String>,
    Parameters(parameters): Parameters<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let face = simulator.lock().reading.queue_performance;
    simulator
        .show(Interface::QueuePerformance, face, &cut, |fault| {
            simulator.admit(Some(&account_id), &headers, true)?;
            simulator.queues(&parameters, &body, fault)
        })
        .await
}

pub(super) async fn contact_volume(
    Shared(simulator): Shared<Arc<Simulator>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(account_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let face = simulator.lock().reading.contact_volume;
    simulator
        .show(Interface::ContactVolume, face, &cut, |fault| {
            simulator.admit(Some(&account_id), &headers, true)?;
            simulator.volume(&body, fault)
        })
        .await
}

pub(super) async fn conversations(
    Shared(simulator): Shared<Arc<Simulator>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(stream_id): Path<String>,
    Parameters(parameters): Parameters<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let face = simulator.lock().reading.conversations;
    simulator
        .show(Interface::Conversations, face, &cut, |fault| {
            simulator.admit(None, &headers, false)?;
            if stream_id != simulator.contract.stream_id {
                return Err(answer::denied("Permission denied. Stream is incorrect!"));
            }
            simulator.list(&parameters, fault)
        })
        .await
}

impl Simulator {
    async fn show(
        &self,
        interface: Interface,
        face: Face,
        cut: &Cut,
        rows: impl FnOnce(Option<Fault>) -> Result<Value, Refusal>,
    ) -> Response {
        let fault = self.strike(interface);
        if let Some(fault) = fault {
            self.count(&format!("{interface}:fault:{fault}"));
        }
        let latency = self.lock().reading.latency;
        self.pass(latency).await;
        if let Err(refusal) = self.meet(fault, cut).await {
            return *refusal;
        }
        if face == Face::Slow {
            self.pass(SLOW).await;
        }
        let answer = rows(fault).and_then(|value| match face {
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
        self.count(&format!("{interface}:{}", status.as_u16()));
        match answer {
            Ok(mut value) => {
                if fault == Some(Fault::Garbage) {
                    let State { fault_dice, .. } = &mut *self.lock();
                    rows_of(&mut value).for_each(|row| spoil(row, fault_dice));
                }
                let mut headers = answer::json_headers();
                headers.extend(self.date().map(|date| (header::DATE, date)));
                deliver(headers, value.to_string(), fault, cut)
            }
            Err(refusal) => *refusal,
        }
    }

    /// The world's time, as a header.
    fn date(&self) -> Option<HeaderValue> {
        let now = Timestamp::from_millisecond(self.now_ms()).ok()?;
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        HeaderValue::try_from(date.ok()?).ok()
    }

    /// Looks at one instant.
    fn look<T>(&self, see: impl FnOnce(&World, i64, &Reading) -> T) -> T {
        let now_ms = self.now_ms();
        let State { world, reading, .. } = &mut *self.lock();
        world.advance(now_ms);
        see(world, now_ms, reading)
    }
}

/// Where a page begins and how long it is, as asked for; and what becomes of it.
struct Page {
    skip: usize,
    limit: usize,
    fault: Option<Fault>,
}

impl Page {
    /// Its rows. A page that shifts begins with the last row of the page before; one that is repeated is the page before.
    fn of<T: Copy>(&self, rows: &[T], reading: &Reading) -> Vec<T> {
        let limit = self.rows(reading);
        let skip = match self.fault {
            Some(Fault::Repeated) => self.skip.saturating_sub(limit),
            Some(Fault::Shifted) => self.skip.saturating_sub(1),
            _ => self.skip,
        };
        let shifted = self.fault == Some(Fault::Shifted) && skip < self.skip;
        let limit = limit + usize::from(shifted);
        rows.iter().skip(skip).take(limit).copied().collect()
    }

    /// Whether rows follow it.
    fn more(&self, total: usize, reading: &Reading) -> bool {
        self.skip.saturating_add(self.rows(reading)) < total
    }

    /// How many it holds at most.
    fn rows(&self, reading: &Reading) -> usize {
        let cap = reading.live_page.map_or(usize::MAX, |rows| rows as usize);
        self.limit.min(cap)
    }
}

/// Numbers become what no number is.
fn nonsense(mut value: Value) -> Value {
    for row in rows_of(&mut value) {
        for (key, wrong) in [
            ("waiting", json!(-3)),
            ("ongoing", json!("many")),
            ("overdue", json!([1])),
            ("agentStatusCount", json!(7)),
            ("queues", json!("none")),
            ("participants", json!({})),
            ("totalConversation", json!("several")),
            ("answered", json!(-1)),
            ("offeredContacts", json!([])),
        ] {
            if row.get(key).is_some() {
                row[key] = wrong;
            }
        }
    }
    value
}

fn terse(mut value: Value) -> Value {
    for row in rows_of(&mut value) {
        if let Some(row) = row.as_object_mut() {
            row.remove("queueName");
            for number in row.values_mut().filter(|value| value.is_number()) {
                *number = json!(number.to_string());
            }
        }
    }
    value
}

fn rows_of(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    let object = value
        .as_object_mut()
        .into_iter()
        .flat_map(|it| it.iter_mut());
    let lists = object
        .filter(|(key, _)| ["finalResult", "results", "CallVolumeUpdate"].contains(&key.as_str()));
    lists.flat_map(|(_, list)| list.as_array_mut().into_iter().flatten())
}
