//! A walk over JSON text whose syntax `serde_json` has checked already.
//!
//! serde gives up a whole record for one lone surrogate or one number past `f64`, and refuses a field of another type
//! only by failing. Over checked text neither can happen: whatever stands in a place is read or skipped, and walked
//! once. On text that is not JSON the walk ends early, but it ends, and without panic.

mod scalar;

pub(super) use scalar::{spells_nothing, trimmed};

use super::Row;
use super::plain::plain_prefix;
use std::borrow::Cow;
use std::ops::Range;

/// What stood in one field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Sent<T> {
    /// Missing, `null`, or the vendor's other spelling of nothing: an empty string.
    #[default]
    Absent,
    Value(T),
    /// Something is there, but of a type that holds no such value: an object for a time, a number for a text.
    WrongType,
    /// A text or a number is there that spells no such value: `soon` for a time, `perhaps` for a flag.
    Unreadable,
}

impl<T> Sent<T> {
    /// The value, if one of the right type was sent.
    pub fn value(&self) -> Option<&T> {
        match self {
            Sent::Value(value) => Some(value),
            Sent::Absent | Sent::WrongType | Sent::Unreadable => None,
        }
    }

    /// Whether nothing was sent.
    pub fn is_absent(&self) -> bool {
        matches!(self, Sent::Absent)
    }
}

/// A type that can be read wherever the walk stands, whatever stands there.
pub(super) trait Read<'a>: Sized {
    fn read(walk: &mut Walk<'a>) -> Sent<Self>;
}

/// A value that is no object and no array; those are skipped and only their kind is told.
enum Token<'a> {
    Null,
    Flag(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    Container,
}

pub(super) struct Walk<'a> {
    text: &'a str,
    at: usize,
    /// Containers further on whose ends are known.
    containers: &'a [Range<usize>],
}

impl<'a> Walk<'a> {
    pub(super) fn over(row: Row<'a>) -> Self {
        Walk {
            text: row.text(),
            at: 0,
            containers: row.containers(),
        }
    }

