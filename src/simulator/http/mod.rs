//! The vendor's interfaces over a world: routes, and the order in which a request is judged.
//!
//! Invariant: with no fault set, every answer keeps the vendor's page; what the page leaves open is a switch of
//! [`Reading`]. The world advances only here, to the time of the clock, when something is asked.
//! `/control` answers this machine alone, unless [`Contract::control_beyond_loopback`] says otherwise.

mod answer;
mod body;
mod control;
mod details;
mod garbage;
mod human;
mod limit;
mod line;
mod live;
mod page;
mod query;
mod reading;
mod renamed;
mod span;
mod struck;
mod token;
mod zone;

use super::dice::Dice;
use super::fault::Faults;
use super::now::{self, Now, Places};
use super::truth::{Recent, RecentWindow, Totals, Truth, Witness};
use super::world::{Plan, World};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use limit::Limit;
use line::{Cut, Lines};
pub use live::Face;
pub use reading::{
    ListOrder, NoData, NumResults, OffsetCounts, QueueCounts, Reading, SecondVersion, SelectsOn,
    Unit,
};
pub use renamed::Renamed;
pub use span::Span;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use token::SeenTokens;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
pub use zone::{Zone, fixed as fixed_zone};

/// Whom the interface serves, and how it answers.
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
    /// Whether `/control` answers others than this machine.
    pub control_beyond_loopback: bool,
    /// How many times faster than the machine's time the world goes: its minutes are shorter, and so is what is slow.
    pub pace: f64,
    /// As it is at the start; see [`Simulator::change`].
    pub reading: Reading,
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
            control_beyond_loopback: false,
            pace: 1.0,
            reading: Reading::default(),
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
    opened: Instant,
    state: Mutex<State>,
}

struct State {
    world: World,
    reading: Reading,
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
            reading: contract.reading.clone(),
            faults,
            limit: Limit::new(contract.requests_per_minute),
            seen_tokens: SeenTokens::default(),
            frozen_ms: None,
            answers: BTreeMap::new(),
        };
        Arc::new(Simulator {
            contract,
            clock,
            opened: Instant::now(),
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

    /// Changes how the interface reads requests and answers them, from now on.
    pub fn change(&self, change: impl FnOnce(&mut Reading)) {
        change(&mut self.lock().reading);
    }

    /// What must have been counted by now.
    pub fn truth(&self, witness: &Witness) -> Truth {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.world.advance(now_ms);
        Truth::of(&state.world, now_ms, &state.reading, witness)
    }

    /// What must have been counted by now of what ended in (`from_s`, `to_s`].
    pub fn truth_between(&self, witness: &Witness, from_s: i64, to_s: i64) -> Truth {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.world.advance(now_ms);
        let State { world, reading, .. } = &*state;
        Truth::between(world, now_ms, reading, witness, (from_s, to_s))
    }

    /// What the recent windows must show by now that end at `to_s`.
    pub fn recent(&self, witness: &Witness, windows: &[RecentWindow], to_s: i64) -> Recent {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        state.world.advance(now_ms);
        let State { world, reading, .. } = &*state;
        Truth::recent(world, now_ms, reading, witness, windows, to_s)
    }

    /// What goes on now.
    pub fn present(&self) -> Now {
        let now_ms = self.now_ms();
        let State { world, reading, .. } = &mut *self.lock();
        world.advance(now_ms);
        Now::of(world, now_ms, reading)
    }

    /// What *Queue Performance* tells of conversations that began in a stretch of time, UTC milliseconds and both
    /// inclusive: by queue, channel and direction.
    pub fn totals(&self, from_ms: i64, to_ms: i64) -> Totals {
        let now_ms = self.now_ms();
        let State { world, reading, .. } = &mut *self.lock();
        world.advance(now_ms);
        Totals::of(world, now_ms, reading, (from_ms, to_ms))
    }

    /// Where people waited and talked between two instants, UTC milliseconds: each state and since when it stood, in order.
    pub fn places_between(&self, from_ms: i64, to_ms: i64) -> Vec<(i64, Places)> {
        let now_ms = self.now_ms();
        let State { world, .. } = &mut *self.lock();
        world.advance(now_ms);
        now::states(world.conversations(), from_ms, to_ms.min(now_ms))
    }

    /// How many answers of each sort were given.
    pub fn answers(&self) -> BTreeMap<String, u64> {
        self.lock().answers.clone()
    }

    /// Waits as long as the world would.
    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time.div_f64(self.contract.pace)).await;
    }

    /// An instant as the world's pace has it; not the world's time, which may stand still.
    fn instant(&self) -> Instant {
        self.opened + self.opened.elapsed().mul_f64(self.contract.pace)
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
///
/// # Errors
/// The listener failed.
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
    let details = post(details::answer::<false>).fallback(|| async { *answer::wrong_method() });
    let second = post(details::answer::<true>).fallback(|| async { *answer::wrong_method() });
    Router::new()
        .route(&format!("{PATH}/calldetails"), details.clone())
        .route(&format!("{PATH}/callDetails"), details)
        .route(&format!("{PATH}/v2/calldetails"), second.clone())
        .route(&format!("{PATH}/v2/callDetails"), second.clone())
        .route(&format!("{PATH}/v2/interactionDetails"), second)
        .route(
            &format!("{PATH}/queue-performance"),
            post(live::queue_performance).fallback(|| async { *answer::wrong_method() }),
        )
        .route(
            &format!("{PATH}/callvolume"),
            post(live::contact_volume).fallback(|| async { *answer::wrong_method() }),
        )
        .route(
            "/agentassist/api/v1/public/{stream_id}/conversations",
            get(live::conversations).fallback(|| async { *answer::wrong_method() }),
        )
        .route("/-/healthy", get(|| async { "healthy\n" }))
        .route("/elsewhere", any(control::elsewhere))
        .merge(controls(&simulator))
        .fallback(|| async { *answer::not_found() })
        .with_state(simulator)
}

/// What changes the world, and tells what is true of it.
fn controls(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    let local_alone = from_fn_with_state(Arc::clone(simulator), control::local_alone);
    Router::new()
        .route(
            "/control/faults",
            get(control::faults).post(control::set_faults),
        )
        .route(
            "/control/scenario",
            get(control::scenario).post(control::set_scenario),
        )
        .route(
            "/control/reading",
            get(control::reading).post(control::set_reading),
        )
        .route("/control/freeze", post(control::freeze))
        .route("/control/truth", get(control::truth))
        .route("/control/answers", get(control::answers))
        .route_layer(local_alone)
}

#[cfg(test)]
mod tests;
