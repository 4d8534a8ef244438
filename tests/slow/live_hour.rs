//! An hour of a centre under every fault, read by the real binary: its live numbers are true as of their reading, and its
//! counts are the witness's, with live readings on, off and failing.
//!
//! The hour lasts three minutes: the centre's clock and everything it waits for go twenty times as fast, and so does the
//! exporter's whole time, by libfaketime. Nothing in the binary knows.

use crate::support::compare::differences;
use crate::support::fake_clock::hurried;
use crate::support::scene::plan;
use crate::support::{Centre, Exporter, Home, Labels, Page, free_address};
use smartassist_exporter::clock;
use smartassist_exporter::simulator::http::Face;
use smartassist_exporter::simulator::now::{PlaceNow, Places};
use smartassist_exporter::simulator::scenario::Name;
use smartassist_exporter::simulator::{
    Aim, Contract, Fault, Faults, Interface, Scenario, Simulator, Witness,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const PACE: f64 = 20.0;
/// What follows is in the centre's time.
const INTERVAL_S: f64 = 15.0;
const PHASE_S: i64 = 180;
/// A reading may be told so long after it was true: an answer takes that much on a machine that is busy, times the pace.
const ANSWER_MS: i64 = 8_000;
/// The exporter's clock starts with its process, and so may be off by that.
const CLOCK_MS: i64 = 4_000;

/// In which order they strike. The last is not over when its phase is.
fn phases() -> Vec<Option<Fault>> {
    let last = Fault::UnavailableRetryAfter;
    let others = Fault::ALL.iter().copied().filter(|fault| *fault != last);
    [None]
        .into_iter()
        .chain(others.map(Some))
        .chain([Some(last)])
        .collect()
}

/// Half of the requests, to all interfaces. Garbage in a record may well count as what it then says; it strikes the live
/// interfaces alone.
fn faults(fault: Option<Fault>) -> Faults {
    let all = [None];
    let live = [
        Some(Interface::QueuePerformance),
        Some(Interface::Conversations),
    ];
    let aimed_at: &[Option<Interface>] = match fault {
        Some(Fault::Garbage) => &live,
        _ => &all,
    };
    let aims = fault.into_iter().flat_map(|fault| {
        let aim = move |only: &Option<Interface>| (Aim { fault, only: *only }, 0.5);
        aimed_at.iter().map(aim)
    });
    Faults::new(aims).unwrap()
}

/// Most of the agents leave a few minutes into the hour, for three quarters of it.
fn centre() -> Centre {
    let mut plan = plan(400.0);
    plan.scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: clock::now_ms() + 300_000,
        duration_ms: 2_700_000,
        staying: 0.3,
        ..Scenario::STEADY
    };
    let contract = Contract {
        pace: PACE,
        requests_per_minute: 100_000,
        ..Contract::default()
    };
    Centre::open(plan, contract)
}

fn home(centre: &Centre, live: &str) -> Home {
    Home::new(&format!(
        "{}poll: {{settle: 0s, revisit: 0.05, initial_lookback: 1h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 0s}}\nlive: {{{live}}}\n",
        centre.account(60)
    ))
}

fn serve(home: &Home, centre: &Centre) -> Exporter {
    let ahead_ms = centre.simulator.now_ms() - clock::now_ms();
    let environment = hurried(ahead_ms, PACE);
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    home.serve_with(free_address(), &environment)
}

type Told = BTreeMap<(String, String), f64>;

/// By channel and queue; `None` where nothing is told.
fn told(page: &Page, metric: &str) -> Option<Told> {
    let family = page.family(metric);
    let of = |labels: &Labels| (labels["channel"].clone(), labels["queue"].clone());
    let told: Told = family
        .iter()
        .map(|(labels, value)| (of(labels), *value))
        .collect();
    (!told.is_empty()).then_some(told)
}

/// What is told is true, and nobody is left out; but where a row can't be read, its place may be.
fn is_true(told: &Told, truth: &Told, may_hide: bool) -> bool {
    let of = |numbers: &Told, place: &(String, String)| numbers.get(place).copied().unwrap_or(0.0);
    let equal = |place: &(String, String)| (of(told, place) - of(truth, place)).abs() < 0.5;
    told.keys().all(equal) && (may_hide || truth.keys().all(equal))
}