    /// Reads the next value into `slot`. Of several members with one key the last counts, as in JavaScript, but an
    /// absent one does not undo another.
    pub(super) fn read_into<T: Read<'a>>(&mut self, slot: &mut Sent<T>) {
        let later = T::read(self);
        if !later.is_absent() {
            *slot = later;
        }
    }

    /// Reads an object member by member; members that `visit` leaves alone are skipped.
    pub(super) fn object<T: Default>(
        &mut self,
        mut visit: impl FnMut(&mut T, &str, &mut Self),
    ) -> Sent<T> {
        if self.peek() != b'{' {
            return self.no_container();
        }
        let mut object = T::default();
        self.at += 1;
        loop {
            match self.peek() {
                b'"' => {
                    let key = self.string();
                    self.peek();
                    self.at += 1;
                    self.step(|walk| visit(&mut object, &key, walk));
                }
                b',' => self.at += 1,
                _ => break,
            }
        }
        self.at += 1;
        Sent::Value(object)
    }

    /// Reads an array item by item; items that `visit` leaves alone are skipped.
    pub(super) fn array<T: Default>(
        &mut self,
        mut visit: impl FnMut(&mut T, &mut Self),
    ) -> Sent<T> {
        if self.peek() != b'[' {
            return self.no_container();
        }
        let mut array = T::default();
        self.at += 1;
        loop {
            match self.peek() {
                b',' => self.at += 1,
                b']' | 0 => break,
                _ => self.step(|walk| visit(&mut array, walk)),
            }
        }
        self.at += 1;
        Sent::Value(array)
    }

    /// Lets `visit` read one value, and goes past it if `visit` did not.
    fn step(&mut self, visit: impl FnOnce(&mut Self)) {
        self.peek();
        let before = self.at;
        visit(self);
        if self.at == before {
            self.skip();
        }
    }

    /// What a value is worth where an object or an array should be.
    fn no_container<T>(&mut self) -> Sent<T> {
        match self.token() {
            Token::Null => Sent::Absent,
            Token::Text(text) if scalar::spells_nothing(&text) => Sent::Absent,
            _ => Sent::WrongType,
        }
    }

    #[inline(always)]
    fn token(&mut self) -> Token<'a> {
        match self.peek() {
            b'"' => Token::Text(self.string()),
            b'{' | b'[' => {
                self.skip_container();
                Token::Container
            }
            _ => match self.word() {
                "null" => Token::Null,
                "true" => Token::Flag(true),
                "false" => Token::Flag(false),
                number => Token::Number(number),
            },
        }
    }

    /// The next byte that is no white space, not consumed; 0 at the end of the text.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// A number, `true`, `false` or `null`. Consumes at least one byte, so that every loop gets on.
    fn word(&mut self) -> &'a str {
        let start = self.at;
        let ends = |byte: &u8| {
            matches!(
                byte,
                b',' | b'}' | b']' | b':' | b' ' | b'\n' | b'\r' | b'\t'
            )
        };
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += length.max(1);
        self.text.get(start..start + length).unwrap_or_default()
    }

    // Here and below: a call for each string would be a tenth of a record's time.
    #[inline(always)]
    fn string(&mut self) -> Cow<'a, str> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let stop = start + plain_prefix(bytes.get(start..).unwrap_or_default());
        if bytes.get(stop) == Some(&b'\\') {
            return Cow::Owned(self.escaped_string());
        }
        self.at = stop + 1;
        Cow::Borrowed(self.text.get(start..stop).unwrap_or_default())
    }

    #[cold]
    fn escaped_string(&mut self) -> String {
        let start = self.at + 1;
        let stop = closing_quote(self.text.as_bytes(), start);
        self.at = stop + 1;
        unescape(self.text.get(start..stop).unwrap_or_default())
    }

    /// Goes past the next value unread.
    fn skip(&mut self) {
        match self.peek() {
            b'"' => self.at = closing_quote(self.text.as_bytes(), self.at + 1) + 1,
            b'{' | b'[' => self.skip_container(),
            _ => {
                self.word();
            }
        }
    }

    /// Jumps to its end where that is known. Else counts brackets, however deep they nest: no recursion.
    fn skip_container(&mut self) {
        while let Some((noted, later)) = self.containers.split_first()
            && noted.start <= self.at
        {
            self.containers = later;
            if noted.start == self.at {
                self.at = noted.end;
                return;
            }
        }
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => at = closing_quote(bytes, at) + 1,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => break,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        self.at = at;
    }
}

/// The place of the quote that closes the string whose text begins at `at`, or past the end if none does.
#[inline(always)]
fn closing_quote(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += plain_prefix(bytes.get(at..).unwrap_or_default());
        if bytes.get(at) != Some(&b'\\') {
            return at;
        }
        at += 2;
    }
}

/// The text that an escaped string stands for; a surrogate without its other half becomes U+FFFD.
fn unescape(escaped: &str) -> String {
    let mut text = String::with_capacity(escaped.len());
    // `\u` escapes are UTF-16: gathered until something else follows, so that pairs meet.
    let mut units: Vec<u16> = Vec::new();
    let mut chars = escaped.chars();
    while let Some(char) = chars.next() {
        let literal = match char {
            '\\' => match chars.next() {
                Some('u') => {
                    let digits = chars.as_str().get(..4).unwrap_or_default();
                    units.push(u16::from_str_radix(digits, 16).unwrap_or(0xFFFD));
                    chars = chars.as_str().get(4..).unwrap_or_default().chars();
                    continue;
                }
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        text.push_str(&String::from_utf16_lossy(&units));
        units.clear();
        text.push(literal);
    }
    text.push_str(&String::from_utf16_lossy(&units));
    text
}

#[cfg(test)]
mod tests;
