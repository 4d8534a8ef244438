//! Journals → one OpenMetrics file: family by family, series by series, in the order of time.
//!
//! Memory: the increments of one measure of one account, 48 bytes each at the peak.

use super::course::{Event, Grid, Meeting, course};
use super::journal::{self, Item, Owned, Step};
use super::owner::FirstSums;
use super::reading::Read;
use crate::ledger::{Measure, Metric, SeriesKey, Sum};
use crate::metrics::{Lines, OpenMetrics, named, table};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What boards ask beside a rate, to tell what was read in time from what was read late.
const LAST_SUCCESS: &str = "smartassist_exporter_last_success_timestamp_seconds";
const CATCHING_UP: &str = "smartassist_exporter_catching_up";

/// Bytes of an increment or a gauge, as they are put in order.
const ROW: usize = 16;

/// An account that was read, and what its exporter first showed.
pub struct Source {
    pub read: Read,
    pub first_sums: FirstSums,
    /// Its store still knows all that those hold.
    pub known: bool,
}

/// How the samples are written.
#[derive(Debug, Clone)]
pub struct Form {
    /// Labels that Prometheus adds as it scrapes: `job`, `instance`, others.
    pub identity: Vec<(String, String)>,
    /// Between two samples of a series.
    pub step_s: i64,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub samples: u64,
    pub series: u64,
    /// Conversations that an exporter showed first and that were not found again.
    pub missing: u64,
}

/// Writes all of it. `scratch` is a folder for what is put in order meanwhile.
///
/// # Errors
/// A journal cannot be read, or the file cannot be written.
pub fn write<W: Write>(
    out: W,
    sources: &[Source],
    form: &Form,
    scratch: &Path,
) -> io::Result<(W, Written)> {
    let mut written = Written::default();
    let mut file = OpenMetrics::new(out);
    let sorted = sources.iter().enumerate().map(|(at, source)| {
        let folder = scratch.join(format!("sorted-{at}"));
        Sorted::of(source, folder)
    });
    let sorted = sorted.collect::<io::Result<Vec<_>>>()?;
    for measure in Measure::ALL {
        let mut opened = false;
        for account in &sorted {
            account.family(*measure, form, &mut opened, &mut file, &mut written)?;
        }
    }
    for (name, value) in [
        (LAST_SUCCESS, (|at_s| at_s as f64) as fn(i64) -> f64),
        (CATCHING_UP, |_| 0.0),
    ] {
        let metric = table::all().find(|metric| metric.name == name);
        if let Some(metric) = metric {
            file.family(metric)?;
            for account in &sorted {
                account.every_step(metric, value, form, &mut file)?;
                written.series += 1;
            }
        }
    }
    for account in &sorted {
        std::fs::remove_dir_all(&account.folder)?;
    }
    let (out, samples) = file.end()?;
    written.samples = samples;
    Ok((out, written))
}

/// Label values, in the order of the metrics table's labels.
type Labels = Vec<Arc<str>>;

/// The numbers of a label set's series, and whose they are.
type Numbers = Vec<(u32, Owned)>;

/// A journal's rows by measure, each in a file of its own.
struct Sorted<'s> {
    source: &'s Source,
    folder: PathBuf,
    /// Measure → label values → the numbers of its series, and whose they are.
    series: BTreeMap<Measure, BTreeMap<Labels, Numbers>>,
    /// The same of gauges: one number each.
    sets: BTreeMap<Measure, BTreeMap<Labels, u32>>,
}

