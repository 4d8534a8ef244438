//! Both sides, and what differs.

use super::side::{Place, Side};
use super::theirs::Words;
use super::{Measure, Ours, Source, Theirs, Told};
use crate::live::Channels;
use crate::store::Recounted;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// So much may differ: conversations that end between both readings, and what is corrected late.
const ALWAYS_ALLOWED: u64 = 2;
/// Or this part of the vendor's number.
const ALLOWED_PART: u64 = 100;

/// So many of ours are needed who came to a second queue, to tell whether the vendor counts them again.
const TELLING: u64 = 10;

/// One stretch of time, compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// UTC seconds, the end not in it.
    pub range: Range<i64>,
    pub source: Source,
    pub rows: Vec<Row>,
    /// Of what both sides mean the same by.
    pub judged: Vec<Judged>,
    /// What is known of how both sides differ, and what can't be compared, for people.
    pub notes: Vec<String>,
}

/// One number of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub place: Place,
    pub measure: Measure,
    pub ours: u64,
    pub vendor: u64,
}

/// A measure over all places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    pub measure: Measure,
    pub ours: u64,
    pub vendor: u64,
    /// As many as what is known may set ours apart by, as far as that brings both together.
    pub explained: u64,
}

impl Judged {
    /// Ours less theirs, without what is explained: below 0, ours are too few.
    pub fn difference(&self) -> i64 {
        let apart = i128::from(self.ours) - i128::from(self.vendor);
        let rest = apart.unsigned_abs().saturating_sub(self.explained.into());
        let rest = i64::try_from(rest).unwrap_or(i64::MAX);
        if apart < 0 { -rest } else { rest }
    }

    /// The part of the vendor's number that this is.
    pub fn ratio(&self) -> f64 {
        self.difference() as f64 / self.vendor.max(1) as f64
    }

    /// Whether it is more than two, and more than one in a hundred.
    pub fn disagrees(&self) -> bool {
        let (off, vendor) = (self.difference().unsigned_abs(), self.vendor);
        off > ALWAYS_ALLOWED && off.saturating_mul(ALLOWED_PART) > vendor
    }

    /// Whether it is more than what both may see differently at one instant: worth a word, if not an alert.
    pub fn is_found(&self) -> bool {
        self.difference().unsigned_abs() > ALWAYS_ALLOWED
    }
}

impl Comparison {
    /// Of what the vendor told of each part of a range, and what stands in the store of the same range.
    ///
    /// # Errors
    /// What the vendor told is no answer, in words that hold nothing of it; or of several sources.
    pub fn read(
        range: Range<i64>,
        parts: &[(Range<i64>, Told)],
        counted: &Recounted,
        channels: &Channels,
    ) -> Result<Comparison, String> {
        let source = parts.first().map(|(_, told)| told.source);
        let source = source.ok_or("nothing was asked for")?;
        let mut theirs = Theirs::new(source);
        let words = Words {
            symbols: &counted.symbols,
            names: &counted.names,
            channels,
        };
        for (part, told) in parts {
            if told.source != source {
                return Err("the vendor changed the source of his totals meanwhile".to_owned());
            }
            theirs.add(&told.pages, part, words)?;
        }
        let ours = Ours::of(counted, source);
        Ok(Comparison::of(range, &ours, &theirs))
    }

    pub fn of(range: Range<i64>, ours: &Ours, theirs: &Theirs) -> Comparison {
        let counts_once = counts_once(ours, theirs);
        let side = if counts_once {
            &ours.once
        } else {
            &ours.entries
        };
        let told = |measure: &Measure| {
            theirs.told[*measure as usize] && !(counts_once && *measure == Measure::Transferred)
        };
        let measures: Vec<Measure> = Measure::ALL.into_iter().filter(told).collect();
        let judge = |measure: &Measure| judge(*measure, side, ours, theirs, counts_once);
        let judged = measures.iter().filter(|it| it.is_judged()).map(judge);
        let mut comparison = Comparison {
            range,
            source: theirs.source,
            rows: rows(&measures, side, &theirs.side),
            judged: judged.collect(),
            notes: Vec::new(),
        };
        comparison.explain(ours, theirs, counts_once);
        comparison
    }

    /// Whether any measure differs by more than is allowed.
    pub fn disagrees(&self) -> bool {
        self.judged.iter().any(Judged::disagrees)
    }

    /// As many as might be missing of any measure without being seen: they are taken for conversations that go on.
    pub fn unseen(&self) -> u64 {
        let lacking = self.judged.iter().filter(|it| it.ours < it.vendor);
        let unseen = lacking.filter(|it| it.measure.waits_for_the_end());
        unseen.map(|it| it.explained).max().unwrap_or(0)
    }

