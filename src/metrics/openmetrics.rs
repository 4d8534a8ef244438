//! The OpenMetrics text format with timestamps, family by family, for whoever writes the past.
//!
//! Invariant: labels, names and bounds read as on a page that is scraped, so that a series goes on where this ends.
//! Not here: which samples there are, and that those of a series come in the order of their times.

use super::table::ACCOUNT;
use super::text::{bound, escape, push_f64, push_millis, push_u64};
use crate::ledger::{Measure, Metric, MetricKind};
use std::io::{self, Write};
use std::sync::Arc;

/// Written so far at once.
const CHUNK: usize = 1 << 16;

/// A file in the making.
#[derive(Debug)]
pub struct OpenMetrics<W> {
    out: W,
    text: String,
    samples: u64,
}

/// The lines of one label set, each up to its value.
#[derive(Debug)]
pub struct Lines(Vec<Line>);

#[derive(Debug)]
struct Line {
    stem: String,
    millis: bool,
}

impl Lines {
    /// Of a sum: of a counter one line; of a histogram one for each bucket, then the sum, then the count.
    pub fn of_sum<'l>(
        measure: Measure,
        labels: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Lines {
        let (metric, bounds_s) = (measure.metric(), measure.bounds_s());
        Lines::new(metric, bounds_s, measure.counts_time(), labels)
    }

    /// Of a gauge.
    pub fn of_gauge<'l>(
        metric: &Metric,
        labels: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Lines {
        Lines::new(metric, None, false, labels)
    }

    fn new<'l>(
        metric: &Metric,
        bounds_s: Option<&[u64]>,
        millis: bool,
        labels: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Lines {
        let mut own = String::new();
        for (name, value) in labels {
            if !own.is_empty() {
                own.push(',');
            }
            own.extend([name, "=\""]);
            escape(&mut own, value, true);
            own.push('"');
        }
        let name = metric.name;
        let line = |suffix: &str, millis| Line {
            stem: if own.is_empty() {
                format!("{name}{suffix} ")
            } else {
                format!("{name}{suffix}{{{own}}} ")
            },
            millis,
        };
        let Some(bounds_s) = bounds_s else {
            return Lines(vec![line("", millis)]);
        };
        let comma = if own.is_empty() { "" } else { "," };
        let bounds = bounds_s.iter().map(|bound| *bound as f64);
        let mut lines: Vec<Line> = bounds
            .chain([f64::INFINITY])
            .map(|seconds| Line {
                stem: format!("{name}_bucket{{{own}{comma}le=\"{}\"}} ", bound(seconds)),
                millis: false,
            })
            .collect();
        lines.extend([line("_sum", true), line("_count", false)]);
        Lines(lines)
    }
}

impl<W: Write> OpenMetrics<W> {
    pub fn new(out: W) -> OpenMetrics<W> {
        OpenMetrics {
            out,
            text: String::with_capacity(2 * CHUNK),
            samples: 0,
        }
    }

    /// Opens a family; all of its samples follow.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn family(&mut self, metric: &Metric) -> io::Result<()> {
        // A counter is named without the end that its samples have.
        let name = match metric.kind {
            MetricKind::Counter => metric.name.strip_suffix("_total").unwrap_or(metric.name),
            _ => metric.name,
        };
        let kind = metric.kind.as_str();
        self.text.extend(["# HELP ", name, " "]);
        escape(&mut self.text, metric.help, true);
        self.text.extend(["\n# TYPE ", name, " ", kind, "\n"]);
        self.flow()
    }

    /// One value for each of the lines, at one time. Of a histogram they are cumulative; sums and counters of time
    /// are in milliseconds.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn point(&mut self, lines: &Lines, values: &[u64], at_ms: i64) -> io::Result<()> {
        for (line, value) in lines.0.iter().zip(values) {
            self.text.push_str(&line.stem);
            if line.millis {
                push_millis(&mut self.text, *value);
            } else {
                push_u64(&mut self.text, *value);
            }
            self.at(at_ms);
        }
        self.flow()
    }

    /// A gauge's value at a time.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn gauge(&mut self, lines: &Lines, value: f64, at_ms: i64) -> io::Result<()> {
        for line in &lines.0 {
            self.text.push_str(&line.stem);
            push_f64(&mut self.text, value);
            self.at(at_ms);
        }
        self.flow()
    }

    /// Seconds since 1970, exact to the millisecond.
    fn at(&mut self, at_ms: i64) {
        self.text.push(' ');
        push_millis(&mut self.text, at_ms.max(0).unsigned_abs());
        self.text.push('\n');
        self.samples += 1;
    }

    fn flow(&mut self) -> io::Result<()> {
        if self.text.len() >= CHUNK {
            self.out.write_all(self.text.as_bytes())?;
            self.text.clear();
        }
        Ok(())
    }

    /// Ends the file. How many samples are in it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(mut self) -> io::Result<(W, u64)> {
        self.text.push_str("# EOF\n");
        self.out.write_all(self.text.as_bytes())?;
        self.out.flush()?;
        Ok((self.out, self.samples))
    }
}

