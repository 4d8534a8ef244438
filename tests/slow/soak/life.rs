//! One state, the exporters that run on it one after the other, and what must hold after each step.

use super::mounts::Disk;
use super::step::{Shows, Step};
use super::table::After;
use super::taken::Growth;
use crate::support::compare::{all_differences, nothing_falls, until_nothing_differs};
use crate::support::fake_clock::FakeClock;
use crate::support::process::Taken;
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page, account_of, free_address};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use smartassist_exporter::simulator::{Contract, Witness};
use smartassist_exporter::store::FILE;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

pub const ACCOUNT: &str = "acme";
/// Until the metric and the line are there.
const TOLD_WITHIN: Duration = Duration::from_secs(90);
/// Until the counts are the witness's.
const TRUE_WITHIN: Duration = Duration::from_mins(2);
/// Until memory is given back.
const RESTS_WITHIN: Duration = Duration::from_mins(1);
/// A start may take so long, whether it listens or ends.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
const HISTORY_S: i64 = 3_600;

pub struct Life {
    pub centre: Centre,
    /// Of another account, which is configured at times.
    pub beside: Centre,
    pub clock: FakeClock,
    dice: ChaCha8Rng,
    exporter: Option<Exporter>,
    pub disk: Disk,
    pub home: Home,
    /// The last page: on the next no counter may be lower.
    seen: Page,
    /// The account is not configured, and its counters are away.
    pub is_off: bool,
    tells: Option<Tells>,
    growth: Growth,
}

/// How the step under way must be told.
struct Tells {
    step: String,
    shows: Shows,
    line: &'static [&'static str],
    /// What the log held before.
    mark: usize,
    /// The process and the metric, as they were before.
    process: Option<u32>,
    before: f64,
    shown: bool,
    told: bool,
}

impl Life {
    pub fn begin(seed: u64) -> Life {
        let centre = |stream: &str, rate_per_hour| {
            let contract = Contract {
                stream_id: stream.to_owned(),
                ..contract()
            };
            Centre::open(plan_since(HISTORY_S, rate_per_hour), contract)
        };
        let home = Home::new("");
        let disk = Disk::new(home.folder.path().join("disk"));
        std::fs::create_dir(disk.path().join("state")).unwrap();
        let data = home.folder.path().join("data");
        std::os::unix::fs::symlink(disk.path().join("state"), data).unwrap();
        let mut life = Life {
            centre: centre("st-soak", 900.0),
            beside: centre("st-beside", 300.0),
            clock: FakeClock::ahead(home.folder.path(), 0),
            disk,
            home,
            dice: ChaCha8Rng::seed_from_u64(seed ^ 1),
            exporter: None,
            seen: Page::default(),
            is_off: false,
            tells: None,
            growth: Growth::default(),
        };
        life.configure(&[life.account(ACCOUNT, &life.centre)]);
        life.serve();
        life.comes_to_the_truth();
        life
    }

    /// An account's part of the configuration.
    pub fn account(&self, name: &str, centre: &Centre) -> String {
        let contract = centre.simulator.contract();
        account_of(name, &centre.url, contract, "requests_per_minute: 60000, ")
    }

    pub fn configure(&self, accounts: &[String]) {
        self.home.configure(&format!(
            "accounts:\n{}poll: {{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 2d, max_lookback: 3d}}\n\
             live: {{interval: 1s}}\nmetrics: {{zero_first: 0s}}\n",
            accounts.concat()
        ));
    }

    /// The database, or what lies beside it by an ending.
    pub fn database(&self, ending: &str) -> PathBuf {
        self.disk
            .path()
            .join("state")
            .join(format!("{FILE}{ending}"))
    }

    /// By the seed: between two, the second not included.
    pub fn between(&mut self, least: u64, above: u64) -> u64 {
        self.dice.random_range(least..above)
    }

    pub fn serve(&mut self) {
        self.serve_as(&[]);
    }

