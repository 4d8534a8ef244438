//! Texts, numbers, flags and times, in any spelling that a person can read.
//!
//! Blanks around a value are no part of it, and a number or a flag may stand in quotes. A text must be a text, though:
//! a number where a text should be is more likely a value in the wrong place than a name.

use super::{Read, Sent, Token, Walk};
use crate::api::Timestamp;
use crate::api::record::{Id, Text};
use std::borrow::Cow;

/// White space, and the byte order mark that some systems put before a text.
fn is_blank(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}

/// A text without the blanks around it.
#[inline]
pub(in crate::api) fn trimmed(text: &str) -> &str {
    // Nearly none has any, which its two ends tell.
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(is_blank),
    }
}

/// Words for nothing, as programs write them in the place of a number, a flag, a time, a list or an id. (Another text may
/// well be one of them: a queue can be named `none`.)
const NOTHING: [&str; 8] = ["null", "undefined", "none", "nil", "n/a", "na", "-", "--"];

/// Whether a text in the place of another value is a spelling of no value.
pub(in crate::api) fn spells_nothing(text: &str) -> bool {
    let text = trimmed(text);
    text.is_empty() || NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// What a value is that is no text itself, but may be written as one.
fn spelled<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Sent<T> {
    match read(trimmed(text)) {
        Some(value) => Sent::Value(value),
        None if spells_nothing(text) => Sent::Absent,
        None => Sent::Unreadable,
    }
}

fn known<T>(value: Option<T>) -> Sent<T> {
    value.map_or(Sent::Unreadable, Sent::Value)
}

impl<'a> Read<'a> for Cow<'a, str> {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        let trimmed = match walk.token() {
            Token::Null => return Sent::Absent,
            Token::Text(Cow::Borrowed(text)) => Cow::Borrowed(trimmed(text)),
            Token::Text(Cow::Owned(text)) => Cow::Owned(trimmed(&text).to_owned()),
            Token::Flag(_) | Token::Number(_) | Token::Container => return Sent::WrongType,
        };
        if trimmed.is_empty() {
            Sent::Absent
        } else {
            Sent::Value(trimmed)
        }
    }
}

/// What a program that knows no id writes in the place of one: a word for nothing, or nothing but zeros. Taken for an id, all
/// that have none would be one and the same.
impl<'a> Read<'a> for Id<'a> {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        let zeros = |text: &str| text.bytes().all(|byte| matches!(byte, b'0' | b'-'));
        match Text::read(walk) {
            Sent::Value(text) if spells_nothing(&text) || zeros(&text) => Sent::Absent,
            Sent::Value(text) => Sent::Value(Id(text)),
            Sent::Absent => Sent::Absent,
            Sent::WrongType => Sent::WrongType,
            Sent::Unreadable => Sent::Unreadable,
        }
    }
}

/// Infinite where the number sent is past `f64`.
impl<'a> Read<'a> for f64 {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        match walk.token() {
            Token::Null => Sent::Absent,
            Token::Text(text) => spelled(&text, number),
            Token::Number(text) => known(number(text)),
            Token::Flag(_) | Token::Container => Sent::WrongType,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    // Rust also reads `inf` and `NaN`, which no one means as a score.
    let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E');
    text.bytes().all(plain).then(|| text.parse().ok()).flatten()
}

impl<'a> Read<'a> for bool {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        match walk.token() {
            Token::Null => Sent::Absent,
            Token::Flag(flag) => Sent::Value(flag),
            Token::Text(text) => spelled(&text, flag),
            Token::Number(text) => known(flag(text)),
            Token::Container => Sent::WrongType,
        }
    }
}

fn flag(text: &str) -> Option<bool> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(&["true", "yes", "y", "t", "on"]) || number(text) == Some(1.0) {
        Some(true)
    } else if is_one_of(&["false", "no", "n", "f", "off"]) || number(text) == Some(0.0) {
        Some(false)
    } else {
        None
    }
}

/// A program that knows no time may write its zero in the place of one, or that it has none.
impl<'a> Read<'a> for Timestamp {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        // No time that can be read is a zero, so only what can't is looked at once more.
        let or_zero = |read: Sent<Self>, text: &str| match read {
            Sent::Unreadable if Timestamp::is_zero(trimmed(text)) => Sent::Absent,
            read => read,
        };
        match walk.token() {
            Token::Null | Token::Flag(false) => Sent::Absent,
            Token::Text(text) => or_zero(spelled(&text, Timestamp::parse), &text),
            Token::Number(text) => or_zero(known(number(text).and_then(Timestamp::of_epoch)), text),
            Token::Flag(true) | Token::Container => Sent::WrongType,
        }
    }
}
