//! `POST …/calldetails` and `POST …/v2/calldetails`: two faces of one world.

use super::super::fault::{Fault, Interface};
use super::super::oddity::{self, Moment};
use super::super::wire::{self, Lens};
use super::answer::{self, Refusal};
use super::body::written;
use super::garbage::spoil;
use super::line::Cut;
use super::query::{self, Query};
use super::struck::deliver;
use super::{SecondVersion, Simulator, State, page, token};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query as Parameters, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked for, and by which version.
struct Asked {
    account_id: String,
    parameters: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
    second: bool,
}

/// Of v1, or of the second.
pub(super) async fn answer<const SECOND: bool>(
    Shared(simulator): Shared<Arc<Simulator>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(account_id): Path<String>,
    Parameters(parameters): Parameters<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        account_id,
        parameters,
        headers,
        body,
        second: SECOND,
    };
    respond(&simulator, &cut, &asked).await
}

async fn respond(simulator: &Simulator, cut: &Cut, asked: &Asked) -> Response {
    let fault = simulator.strike(Interface::CallDetails);
    if let Some(fault) = fault {
        simulator.count(&format!("fault:{fault}"));
    }
    let latency = simulator.lock().reading.latency;
    simulator.pass(latency).await;
    if let Err(refusal) = simulator.meet(fault, cut).await {
        return *refusal;
    }
    let judged = simulator
        .judge(asked)
        .and_then(|query| simulator.page(query, asked.second, fault));
    match judged {
        Ok(page) => {
            simulator.count("page");
            if asked.second {
                simulator.count("page:v2");
            }
            deliver(answer::json_headers(), page, fault, cut)
        }
        Err(refusal) => {
            simulator.count(&format!("status:{}", refusal.status().as_u16()));
            *refusal
        }
    }
}

impl Simulator {
    /// Outage, token, rate, account, headers, arguments: in the order in which a gateway and a service would see them.
    fn judge(&self, asked: &Asked) -> Result<Query, Refusal> {
        let version = self.lock().reading.call_details_v2;
        // A page that is not there is not there for anybody.
        if asked.second && version == SecondVersion::Missing {
            return Err(answer::not_found());
        }
        self.admit(Some(&asked.account_id), &asked.headers, true)?;
        if asked.second && version == SecondVersion::Unscoped {
            return Err(answer::denied("Permission denied. Scope is incorrect!"));
        }
        let headers = &asked.headers;
        let content_type = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(answer::invalid("content-type must be application/json"));
        }
        let State { reading, .. } = &*self.lock();
        let mut query = query::read(&asked.parameters, &asked.body, reading.ignore_time_of_day)?;
        if asked.second {
            query = query.directed()?;
        }
        let mut unreadable = reading.unreadable.iter();
        if unreadable.any(|span| span.touches(query.from_s, query.to_s)) {
            return Err(answer::failed(StatusCode::INTERNAL_SERVER_ERROR));
        }
        Ok(query)
    }

    /// Outage, token, rate, account and headers of any interface. The stream stands in a header, or in the path.
    pub(super) fn admit(
        &self,
        account_id: Option<&str>,
        headers: &HeaderMap,
        stream_in_header: bool,
    ) -> Result<(), Refusal> {
        let contract = &self.contract;
        let (now_ms, instant) = (self.now_ms(), self.instant());
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let State {
            world,
            limit,
            seen_tokens,
            ..
        } = &mut *self.lock();
        if world.scenario().outage_at(now_ms) {
            return Err(answer::failed(StatusCode::SERVICE_UNAVAILABLE));
        }
        token::check(
            (self.clock)(),
            header("auth"),
            &contract.client_id,
            &contract.client_secret,
            contract.enforce_jti.then_some(seen_tokens),
        )?;
        if !limit.grant(instant) {
            let status = StatusCode::from_u16(contract.rate_limit_status)
                .unwrap_or(StatusCode::TOO_MANY_REQUESTS);
            return Err(answer::too_many(status, None));
        }
        let account_header =
            header("accountId").ok_or_else(|| answer::invalid("accountId header is required"))?;
        let stream = if stream_in_header {
            header("iId").ok_or_else(|| answer::invalid("iId header is required"))?
        } else {
            &contract.stream_id
        };
        if account_id.is_some_and(|id| id != contract.account_id)
            || account_header != contract.account_id
            || stream != contract.stream_id
        {
            return Err(answer::denied(
                "Permission denied. Account or stream is incorrect!",
            ));
        }
        Ok(())
    }

    /// The page as text.
    fn page(
        &self,
        mut query: Query,
        second: bool,
        fault: Option<Fault>,
    ) -> Result<String, Refusal> {
        let now_ms = self.now_ms();
        let State {
            world,
            reading,
            fault_dice,
            ..
        } = &mut *self.lock();
        world.advance(now_ms);
        let found = page::find(world, &query, now_ms, reading);
        let total = found.total();
        let shifted = fault == Some(Fault::Shifted) && query.offset > 0;
        let before = Query {
            offset: query.offset.saturating_sub(1),
            ..query.clone()
        };
        if fault == Some(Fault::Repeated) {
            query.offset = before.offset;
        }
        let mut conversations = found.page(&query, reading);
        if shifted && let Some(last) = found.page(&before, reading).last() {
            conversations.insert(0, last);
        }
        let zone = reading.zone.of_answer(query.time_zone_offset);
        let moment = Moment {
            lens: Lens {
                seed: world.seed(),
                now_ms,
                zone: &zone,
                selected: query.selected,
                second,
            },
            odds: &reading.oddity,
        };
        let rows = conversations.iter();
        let text = if fault == Some(Fault::Garbage) || !reading.oddity.is_empty() {
            let mut odd: Vec<Value> = rows
                .filter_map(|conversation| oddity::record(conversation, &moment))
                .collect();
            if fault == Some(Fault::Garbage) {
                for record in &mut odd {
                    spoil(record, fault_dice);
                }
            }
            written(reading, total, &odd)
        } else {
            let rows: Vec<_> = rows
                .map(|conversation| wire::row(conversation, &moment.lens))
                .collect();
            written(reading, total, &rows)
        };
        text.map_err(|_| answer::failed(StatusCode::INTERNAL_SERVER_ERROR))
    }
}