impl<'s> Sorted<'s> {
    fn of(source: &'s Source, folder: PathBuf) -> io::Result<Sorted<'s>> {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => std::fs::create_dir_all(&folder)?,
        }
        let mut sorted = Sorted {
            source,
            folder,
            series: BTreeMap::new(),
            sets: BTreeMap::new(),
        };
        let Read {
            journal,
            commits,
            ledger,
            ..
        } = &source.read;
        let mut files: FxHashMap<Measure, BufWriter<File>> = FxHashMap::default();
        let mut failed = Ok(());
        let (mut of_series, mut of_sets) = (Vec::new(), Vec::new());
        journal::read(journal, *commits, &mut |item| {
            let row = match item {
                Item::Series(key, owned) => {
                    sorted.know(ledger.labels(&key), &key, of_series.len() as u32, owned);
                    of_series.push(key.measure);
                    return;
                }
                Item::Set(measure, labels) => {
                    let sets = sorted.sets.entry(measure).or_default();
                    sets.insert(labels, of_sets.len() as u32);
                    of_sets.push(measure);
                    return;
                }
                Item::Step(Step {
                    series,
                    at_s,
                    millis,
                }) => (of_series.get(series as usize), series, at_s, millis),
                Item::Gauge { set, at_s, value } => {
                    (of_sets.get(set as usize), set, at_s, value.to_bits())
                }
            };
            if let (Some(measure), Ok(())) = (row.0, &failed) {
                failed = sorted.put(&mut files, *measure, (row.1, row.2, row.3));
            }
        })?;
        failed?;
        for (_, mut file) in files {
            file.flush()?;
        }
        Ok(sorted)
    }

    fn know(&mut self, labels: Option<Labels>, key: &SeriesKey, number: u32, owned: Owned) {
        // Agents that are not to be shown are not written.
        if let Some(labels) = labels {
            let series = self.series.entry(key.measure).or_default();
            series.entry(labels).or_default().push((number, owned));
        }
    }

