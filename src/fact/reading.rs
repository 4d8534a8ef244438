//! From what was sent to values: one field at a time, refusing what cannot be.

use super::clock::Clock;
use super::{Field, Reason, Reject};
use crate::api::{List, Sent, Timestamp};
use std::ops::RangeInclusive;

/// Ten years. Nothing in a contact centre lasts longer, and sums of milliseconds stay far from their end.
const LONGEST_MS: u64 = 10 * 366 * 86_400_000;

/// A day from now: clocks differ, but nothing that is told has happened later than that.
const AHEAD_MS: i64 = 86_400_000;

/// When times were, and what was refused so far. A refused value is absent for every rule.
pub(super) struct Reading {
    clock: Clock,
    now_ms: i64,
    pub(super) rejects: Vec<Reject>,
}

impl Reading {
    pub(super) fn new(clock: Clock, now_s: i64) -> Self {
        Reading {
            clock,
            now_ms: now_s.saturating_mul(1000),
            rejects: Vec::new(),
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
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
            Sent::Unreadable => {
                self.refuse(field, Reason::Unreadable);
                None
            }
        }
    }

    pub(super) fn text<'r, T: AsRef<str>>(
        &mut self,
        field: Field,
        sent: &'r Sent<T>,
    ) -> Option<&'r str> {
        self.value(field, sent).map(AsRef::as_ref)
    }

    pub(super) fn flag(&mut self, field: Field, sent: &Sent<bool>) -> Option<bool> {
        self.value(field, sent).copied()
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

    /// UTC milliseconds of a time at a destination's place, or of the whole conversation.
    pub(super) fn time_ms(
        &mut self,
        field: Field,
        place: u16,
        sent: &Sent<Timestamp>,
    ) -> Option<i64> {
        let time = *self.value(field, sent)?;
        let utc_ms = self.clock.utc_ms(field, place, time);
        if utc_ms > self.now_ms.saturating_add(AHEAD_MS) {
            self.refuse(field, Reason::OutOfRange);
            return None;
        }
        Some(utc_ms)
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
        if let Ok(elapsed) = u64::try_from(elapsed) {
            self.bounded(to, elapsed)
        } else {
            self.refuse(to, Reason::Negative);
            None
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

/// Whether something was sent and nothing could be made of it: where it decides an outcome, it is not the same as
/// nothing sent.
#[allow(clippy::ref_option, reason = "callers hold an `Option`")]
pub(super) fn refused<T, V>(sent: &Sent<T>, read: &Option<V>) -> bool {
    read.is_none() && !sent.is_absent()
}

/// Whether a text is one of the vendor's words: without case, and whatever stands between the words of it
/// (`USER ABANDONED`, `User_Abandoned`, `userAbandoned`).
#[inline]
pub(super) fn is_word(text: &str, word: &str) -> bool {
    // Nearly all are told apart by their first letter, and nearly all others are spelled as here.
    if let (Some(first), Some(wanted)) = (text.as_bytes().first(), word.as_bytes().first())
        && first.is_ascii_alphabetic()
        && !first.eq_ignore_ascii_case(wanted)
    {
        return false;
    }
    text.eq_ignore_ascii_case(word) || have_same_letters(text, word)
}

fn have_same_letters(text: &str, word: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'_' | b'-');
        let letters = text.bytes().filter(move |byte| !between(byte));
        letters.map(|byte| byte.to_ascii_lowercase())
    }
    letters(text).eq(letters(word))
}
