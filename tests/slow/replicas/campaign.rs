//! Replicas that go through one trouble after the other, and what must hold on the way.

use super::judge::{self, Window};
use super::report::Report;
use super::trouble::{Kind, Trouble};
use super::watch::{Process, Seen, Watch};
use crate::support::replicas::{Setting, Several, name};
use crate::support::{Exporter, Page};
use std::time::{Duration, Instant};

/// Every account is counted again so long after a trouble, at the latest.
pub const WITHIN: Duration = Duration::from_secs(30);
/// The same after a stop that was asked for.
pub const CLEAN_WITHIN: Duration = Duration::from_secs(5);
/// All have looked around twice by then: what is well stays well.
const STEADY: Duration = Duration::from_secs(5);
/// A test that waits longer than it accepts says by how much.
const PATIENCE: Duration = Duration::from_secs(90);
const TRUE_WITHIN: Duration = Duration::from_secs(90);

pub struct Campaign {
    several: Several,
    accounts: usize,
    /// The one that joins at times.
    spare: usize,
    running: Vec<Option<Exporter>>,
    lives: Vec<usize>,
    names: Vec<Option<String>>,
    pub watch: Watch,
    /// When somebody was woken.
    woken: Vec<(Process, Instant)>,
    pub wrong: Vec<String>,
}

impl Campaign {
    pub fn begin(accounts: usize, replicas: usize) -> Campaign {
        let several = Several::with(Setting::of(accounts, replicas + 1, 600.0));
        let mut campaign = Campaign {
            several,
            accounts,
            spare: replicas,
            running: (0..=replicas).map(|_| None).collect(),
            lives: vec![0; replicas + 1],
            names: (0..accounts).map(|at| Some(name(at))).collect(),
            watch: Watch::of(replicas + 1),
            woken: Vec::new(),
            wrong: Vec::new(),
        };
        for place in 0..replicas {
            campaign.serve(place);
        }
        campaign.settles(Instant::now(), &[]);
        campaign
    }

    fn process(&self, place: usize) -> Process {
        let life = self.lives[place];
        Process { place, life }
    }

    fn serve(&mut self, place: usize) {
        let exporter = self.several.serve(place);
        self.lives[place] += 1;
        self.watch.open(self.process(place), exporter.address);
        assert!(self.running[place].replace(exporter).is_none());
    }

    fn ends(&mut self, place: usize, how: impl FnOnce(Exporter)) {
        let exporter = self.running[place].take().expect("it runs");
        how(exporter);
        self.watch.close(place);
    }

    /// One or two troubles from their beginning until all is well again.
    pub fn goes_through(&mut self, troubles: &[Trouble], report: &mut Report) {
        let mut actions: Vec<(Duration, &Trouble, bool)> = troubles
            .iter()
            .flat_map(|it| [(it.begins, it, true), (it.begins + it.lasts, it, false)])
            .collect();
        actions.sort_by_key(|(at, ..)| *at);
        let logs = self.logs();
        let begun = Instant::now();
        let (mut began, mut ended) = (begun, begun);
        for (at, trouble, begins) in actions {
            std::thread::sleep((begun + at).saturating_duration_since(Instant::now()));
            if begins {
                began = Instant::now();
                self.befalls(trouble);
            } else {
                ended = Instant::now();
                self.passes(trouble);
            }
        }
        if troubles.len() > 1 && troubles.iter().any(|it| it.kind.is_of_an_account()) {
            // What is read while the database is away changes nothing, and says so: whoever asked for it asks again.
            self.reload();
        }
        let settled = self.settles(ended, troubles);
        let window = Window {
            seen: self
                .watch
                .since(begun.checked_sub(Duration::from_secs(1)).unwrap()),
            asked: self.asked(),
            begun: began,
            ended,
            settled,
        };
        let mut wrong = self.watch.wrong();
        wrong.extend(judge::shown_twice(&window, self.accounts));
        wrong.extend(judge::asked_by_two(&window, &self.woken));
        if let [trouble] = troubles {
            let taken = judge::taken(&window, trouble, self.accounts);
            let within = if trouble.kind.is_clean() {
                CLEAN_WITHIN
            } else {
                WITHIN
            };
            let late = taken.iter().filter(|(_, took)| *took > within);
            wrong.extend(
                late.map(|(account, took)| {
                    format!("account {account} was taken over after {took:?}")
                }),
            );
            report.took(trouble.kind, &window, taken);
        } else {
            report.both(&window);
        }
        if !wrong.is_empty() {
            println!("WRONG after {}:", told(troubles));
            wrong.iter().for_each(|it| println!("    {it}"));
            for (place, from) in logs.iter().enumerate() {
                let log = self.several.home(place).log();
                let lines = log[*from..].lines().filter(|it| is_of_interest(it));
                lines.for_each(|line| println!("        {place}: {line}"));
            }
            self.wrong.extend(wrong);
        }
    }

