//! Centres, a database, and replicas that share both: each reaches them through networks of its own.

use super::compare::{differences, nothing_falls, until_nothing_differs};
use super::postgres::{Database, Postgres};
use super::proxy::Proxy;
use super::scene::{contract, plan};
use super::{Centre, Exporter, Home, Labels, Page, account_of, wait};
use smartassist_exporter::simulator::{Contract, Witness};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::process::Command;
use std::time::{Duration, Instant};

/// Where replicas are started, and whom they ask.
pub struct Several {
    centres: Vec<Centre>,
    database: Database,
    places: Vec<PlaceOf>,
    setting: Setting,
}

/// Of one replica.
struct PlaceOf {
    home: Home,
    to_database: Proxy,
    to_centres: Vec<Proxy>,
}

/// What the account of a centre is called at first.
pub fn name(centre: usize) -> String {
    format!("account-{centre}")
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// What a test may change of an ordinary scene.
#[derive(Debug, Clone)]
pub struct Setting {
    pub centres: usize,
    /// Those that run, and those that may come later.
    pub replicas: usize,
    pub rate_per_hour: f64,
    pub requests_per_minute: u32,
    pub poll: String,
}

impl Setting {
    /// Polled in a hurry.
    pub fn of(centres: usize, replicas: usize, rate_per_hour: f64) -> Setting {
        Setting {
            centres,
            replicas,
            rate_per_hour,
            requests_per_minute: 60_000,
            poll:
                "{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 1h, max_lookback: 1d}"
                    .to_owned(),
        }
    }
}

impl Several {
    pub fn open(centres: usize, replicas: usize, rate_per_hour: f64) -> Several {
        Several::with(Setting::of(centres, replicas, rate_per_hour))
    }

    pub fn with(setting: Setting) -> Several {
        let centre = |at: usize| {
            let contract = Contract {
                account_id: format!("id-{at}"),
                ..contract()
            };
            let mut plan = plan(setting.rate_per_hour);
            plan.seed += at as u64;
            Centre::open(plan, contract)
        };
        let centres: Vec<Centre> = (0..setting.centres).map(centre).collect();
        let database = Postgres::start().database();
        let place = |_| PlaceOf {
            home: Home::new("accounts: []\n"),
            to_database: Proxy::before(database.server().address()),
            to_centres: centres
                .iter()
                .map(|centre| Proxy::before(address(&centre.url)))
                .collect(),
        };
        let places = (0..setting.replicas).map(place).collect();
        let several = Several {
            centres,
            database,
            places,
            setting,
        };
        let all: Vec<_> = (0..several.centres.len())
            .map(|at| (at, name(at)))
            .collect();
        for replica in 0..several.places.len() {
            several.configure(replica, &all);
        }
        several
    }

    /// One replica's configuration has these accounts, under these names.
    pub fn configure(&self, replica: usize, accounts: &[(usize, String)]) {
        let PlaceOf {
            home,
            to_database,
            to_centres,
        } = &self.places[replica];
        let Setting {
            requests_per_minute,
            poll,
            ..
        } = &self.setting;
        let mut config = "accounts:\n".to_owned();
        for (at, name) in accounts {
            let url = format!("http://{}", to_centres[*at].address());
            let keys = format!("requests_per_minute: {requests_per_minute}, ");
            let contract = self.centres[*at].simulator.contract();
            config += &account_of(name, &url, contract, &keys);
        }
        config += &format!(
            "poll: {poll}\nmetrics: {{zero_first: 0s}}\nstorage: {{url: '{}', password: '{}'}}\n",
            self.database.url_at(to_database.address()),
            self.database.password()
        );
        home.configure(&config);
    }

    /// The way of one replica to one centre.
    pub fn to_centre(&self, replica: usize, centre: usize) -> &Proxy {
        &self.places[replica].to_centres[centre]
    }

    pub fn home(&self, replica: usize) -> &Home {
        &self.places[replica].home
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The way of one replica to the database.
    pub fn to_database(&self, replica: usize) -> &Proxy {
        &self.places[replica].to_database
    }

    pub fn serve(&self, replica: usize) -> Exporter {
        self.places[replica].home.serve()
    }

    pub fn serve_all(&self) -> Replicas {
        Replicas((0..self.places.len()).map(|at| self.serve(at)).collect())
    }

    /// Every account is counted by one of them.
    pub fn all_counted_once(&self, pages: &[Page]) -> bool {
        let all: usize = pages.iter().map(|page| leads(page).len()).sum();
        let different: BTreeSet<String> = pages.iter().flat_map(leads).collect();
        all == self.centres.len() && different.len() == all
    }

    /// The same, and each replica counts some, and all of them show something.
    pub fn shared_out(&self, replicas: &Replicas, seconds: u64) -> Vec<Page> {
        self.wait_until(replicas, seconds, |pages| {
            let counts = |page: &Page| page.sum("smartassist_conversations_total", &[]) > 0.0;
            let shows = |page: &Page| !leads(page).is_empty() && counts(page);
            self.all_counted_once(pages) && pages.iter().all(shows)
        })
    }

    pub fn wait_until(
        &self,
        replicas: &Replicas,
        seconds: u64,
        wanted: impl Fn(&[Page]) -> bool,
    ) -> Vec<Page> {
        let found = wait::until(Duration::from_secs(seconds), || {
            let pages = replicas.pages();
            if wanted(&pages) {
                Ok(pages)
            } else {
                Err(pages)
            }
        });
        found.unwrap_or_else(|pages| {
            let leads: Vec<_> = pages.iter().map(leads).collect();
            panic!("after {seconds} s: {leads:?}\n{}", self.logs())
        })
    }

    /// No account's counts fall from these pages to those.
    pub fn nothing_falls(&self, before: &[Page], after: &[Page]) {
        let (before, after) = (Page::joined(before), Page::joined(after));
        for at in 0..self.centres.len() {
            nothing_falls(&before.of_account(&name(at)), &after.of_account(&name(at)));
        }
    }

    /// Nothing was asked by this replica since then while another one asked about the same account; a request that was under
    /// way is none.
    pub fn nobody_overlaps(&self, replica: usize, since: Instant) {
        for at in 0..self.centres.len() {
            let asked = self.places[replica].to_centres[at].asked();
            let own = asked.iter().filter(|it| **it > since).collect::<Vec<_>>();
            for (other, place) in self.places.iter().enumerate() {
                if other == replica {
                    continue;
                }
                let theirs = place.to_centres[at].asked();
                for own in &own {
                    let before = theirs.iter().any(|it| *it > since && it < *own);
                    let after = theirs.iter().any(|it| it > *own);
                    assert!(
                        !(before && after),
                        "both asked about {}\n{}",
                        name(at),
                        self.logs()
                    );
                }
            }
        }
    }

    /// The most that was asked about any account within a minute, by all replicas together.
    pub fn most_in_a_minute(&self) -> usize {
        let all = |at: usize| {
            let asked = self
                .places
                .iter()
                .flat_map(|place| place.to_centres[at].asked());
            let mut asked: Vec<Instant> = asked.collect();
            asked.sort();
            let within = |from: &Instant| {
                let to = *from + Duration::from_mins(1);
                asked.iter().filter(|it| *it >= from && **it < to).count()
            };
            asked.iter().map(within).max().unwrap_or(0)
        };
        (0..self.centres.len()).map(all).max().unwrap_or(0)
    }

    /// The vendor's world stands still, and all pages together come to what the witnesses counted.
    pub fn ends_with_the_truth(&self, replicas: &[&Exporter], seconds: u64) {
        for centre in &self.centres {
            centre.simulator.freeze();
        }
        let ended = until_nothing_differs(Duration::from_secs(seconds), || {
            let pages: Vec<Page> = replicas.iter().map(|it| it.page()).collect();
            (0..self.centres.len())
                .flat_map(|at| self.differences(at, &pages))
                .collect()
        });
        ended.unwrap_or_else(|left| panic!("{left}\n{}", self.logs()));
    }

    /// Of one account.
    pub fn differences(&self, at: usize, pages: &[Page]) -> Vec<String> {
        let truth = self.centres[at].simulator.truth(&Witness::default());
        assert!(
            truth.counted > 50,
            "{} conversations are no test",
            truth.counted
        );
        let of_account = pages.iter().find(|page| leads(page).contains(&name(at)));
        match of_account {
            None => vec![format!("nobody counts {}", name(at))],
            Some(page) => differences(&page.of_account(&name(at)), &truth),
        }
    }

    /// What `state show` says.
    pub fn state(&self) -> String {
        let config = self.places[0].home.config();
        let output = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .args(["state", "show"])
            .arg(format!("--config.file={}", config.display()))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn logs(&self) -> String {
        let last = |(at, place): (usize, &PlaceOf)| {
            let log = place.home.log();
            let lines: Vec<&str> = log.lines().rev().take(15).collect();
            format!(
                "replica {at}:\n{}",
                lines.into_iter().rev().collect::<Vec<_>>().join("\n")
            )
        };
        let all: Vec<String> = self.places.iter().enumerate().map(last).collect();
        all.join("\n")
    }
}

/// The accounts that the page's replica counts.
pub fn leads(page: &Page) -> BTreeSet<String> {
    let leads = |((name, _), value): &(&(String, Labels), &f64)| {
        name == "smartassist_exporter_leader" && **value == 1.0
    };
    let leads = page.samples.iter().filter(leads);
    leads
        .map(|((_, labels), _)| labels["account"].clone())
        .collect()
}

/// Those that run.
pub struct Replicas(Vec<Exporter>);

impl Deref for Replicas {
    type Target = Vec<Exporter>;

    fn deref(&self) -> &Vec<Exporter> {
        &self.0
    }
}

impl DerefMut for Replicas {
    fn deref_mut(&mut self) -> &mut Vec<Exporter> {
        &mut self.0
    }
}

impl Replicas {
    pub fn pages(&self) -> Vec<Page> {
        self.0.iter().map(Exporter::page).collect()
    }

    pub fn all(&self) -> Vec<&Exporter> {
        self.0.iter().collect()
    }

    pub fn landing(&self, replica: usize) -> String {
        self.0[replica].get("/").unwrap().1
    }

    /// Of two: which one it was, and the other.
    pub fn kill_the_one_with_most(mut self, pages: &[Page]) -> (usize, Exporter) {
        let most = usize::from(leads(&pages[1]).len() > leads(&pages[0]).len());
        self.0.remove(most).kill();
        (most, self.0.remove(0))
    }
}
