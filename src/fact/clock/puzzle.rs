//! What one record's times say of each other, and the reading that contradicts it least.

use super::timeline::Timeline;
use super::{Field, WHOLE};
use crate::api::{RESIDUAL_S, Record, Sent, Timestamp, session_time_s};
use rustc_hash::FxHashMap;

/// Clocks of several machines wrote the record: what misses the order by no more does not miss it.
const SLACK_MS: i64 = RESIDUAL_S * 1000;
/// The vendor's durations are the difference of their times, give or take a second, and both are rounded.
const ROUNDING_MS: i64 = 2_000;
/// All ways to read so many times that were shown twice are tried; of more, those in which the clock was put back once.
const TRIED_WHOLE: usize = 8;
/// How often all times are looked at again while that makes less broken: one round puts at least one stop right.
const ROUNDS: usize = 100;

/// The index of a time.
type At = usize;

/// What should hold. What does not is broken, in whichever reading.
enum Says {
    /// One is not later than the other.
    Order(At, At),
    /// So much time lies between them.
    Lasts(At, At, i64),
    /// It is this instant, as the session id tells.
    Is(At, i64),
    /// It is past.
    NotAfter(At, i64),
}

/// A record's times and what is known of them.
pub(super) struct Puzzle {
    times: Vec<(Field, u16, Timestamp)>,
    says: Vec<Says>,
}

/// One way to read them: the instants in UTC milliseconds, and how much of what should hold does not.
pub(super) struct Solution {
    instants: Vec<i64>,
    pub(super) broken: usize,
}

impl Puzzle {
    pub(super) fn of(record: &Record<'_>, now_s: i64) -> Puzzle {
        let mut puzzle = Puzzle {
            times: Vec::new(),
            says: Vec::new(),
        };
        times(record, |field, place, time| {
            let at = puzzle.times.len();
            puzzle.says.push(Says::NotAfter(at, now_s * 1000));
            puzzle.times.push((field, place, time));
        });
        puzzle.relate(record, now_s);
        puzzle
    }

    fn relate(&mut self, record: &Record<'_>, now_s: i64) {
        let index: FxHashMap<(Field, u16), At> = self
            .times
            .iter()
            .enumerate()
            .map(|(at, &(field, place, _))| ((field, place), at))
            .collect();
        let at = |field, place| index.get(&(field, place)).copied();
        let (start, end) = (
            at(Field::SessionStartTime, WHOLE),
            at(Field::SessionEndTime, WHOLE),
        );
        let id = record.session_id.value();
        if let (Some(start), Some(began_s)) = (start, id.and_then(|id| session_time_s(id, now_s))) {
            self.says.push(Says::Is(start, began_s * 1000));
        }
        self.order(start, end);
        let mut entered_before = None;
        let stops = record.destinations.value().map_or(&[][..], |it| &it.items);
        for (place, stop) in (0..).zip(stops) {
            let agent = stop.responding_agent.value().unwrap_or(&stop.flat);
            let here = |field| at(field, place);
            let (entered, assigned) = (here(Field::EnterTime), here(Field::AssignedAt));
            let (accepted, over) = (here(Field::AcceptedTime), here(Field::InteractionEndTime));
            let worked = here(Field::AfterCallWorkEndTime);
            let (opted, called) = (
                here(Field::CallbackOptedTime),
                here(Field::UserCallbackAcceptTime),
            );
            for (earlier, later) in [
                (start, entered),
                (start, assigned),
                (entered_before, entered),
                (entered, assigned),
                (entered, accepted),
                (entered, opted),
                (entered, end),
                (assigned, accepted),
                (accepted, over),
                (accepted, end),
                // In the vendor's samples an agent is done at most 36 s after the session's end.
                (over, end),
                (over, worked),
                (opted, called),
            ] {
                self.order(earlier, later);
            }
            self.lasts(accepted, over, &agent.interaction_duration);
            self.lasts(over, worked, &agent.after_call_work_duration);
            entered_before = entered.or(entered_before);
        }
    }