    fn put(
        &self,
        files: &mut FxHashMap<Measure, BufWriter<File>>,
        measure: Measure,
        (number, at_s, value): (u32, u32, u64),
    ) -> io::Result<()> {
        let file = match files.entry(measure) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(BufWriter::new(File::create(self.path(measure))?))
            }
        };
        file.write_all(&number.to_le_bytes())?;
        file.write_all(&at_s.to_le_bytes())?;
        file.write_all(&value.to_le_bytes())
    }

    fn path(&self, measure: Measure) -> PathBuf {
        self.folder.join(measure.metric().name)
    }

    /// The rows of a measure: number, time, value.
    fn rows(&self, measure: Measure) -> io::Result<Vec<(u32, i64, u64)>> {
        let file = match File::open(self.path(measure)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        let rows = file.metadata()?.len() / ROW as u64;
        let mut reader = BufReader::new(file);
        let mut all = Vec::with_capacity(usize::try_from(rows).unwrap_or(0));
        for _ in 0..rows {
            let (mut number, mut at_s, mut value) = ([0; 4], [0; 4], [0; 8]);
            reader.read_exact(&mut number)?;
            reader.read_exact(&mut at_s)?;
            reader.read_exact(&mut value)?;
            all.push((
                u32::from_le_bytes(number),
                i64::from(u32::from_le_bytes(at_s)),
                u64::from_le_bytes(value),
            ));
        }
        Ok(all)
    }

    fn family<W: Write>(
        &self,
        measure: Measure,
        form: &Form,
        opened: &mut bool,
        file: &mut OpenMetrics<W>,
        written: &mut Written,
    ) -> io::Result<()> {
        let mut open = |file: &mut OpenMetrics<W>| {
            if std::mem::replace(opened, true) {
                return Ok(());
            }
            file.family(measure.metric())
        };
        if measure.is_sum() {
            let first = &self.source.first_sums;
            let mut labels: BTreeMap<&Labels, Numbers> = first
                .keys()
                .filter(|(of, _)| *of == measure)
                .map(|(_, labels)| (labels, Vec::new()))
                .collect();
            for (known, numbers) in self.series.get(&measure).into_iter().flatten() {
                labels.insert(known, numbers.clone());
            }
            if labels.is_empty() {
                return Ok(());
            }
            let mut events = self.events(measure, &labels)?;
            for (place, labels) in (0_u32..).zip(labels.keys()) {
                let events = events.remove(&place).unwrap_or_default();
                let meeting = self.meeting(measure, labels);
                if events.is_empty() && meeting.is_none() {
                    continue;
                }
                open(file)?;
                let missing = self.series(measure, labels, (&events, meeting), form, file)?;
                written.series += 1;
                if measure == Measure::Conversations {
                    written.missing += missing;
                }
            }
        } else if let Some(sets) = self.sets.get(&measure) {
            let mut values: FxHashMap<u32, Vec<(i64, f64)>> = FxHashMap::default();
            for (set, at_s, value) in self.rows(measure)? {
                values
                    .entry(set)
                    .or_default()
                    .push((at_s, f64::from_bits(value)));
            }
            for (labels, set) in sets {
                open(file)?;
                let lines = Lines::of_gauge(
                    measure.metric(),
                    self.labels(measure.metric(), labels, form),
                );
                for (at_s, value) in values.remove(set).unwrap_or_default() {
                    file.gauge(&lines, value, at_s * 1_000)?;
                }
                written.series += 1;
            }
        }
        Ok(())
    }

    /// By the place of their labels, in the order of their times.
    fn events(
        &self,
        measure: Measure,
        labels: &BTreeMap<&Labels, Numbers>,
    ) -> io::Result<FxHashMap<u32, Vec<Event>>> {
        let mut places: FxHashMap<u32, (u32, Owned)> = FxHashMap::default();
        for (place, numbers) in (0_u32..).zip(labels.values()) {
            places.extend(
                numbers
                    .iter()
                    .map(|(number, owned)| (*number, (place, *owned))),
            );
        }
        let grid = self.grid(1);
        let meets = self.source.read.span.meets;
        let since_s = meets.map_or(grid.from_s, |shown| shown.since_s);
        let mut events: FxHashMap<u32, Vec<Event>> = FxHashMap::default();
        for (number, at_s, millis) in self.rows(measure)? {
            let Some(&(place, owned)) = places.get(&number) else {
                continue;
            };
            // By the later of their ends all that the exporter counted ended after its floor, but here the other counts. What
            // ends when all is over already, as interactions may, or began too early for the exporter, is none's but here.
            let at_s = match (owned, meets) {
                (true, _) => at_s.clamp(since_s + 1, grid.to_s),
                (false, Some(_)) => at_s.min(grid.to_s),
                (false, None) => at_s,
            };
            if at_s > grid.from_s && at_s <= grid.to_s {
                events.entry(place).or_default().push(Event {
                    at_s,
                    owned,
                    millis,
                });
            }
        }
        for events in events.values_mut() {
            events.sort_by_key(|event| event.at_s);
        }
        Ok(events)
    }

    /// What the series was first shown at: 0 where the exporter showed others and not this.
    fn meeting(&self, measure: Measure, labels: &[Arc<str>]) -> Option<Meeting> {
        let shown = self.source.read.span.meets?;
        let sum = self.source.first_sums.get(&(measure, labels.to_vec()));
        Some(Meeting {
            shown,
            sum: sum.cloned().unwrap_or_else(|| Sum::zero(measure)),
        })
    }

    fn series<W: Write>(
        &self,
        measure: Measure,
        labels: &[Arc<str>],
        (events, meeting): (&[Event], Option<Meeting>),
        form: &Form,
        file: &mut OpenMetrics<W>,
    ) -> io::Result<u64> {
        let lines = Lines::of_sum(measure, self.labels(measure.metric(), labels, form));
        course(
            measure,
            self.grid(form.step_s),
            events,
            meeting.as_ref(),
            &mut |at_ms, values| file.point(&lines, values, at_ms),
        )
    }

    /// A gauge of the exporter's own, for as long as nobody ran who showed it.
    fn every_step<W: Write>(
        &self,
        metric: &'static Metric,
        value: impl Fn(i64) -> f64,
        form: &Form,
        file: &mut OpenMetrics<W>,
    ) -> io::Result<()> {
        let lines = Lines::of_gauge(metric, self.labels(metric, &[], form));
        let span = self.source.read.span;
        let first_s = (span.from_s.div_euclid(form.step_s) + 1) * form.step_s;
        let step = usize::try_from(form.step_s).unwrap_or(1);
        for at_s in (first_s..span.gauges_to_s).step_by(step) {
            file.gauge(&lines, value(at_s), at_s * 1_000)?;
        }
        Ok(())
    }

    fn labels<'l>(
        &'l self,
        metric: &'static Metric,
        labels: &'l [Arc<str>],
        form: &'l Form,
    ) -> impl Iterator<Item = (&'l str, &'l str)> {
        let identity = form.identity.iter();
        let identity = identity.map(|(name, value)| (name.as_str(), value.as_str()));
        named(metric, &self.source.read.name, labels).chain(identity)
    }

    fn grid(&self, step_s: i64) -> Grid {
        let span = self.source.read.span;
        Grid {
            from_s: span.from_s,
            to_s: span.to_s,
            step_s,
        }
    }
}
