//! The words of `explain`: one block a record, for people, yet steady enough to compare.

use crate::api::format_utc;
use crate::fact::{Context, Conversation, Derived, Queue, Reject, RejectedRecord, Stage};
use crate::ledger::{
    Batch, Commit, Forgotten, Known, Ledger, Sample, Showing, Sums, Tally, Value, Version,
};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One row, and what it was derived to.
pub(super) struct Explained<'r> {
    pub digest: u64,
    pub derived: Result<Derived<'r>, RejectedRecord>,
}

/// Writes blocks, and counts them for the last lines.
pub(super) struct Report<'o, W> {
    out: &'o mut W,
    context: &'o Context<'o>,
    /// Nothing was counted in it yet; but the names of queues are those that all records teach.
    ledger: Ledger,
    /// The first name that the records teach of each queue id.
    names: BTreeMap<&'o str, &'o str>,
    /// What all records come to, as one window.
    together: Tally,
    counted: usize,
    waiting: usize,
    rejected: usize,
}

impl<'o, W: Write> Report<'o, W> {
    pub(super) fn new(
        out: &'o mut W,
        context: &'o Context<'o>,
        mut ledger: Ledger,
        explained: &'o [Explained<'o>],
    ) -> Self {
        let mut names = BTreeMap::new();
        let derived = || explained.iter().filter_map(|it| it.derived.as_ref().ok());
        for (id, name) in derived().flat_map(|derived| &derived.names) {
            names.entry(*id).or_insert(*name);
        }
        let together = ledger.apply(batch(&ledger, explained), Known::default(), i64::MIN);
        let tally = together.tally.clone();
        learn(&mut ledger, together);
        Report {
            out,
            context,
            ledger,
            names,
            together: tally,
            counted: 0,
            waiting: 0,
            rejected: 0,
        }
    }

    /// How many records there are and how their times are read, a block for each, and a summary.
    pub(super) fn write(
        mut self,
        offset_s: Option<i32>,
        explained: &[Explained],
    ) -> io::Result<()> {
        let read_in = match (self.context.zone, offset_s) {
            (Some(zone), _) => format!("`{}`", zone.iana_name().unwrap_or("that zone")),
            (None, Some(offset_s)) => {
                format!("UTC{}, as their session ids tell", spell_offset(offset_s))
            }
            (None, None) => "UTC+00:00, since no session id tells one".to_owned(),
        };
        let records = explained.len();
        let plural = if records == 1 { "" } else { "s" };
        writeln!(
            self.out,
            "{records} record{plural}; times without a zone are in {read_in}"
        )?;
        for (index, row) in explained.iter().enumerate() {
            writeln!(self.out, "\nrecord {}", index + 1)?;
            match &row.derived {
                Ok(derived) => self.derived(row, derived)?,
                Err(RejectedRecord::NotAnObject) => self.rejected("it is no object", &[])?,
                Err(RejectedRecord::NoIdentity { rejects }) => {
                    self.rejected("it has neither `conversationId` nor `sessionId`", rejects)?;
                }
            }
        }
        let Report {
            counted,
            waiting,
            rejected,
            together,
            ..
        } = self;
        if together.applied < counted as u64 {
            writeln!(
                self.out,
                "\nsome records are of one conversation: read as one window, {} of {} count something new, \
                 {} nothing that the others had not",
                together.applied, together.received, together.unchanged
            )?;
        }
        writeln!(
            self.out,
            "\n{counted} counted, {waiting} not yet, {rejected} rejected"
        )
    }

    fn rejected(&mut self, why: &str, rejects: &[Reject]) -> io::Result<()> {
        self.rejected += 1;
        self.line("rejected", why)?;
        self.refusals(rejects)
    }

    fn derived(&mut self, row: &Explained, derived: &Derived) -> io::Result<()> {
        let identity = derived.identity;
        self.line("conversation", identity.conversation.unwrap_or("none"))?;
        self.line("session", identity.session.unwrap_or("none"))?;
        self.line("began", &spell_time(derived.start_s))?;
        self.line("ended", &spell_time(derived.end_s))?;
        match (&derived.conversation, derived.stage) {
            (Some(conversation), Stage::Ended) => {
                self.counted += 1;
                self.conversation(conversation)?;
                self.moved(row)?;
            }
            (_, stage) => {
                self.waiting += 1;
                let why = match derived.waits_for {
                    Some(field) => format!(
                        "live: `{}` decides the outcome and can't be read; counts once it can",
                        field.as_str()
                    ),
                    None => self.why_not_yet(stage),
                };
                self.line("stage", &why)?;
            }
        }
        self.refusals(&derived.rejects)
    }

    fn why_not_yet(&self, stage: Stage) -> String {
        if stage == Stage::Settling {
            return format!(
                "settling: no agent answered, and it ended less than {} s ago; counts from then on",
                self.context.settle_s
            );
        }
        "live: counts once it has a readable `sessionEndTime` and a `finalStatus` that is no live state".to_owned()
    }

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        let Conversation { outcome, rule, .. } = conversation;
        self.line(
            "outcome",
            &format!("{} ({})", outcome.as_str(), rule.as_str()),
        )?;
        self.line("offered", if conversation.offered { "yes" } else { "no" })?;
        self.line("channel", conversation.channel)?;
        let queue = match (self.name(conversation.queue), conversation.queue.id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            (name, id) => name.or(id).unwrap_or("none").to_owned(),
        };
        self.line("queue", &queue)?;
        if let Some((_, wait)) = conversation.first_answer {
            let wait = wait.map_or("an unknown wait".to_owned(), spell_millis);
            self.line("first answer", &format!("after {wait}"))?;
        }
        self.line("direction", &conversation.direction)?;
        self.line("over", &spell_time(Some(conversation.ended_s)))
    }

    /// The series that this record moves by itself, as the ledger commits them and a page shows them.
    fn moved(&mut self, row: &Explained) -> io::Result<()> {
        let batch = batch(&self.ledger, std::slice::from_ref(row));
        let commit = self.ledger.apply(batch, Known::default(), i64::MIN);
        for (key, sum) in &commit.sums {
            self.ledger.sums.set(*key, sum.clone());
        }
        learn(
            &mut self.ledger,
            Commit {
                sums: Vec::new(),
                ..commit
            },
        );
        let showing = Showing {
            account: "".into(),
            sums: true,
            windows: Vec::new(),
        };
        let view = self.ledger.view(&showing);
        self.ledger.sums = Sums::default();
        for sample in &view.sums {
            writeln!(
                self.out,
                "  + {}{}",
                spell_series(sample),
                spell_value(sample)
            )?;
        }
        Ok(())
    }

    fn refusals(&mut self, rejects: &[Reject]) -> io::Result<()> {
        for Reject {
            field,
            reason,
            values,
        } in rejects
        {
            let times = match values {
                1 => String::new(),
                values => format!(", {values} values"),
            };
            writeln!(
                self.out,
                "  - refused `{}`: {}{times}",
                field.as_str(),
                reason.as_str()
            )?;
        }
        Ok(())
    }

    /// As in the ledger: a queue known by its id alone joins the first name learned for it.
    fn name<'q>(&self, queue: Queue<'q>) -> Option<&'q str>
    where
        'o: 'q,
    {
        queue.name.or_else(|| self.names.get(queue.id?).copied())
    }

    /// A value from the record could hold anything: control characters are shown, not obeyed.
    fn line(&mut self, name: &str, value: &str) -> io::Result<()> {
        let shown: String = value
            .chars()
            .flat_map(|char| {
                let escape = char.is_control().then(|| char.escape_default());
                let literal = escape.is_none().then_some(char);
                escape.into_iter().flatten().chain(literal)
            })
            .collect();
        writeln!(self.out, "  {name:<13} {shown}")
    }
}

