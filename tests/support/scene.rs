//! A centre, an exporter on it, and how it must end: what every test of a fault needs.

use super::compare::{all_differences_at, until_nothing_differs};
use super::fake_clock::FakeClock;
use super::{Centre, Exporter, Home, Page, free_address};
use smartassist_exporter::clock;
use smartassist_exporter::simulator::http::Reading;
use smartassist_exporter::simulator::{Contract, Plan, Scenario, Witness};
use std::time::Duration;

/// What a test changes of an ordinary scene.
pub struct Setting {
    pub plan: Plan,
    pub reading: Reading,
    /// How far the centre's clock is ahead of this machine's, in seconds. The exporter's clock shows the same.
    pub ahead_s: i64,
    /// Further keys of the account, each as `key: value, `.
    pub account: String,
    pub poll: String,
    pub metrics: String,
    pub live: String,
}

impl Setting {
    /// Half an hour of a centre with so many conversations an hour, read by an exporter in a hurry.
    pub fn of(rate_per_hour: f64) -> Setting {
        Setting {
            plan: plan(rate_per_hour),
            reading: Reading::default(),
            ahead_s: 0,
            account: String::new(),
            poll:
                "{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 1h, max_lookback: 1d}"
                    .to_owned(),
            metrics: "{zero_first: 0s}".to_owned(),
            live: "{}".to_owned(),
        }
    }

    /// With one reading changed.
    pub fn reading(rate_per_hour: f64, change: impl FnOnce(&mut Reading)) -> Setting {
        let mut setting = Setting::of(rate_per_hour);
        change(&mut setting.reading);
        setting
    }

    /// At another time: the half hour ends at `now_s`.
    pub fn at(mut self, now_s: i64) -> Setting {
        self.plan.local_offset_minutes = busy_offset_minutes(now_s);
        self.ahead_s = now_s - clock::now_ms() / 1_000;
        self.plan.start_ms += self.ahead_s * 1_000;
        self
    }
}

/// The history is half an hour long.
pub const HISTORY_S: i64 = 1_800;

pub fn plan(rate_per_hour: f64) -> Plan {
    plan_since(HISTORY_S, rate_per_hour)
}

/// A centre that has been open for so long.
pub fn plan_since(history_s: i64, rate_per_hour: f64) -> Plan {
    let now_s = clock::now_ms() / 1_000;
    Plan {
        seed: 11,
        start_ms: (now_s - history_s) * 1_000,
        rate_per_hour,
        local_offset_minutes: busy_offset_minutes(now_s),
        scenario: Scenario::STEADY,
        late_segments: false,
        replaced_dispositions: 0.0,
    }
}

/// Minutes east of UTC where it is half past ten in the morning: how busy a simulated centre is must not depend on the
/// hour in which its test runs.
fn busy_offset_minutes(now_s: i64) -> i32 {
    let now_minutes = now_s.div_euclid(60).rem_euclid(24 * 60);
    let offset_minutes = (10 * 60 + 30 - now_minutes + 12 * 60).rem_euclid(24 * 60) - 12 * 60;
    i32::try_from(offset_minutes).unwrap()
}

pub fn contract() -> Contract {
    Contract {
        requests_per_minute: 1_000_000,
        ..Contract::default()
    }
}

pub struct Scene {
    pub centre: Centre,
    pub home: Home,
    pub clock: Option<FakeClock>,
    pub witness: Witness,
    ahead_s: i64,
}

impl Scene {
    pub fn new(setting: Setting) -> Scene {
        let contract = Contract {
            reading: setting.reading,
            ..contract()
        };
        let centre = Centre::open_at(setting.plan, contract, setting.ahead_s * 1_000);
        let account = centre.account(60_000);
        let account = account.replacen("{name", &format!("{{{}name", setting.account), 1);
        let home = Home::new(&format!(
            "{account}poll: {}\nmetrics: {}\nlive: {}\n",
            setting.poll, setting.metrics, setting.live
        ));
        let shifted = setting.ahead_s != 0;
        Scene {
            clock: shifted.then(|| FakeClock::ahead(home.folder.path(), setting.ahead_s)),
            witness: Witness::default(),
            ahead_s: setting.ahead_s,
            centre,
            home,
        }
    }

    /// Puts the exporter's clock, and not the centre's, ahead of the true time.
    pub fn set_clock(&mut self, ahead_s: i64) {
        match &self.clock {
            Some(clock) => clock.set(ahead_s),
            None => self.clock = Some(FakeClock::ahead(self.home.folder.path(), ahead_s)),
        }
    }

    /// Starts the exporter, under the scene's clock.
    pub fn serve(&self) -> Exporter {
        let environment = self
            .clock
            .as_ref()
            .map_or_else(Vec::new, FakeClock::environment);
        let environment: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.home.serve_with(free_address(), &environment)
    }

    pub fn change(&self, change: impl FnOnce(&mut Reading)) {
        self.centre.simulator.change(change);
    }

    /// Where the page is not what the witness tells by now.
    pub fn differences(&self, page: &Page) -> Vec<String> {
        let now_s = clock::now_ms() / 1_000 + self.ahead_s;
        all_differences_at(page, &self.centre.simulator, &self.witness, now_s)
    }

    /// The vendor's world stands still, and the page comes to what the witness counted: counters, histograms, gauges.
    pub fn ends_with_the_truth(&self, exporter: &Exporter, seconds: u64) {
        self.centre.simulator.freeze();
        let counted = self.centre.simulator.truth(&self.witness).counted;
        assert!(counted > 100, "{counted} conversations are no test");
        self.comes_to_the_truth(exporter, seconds);
    }

    /// The same of a world that stands still already.
    pub fn comes_to_the_truth(&self, exporter: &Exporter, seconds: u64) {
        let ended = until_nothing_differs(Duration::from_secs(seconds), || {
            self.differences(&exporter.page())
        });
        ended.unwrap_or_else(|left| {
            let own = exporter.page().own();
            panic!("{left}\n{own}\n{}", self.last_of_the_log())
        });
    }

    /// A scene from beginning to end: the first counts, some life, and the truth.
    pub fn lives_and_ends_with_the_truth(&self) -> Page {
        let exporter = self.serve();
        exporter.wait_for("the first counts", 60, |page| {
            page.sum("smartassist_conversations_total", &[]) > 0.0
        });
        self.ends_with_the_truth(&exporter, 60);
        exporter.page()
    }

    fn last_of_the_log(&self) -> String {
        let log = self.home.log();
        let lines: Vec<&str> = log.lines().rev().take(12).collect();
        lines.join("\n")
    }
}