    /// Starts an exporter, and waits until it answers.
    pub fn serve_as(&mut self, flags: &[&str]) {
        self.spawn(flags);
        let deadline = Instant::now() + STARTS_WITHIN;
        while self.exporter().get("/-/healthy").is_none() {
            assert!(self.exporter().is_running(), "{}", self.said());
            assert!(Instant::now() < deadline, "{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts one, and waits for nothing.
    pub fn spawn(&mut self, flags: &[&str]) {
        assert!(self.exporter.is_none(), "one runs already");
        self.exporter = Some(self.another(flags));
    }

    /// Another one on the same state.
    pub fn another(&self, flags: &[&str]) -> Exporter {
        let environment = self.clock.environment();
        let environment: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let flags = [&["--log.level=info"], flags].concat();
        self.home.serve_as(free_address(), &environment, &flags)
    }

    /// Another command of the program.
    pub fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Starts one that ends by itself, as it must.
    pub fn is_refused(&mut self) {
        self.spawn(&[]);
        let mut refused = self.exporter.take().unwrap();
        ends(&mut refused);
        assert_eq!(refused.code(), Some(1), "{}", self.said());
        self.is_told();
    }

    pub fn exporter(&mut self) -> &mut Exporter {
        self.exporter.as_mut().expect("an exporter runs")
    }

    pub fn kill(&mut self) {
        self.exporter.take().expect("an exporter runs").kill();
    }

    pub fn stop(&mut self) {
        let exporter = self.exporter.take().expect("an exporter runs");
        assert_eq!(exporter.signal("TERM"), Some(0), "{}", self.said());
    }

    /// What the log says since the step began.
    pub fn said(&self) -> String {
        let mark = self.tells.as_ref().map_or(0, |tells| tells.mark);
        let log = self.home.log();
        log[mark..].to_owned()
    }

    /// With all that is counted in it.
    pub fn removes_the_state(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            std::fs::remove_file(self.database(ending)).ok();
        }
        self.begins_anew();
    }

    /// From now on counters may stand lower than they did.
    pub fn begins_anew(&mut self) {
        self.seen = Page::default();
    }

    /// The page as Prometheus would have it now; empty while nobody answers. No counter is lower than on the one before.
    pub fn page(&mut self) -> Page {
        let page = self.exporter.as_ref().map(Exporter::page);
        let mut page = page.unwrap_or_default();
        page.samples
            .retain(|(_, labels), _| labels.get("account").is_none_or(|it| it == ACCOUNT));
        if !page.samples.is_empty() && !self.is_off {
            nothing_falls(&self.seen, &page);
            self.seen = page.clone();
        }
        let process = self.exporter.as_ref().map(Exporter::id);
        if let Some(tells) = &mut self.tells {
            tells.shown |= tells
                .shows
                .on(&page, tells.before, process == tells.process);
        }
        page
    }

    /// Looks at page after page until one is as wanted.
    pub fn until(&mut self, what: &str, within: Duration, wanted: impl Fn(&Page) -> bool) -> Page {
        let deadline = Instant::now() + within;
        loop {
            let page = self.page();
            if wanted(&page) {
                return page;
            }
            assert!(
                Instant::now() < deadline,
                "{what}: not within {within:?}\n{}\n{}",
                page.own(),
                last_of(&self.said())
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Looks at pages for so long.
    pub fn goes_on(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.page();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Polls that succeed from now on.
    pub fn polls(&mut self, more: f64) {
        let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
        let before = polls(&self.page());
        self.until("polls that succeed", TOLD_WITHIN, |page| {
            polls(page) >= before + more
        });
    }

    /// Waits until the step under way shows in its metric and in its line of the log.
    pub fn is_told(&mut self) {
        let tells = self.tells.as_ref().expect("a step is under way");
        let (shows, line) = (tells.shows, tells.line);
        let deadline = Instant::now() + TOLD_WITHIN;
        loop {
            let page = self.page();
            let said = self.said();
            let mut lines = said.lines();
            let told = lines.any(|it| line.iter().all(|part| it.contains(part)));
            let tells = self.tells.as_mut().expect("a step is under way");
            tells.told = tells.shown && told;
            if tells.told {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "`{shows}`: {}; `{line:?}`: {told}\n{}\n{}",
                tells.shown,
                page.own(),
                last_of(&said)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A step from beginning to end, and what must hold after it.
    pub fn goes_through(&mut self, step: &Step) -> After {
        let begun = Instant::now();
        if let Shows::Later(_) = step.shows {
            // Times are told in whole seconds.
            self.goes_on(Duration::from_millis(1_100));
        }
        let before = step.shows.value(&self.page());
        self.tells = Some(Tells {
            step: step.name.clone(),
            shows: step.shows,
            line: step.line,
            mark: self.home.log().len(),
            process: self.exporter.as_ref().map(Exporter::id),
            before,
            shown: false,
            told: false,
        });
        (step.befalls)(self);
        let tells = self.tells.as_ref().unwrap();
        assert!(tells.told, "`{}` does not say how it is told", tells.step);
        let counted = self.comes_to_the_truth();
        let taken = self.comes_to_rest();
        After {
            seconds: begun.elapsed().as_secs_f64(),
            counted,
            taken,
        }
    }

    /// The page is what the witness tells at some moment; the world goes on. Says how many conversations were counted.
    pub fn comes_to_the_truth(&mut self) -> u64 {
        let mut page = Page::default();
        let ended = until_nothing_differs(TRUE_WITHIN, || {
            page = self.page();
            all_differences(&page, &self.centre.simulator, &Witness::default())
        });
        ended.unwrap_or_else(|left| panic!("{left}\n{}\n{}", page.own(), last_of(&self.said())));
        page.sum("smartassist_conversations_total", &[]) as u64
    }

    /// What was taken for the trouble is given back, as an answer of 32 MB that was read for nothing.
    fn comes_to_rest(&mut self) -> Taken {
        let deadline = Instant::now() + RESTS_WITHIN;
        loop {
            let taken = Taken::by(self.exporter().id());
            if self.growth.is_none(taken) || Instant::now() > deadline {
                self.growth.note(taken);
                return taken;
            }
            self.goes_on(Duration::from_millis(500));
        }
    }

    /// In peace, with a last look at the counts.
    pub fn ends(mut self) {
        self.centre.simulator.freeze();
        self.comes_to_the_truth();
        self.polls(3.0);
        self.comes_to_the_truth();
        self.stop();
    }
}

/// Waits until it ended by itself.
pub fn ends(exporter: &mut Exporter) {
    let deadline = Instant::now() + STARTS_WITHIN;
    while exporter.is_running() {
        assert!(Instant::now() < deadline, "it goes on, which it must not");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn last_of(log: &str) -> String {
    let mut lines: Vec<&str> = log.lines().rev().take(15).collect();
    lines.reverse();
    lines.join("\n")
}
