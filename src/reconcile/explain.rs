//! What is said beside the numbers: what is known of how both sides differ, and what can't be compared.

use super::habit::{By, again};
use super::side::Side;
use super::{Comparison, Measure, Ours, Row, Source, Theirs};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Comparison {
    pub(super) fn explain(&mut self, ours: &Ours, theirs: &Theirs) {
        self.tell_habit(ours, theirs);
        if ours.open > 0 {
            self.note(format!(
                "{} conversations go on or may still change: ours counts them at their end. Which of them came to a queue is not known before: so many may be missing without being seen",
                ours.open
            ));
        }
        let sum = |side: &Side, measure| side.sum(measure);
        let side = ours.side(self.habit.once);
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
        self.tell_queues(ours, theirs);
        self.tell_gaps(theirs);
    }

    fn tell_habit(&mut self, ours: &Ours, theirs: &Theirs) {
        let (again, habit) = (again(ours), self.habit);
        if habit.once {
            self.note(format!(
                "the vendor counts a conversation once, at its last queue: {again} that came to another queue are not counted again"
            ));
        } else if again > 0 {
            let few = match habit.by {
                By::Nothing => {
                    "; too few to tell whether the vendor does so: as many too many of ours are none"
                }
                _ => "",
            };
            self.note(format!(
                "who comes to another queue counts again on both sides: {again} of ours{few}"
            ));
        }
        if let By::Guess { between: true } = habit.by {
            let (entries, vendor) = (Measure::Entries, theirs.side.sum(Measure::Entries));
            let (more, fewer) = (ours.entries.sum(entries), ours.once.sum(entries));
            self.note(format!(
                "whether ours are too few or too many is not known: the vendor's {vendor} is between our {more}, where who comes to another queue counts again, and our {fewer}, where nobody does"
            ));
        }
    }

    /// Queues of ours that he tells nothing of.
    fn tell_queues(&mut self, ours: &Ours, theirs: &Theirs) {
        if theirs.source != Source::QueuePerformance {
            return;
        }
        let side = ours.side(self.habit.once);
        let untold = super::compare::untold(side, theirs);
        let number = |queue: &Arc<str>| {
            let places = side.places().filter(|place| place.queue == *queue);
            let numbers = places.map(|place| side.number(place, Measure::Entries));
            numbers.sum::<u64>()
        };
        for queue in untold {
            let entries = number(&queue);
            self.note(format!(
                "the vendor tells nothing of `{queue}`, which has {entries} of ours: he tells of queues that are active now. As many too many of ours are none"
            ));
        }
    }

    fn tell_gaps(&mut self, theirs: &Theirs) {
        for measure in Measure::ALL {
            let name = measure.as_str();
            match measure.of_vendor(theirs.source) {
                None => self.note(format!(
                    "`{name}` is not compared: {} does not tell it",
                    theirs.source.in_words().0
                )),
                Some(field) if !theirs.told[measure as usize] => {
                    let why = theirs.why(measure, field);
                    self.note(format!("`{name}` is not compared: {why}"));
                }
                Some(_) if self.habit.once && measure == Measure::Transferred => self.note(
                    format!("`{name}` is not compared: it is told once a conversation"),
                ),
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
        for (name, queue) in &theirs.renamed {
            self.note(format!("`{queue}` is called `{name}` by the vendor by now"));
        }
        self.tell_channels();
    }

    fn tell_channels(&mut self) {
        let channels = |side: &dyn Fn(&Row) -> u64| -> BTreeSet<Arc<str>> {
            let rows = self.rows.iter().filter(|row| side(row) > 0);
            rows.map(|row| Arc::clone(&row.place.channel)).collect()
        };
        let (here, there) = (channels(&|row| row.ours), channels(&|row| row.vendor));
        if here.is_subset(&there) {
            return;
        }
        for stranger in there.difference(&here) {
            self.notes.push(format!(
                "ours knows no channel `{stranger}`; hint: `live.channels` says what Call Details calls it. The sums agree or not all the same"
            ));
        }
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}
