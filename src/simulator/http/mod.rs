//! The *Call Details* interface over a world: routes, and the order in which a request is judged.
//!
//! Invariant: with no fault set, every answer keeps the vendor's page; what the page leaves open is a switch of
//! [`Contract`]. The world advances only here, to the time of the clock, when something is asked.
//! Not here: authority over `/control`. Who reaches the listener may use it, so it belongs on loopback.

mod answer;
mod control;
mod details;
mod limit;
mod line;
mod page;
mod query;
mod token;

use super::dice::Dice;
use super::fault::Faults;
use super::truth::{Truth, Witness};
use super::world::{Plan, World};
use axum::Router;
use axum::routing::{any, get, post};
use limit::Limit;
use line::{Cut, Lines};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use token::SeenTokens;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Which zone times are shown in, minutes east of UTC where it is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// That of the request's `timeZoneOffset`.
    Request,
    /// The account's own, whatever the request says.
    Fixed(i32),
}

/// Which time `startDate` and `endDate` select on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectsOn {
    Start,
    End,
}

/// What `offset` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetCounts {
    Pages,
    Rows,
}

/// What `numResults` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumResults {
    Total,
    Page,
    Missing,
}

/// Whom the interface serves, and how it reads what the vendor's page leaves open.
#[derive(Clone)]
pub struct Contract {
    pub account_id: String,
    pub stream_id: String,
    pub client_id: String,
    pub client_secret: String,
    /// For the whole account; the vendor's is 60.
    pub requests_per_minute: u32,
    /// Status of the answer beyond it.
    pub rate_limit_status: u16,
    pub enforce_jti: bool,
    pub zone: Zone,
    pub selects_on: SelectsOn,
    pub offset_counts: OffsetCounts,
    pub num_results: NumResults,
    /// Reads every window as the whole days it touches.
    pub ignores_time_of_day: bool,
    /// A page may hold up to twice the limit.
    pub overfull_pages: bool,
    /// Running conversations are listed.
    pub lists_live: bool,
}

impl Default for Contract {
    /// The vendor's limits, the likeliest readings, and made-up credentials that are no secret.
    fn default() -> Self {
        Contract {
            account_id: "67654be356840f366e790000".to_owned(),
            stream_id: "st-5e17ab1e-0000-5000-8000-00000000c0de".to_owned(),
            client_id: "cs-5e17ab1e-0000-5000-8000-0000000c11e4".to_owned(),
            client_secret: "simulated-secret-of-the-simulated-centre".to_owned(),
            requests_per_minute: 60,
            rate_limit_status: 429,
            enforce_jti: false,
            zone: Zone::Request,
            selects_on: SelectsOn::Start,
            offset_counts: OffsetCounts::Pages,
            num_results: NumResults::Total,
            ignores_time_of_day: false,
            overfull_pages: false,
            lists_live: true,
        }
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("account_id", &self.account_id)
            .finish_non_exhaustive()
    }
}

/// UTC milliseconds. Tests pass one that they set; others the wall clock.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// A world with its interface, ready to be served.
pub struct Simulator {
    contract: Contract,
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    world: World,
    faults: Faults,
    /// Apart from the world's: faults must not change who calls.
    fault_dice: Dice,
    limit: Limit,
    seen_tokens: SeenTokens,
    /// The world's time stands still here.
    frozen_ms: Option<i64>,
    /// Answers by what they were; `token_elsewhere` counts tokens that followed a redirect.
    answers: BTreeMap<String, u64>,
}

impl Simulator {
    pub fn new(plan: Plan, contract: Contract, faults: Faults, clock: Clock) -> Arc<Self> {
        let state = State {
            fault_dice: Dice::new(plan.seed, 1),
            world: World::new(plan),
            faults,
            limit: Limit::new(contract.requests_per_minute),
            seen_tokens: SeenTokens::default(),
            frozen_ms: None,
            answers: BTreeMap::new(),
        };
        Arc::new(Simulator {
            contract,
            clock,
            state: Mutex::new(state),
        })
    }

    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The world's time, UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.lock().frozen_ms.unwrap_or_else(|| (self.clock)())
    }

    /// Lives up to now, and so takes the time of the history before the first request instead of in it.
    pub fn live(&self) {
        let now_ms = self.now_ms();
        self.lock().world.advance(now_ms);
    }

    /// How many conversations ever began.
    pub fn conversations(&self) -> usize {
        self.lock().world.conversations().len()
    }

    /// Stops the world's time, so that what is read from now on no longer changes. Says when.
    pub fn freeze(&self) -> i64 {
        let now_ms = self.now_ms();
        *self.lock().frozen_ms.get_or_insert(now_ms)
    }

    pub fn set_faults(&self, faults: Faults) {
        self.lock().faults = faults;
    }

    /// What must have been counted by now.
    pub fn truth(&self, witness: &Witness) -> Truth {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.world.advance(now_ms);
        Truth::of(&state.world, now_ms, witness)
    }

    /// How many answers of each sort were given.
    pub fn answers(&self) -> BTreeMap<String, u64> {
        self.lock().answers.clone()
    }

    fn count(&self, answer: &str) {
        *self.lock().answers.entry(answer.to_owned()).or_default() += 1;
    }

    /// A panic elsewhere leaves a world that is still good to read.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until told to stop; then drops what still hangs.
pub async fn serve(
    listener: TcpListener,
    simulator: Arc<Simulator>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let service = router(simulator).into_make_service_with_connect_info::<Cut>();
    let serving = axum::serve(Lines(listener), service);
    tokio::select! {
        ended = async { serving.await } => ended,
        () = shutdown.cancelled() => Ok(()),
    }
}

fn router(simulator: Arc<Simulator>) -> Router {
    const PATH: &str = "/agentassist/api/public/analytics/account/{account_id}";
    let details = post(details::answer).fallback(|| async { *answer::wrong_method() });
    Router::new()
        .route(&format!("{PATH}/calldetails"), details.clone())
        .route(&format!("{PATH}/callDetails"), details)
        .route("/-/healthy", get(|| async { "healthy\n" }))
        .route("/elsewhere", any(control::elsewhere))
        .route(
            "/control/faults",
            get(control::faults).post(control::set_faults),
        )
        .route(
            "/control/scenario",
            get(control::scenario).post(control::set_scenario),
        )
        .route("/control/freeze", post(control::freeze))
        .route("/control/truth", get(control::truth))
        .route("/control/answers", get(control::answers))
        .fallback(|| async { *answer::not_found() })
        .with_state(simulator)
}

#[cfg(test)]
mod tests;
