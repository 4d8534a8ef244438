//! The words of `explain`: one block a record, for people, yet steady enough to compare.

use crate::api::format_utc;
use crate::fact::{
    Context, Conversation, Derived, Fact, Kind, Queue, Reject, RejectedRecord, Stage,
};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes blocks, and counts them for the last line.
pub(super) struct Report<'o, W> {
    out: &'o mut W,
    context: &'o Context,
    /// The first name that the records teach of each queue id.
    names: BTreeMap<&'o str, &'o str>,
    counted: usize,
    waiting: usize,
    rejected: usize,
}

impl<'o, W: Write> Report<'o, W> {
    pub(super) fn new(
        out: &'o mut W,
        context: &'o Context,
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
            (name, id) => name.or(id).unwrap_or("none").to_owned(),
        };
        self.line("queue", &queue)?;
        self.line("direction", &conversation.direction)?;
        self.line("over", &spell_time(Some(conversation.ended_s)))
    }

    /// One fact with its labels, and what is observed where it is a duration.
    fn fact(&mut self, conversation: &Conversation, fact: &Fact) -> io::Result<()> {
        let queue = fact.queue.unwrap_or(conversation.queue);
        let labels: Vec<String> = labels(fact.kind)
            .iter()
            .map(|&label| {
                let value = match label {
                    "channel" => conversation.channel,
                    "queue" => self.name(queue).or(queue.id).unwrap_or("none"),
                    "direction" => &conversation.direction,
                    "outcome" if fact.kind == Kind::SessionDuration => {
                        conversation.outcome.as_str()
                    }
                    "stage" if fact.kind == Kind::CallbackAccepted => "accepted",
                    "stage" => "requested",
                    _ => &fact.text,
                };
                format!("{label}={value:?}")
            })
            .collect();
        write!(
            self.out,
            "  + {:<20} {{{}}}",
            fact.kind.as_str(),
            labels.join(", ")
        )?;
        if is_duration(fact.kind) {
            write!(self.out, " {} s", fact.millis as f64 / 1000.0)?;
        }
        if let Some(agent) = fact.agent {
            write!(self.out, " by {agent:?}")?;
        }
        if fact.destination > 0 {
            write!(self.out, " at destination {}", fact.destination + 1)?;
        }
        writeln!(self.out)
    }

    fn refusals(&mut self, rejects: &[Reject]) -> io::Result<()> {
        for Reject { field, reason } in rejects {
            writeln!(
                self.out,
                "  - refused `{}`: {}",
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

/// The labels of the metric that a fact moves, beside `account`.
fn labels(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Conversation | Kind::QueueEntry => &["channel", "queue", "direction", "outcome"],
        Kind::SessionDuration | Kind::QueueWait => &["channel", "queue", "outcome"],
        Kind::FinalStatus => &["channel", "status"],
        Kind::Disconnect | Kind::NonResponse => &["channel", "queue", "event"],
        Kind::Disposition => &["channel", "queue", "disposition"],
        Kind::Csat | Kind::Nps => &["channel", "queue", "score"],
        Kind::LikeDislike => &["channel", "queue", "response"],
        Kind::Interaction => &["channel", "queue", "direction"],
        Kind::CallbackRequested | Kind::CallbackAccepted => &["channel", "queue", "stage"],
        Kind::Transfer
        | Kind::AgentPickup
        | Kind::FirstResponse
        | Kind::AfterCallWork
        | Kind::CallbackWait => &["channel", "queue"],
    }
}

fn is_duration(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SessionDuration
            | Kind::QueueWait
            | Kind::AgentPickup
            | Kind::FirstResponse
            | Kind::Interaction
            | Kind::AfterCallWork
            | Kind::CallbackWait
    )
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