/// When a source was last read, UTC milliseconds.
fn read_ms(page: &Page, source: &str) -> Option<i64> {
    let at_s = page.value(
        "smartassist_exporter_live_timestamp_seconds",
        &[("source", source)],
    );
    at_s.map(|at_s| (at_s * 1_000.0) as i64)
}

type Number = fn(&PlaceNow) -> u64;

fn counts(places: &Places, number: Number) -> Told {
    let places = places.iter().map(|((channel, queue), place)| {
        let key = ((*channel).to_owned(), (*queue).to_owned());
        (key, number(place) as f64)
    });
    places.collect()
}

/// Numbers of people and who tells them, first choice first.
const NUMBERS: [(&str, &[&str], Number); 3] = [
    (
        "smartassist_queue_waiting",
        &["queue_performance", "conversations"],
        |place| place.waiting,
    ),
    (
        "smartassist_queue_with_agent",
        &["queue_performance"],
        |place| place.with_agent,
    ),
    (
        "smartassist_queue_overdue",
        &["queue_performance"],
        |place| place.overdue,
    ),
];

const LONGEST: &str = "smartassist_queue_longest_wait_seconds";

/// Whether the waits told are those of some instant of a state, to about a second.
fn waits_fit(told: &Told, since: &(i64, Places), until_ms: i64, may_hide: bool) -> bool {
    let (from_ms, places) = since;
    let waits: BTreeMap<(String, String), i64> = places
        .iter()
        .filter_map(|((channel, queue), place)| {
            let key = ((*channel).to_owned(), (*queue).to_owned());
            Some((key, place.waits_since_ms?))
        })
        .collect();
    let fits = |(place, since_ms): (&(String, String), &i64)| {
        let told_s = told.get(place).copied();
        if may_hide && told_s.is_none() {
            return true;
        }
        let told_ms = told_s.unwrap_or(0.0) * 1_000.0;
        let [least, most] = [*from_ms, until_ms].map(|at_ms| (at_ms - since_ms) as f64);
        (least - 1_500.0..=most + 1_500.0).contains(&told_ms)
    };
    let nobody =
        |(place, told_s): (&(String, String), &f64)| *told_s == 0.0 || waits.contains_key(place);
    waits.iter().all(fits) && told.iter().all(nobody)
}

/// What a phase has seen.
#[derive(Default)]
struct Seen {
    pages: usize,
    /// Pages that told how many wait.
    told: usize,
    most: f64,
    oldest_s: f64,
    /// Readings of the two sources.
    readings: BTreeSet<i64>,
    wrong: Vec<String>,
}

/// What a page tells of now: to read all of it takes long at this pace.
fn live_page(exporter: &Exporter) -> Page {
    let (_, text) = exporter.get("/metrics").unwrap_or_default();
    let live = text.lines().filter(|line| {
        line.starts_with("smartassist_queue_") || line.starts_with("smartassist_exporter_live_")
    });
    Page::parse(&live.collect::<Vec<_>>().join("\n"))
}

impl Seen {
    fn look(&mut self, simulator: &Simulator, exporter: &Exporter, may_hide: bool) {
        let now_ms = simulator.now_ms();
        let page = &live_page(exporter);
        self.pages += 1;
        for (metric, sources, number) in NUMBERS {
            let Some(shown) = told(page, metric) else {
                continue;
            };
            let read = sources.iter().filter_map(|source| read_ms(page, source));
            let read: Vec<i64> = read.collect();
            let true_once = |read_ms: &i64| {
                let states = simulator.places_between(read_ms - ANSWER_MS, read_ms + CLOCK_MS);
                states
                    .iter()
                    .any(|(_, places)| is_true(&shown, &counts(places, number), may_hide))
            };
            if metric == "smartassist_queue_waiting" {
                self.told += 1;
                self.most = self.most.max(shown.values().sum());
                self.readings.extend(&read);
                let age_ms = now_ms - read.iter().max().copied().unwrap_or(0);
                self.oldest_s = self.oldest_s.max(age_ms as f64 / 1_000.0);
            }
            if !read.iter().any(true_once) {
                let at: Vec<i64> = read.iter().map(|read_ms| now_ms - read_ms).collect();
                let truth = counts(&simulator.places_between(now_ms, now_ms)[0].1, number);
                self.wrong.push(format!(
                    "{metric} read {at:?} ms ago: {shown:?}; now {truth:?}"
                ));
            }
        }
        if let Some((shown, read_ms)) = told(page, LONGEST).zip(read_ms(page, "conversations")) {
            let until_ms = read_ms + CLOCK_MS;
            let states = simulator.places_between(read_ms - ANSWER_MS, until_ms);
            let ends = states[1..].iter().map(|(at_ms, _)| *at_ms);
            let mut stretches = states.iter().zip(ends.chain([until_ms]));
            if !stretches.any(|(state, end_ms)| waits_fit(&shown, state, end_ms, may_hide)) {
                let places = &states[states.len() - 1].1;
                self.wrong.push(format!(
                    "{LONGEST} read {} ms ago: {shown:?}; {places:?}",
                    now_ms - read_ms
                ));
            }
        }
    }
}