/// What the ledger applies, of one window.
fn batch<'r>(ledger: &Ledger, explained: &[Explained<'r>]) -> Batch<'r> {
    let mut batch = Batch {
        known: 0,
        standing: std::collections::HashSet::default(),
        rejected: 0,
        records: Vec::new(),
    };
    for Explained { digest, derived } in explained {
        match derived {
            Err(_) => batch.rejected += 1,
            Ok(derived) => batch.records.push(Version {
                ids: ledger.key.ids(&derived.identity),
                digest: *digest,
                derived: derived.clone(),
            }),
        }
    }
    batch
}

/// Takes over label values and names of queues alone: nothing counts as counted.
fn learn(ledger: &mut Ledger, commit: Commit) {
    let learned = Commit {
        symbols: commit.symbols,
        names: commit.names,
        ..Commit::default()
    };
    ledger.absorb(learned, Forgotten::default());
}

fn spell_series(sample: &Sample) -> String {
    let metric = sample.measure.metric();
    let labels: Vec<String> = metric
        .labels
        .iter()
        .zip(&sample.labels)
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    format!("{}{{{}}}", metric.name, labels.join(", "))
}

/// By how much: nothing for one, which is usual; the time of observations.
fn spell_value(sample: &Sample) -> String {
    match &sample.value {
        Value::Count(1) => String::new(),
        Value::Count(count) => format!(" {count}"),
        Value::Millis(millis) => format!(" {}", spell_millis(*millis)),
        Value::Gauge(value) => format!(" {value}"),
        Value::Histogram {
            buckets,
            sum_millis,
        } => {
            let time = spell_millis(*sum_millis);
            match buckets.iter().sum::<u64>() {
                1 => format!(" {time}"),
                observations => format!(" {observations} observations, {time} in all"),
            }
        }
    }
}

fn spell_millis(millis: u64) -> String {
    format!("{} s", millis as f64 / 1000.0)
}

fn spell_time(epoch_s: Option<i64>) -> String {
    epoch_s.map_or("unknown".to_owned(), |epoch_s| {
        format!("{} UTC", format_utc(epoch_s))
    })
}

fn spell_offset(offset_s: i32) -> String {
    let sign = if offset_s < 0 { '-' } else { '+' };
    let minutes = offset_s.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