    fn logs(&self) -> Vec<usize> {
        (0..=self.spare)
            .map(|place| self.several.home(place).log().len())
            .collect()
    }

    fn befalls(&mut self, trouble: &Trouble) {
        let whom = trouble.whom;
        match trouble.kind {
            Kind::Killed => self.ends(whom, Exporter::kill),
            Kind::StoppedWell | Kind::Leaves => self.ends(whom, Exporter::ends_in_time),
            Kind::Asleep => {
                self.running[whom].as_ref().unwrap().send("STOP");
                self.watch.close(whom);
            }
            Kind::Cut => self.several.to_database(whom).cut(),
            Kind::Partition | Kind::PartitionCut => self.several.to_database(whom).freeze(),
            Kind::AnswersLost => self.several.to_database(whom).freeze_answers(),
            Kind::ServerCrashes => self.several.database().server().stop(),
            Kind::ServerStops => self.several.database().server().stop_well(),
            Kind::Joins => self.serve(self.spare),
            Kind::AccountRemoved => {
                self.names[whom] = None;
                self.reload();
            }
            Kind::AccountRenamed => {
                self.names[whom] = Some(format!("{}-renamed", name(whom)));
                self.reload();
            }
        }
    }

    fn passes(&mut self, trouble: &Trouble) {
        let whom = trouble.whom;
        match trouble.kind {
            Kind::Killed | Kind::StoppedWell | Kind::Leaves => self.serve(whom),
            Kind::Asleep => self.wakes(whom),
            Kind::Cut => {}
            Kind::Partition => self.several.to_database(whom).mend(),
            Kind::PartitionCut | Kind::AnswersLost => {
                self.several.to_database(whom).cut();
                self.several.to_database(whom).mend();
            }
            Kind::ServerCrashes | Kind::ServerStops => {
                self.several.database().server().start_again();
            }
            Kind::Joins => self.ends(self.spare, Exporter::ends_in_time),
            Kind::AccountRemoved | Kind::AccountRenamed => {
                self.names[whom] = Some(name(whom));
                self.reload();
            }
        }
    }

    /// Somebody asks for its page in the instant in which it wakes.
    fn wakes(&mut self, place: usize) {
        let exporter = self.running[place].as_ref().unwrap();
        let process = self.process(place);
        let watch = &self.watch;
        watch.open(process, exporter.address);
        std::thread::scope(|scope| {
            scope.spawn(|| watch.look(place));
            std::thread::sleep(Duration::from_millis(20));
            self.woken.push((process, Instant::now()));
            exporter.send("CONT");
        });
    }

    /// Every replica's configuration has the accounts by the names that they have now.
    fn reload(&self) {
        let named = self.names.iter().enumerate();
        let accounts: Vec<(usize, String)> = named
            .filter_map(|(at, name)| Some((at, name.clone()?)))
            .collect();
        for place in 0..=self.spare {
            self.several.configure(place, &accounts);
        }
        for exporter in self.running.iter().flatten() {
            exporter.send("HUP");
        }
    }