/// The two live interfaces in all the ways of not answering, each at least three times in the hour.
const FACES: [Face; 6] = [
    Face::Missing,
    Face::Unscoped,
    Face::Slow,
    Face::Down,
    Face::Html,
    Face::Nonsense,
];

/// A garbled reading is told until the next one.
fn read_anew(simulator: &Simulator, exporter: &Exporter) {
    let since_ms = simulator.now_ms();
    exporter.wait_for("a new reading of each", 30, |page| {
        let read = ["queue_performance", "conversations"].map(|source| read_ms(page, source));
        read.into_iter().all(|read_ms| read_ms > Some(since_ms))
    });
}

/// Looks at an exporter until the centre's clock shows a time.
fn watch(simulator: &Simulator, exporter: &Exporter, fault: Option<Fault>, until_ms: i64) -> Seen {
    let mut seen = Seen::default();
    while simulator.now_ms() < until_ms {
        seen.look(simulator, exporter, fault == Some(Fault::Garbage));
        std::thread::sleep(Duration::from_millis(100));
    }
    seen
}

fn check(name: &str, fault: Option<Fault>, seen: &Seen) {
    let (pages, told, readings) = (seen.pages, seen.told, seen.readings.len());
    let (most, oldest_s, untrue) = (seen.most, seen.oldest_s, seen.wrong.len());
    println!(
        "{name:<22} {pages:>5} {told:>5} {most:>13} {oldest_s:>9.0} {readings:>9} {untrue:>7}"
    );
    let a_few = &seen.wrong[..untrue.min(3)];
    // A text in the place of a name can't be told from a name.
    let allowed = if fault == Some(Fault::Garbage) {
        3 * told / 4
    } else {
        0
    };
    assert!(untrue <= allowed, "{name}:\n{}", a_few.join("\n"));
    let oldest = if fault.is_some() { 3.0 } else { 1.0 };
    let allowed_s = oldest * INTERVAL_S + ANSWER_MS as f64 / 1_000.0;
    assert!(oldest_s <= allowed_s, "{name}: {oldest_s} s old");
    assert!(told == pages || fault.is_some(), "{told} of {pages}");
}

