//! The words of `explain`: one block a record, for people, yet steady enough to compare.

use crate::api::format_utc;
use crate::fact::{
    Context, Conversation, Derived, Fact, Kind, Queue, Reject, RejectedRecord, Stage,
};
use crate::ledger::Measure;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes blocks, and counts them for the last line.
pub(super) struct Report<'o, W> {
    out: &'o mut W,
    context: &'o Context<'o>,
    /// The first name that the records teach of each queue id.
    names: BTreeMap<&'o str, &'o str>,
    counted: usize,
    waiting: usize,
    rejected: usize,
}

impl<'o, W: Write> Report<'o, W> {
    pub(super) fn new(
        out: &'o mut W,
        context: &'o Context<'o>,
        explained: &'o [Result<Derived, RejectedRecord>],
    ) -> Self {
        let mut names = BTreeMap::new();
        for (id, name) in explained
            .iter()
            .flatten()
            .flat_map(|derived| &derived.names)
        {
            names.entry(*id).or_insert(*name);
        }
        Report {
            out,
            context,
            names,
            counted: 0,
            waiting: 0,
            rejected: 0,
        }
    }

    /// How many records there are and how their times are read, a block for each, and a summary.
    pub(super) fn write(
        mut self,
        offset_s: Option<i32>,
        explained: &[Result<Derived, RejectedRecord>],
    ) -> io::Result<()> {
        let offset = match offset_s {
            Some(offset_s) => format!("{}, as their session ids tell", spell_offset(offset_s)),
            None => "+00:00, since no session id tells one".to_owned(),
        };
        let records = explained.len();
        let plural = if records == 1 { "" } else { "s" };
        writeln!(
            self.out,
            "{records} record{plural}; times without a zone are in UTC{offset}"
        )?;
        for (index, derived) in explained.iter().enumerate() {
            writeln!(self.out, "\nrecord {}", index + 1)?;
            match derived {
                Ok(derived) => self.derived(derived)?,
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
            ..
        } = self;
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

    fn derived(&mut self, derived: &Derived) -> io::Result<()> {
        let identity = derived.identity;
        self.line("conversation", identity.conversation.unwrap_or("none"))?;
        self.line("session", identity.session.unwrap_or("none"))?;
        self.line("began", &spell_time(derived.start_s))?;
        self.line("ended", &spell_time(derived.end_s))?;
        match (&derived.conversation, derived.stage) {
            (Some(conversation), _) => {
                self.counted += 1;
                self.conversation(conversation)?;
                for fact in &derived.facts {
                    self.fact(conversation, fact)?;
                }
            }
            (None, stage) => {
                self.waiting += 1;
                let why = self.why_not_yet(stage);
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
            _ => self.shown_name(conversation.queue).to_owned(),
        };
        self.line("queue", &queue)?;
        self.line("direction", &conversation.direction)?;
        self.line("over", &spell_time(Some(conversation.ended_s)))
    }

    /// One fact as what it counts for: the series it moves, and what is observed where it is a duration.
    fn fact(&mut self, conversation: &Conversation, fact: &Fact) -> io::Result<()> {
        let measure = measure(fact.kind);
        let series = self.series(measure, conversation, fact);
        write!(self.out, "  + {series}")?;
        if measure.bounds_s().is_some() {
            write!(self.out, " {}", spell_millis(fact.millis))?;
        }
        if let Some(agent) = fact.agent {
            write!(self.out, " by {agent:?}")?;
        }
        if fact.destination > 0 {
            write!(self.out, " at destination {}", fact.destination + 1)?;
        }
        writeln!(self.out)?;
        if fact.kind == Kind::Conversation && conversation.offered {
            self.offered(conversation, fact)?;
        }
        Ok(())
    }

    /// What an offered conversation counts for beside itself. Targets are not known here.
    fn offered(&mut self, conversation: &Conversation, fact: &Fact) -> io::Result<()> {
        let series = self.series(Measure::Offered, conversation, fact);
        writeln!(self.out, "  + {series}")?;
        if let Some((queue, Some(wait))) = conversation.first_answer {
            let series = self.series(Measure::AnsweredWithinTarget, conversation, fact);
            let (queue, wait) = (self.shown_name(queue), spell_millis(wait));
            writeln!(
                self.out,
                "  + {series} if the target of {queue:?} is at least {wait}"
            )?;
        }
        Ok(())
    }

    fn series(&self, measure: Measure, conversation: &Conversation, fact: &Fact) -> String {
        let metric = measure.metric();
        let value = |label: &str| match label {
            "channel" => conversation.channel,
            "queue" => self.shown_name(fact.queue.unwrap_or(conversation.queue)),
            "direction" => &conversation.direction,
            "outcome" if fact.queue.is_none() => conversation.outcome.as_str(),
            "stage" if fact.kind == Kind::CallbackAccepted => "accepted",
            "stage" => "requested",
            _ => &fact.text,
        };
        let labels: Vec<String> = metric
            .labels
            .iter()
            .map(|label| format!("{label}={:?}", value(label)))
            .collect();
        format!("{}{{{}}}", metric.name, labels.join(", "))
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

    /// As a label shows it.
    fn shown_name<'q>(&self, queue: Queue<'q>) -> &'q str
    where
        'o: 'q,
    {
        self.name(queue).or(queue.id).unwrap_or("none")
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

fn measure(kind: Kind) -> Measure {
    match kind {
        Kind::Conversation => Measure::Conversations,
        Kind::SessionDuration => Measure::SessionDuration,
        Kind::FinalStatus => Measure::FinalStatus,
        Kind::Disconnect => Measure::Disconnects,
        Kind::Disposition => Measure::Dispositions,
        Kind::Csat => Measure::Csat,
        Kind::Nps => Measure::Nps,
        Kind::LikeDislike => Measure::LikeDislike,
        Kind::QueueEntry => Measure::QueueEntries,
        Kind::QueueWait => Measure::QueueWait,
        Kind::Transfer => Measure::Transfers,
        Kind::AgentPickup => Measure::AgentPickup,
        Kind::FirstResponse => Measure::FirstResponse,
        Kind::Interaction => Measure::Interaction,
        Kind::AfterCallWork => Measure::AfterCallWork,
        Kind::NonResponse => Measure::AgentNonresponses,
        Kind::CallbackRequested | Kind::CallbackAccepted => Measure::Callbacks,
        Kind::CallbackWait => Measure::CallbackWait,
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
