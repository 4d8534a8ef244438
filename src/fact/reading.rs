//! From what was sent to values: one field at a time, refusing what cannot be.

use super::{Field, Reason, Reject};
use crate::api::{List, Sent, Text, Timestamp};
use std::ops::RangeInclusive;

/// Ten years. Nothing in a contact centre lasts longer, and sums of milliseconds stay far from their end.
const LONGEST_MS: u64 = 10 * 366 * 86_400_000;

/// The offset of zone-less times, and what was refused so far. A refused value is absent for every rule.
pub(super) struct Reading {
    offset_s: i32,
    pub(super) rejects: Vec<Reject>,
}

impl Reading {
    pub(super) fn new(offset_s: i32) -> Self {
        Reading {
            offset_s,
            rejects: Vec::new(),
        }
    }

    /// Remembers that a value was refused.
    pub(super) fn refuse(&mut self, field: Field, reason: Reason) {
        self.refuse_all(field, reason, 1);
    }

    fn refuse_all(&mut self, field: Field, reason: Reason, values: u32) {
        let mut rejects = self.rejects.iter_mut();
        match rejects.find(|reject| (reject.field, reject.reason) == (field, reason)) {
            Some(reject) => reject.values = reject.values.saturating_add(values),
            None => self.rejects.push(Reject {
                field,
                reason,
                values,
            }),
        }
    }

    /// The value as sent, if it is of the right type.
    pub(super) fn value<'r, T>(&mut self, field: Field, sent: &'r Sent<T>) -> Option<&'r T> {
        match sent {
            Sent::Absent => None,
            Sent::Value(value) => Some(value),
            Sent::WrongType => {
                self.refuse(field, Reason::WrongType);
                None
            }
        }
    }

    pub(super) fn text<'r>(&mut self, field: Field, sent: &'r Sent<Text<'_>>) -> Option<&'r str> {
        self.value(field, sent).map(AsRef::as_ref)
    }

    pub(super) fn flag(&mut self, field: Field, sent: &Sent<bool>) -> bool {
        self.value(field, sent).copied().unwrap_or_default()
    }

    /// The readable items, in order.
    pub(super) fn list<'r, T>(&mut self, field: Field, sent: &'r Sent<List<T>>) -> &'r [T] {
        let Some(list) = self.value(field, sent) else {
            return &[];
        };
        if list.strangers > 0 {
            self.refuse_all(field, Reason::WrongType, list.strangers);
        }
        if list.overlong {
            self.refuse(field, Reason::TooMany);
        }
        &list.items
    }

    /// UTC milliseconds.
    pub(super) fn time_ms(&mut self, field: Field, sent: &Sent<Text<'_>>) -> Option<i64> {
        let text = self.text(field, sent)?;
        match Timestamp::parse(text) {
            Some(time) => Some(time.utc_ms(self.offset_s)),
            None => {
                self.refuse(field, Reason::Unreadable);
                None
            }
        }
    }

    /// A duration that the vendor sends in seconds, perhaps with a fraction; rounded to milliseconds.
    pub(super) fn duration_ms(&mut self, field: Field, sent: &Sent<f64>) -> Option<u64> {
        let seconds = *self.value(field, sent)?;
        if seconds < 0.0 {
            self.refuse(field, Reason::Negative);
            return None;
        }
        // A cast of a float saturates, so that infinity is out of range as well.
        self.bounded(field, (seconds * 1000.0).round() as u64)
    }

    /// The time from one instant to another; refused under the name of the field that tells the later one.
    pub(super) fn between_ms(
        &mut self,
        from_ms: Option<i64>,
        to_ms: Option<i64>,
        to: Field,
    ) -> Option<u64> {
        let elapsed = to_ms?.saturating_sub(from_ms?);
        match u64::try_from(elapsed) {
            Ok(elapsed) => self.bounded(to, elapsed),
            Err(_) => {
                self.refuse(to, Reason::Negative);
                None
            }
        }
    }

    fn bounded(&mut self, field: Field, millis: u64) -> Option<u64> {
        if millis > LONGEST_MS {
            self.refuse(field, Reason::OutOfRange);
            return None;
        }
        Some(millis)
    }

    /// A whole number within a scale. `4.0` is whole; JSON does not tell it from `4`.
    pub(super) fn score(
        &mut self,
        field: Field,
        sent: &Sent<f64>,
        scale: RangeInclusive<u8>,
    ) -> Option<u8> {
        let score = *self.value(field, sent)?;
        if score.is_finite() && score.fract() != 0.0 {
            self.refuse(field, Reason::NotWhole);
            return None;
        }
        let whole = (f64::from(*scale.start())..=f64::from(*scale.end())).contains(&score);
        if !whole {
            self.refuse(field, Reason::OutOfRange);
            return None;
        }
        Some(score as u8)
    }
}