fn ends_with_the_truth(what: &str, exporter: &Exporter, simulator: &Simulator) {
    let truth = simulator.truth(&Witness::default());
    assert!(truth.counted > 700, "{}", truth.counted);
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let left = differences(&exporter.page(), &truth);
        if left.is_empty() {
            println!(
                "live readings {what}: {} conversations counted",
                truth.counted
            );
            return;
        }
        let a_few = left[..left.len().min(20)].join("\n");
        let own = exporter.page().own();
        assert!(Instant::now() < deadline, "{what}:\n{a_few}\n{own}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn for_an_hour_under_every_fault_live_numbers_are_true_and_every_count_is() {
    let (struck, failing) = (centre(), centre());
    let kinds = [
        (
            "on",
            &struck,
            "queue_performance: on, conversations: on, call_details: off",
        ),
        (
            "off",
            &struck,
            "queue_performance: off, conversations: off, call_details: off",
        ),
        (
            "failing",
            &failing,
            "queue_performance: on, conversations: on",
        ),
    ];
    let homes = kinds.map(|(_, centre, live)| home(centre, live));
    let exporters = [0, 1, 2].map(|place| serve(&homes[place], kinds[place].1));
    let on = &exporters[0];
    read_anew(&struck.simulator, on);
    println!("fault                  pages  told  most waiting  oldest s  readings  untrue");
    let mut readings = 0;
    for (place, fault) in phases().into_iter().enumerate() {
        struck.simulator.set_faults(faults(fault));
        failing.simulator.change(|reading| {
            reading.queue_performance = FACES[place % FACES.len()];
            reading.conversations = FACES[(place + 1) % FACES.len()];
        });
        let until_ms = struck.simulator.now_ms() + PHASE_S * 1_000;
        let seen = watch(&struck.simulator, on, fault, until_ms);
        let name = fault.map_or("none".to_owned(), |fault| fault.to_string());
        check(&name, fault, &seen);
        readings += seen.readings.len();
        if fault == Some(Fault::Garbage) {
            struck.simulator.set_faults(Faults::NONE);
            read_anew(&struck.simulator, on);
        }
    }
    assert!(readings > 100, "{readings} readings are no test");
    struck.simulator.set_faults(Faults::NONE);
    for centre in [&struck, &failing] {
        centre.simulator.freeze();
    }
    for ((what, centre, _), exporter) in kinds.iter().zip(&exporters) {
        ends_with_the_truth(what, exporter, &centre.simulator);
    }
}

/// How what is told differs from the truth.
#[derive(Debug, Default)]
struct Lag {
    numbers: usize,
    /// Numbers of a place that were true at no time of the last minutes.
    astray: usize,
    /// Of all places together, summed over pages: told too many or too few, and the truth.
    off: f64,
    truth: f64,
}

impl Lag {
    fn add(&mut self, told: &Told, lately: &[Told]) {
        let of = |numbers: &Told, place| numbers.get(place).copied().unwrap_or(0.0);
        for place in told.keys() {
            let values = || lately.iter().map(|truth| of(truth, place));
            let (least, most) = (
                values().fold(f64::MAX, f64::min),
                values().fold(0.0, f64::max),
            );
            self.numbers += 1;
            self.astray += usize::from(!(least..=most).contains(&of(told, place)));
        }
        let all = |numbers: &Told| numbers.values().sum::<f64>();
        let now = all(&lately[lately.len() - 1]);
        self.off += (all(told) - now).abs();
        self.truth += now;
    }
}

/// What running records alone tell of a conversation is as old as the last reading of its window: by default up to a
/// quarter of its age.
#[test]
fn running_records_alone_follow_the_truth_within_minutes() {
    let centre = centre();
    let home = Home::new(&format!(
        "{}poll: {{settle: 0s, initial_lookback: 1h}}\n\
         live: {{queue_performance: off, conversations: off}}\n",
        centre.account(30)
    ));
    let exporter = serve(&home, &centre);
    let [(waiting, _, waits), (with_agent, _, talks), _] = NUMBERS;
    exporter.wait_for("live numbers", 90, |page| told(page, waiting).is_some());
    let until_ms = centre.simulator.now_ms() + 1_500_000;
    let mut lags = [Lag::default(), Lag::default()];
    while centre.simulator.now_ms() < until_ms {
        let page = live_page(&exporter);
        let now_ms = centre.simulator.now_ms();
        // Who talks has been there longer than who waits.
        let kinds = [(waiting, waits, 120_000), (with_agent, talks, 300_000)];
        for ((metric, number, back_ms), lag) in kinds.into_iter().zip(&mut lags) {
            let Some(told) = told(&page, metric) else {
                continue;
            };
            let states = centre.simulator.places_between(now_ms - back_ms, now_ms);
            let lately: Vec<Told> = states
                .iter()
                .map(|(_, places)| counts(places, number))
                .collect();
            lag.add(&told, &lately);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    for (lag, (name, most_off)) in lags.iter().zip([(waiting, 0.4), (with_agent, 0.2)]) {
        let (part_astray, part_off) = (lag.astray as f64 / lag.numbers as f64, lag.off / lag.truth);
        println!(
            "{name}: {} numbers, {part_astray:.4} astray; all together off by {part_off:.3}",
            lag.numbers
        );
        assert!(lag.numbers > 500, "{lag:?}");
        assert!(part_astray <= 0.03, "{name}: {lag:?}");
        assert!(part_off <= most_off, "{name}: {lag:?}");
    }
}