    /// Waits until every account is counted by one replica, as evenly as can be, and stays so; since when it was.
    fn settles(&mut self, since: Instant, troubles: &[Trouble]) -> Instant {
        let mut well: Option<Instant> = None;
        loop {
            self.starts_again();
            let latest = self.watch.latest(since);
            let now = Instant::now();
            let all: Option<Vec<Seen>> = latest.iter().cloned().collect();
            if !all.is_some_and(|all| self.is_well(&all)) {
                well = None;
            } else if now - *well.get_or_insert(now) >= STEADY {
                break;
            }
            assert!(
                now - since < PATIENCE,
                "{}: not well after {PATIENCE:?}: {latest:?}\n{}",
                told(troubles),
                self.several.logs()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        let well = well.unwrap_or(since);
        let took = well - since;
        if took > WITHIN && !troubles.is_empty() {
            let late = format!("{}: all well after {took:?}", told(troubles));
            self.wrong.push(late);
        }
        well
    }

    /// Who starts while the database is away ends, and whoever watches over it starts it again. Nobody ends otherwise.
    fn starts_again(&mut self) {
        for place in 0..=self.spare {
            let Some(exporter) = &mut self.running[place] else {
                continue;
            };
            if exporter.is_running() {
                continue;
            }
            let log = self.several.home(place).log();
            let last = log.lines().next_back().unwrap_or_default();
            if !last.starts_with("error: cannot use `storage.url`") {
                self.wrong.push(format!("{place} ended by itself: {last}"));
            }
            self.ends(place, drop);
            self.serve(place);
        }
    }

    fn is_well(&self, seen: &[Seen]) -> bool {
        let well = |account: usize| {
            let leads = seen.iter().filter(|it| it.leads(account)).count();
            let shown = seen.iter().filter_map(|it| it.of(account));
            let good = shown
                .filter(|shown| shown.leads && shown.counts && shown.up)
                .count();
            match self.names[account] {
                Some(_) => leads == 1 && good == 1,
                None => leads == 0,
            }
        };
        let held = seen
            .iter()
            .map(|it| (0..self.accounts).filter(|at| it.leads(*at)).count());
        let (least, most) = (held.clone().min(), held.max());
        (0..self.accounts).all(well) && most.unwrap_or(0) - least.unwrap_or(0) <= 1
    }

    /// When each place asked about each account.
    fn asked(&self) -> Vec<Vec<(Instant, usize)>> {
        let of = |account: usize| {
            let mut asked: Vec<(Instant, usize)> = (0..=self.spare)
                .flat_map(|place| {
                    let asked = self.several.to_centre(place, account).asked();
                    asked.into_iter().map(move |it| (it, place))
                })
                .collect();
            asked.sort();
            asked
        };
        (0..self.accounts).map(of).collect()
    }

    /// What all show is what the witnesses counted, while the world goes on.
    pub fn is_true(&mut self) {
        for account in 0..self.accounts {
            let deadline = Instant::now() + TRUE_WITHIN;
            loop {
                let pages: Vec<Page> = self.running.iter().flatten().map(Exporter::page).collect();
                let left = self.several.differences(account, &pages);
                if left.is_empty() {
                    break;
                }
                if Instant::now() > deadline {
                    let some = left[..left.len().min(10)].join("\n    ");
                    let wrong =
                        format!("account {account}: {} differences:\n    {some}", left.len());
                    println!("WRONG: {wrong}");
                    self.wrong.push(wrong);
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    /// In peace, with a last look at the counts.
    pub fn comes_to_its_end(mut self) -> Vec<String> {
        let running: Vec<&Exporter> = self.running.iter().flatten().collect();
        self.several.ends_with_the_truth(&running, 120);
        for place in 0..self.spare {
            self.ends(place, Exporter::ends_in_time);
        }
        self.wrong
    }
}

pub fn told(troubles: &[Trouble]) -> String {
    let told: Vec<String> = troubles.iter().map(ToString::to_string).collect();
    told.join(", and ")
}

fn is_of_interest(line: &str) -> bool {
    ["level=info", "level=warn", "level=error"]
        .iter()
        .any(|level| line.to_lowercase().contains(level))
        || line.contains("cannot be taken")
}
