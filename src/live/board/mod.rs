//! The last reading of each source, and which of them is shown.

mod over;

use super::present::{Figure, Going, Lately, Present};
use super::reading::{Numbers, Place, Reading, STATES};
use super::sources::{Names, queue};
use super::{Source, Terms};
use crate::clock::WallClock;
use crate::config::Choice;
use crate::ledger::{OVERFLOW, label};
use crate::metrics::{Gauge, LiveSample, Publisher};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A queue that was renamed is shown under its old name for so long.
const REMEMBERED: Duration = Duration::from_hours(1);

/// What an account's queue is now: told by its sources, shown on its page.
#[derive(Debug)]
pub struct Board {
    account: Arc<str>,
    publisher: Arc<Publisher>,
    wall_clock: WallClock,
    pub(super) terms: Terms,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    told: [Told; 3],
    names: Names,
    /// Places that were told of lately, and when last: each stands at 0 where nothing else is told. Not all sources list
    /// places where nobody is.
    places: BTreeMap<Place, Instant>,
    /// When something that is shown will be too old.
    expires: Option<Instant>,
    /// What ended lately, and the targets.
    lately: Lately,
    /// Another board shows the account now, or none.
    closed: bool,
}

/// How a source stands.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Its last success.
    last: Option<Last>,
    /// Why it did not succeed since.
    trouble: Option<String>,
    /// It was tried, and is to be told of.
    tried: bool,
}

#[derive(Debug, Clone)]
struct Last {
    reading: Reading,
    at: Instant,
    at_s: i64,
}

impl Board {
    pub fn new(
        account: &str,
        terms: Terms,
        publisher: Arc<Publisher>,
        wall_clock: WallClock,
    ) -> Board {
        Board {
            account: account.into(),
            publisher,
            wall_clock,
            terms,
            state: Mutex::default(),
        }
    }

    /// Whether a source is to be read at all.
    pub fn reads(&self, source: Source) -> bool {
        self.terms.choices[source as usize] != Choice::Off
    }

    /// A source was read, or could not be: told in the log where that is news.
    pub fn told(&self, source: Source, outcome: Result<Reading, String>) {
        let (at, at_s) = (Instant::now(), (self.wall_clock)().div_euclid(1000));
        let mut state = self.state();
        let told = &mut state.told[source as usize];
        let (account, name) = (&*self.account, source.as_str());
        match outcome {
            Ok(reading) => {
                if !told.tried || told.trouble.is_some() {
                    tracing::info!(account, source = name, "the queue is read as it is now");
                }
                if reading.refused > 0
                    && told
                        .last
                        .as_ref()
                        .is_none_or(|last| last.reading.refused == 0)
                {
                    let values = reading.refused;
                    tracing::warn!(
                        account,
                        source = name,
                        values,
                        "live values refused; what they tell is not shown"
                    );
                }
                told.trouble = None;
                let names = reading.names.clone();
                let places = reading.places.keys().cloned().collect::<Vec<_>>();
                told.last = Some(Last { reading, at, at_s });
                state.learn(names);
                state
                    .places
                    .extend(places.into_iter().map(|place| (place, at)));
                state.places.retain(|_, told| at < *told + REMEMBERED);
            }
            Err(trouble) => {
                if told.trouble.as_deref() != Some(&trouble) {
                    tracing::warn!(
                        account,
                        source = name,
                        trouble,
                        "the queue can't be read as it is now"
                    );
                }
                told.trouble = Some(trouble);
            }
        }
        state.told[source as usize].tried = true;
        self.show(&mut state, at);
    }

    /// Names of queues that were learned otherwise, by id.
    pub fn learn(&self, names: impl IntoIterator<Item = (String, Arc<str>)>) {
        self.state().learn(names);
    }

    /// What ended lately, and the targets.
    pub fn learn_lately(&self, lately: Lately) {
        self.state().lately = lately;
    }

    /// The account at a glance.
    pub fn present(&self) -> Present {
        let state = self.state();
        let going = state.going(&self.terms, Instant::now());
        Present::of(going, &state.lately, &self.terms.targets)
    }

