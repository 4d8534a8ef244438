//! Where the rows of a body stand: the fast way, for a body that is a page.
//!
//! Rule: it accepts nothing that `serde_json` refuses, and finds the same in what it accepts. Whatever is unusual (an
//! escape in a name of the envelope, brackets more than 127 deep) or wrong is `None`: then `serde_json` decides, and
//! says where the mistake is. It is here because it takes a third of the time.

use crate::api::plain::plain_prefix;
use std::ops::Range;

/// What the envelope holds: the places of the values. Of members with one name the last counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) num_results: Option<Range<usize>>,
    pub(super) errors: Option<Range<usize>>,
    pub(super) error: Option<Range<usize>>,
    /// `None`: missing, or `null`.
    pub(super) rows: Option<Vec<RowPlace>>,
    pub(super) containers: Vec<Range<usize>>,
}

/// Where a row stands in the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RowPlace {
    pub(super) text: Range<usize>,
    /// What in it stands in brackets and is long, by its numbers among all that was noted. It is noted by its place in the
    /// row, in the order of where it begins, so that whoever reads the row may jump over it: it is more than half of the
    /// bytes.
    pub(super) containers: Range<usize>,
}

/// Scans a body from a place on, to its end.
pub(super) fn scan(body: &str, from: usize) -> Option<Places> {
    let mut scan = Scan {
        bytes: body.as_bytes(),
        at: from,
        containers: Vec::new(),
    };
    let mut places = scan.envelope()?;
    scan.peek();
    places.containers = scan.containers;
    (scan.at == body.len()).then_some(places)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Of the rows that were gone past, see [`RowPlace`].
    containers: Vec<Range<usize>>,
}

/// What is shorter is read over as fast as it is jumped over, and what is deeper lies in something else that is jumped
/// over. So the notes of no body are longer than twice the body.
const NOTED_BYTES: usize = 32;
const NOTED_DEPTH: u32 = 4;

impl Scan<'_> {
    fn envelope(&mut self) -> Option<Places> {
        let mut places = Places::default();
        self.expect(b'{')?;
        if self.peek() == b'}' {
            self.at += 1;
            return Some(places);
        }
        loop {
            self.peek();
            let start = self.at + 1;
            self.name()?;
            let name = self.bytes.get(start..)?;
            self.peek();
            if name.starts_with(b"data\"") {
                places.rows = self.rows()?;
            } else if name.starts_with(b"numResults\"") {
                places.num_results = Some(self.value()?);
            } else if name.starts_with(b"errors\"") {
                places.errors = Some(self.value()?);
            } else if name.starts_with(b"error\"") {
                places.error = Some(self.value()?);
            } else if escaped(name) {
                return None;
            } else {
                self.value()?;
            }
            match self.next()? {
                b',' => {}
                b'}' => return Some(places),
                _ => return None,
            }
        }
    }

    /// The elements of an array; `Some(None)` for `null`.
    fn rows(&mut self) -> Option<Option<Vec<RowPlace>>> {
        match self.peek() {
            b'[' => self.at += 1,
            _ => return self.word(b"null").map(|()| None),
        }
        let mut rows = Vec::new();
        if self.peek() == b']' {
            self.at += 1;
            return Some(Some(rows));
        }
        loop {
            let noted = self.containers.len();
            rows.push(RowPlace {
                text: self.value()?,
                containers: noted..self.containers.len(),
            });
            match self.next()? {
                b',' => {}
                b']' => return Some(Some(rows)),
                _ => return None,
            }
        }
    }

    /// The place of the next value, which the scan goes past.
    fn value(&mut self) -> Option<Range<usize>> {
        self.peek();
        let start = self.at;
        // The brackets that are open, the innermost last: 1 for an object's, 0 for an array's, behind a 1 that marks the
        // end.
        let mut open: u128 = 1;
        // In the row itself, and not too deep in it.
        let is_noted = |around: u128| around > 1 && around >> (NOTED_DEPTH + 1) == 0;
        // The number of the innermost one that is noted and open. Where that ends stands, until it is known, the number of
        // the one around it.
        let mut innermost = usize::MAX;
        loop {
            match self.peek() {
                b'"' => self.string()?,
                bracket @ (b'{' | b'[') => {
                    let from = self.at;
                    self.at += 1;
                    let object = bracket == b'{';
                    if self.peek() == if object { b'}' } else { b']' } {
                        self.at += 1;
                    } else if open >> 127 == 1 {
                        return None;
                    } else {
                        if is_noted(open) {
                            self.containers.push(from - start..innermost);
                            innermost = self.containers.len() - 1;
                        }
                        open = open << 1 | u128::from(object);
                        if object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                b'n' => self.word(b"null")?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                _ => self.number()?,
            }
            // A value ended, and perhaps what it is the last of.
            loop {
                if open == 1 {
                    return Some(start..self.at);
                }
                match (self.next()?, open & 1 == 1) {
                    (b',', true) => {
                        self.name()?;
                        break;
                    }
                    (b',', false) => break,
                    (b'}', true) | (b']', false) => {
                        open >>= 1;
                        if is_noted(open) {
                            innermost = self.ends(innermost, self.at - start);
                        }
                    }
                    _ => return None,
                }
            }
        }
    }

    /// A noted container ends there. The number of the one around it.
    fn ends(&mut self, number: usize, end: usize) -> usize {
        let Some(container) = self.containers.get_mut(number) else {
            return usize::MAX;
        };
        let around = std::mem::replace(&mut container.end, end);
        if container.len() < NOTED_BYTES {
            // Nothing in it is noted either: it is the last one.
            self.containers.pop();
        }
        around
    }

    /// A member's name and its colon.
    #[inline(always)]
    fn name(&mut self) -> Option<()> {
        if self.peek() != b'"' {
            return None;
        }
        self.string()?;
        self.expect(b':')
    }

    /// A string, from its opening quote on.
    #[inline(always)]
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += plain_prefix(self.bytes.get(self.at..)?);
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    #[cold]
    fn escape(&mut self) -> Option<()> {
        let length = match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.one_of(b"-");
        if self.one_of(b"0").is_none() {
            self.digits()?;
        }
        if self.one_of(b".").is_some() {
            self.digits()?;
        }
        if self.one_of(b"eE").is_some() {
            self.one_of(b"+-");
            self.digits()?;
        }
        Some(())
    }

    /// At least one.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn one_of(&mut self, allowed: &[u8]) -> Option<()> {
        allowed.contains(self.bytes.get(self.at)?).then_some(())?;
        self.at += 1;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then_some(())?;
        self.at += word.len();
        Some(())
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// The next byte that is no white space; goes past it.
    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += 1;
        (byte != 0).then_some(byte)
    }

    /// The next byte that is no white space; 0 at the end of the text, and no JSON has one of its own there.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }
}

/// Whether a name, which ends somewhere in the bytes, has an escape.
fn escaped(name: &[u8]) -> bool {
    name.get(plain_prefix(name)) == Some(&b'\\')
}
