//! Every replica is scraped several times a second, and what each page says of each account is held against all that was
//! seen before it.

use crate::support::get;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(150);
/// Of one page no more are told.
const TOLD: usize = 3;

/// Counters of an account, by their series without the label `account`: the account may be renamed.
type Counts = HashMap<String, f64>;

/// A process, of those that run one after the other at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub place: usize,
    pub life: usize,
}

/// One look at one replica.
#[derive(Debug, Clone)]
pub struct Seen {
    pub process: Process,
    pub from: Instant,
    pub to: Instant,
    /// `None` where nobody answered.
    pub accounts: Option<BTreeMap<usize, Shown>>,
}

impl Seen {
    pub fn leads(&self, account: usize) -> bool {
        self.of(account).is_some_and(|shown| shown.leads)
    }

    pub fn counts(&self, account: usize) -> bool {
        self.of(account).is_some_and(|shown| shown.counts)
    }

    pub fn of(&self, account: usize) -> Option<Shown> {
        self.accounts.as_ref()?.get(&account).copied()
    }
}

/// What a page says of an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    pub leads: bool,
    /// It has counters.
    pub counts: bool,
    pub up: bool,
}

#[derive(Clone, Copy)]
struct Target {
    process: Process,
    address: SocketAddr,
}

#[derive(Default)]
struct Shared {
    ends: AtomicBool,
    targets: Mutex<BTreeMap<usize, Target>>,
    seen: Mutex<Vec<Seen>>,
    /// The highest counts of each account that anybody showed.
    highest: Mutex<BTreeMap<usize, Arc<Counts>>>,
    wrong: Mutex<Vec<String>>,
}

pub struct Watch {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Watch {
    pub fn of(places: usize) -> Watch {
        let shared = Arc::<Shared>::default();
        let scrape = |place| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                while !shared.ends.load(Ordering::Relaxed) {
                    shared.look(place);
                    std::thread::sleep(EVERY);
                }
            })
        };
        let threads = (0..places).map(scrape).collect();
        Watch { shared, threads }
    }

    /// From now on this one is looked at.
    pub fn open(&self, process: Process, address: SocketAddr) {
        let target = Target { process, address };
        self.shared
            .targets
            .lock()
            .unwrap()
            .insert(process.place, target);
    }

    /// Nobody is looked at there, until it is opened again.
    pub fn close(&self, place: usize) {
        let closed = self.shared.targets.lock().unwrap().remove(&place);
        if let Some(closed) = closed {
            let now = Instant::now();
            self.shared.seen.lock().unwrap().push(Seen {
                process: closed.process,
                from: now,
                to: now,
                accounts: None,
            });
        }
    }

    /// One look more, now.
    pub fn look(&self, place: usize) {
        self.shared.look(place);
    }

    /// All that was seen from then on, in the order in which it was asked for.
    pub fn since(&self, since: Instant) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        let mut since: Vec<Seen> = seen.iter().filter(|it| it.to >= since).cloned().collect();
        since.sort_by_key(|it| it.from);
        since
    }

    /// The last that was seen of each process that is looked at, where it was asked for after this.
    pub fn latest(&self, after: Instant) -> Vec<Option<Seen>> {
        let targets = self.shared.targets.lock().unwrap().clone();
        let seen = self.shared.seen.lock().unwrap();
        let of = |target: &Target| {
            let of = |it: &&Seen| it.process == target.process && it.from > after;
            seen.iter().rev().take(200).find(of).cloned()
        };
        targets.values().map(of).collect()
    }

    /// What was found since it was asked for last.
    pub fn wrong(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.wrong.lock().unwrap())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

impl Shared {
    fn look(&self, place: usize) {
        let Some(target) = self.targets.lock().unwrap().get(&place).copied() else {
            return;
        };
        // What others showed before this one was asked, it may not fall behind.
        let highest = self.highest.lock().unwrap().clone();
        let from = Instant::now();
        let page = get(target.address, "/metrics").map(|(_, page)| read(&page));
        let to = Instant::now();
        let mut accounts = BTreeMap::new();
        for (account, (shown, counts)) in page.iter().flatten() {
            accounts.insert(*account, *shown);
            if shown.counts {
                self.falls(*account, target.process, highest.get(account), counts);
            }
        }
        for (account, (_, counts)) in page.iter().flatten() {
            let mut highest = self.highest.lock().unwrap();
            let before = highest.entry(*account).or_default();
            if fallen(before, counts).next().is_none() {
                *before = Arc::new(counts.clone());
            }
        }
        self.seen.lock().unwrap().push(Seen {
            process: target.process,
            from,
            to,
            accounts: page.map(|_| accounts),
        });
    }

    fn falls(
        &self,
        account: usize,
        process: Process,
        before: Option<&Arc<Counts>>,
        counts: &Counts,
    ) {
        let Some(before) = before else { return };
        let fallen: Vec<String> = fallen(before, counts).collect();
        if !fallen.is_empty() {
            let told = fallen[..fallen.len().min(TOLD)].join("; ");
            self.wrong.lock().unwrap().push(format!(
                "account {account} at {process:?}: {} counts fell: {told}",
                fallen.len()
            ));
        }
    }
}

/// Counts that are lower now, or gone.
fn fallen(before: &Counts, now: &Counts) -> impl Iterator<Item = String> {
    let lower = |(series, before): (&String, &f64)| {
        let now = now.get(series).copied();
        let fell = now.is_none_or(|now| now < before - 1e-6);
        fell.then(|| format!("{series} from {before} to {now:?}"))
    };
    before.iter().filter_map(lower)
}

/// What a page says, by the numbers of the accounts, which stand in their names.
fn read(page: &str) -> BTreeMap<usize, (Shown, Counts)> {
    let mut accounts: BTreeMap<usize, (Shown, Counts)> = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("smartassist_")) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let Some((name, labels)) = series.split_once('{') else {
            continue;
        };
        let Some((before, after)) = labels.split_once("account=\"account-") else {
            continue;
        };
        let (account, after) = after.split_once('"').unwrap();
        let account = account.split('-').next().unwrap().parse().unwrap();
        let (shown, counts) = accounts.entry(account).or_default();
        match name {
            "smartassist_exporter_leader" => shown.leads |= value == "1",
            "smartassist_exporter_up" => shown.up |= value == "1",
            _ if is_counter(name) => {
                shown.counts = true;
                let value: f64 = value.parse().unwrap();
                counts.insert(format!("{name}{{{before}{after}"), value);
            }
            _ => {}
        }
    }
    accounts
}

/// Of conversations, not of this process.
fn is_counter(name: &str) -> bool {
    let ends = ["_total", "_count", "_sum", "_bucket"];
    !name.starts_with("smartassist_exporter_") && ends.iter().any(|end| name.ends_with(end))
}
