//! The places that connections take, and what each of them is doing.
//!
//! Whoever asks for health must always find a place, however many others came before: so when all are taken, the
//! connection that made progress longest ago gives way. Progress is being accepted, completing a request's head, and
//! taking bytes of an answer; sending half a head byte by byte is not.

use super::Limits;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Nothing was sent, or all that was asked is answered.
    Idle,
    /// A head has begun.
    Reading,
    /// A request is being answered; its body is not yet all made.
    Answering,
    /// The body is made; what is left of it waits to be taken.
    Flushing,
}

#[derive(Debug, Clone, Copy)]
struct State {
    doing: Doing,
    /// Since when.
    since: Instant,
    /// When it last made progress.
    moved: Instant,
    /// Requests whose answer is not yet all made; HTTP/2 has several at once.
    answers: usize,
    /// With HTTP/2 what is read may be anything, so no head is seen to begin: what takes long to begin is idle.
    is_http2: bool,
}

impl State {
    fn become_idle(&mut self, now: Instant) {
        self.doing = Doing::Idle;
        self.since = now;
        self.moved = now;
    }
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Place {
    state: Mutex<State>,
    cut: CancellationToken,
}

impl Place {
    fn new(now: Instant) -> Place {
        Place {
            state: Mutex::new(State {
                doing: Doing::Idle,
                since: now,
                moved: now,
                answers: 0,
                is_http2: false,
            }),
            cut: CancellationToken::new(),
        }
    }

    /// Ends when the connection is to give way.
    pub(super) async fn given_up(&self) {
        self.cut.cancelled().await;
    }

    /// Whether it is cut while somebody still had to take an answer.
    pub(super) fn is_cut_short(&self) -> bool {
        let doing = self.state().doing;
        self.cut.is_cancelled() && matches!(doing, Doing::Answering | Doing::Flushing)
    }

    /// The handshake of TLS is done.
    pub(super) fn agreed(&self, is_http2: bool) {
        let now = Instant::now();
        let mut state = self.state();
        state.is_http2 = is_http2;
        state.become_idle(now);
    }

    pub(super) fn is_answering(&self) -> bool {
        matches!(self.state().doing, Doing::Answering | Doing::Flushing)
    }

    pub(super) fn read(&self) {
        let mut state = self.state();
        if state.doing == Doing::Idle && !state.is_http2 {
            state.doing = Doing::Reading;
            state.since = Instant::now();
        }
    }

    pub(super) fn head_complete(&self) {
        let now = Instant::now();
        let mut state = self.state();
        // Whoever always asks for more before the last answer is taken has no more time for it.
        if state.answers == 0 {
            state.since = now;
        }
        state.answers += 1;
        state.doing = Doing::Answering;
        state.moved = now;
    }

    pub(super) fn body_made(&self) {
        let mut state = self.state();
        state.answers = state.answers.saturating_sub(1);
        if state.answers == 0 && state.doing == Doing::Answering {
            state.doing = Doing::Flushing;
        }
    }

    pub(super) fn wrote(&self) {
        let mut state = self.state();
        // A handshake, or an answer to a ping, is no progress.
        if matches!(state.doing, Doing::Answering | Doing::Flushing) {
            state.moved = Instant::now();
        }
    }

    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if state.doing == Doing::Flushing {
            state.become_idle(Instant::now());
        }
    }

    fn has_passed(&self, limits: &Limits, now: Instant) -> bool {
        let state = *self.state();
        let took = now.saturating_duration_since(state.since);
        let stood = now.saturating_duration_since(state.moved);
        match state.doing {
            Doing::Idle => took >= limits.idle,
            Doing::Reading => took >= limits.head,
            Doing::Answering | Doing::Flushing => took >= limits.answer || stood >= limits.stall,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    limits: Limits,
    taken: Mutex<Vec<Arc<Place>>>,
}

/// A place for as long as this is held.
pub(super) struct Taken {
    place: Arc<Place>,
    places: Arc<Places>,
}

impl Places {
    pub(super) fn new(limits: Limits) -> Places {
        Places {
            limits,
            taken: Mutex::default(),
        }
    }

    /// A place at once; true when another connection had to give way for it.
    pub(super) fn take(self: &Arc<Places>) -> (Taken, bool) {
        let place = Arc::new(Place::new(Instant::now()));
        let full = self.taken().len() >= self.limits.connections;
        if full {
            self.give_up_one();
        }
        self.taken().push(Arc::clone(&place));
        let places = Arc::clone(self);
        (Taken { place, places }, full)
    }

    /// Cuts the connection that made progress longest ago.
    pub(super) fn give_up_one(&self) {
        let mut taken = self.taken();
        let oldest = (0..taken.len()).min_by_key(|at| taken[*at].state().moved);
        if let Some(at) = oldest {
            taken.swap_remove(at).cut.cancel();
        }
    }

    /// Cuts every connection that has passed a limit of time.
    pub(super) fn sweep(&self) {
        let now = Instant::now();
        self.taken().retain(|place| {
            let passed = place.has_passed(&self.limits, now);
            if passed {
                place.cut.cancel();
            }
            !passed
        });
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Arc<Place>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    pub(super) fn place(&self) -> &Arc<Place> {
        &self.place
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.places
            .taken()
            .retain(|place| !Arc::ptr_eq(place, &self.place));
    }
}