    fn explain(&mut self, ours: &Ours, theirs: &Theirs, counts_once: bool) {
        let again = again(ours);
        if counts_once {
            self.note(format!(
                "the vendor counts a conversation once, at its last queue: {again} that came to another queue are not counted again"
            ));
        } else if again > 0 {
            let few =
                "; too few to tell whether the vendor does so: as many too many of ours are none";
            let few = if again < TELLING { few } else { "" };
            self.note(format!(
                "who comes to another queue counts again on both sides: {again} of ours{few}"
            ));
        }
        if ours.open > 0 {
            self.note(format!(
                "{} conversations go on or may still change: ours counts them at their end. Which of them came to a queue is not known before: so many may be missing without being seen",
                ours.open
            ));
        }
        let sum = |side: &Side, measure| side.sum(measure);
        let side = if counts_once {
            &ours.once
        } else {
            &ours.entries
        };
        let (mail, replied) = (
            sum(side, Measure::MailAnswered),
            sum(&theirs.side, Measure::MailAnswered),
        );
        if theirs.told[Measure::MailAnswered as usize] && mail.max(replied) > 0 {
            self.note(format!(
                "mail stands apart: the vendor calls {replied} answered, since the agent replied; ours {mail}, since an agent took them"
            ));
        }
        if theirs.others > 0 {
            self.note(format!(
                "of those that the system ended, the vendor gives no reason for {}; ours has {} callbacks that reached nobody",
                theirs.others, ours.callbacks
            ));
        }
        self.tell_gaps(theirs, counts_once);
    }

    fn tell_gaps(&mut self, theirs: &Theirs, counts_once: bool) {
        for measure in Measure::ALL {
            let name = measure.as_str();
            match measure.of_vendor(theirs.source) {
                None => self.note(format!(
                    "`{name}` is not compared: {} does not tell it",
                    theirs.source.in_words().0
                )),
                Some(field) if !theirs.told[measure as usize] => self.note(format!(
                    "`{name}` is not compared: `{field}` is missing or no number in some row"
                )),
                Some(_) if counts_once && measure == Measure::Transferred => self.note(format!(
                    "`{name}` is not compared: it is told once a conversation"
                )),
                Some(_) => {}
            }
        }
        if theirs.source == Source::ContactVolume {
            self.note(
                "Contact Volume tells no direction, and nobody says by which event a conversation stands in its quarter: it is held against callers' conversations, by their begin"
                    .to_owned(),
            );
        }
        self.note(
            "speed of answer and handling time are not compared: nobody says what unit they are in"
                .to_owned(),
        );
        if theirs.strangers > 0 {
            self.note(format!(
                "{} rows of the vendor's can't be read",
                theirs.strangers
            ));
        }
        for (name, queue) in &theirs.renamed {
            self.note(format!("`{queue}` is called `{name}` by the vendor by now"));
        }
        let channels = |side: &dyn Fn(&Row) -> u64| -> BTreeSet<Arc<str>> {
            let rows = self.rows.iter().filter(|row| side(row) > 0);
            rows.map(|row| Arc::clone(&row.place.channel)).collect()
        };
        let (here, there) = (channels(&|row| row.ours), channels(&|row| row.vendor));
        if !here.is_subset(&there) {
            for stranger in there.difference(&here) {
                self.notes.push(format!(
                    "ours knows no channel `{stranger}`; hint: `live.channels` says what Call Details calls it. The sums agree or not all the same"
                ));
            }
        }
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// How often ours came to another queue.
fn again(ours: &Ours) -> u64 {
    let (entries, once) = (&ours.entries, &ours.once);
    let entries = entries.sum(Measure::Entries);
    entries.saturating_sub(once.sum(Measure::Entries))
}

/// Whether the vendor counts a conversation once, however many queues it came to: where that is what his number says, to a
/// tenth of those who would be counted again.
fn counts_once(ours: &Ours, theirs: &Theirs) -> bool {
    let again = again(ours);
    let once = ours.once.sum(Measure::Entries);
    let off = theirs.side.sum(Measure::Entries).abs_diff(once);
    theirs.told[Measure::Entries as usize]
        && again >= TELLING
        && off <= (again / 10).max(ALWAYS_ALLOWED)
}

fn judge(measure: Measure, side: &Side, ours: &Ours, theirs: &Theirs, counts_once: bool) -> Judged {
    let (counted, vendor) = (side.sum(measure), theirs.side.sum(measure));
    let again = again(ours);
    let known = match measure {
        Measure::Terminated if counted < vendor => theirs.others,
        _ if !measure.waits_for_the_end() => 0,
        _ if counted < vendor => ours.open,
        // Too few came to a second queue to tell whether the vendor counts them again: he may not.
        _ if !counts_once && again < TELLING => again,
        _ => 0,
    };
    Judged {
        measure,
        ours: counted,
        vendor,
        explained: counted.abs_diff(vendor).min(known),
    }
}

/// Those in which anything happened.
fn rows(measures: &[Measure], ours: &Side, theirs: &Side) -> Vec<Row> {
    let places: BTreeSet<&Place> = ours.places().chain(theirs.places()).collect();
    let row = |place: &Place, measure: Measure| Row {
        place: place.clone(),
        measure,
        ours: ours.number(place, measure),
        vendor: theirs.number(place, measure),
    };
    let rows = places
        .iter()
        .flat_map(|place| measures.iter().map(|measure| row(place, *measure)));
    rows.filter(|row| row.ours.max(row.vendor) > 0).collect()
}