    fn order(&mut self, earlier: Option<At>, later: Option<At>) {
        if let (Some(earlier), Some(later)) = (earlier, later) {
            self.says.push(Says::Order(earlier, later));
        }
    }

    fn lasts(&mut self, from: Option<At>, to: Option<At>, seconds: &Sent<f64>) {
        if let (Some(from), Some(to), Some(seconds)) = (from, to, seconds.value()) {
            let millis = (seconds * 1000.0).round() as i64;
            self.says.push(Says::Lasts(from, to, millis));
        }
    }

    /// The best reading on one clock: of those that break least, the one that takes the fewest hours for shown again.
    pub(super) fn solve(&self, timeline: &Timeline) -> Solution {
        let mut instants = Vec::with_capacity(self.times.len());
        let mut twice: Vec<(At, i64, i64)> = Vec::new();
        let mut skipped = 0;
        for (at, (_, _, time)) in self.times.iter().enumerate() {
            let first = match *time {
                Timestamp::Utc(millis) => millis,
                Timestamp::Local(shown_ms) => {
                    let readings = timeline.readings(shown_ms);
                    skipped += usize::from(readings.skipped);
                    twice.extend(readings.second.map(|second| (at, readings.first, second)));
                    readings.first
                }
            };
            instants.push(first);
        }
        if twice.len() <= TRIED_WHOLE {
            self.try_all(&mut instants, &twice);
        } else {
            self.sweep(&mut instants, &twice);
        }
        let broken = self.broken(&instants) + skipped;
        Solution { instants, broken }
    }

    fn try_all(&self, instants: &mut [i64], twice: &[(At, i64, i64)]) {
        let mut choices: Vec<u32> = (0..1 << twice.len()).collect();
        choices.sort_by_key(|choice| choice.count_ones());
        let choose = |instants: &mut [i64], choice: u32| {
            for (bit, &(at, first, second)) in twice.iter().enumerate() {
                let again = choice >> bit & 1 == 1;
                if let Some(instant) = instants.get_mut(at) {
                    *instant = if again { second } else { first };
                }
            }
        };
        let mut best = (usize::MAX, 0);
        for choice in choices {
            choose(instants, choice);
            let broken = self.broken(instants);
            if broken < best.0 {
                best = (broken, choice);
            }
        }
        choose(instants, best.1);
    }

    /// The clock was put back once, so what happened before is the first reading of its time and what happened after the
    /// second. That moment is looked for among all times, then among those of each stop, since stops overlap and may
    /// stand in any order, then for each time by itself.
    fn sweep(&self, instants: &mut [i64], twice: &[(At, i64, i64)]) {
        let about = self.about();
        let stop = |(at, ..): &(At, i64, i64)| self.times.get(*at).map(|(_, place, _)| *place);

        self.put_back(&about, instants, twice);
        for _ in 0..ROUNDS {
            let before = self.broken(instants);
            let stops = twice.chunk_by(|one, other| stop(one) == stop(other));
            for times in stops.chain(twice.chunks(1)) {
                self.put_back(&about, instants, times);
            }
            if self.broken(instants) == before {
                break;
            }
        }
    }

    /// Takes the clock for put back between two of these times, before all or after all, where that breaks least, and
    /// leaves them as they are where nothing is better.
    fn put_back(&self, about: &[Vec<&Says>], instants: &mut [i64], times: &[(At, i64, i64)]) {
        let broken_at = |instants: &[i64], at: At| {
            let says = about.get(at).map_or(&[][..], Vec::as_slice);
            says.iter()
                .filter(|says| !self.holds(says, instants))
                .count() as i64
        };
        // How much less is broken once a time is this reading, and the reading that it was.
        let set = |instants: &mut [i64], at: At, reading: i64| {
            let before = broken_at(instants, at);
            let was = instants
                .get_mut(at)
                .map(|instant| std::mem::replace(instant, reading));
            (before - broken_at(instants, at), was.unwrap_or(reading))
        };
        let mut gain = 0;
        let mut were = Vec::with_capacity(times.len());
        for &(at, first, _) in times {
            let (more, was) = set(instants, at, first);
            gain += more;
            were.push((at, was));
        }
        let mut best = (gain, times.len());
        for (place, &(at, _, second)) in times.iter().enumerate().rev() {
            gain += set(instants, at, second).0;
            if gain > best.0 {
                best = (gain, place);
            }
        }
        if best.0 > 0 {
            were = times
                .iter()
                .take(best.1)
                .map(|&(at, first, _)| (at, first))
                .collect();
        }
        for (at, reading) in were {
            set(instants, at, reading);
        }
    }