/// The label values of a metric's series, by their names, with its account's before them.
pub fn named<'l>(
    metric: &'static Metric,
    account: &'l str,
    values: &'l [Arc<str>],
) -> impl Iterator<Item = (&'l str, &'l str)> {
    let names = metric.labels.iter().copied();
    let own = names.zip(values.iter().map(|value| &**value));
    std::iter::once((ACCOUNT, account)).chain(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Sample, Value, View};
    use crate::metrics::render;
    use std::sync::Arc;

    /// What is scraped and what is written ahead of it are the same series: the same lines but for the time.
    #[test]
    fn a_line_reads_as_on_the_page_that_is_scraped() {
        let histogram = Value::Histogram {
            buckets: (1..=18).collect(),
            sum_millis: 61_050,
        };
        let samples = [
            (Measure::QueueWait, histogram),
            (Measure::QueueEntries, Value::Count(7)),
            (Measure::CorrectionSeconds, Value::Millis(7)),
        ];
        for (measure, value) in samples {
            let labels: Vec<Arc<str>> = measure
                .metric()
                .labels
                .iter()
                .map(|it| Arc::from(format!("a \"{it}\"")))
                .collect();
            let mut out = OpenMetrics::new(Vec::new());
            out.family(measure.metric()).unwrap();
            let lines = Lines::of_sum(measure, named(measure.metric(), "acme", &labels));
            let values: Vec<u64> = match &value {
                Value::Histogram {
                    buckets,
                    sum_millis,
                } => {
                    let mut below = 0;
                    let mut values: Vec<u64> = buckets
                        .iter()
                        .map(|it| {
                            below += it;
                            below
                        })
                        .collect();
                    values.extend([*sum_millis, below]);
                    values
                }
                _ => vec![7],
            };
            out.point(&lines, &values, 1_790_000_000_500).unwrap();
            let (text, count) = out.end().unwrap();
            let text = String::from_utf8(text).unwrap();
            let view = View {
                account: Arc::from("acme"),
                counting: true,
                sums: vec![Sample {
                    measure,
                    labels,
                    value,
                }],
                gauges: Vec::new(),
                overflowed: Vec::new(),
            };
            let page = render([&view]);
            let samples = |text: &str| -> Vec<String> {
                text.lines()
                    .filter(|line| !line.starts_with('#'))
                    .map(|line| line.replace(" 1790000000.5", ""))
                    .collect()
            };
            assert_eq!(samples(&text), samples(&page));
            assert_eq!(count, samples(&page).len() as u64);
            assert!(text.ends_with(" 1790000000.5\n# EOF\n"), "{text}");
        }
    }

    #[test]
    fn a_counters_family_is_named_without_its_end() {
        let mut out = OpenMetrics::new(Vec::new());
        out.family(Measure::Offered.metric()).unwrap();
        let text = String::from_utf8(out.end().unwrap().0).unwrap();
        assert!(
            text.contains("\n# TYPE smartassist_offered counter\n"),
            "{text}"
        );
    }
}