    /// A place as it is shown.
    pub fn place(&self, channel: &str, id: Option<&str>, name: Option<&str>) -> Place {
        Place {
            channel: Arc::from(label(channel)),
            queue: queue(id, name, &self.state().names),
        }
    }

    pub(super) fn names(&self) -> Names {
        self.state().names.clone()
    }

    /// Shows what another source tells once one has become too old; to be called about every second.
    pub fn tick(&self, now: Instant) {
        let mut state = self.state();
        if state.expires.is_some_and(|expires| expires <= now) {
            self.show(&mut state, now);
        }
    }

    /// Each source that was tried, with what there is to say of it.
    pub fn sources(&self) -> Vec<(Source, String)> {
        let state = self.state();
        let now_s = (self.wall_clock)().div_euclid(1000);
        let tried = Source::ALL
            .into_iter()
            .zip(&state.told)
            .filter(|(_, told)| told.tried);
        let say = |(source, told): (Source, &Told)| {
            let said = match (&told.trouble, &told.last) {
                (Some(trouble), _) => trouble.clone(),
                (None, Some(last)) => format!("read {} s ago", (now_s - last.at_s).max(0)),
                (None, None) => "not read yet".to_owned(),
            };
            (source, said)
        };
        tried.map(say).collect()
    }

    fn show(&self, state: &mut State, now: Instant) {
        if state.closed {
            return;
        }
        let samples = state.samples(&self.terms, now);
        state.expires = samples.iter().filter_map(|sample| sample.until).min();
        self.publisher.show_live(&self.account, samples);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which number of a place.
type Number = fn(Numbers) -> Option<u64>;

/// A number of a place, and who tells it, first choice first.
type Row = (Gauge, &'static [Source], Number);

const NUMBERS: [Row; 4] = {
    use Source::{CallDetails, Conversations, QueuePerformance};
    [
        (
            Gauge::Waiting,
            &[QueuePerformance, Conversations, CallDetails],
            |it| it.waiting,
        ),
        (Gauge::LongestWait, &[Conversations, CallDetails], |it| {
            it.longest_wait_s
        }),
        (Gauge::WithAgent, &[QueuePerformance, CallDetails], |it| {
            it.with_agent
        }),
        (Gauge::Overdue, &[QueuePerformance], |it| it.overdue),
    ]
};

/// More queues are no contact centre's; the names of what comes beyond stay unknown, and their ids are shown.
const MOST_NAMES: usize = 20_000;

impl State {
    fn learn(&mut self, names: impl IntoIterator<Item = (String, Arc<str>)>) {
        for (id, name) in names {
            if self.names.len() < MOST_NAMES || self.names.contains_key(&id) {
                self.names.insert(id, name);
            }
        }
    }

    /// What is shown of all sources at one instant.
    fn samples(&self, terms: &Terms, now: Instant) -> Vec<LiveSample> {
        let mut samples = Vec::new();
        for (gauge, sources, number) in NUMBERS {
            let Some((last, until)) = self.teller(sources, number, terms, now) else {
                continue;
            };
            for (place, value) in self.folded(&last.reading, terms.most, number) {
                samples.push(LiveSample {
                    gauge,
                    labels: vec![place.channel, place.queue],
                    value: value as f64,
                    until: Some(until),
                });
            }
        }
        self.agents(terms, now, &mut samples);
        self.sources(terms, &mut samples);
        samples
    }

    /// The first source whose last reading is fresh and tells a number, with that reading and how long it is fresh.
    fn teller(
        &self,
        sources: &[Source],
        number: Number,
        terms: &Terms,
        now: Instant,
    ) -> Option<(&Last, Instant)> {
        let tells = |(last, _): &(&Last, Instant)| {
            let numbers = last.reading.places.values();
            let mut numbers = numbers.chain([&last.reading.elsewhere]);
            numbers.any(|numbers| number(*numbers).is_some())
        };
        let fresh = sources
            .iter()
            .filter_map(|source| self.fresh(*source, terms, now));
        fresh.into_iter().find(tells)
    }

    /// What goes on by queue, over all of its channels.
    fn going(&self, terms: &Terms, now: Instant) -> BTreeMap<Arc<str>, Going> {
        let mut going: BTreeMap<Arc<str>, Going> = BTreeMap::new();
        let figure = |last: &Last, until: Instant, value| Figure {
            value,
            read_s: last.at_s,
            until_s: last.at_s + (until - last.at).as_secs() as i64,
        };
        let teller = |wanted: Gauge| {
            let (_, sources, number) = NUMBERS.into_iter().find(|(gauge, ..)| *gauge == wanted)?;
            let (last, until) = self.teller(sources, number, terms, now)?;
            Some((last, until, number))
        };
        let [waiting, longest_wait, with_agent] =
            [Gauge::Waiting, Gauge::LongestWait, Gauge::WithAgent].map(teller);
        for place in self.places.keys() {
            let number = |teller: Option<(&Last, Instant, Number)>| {
                let (last, until, number) = teller?;
                Some(figure(last, until, number(last.reading.at(place))?))
            };
            let held = self
                .lately
                .held(&place.channel, &place.queue, &terms.targets);
            let here = Going {
                waiting: number(waiting),
                longest_wait_s: number(longest_wait),
                longest_wait_target_s: held.longest_wait_s as u64,
                with_agent: number(with_agent),
                agents_available: None,
            };
            let queue = going.entry(Arc::clone(&place.queue)).or_default();
            *queue = queue.and(here);
        }
        if let Some((last, until)) = self.fresh(Source::QueuePerformance, terms, now) {
            for (queue, [available, ..]) in &last.reading.agents {
                let queue = going.entry(Arc::clone(queue)).or_default();
                queue.agents_available = available.map(|value| figure(last, until, value));
            }
        }
        going
    }

    /// The number of each place; what is beyond the most shown under one name, as other series are.
    fn folded(&self, reading: &Reading, most: usize, number: Number) -> Vec<(Place, u64)> {
        let mut places = self.places.keys();
        let shown = places.by_ref().take(most);
        let of = |place: &Place| Some((place.clone(), number(reading.at(place))?));
        let mut numbers: Vec<(Place, u64)> = shown.filter_map(of).collect();
        let rest = places.map(|place| reading.at(place)).reduce(Numbers::and);
        if let Some(value) = rest.and_then(number) {
            let overflow = || Arc::from(OVERFLOW);
            let place = Place {
                channel: overflow(),
                queue: overflow(),
            };
            numbers.push((place, value));
        }
        numbers
    }

    fn agents(&self, terms: &Terms, now: Instant, samples: &mut Vec<LiveSample>) {
        let Some((last, until)) = self.fresh(Source::QueuePerformance, terms, now) else {
            return;
        };
        for (queue, agents) in last.reading.agents.iter().take(terms.most) {
            for (state, agents) in STATES.iter().zip(agents) {
                samples.extend(agents.map(|agents| LiveSample {
                    gauge: Gauge::Agents,
                    labels: vec![Arc::clone(queue), Arc::from(*state)],
                    value: agents as f64,
                    until: Some(until),
                }));
            }
        }
    }

    /// Of sources that were tried, or are to be read: one that is `on` and never could be was read at the beginning of time.
    fn sources(&self, terms: &Terms, samples: &mut Vec<LiveSample>) {
        for (source, told) in Source::ALL.into_iter().zip(&self.told) {
            let on = terms.choices[source as usize] == Choice::On;
            if !on && !told.tried {
                continue;
            }
            let up = told.last.is_some() && told.trouble.is_none();
            let at_s = told.last.as_ref().map(|last| last.at_s as f64);
            let at_s = at_s.or(on.then_some(0.0));
            let values = [(Gauge::Up, Some(f64::from(up))), (Gauge::Timestamp, at_s)];
            samples.extend(values.into_iter().filter_map(|(gauge, value)| {
                Some(LiveSample {
                    gauge,
                    labels: vec![source.as_str().into()],
                    value: value?,
                    until: None,
                })
            }));
        }
    }

    /// A source's last reading, and until when it may be shown.
    fn fresh(&self, source: Source, terms: &Terms, now: Instant) -> Option<(&Last, Instant)> {
        let last = self.told[source as usize].last.as_ref()?;
        let until = last.at + terms.good_for[source as usize];
        (now < until).then_some((last, until))
    }
}