    /// What is said about each time.
    fn about(&self) -> Vec<Vec<&Says>> {
        let mut about = vec![Vec::new(); self.times.len()];
        for says in &self.says {
            let (one, other) = match *says {
                Says::Order(one, other) | Says::Lasts(one, other, _) => (one, Some(other)),
                Says::Is(one, _) | Says::NotAfter(one, _) => (one, None),
            };
            for at in std::iter::once(one).chain(other) {
                if let Some(about) = about.get_mut(at) {
                    about.push(says);
                }
            }
        }
        about
    }

    fn broken(&self, instants: &[i64]) -> usize {
        let broken = |says: &&Says| !self.holds(says, instants);
        self.says.iter().filter(broken).count()
    }

    fn holds(&self, says: &Says, instants: &[i64]) -> bool {
        let at = |at: At| instants.get(at).copied().unwrap_or_default();
        match *says {
            Says::Order(earlier, later) => at(earlier) <= at(later) + SLACK_MS,
            Says::Lasts(from, to, millis) => (at(to) - at(from) - millis).abs() <= ROUNDING_MS,
            Says::Is(time, instant) => (at(time) - instant).abs() <= SLACK_MS,
            Says::NotAfter(time, now_ms) => at(time) <= now_ms + SLACK_MS,
        }
    }

    /// The latest that the session may have ended on this clock, if it has ended.
    pub(super) fn latest_end_ms(&self, timeline: &Timeline, not_after_ms: i64) -> Option<i64> {
        let ends = |(field, ..): &&(Field, u16, Timestamp)| *field == Field::SessionEndTime;
        let (_, _, Timestamp::Local(shown_ms)) = *self.times.iter().find(ends)? else {
            return None;
        };
        let readings = timeline.readings(shown_ms);
        [Some(readings.first), readings.second]
            .into_iter()
            .flatten()
            .filter(|instant| !readings.skipped && *instant <= not_after_ms)
            .max()
    }

    /// A solution by field and place.
    pub(super) fn readings(&self, solution: &Solution) -> FxHashMap<(Field, u16), i64> {
        let times = self.times.iter().zip(&solution.instants);
        times
            .map(|(&(field, place, _), instant)| ((field, place), *instant))
            .collect()
    }
}

/// Calls `visit` with each time of a record that a fact is made of: its field, its destination's place, and itself. They
/// come in the order in which they happen to nearly every conversation.
pub(super) fn times(record: &Record<'_>, mut visit: impl FnMut(Field, u16, Timestamp)) {
    let mut see = |field, place, sent: &Sent<Timestamp>| {
        if let Some(time) = sent.value() {
            visit(field, place, *time);
        }
    };
    see(Field::SessionStartTime, WHOLE, &record.session_start_time);
    let stops = record.destinations.value().map_or(&[][..], |it| &it.items);
    for (place, stop) in (0..).zip(stops) {
        let agent = stop.responding_agent.value().unwrap_or(&stop.flat);
        for (field, sent) in [
            (Field::EnterTime, &stop.enter_time),
            (Field::CallbackOptedTime, &stop.callback_opted_time),
            (Field::AssignedAt, &agent.assigned_at),
            (Field::AcceptedTime, &agent.accepted_time),
            (Field::InteractionEndTime, &agent.interaction_end_time),
            (Field::AfterCallWorkEndTime, &agent.after_call_work_end_time),
            (
                Field::UserCallbackAcceptTime,
                &stop.user_callback_accept_time,
            ),
        ] {
            see(field, place, sent);
        }
    }
    see(Field::SessionEndTime, WHOLE, &record.session_end_time);
}
