//! What a file holds: the records in it, however they are wrapped, or what it is instead and what to do about it.
//!
//! Read: a response, an array of records, a single record, and any of these one after the other (one a line, say); as
//! it is, gzipped, or in UTF-16 or UTF-32, as some shells write what they redirect.

use crate::api::{Page, PageError};
use crate::fact::Field;
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io::{self, Read};

/// A page of 100 records has some 200 kB; this is a thousand pages.
pub(super) const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Why a file holds nothing to explain. No message holds a value of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("is a folder\nhint: name one file of it")]
    Folder,
    #[error("is longer than {MAX_BYTES} bytes\nhint: split it; records are explained one by one")]
    TooLong,
    #[error("is empty\nhint: did the request that wrote it fail?")]
    Empty,
    #[error("is gzipped, but cannot be unpacked: {0}\nhint: it was cut off or changed on its way")]
    BrokenGzip(io::Error),
    #[error("is {0}\nhint: unpack it, and explain what is in it")]
    Packed(&'static str),
    #[error(
        "is not UTF-8: byte {at} begins no character\nhint: a response is UTF-8; was the file written by something that changed its encoding?"
    )]
    NotUtf8 { at: usize },
    #[error("is not UTF-16, as its first two bytes say")]
    NotUtf16,
    #[error("is not UTF-32, as its first four bytes say")]
    NotUtf32,
    #[error(
        "is HTML\nhint: a gateway or a login page answered instead of the API; check the url of the request"
    )]
    Html,
    #[error(
        "begins with HTTP headers\nhint: save the body alone, without `-i` or `--include` of curl"
    )]
    Headers,
    #[error(
        "holds the vendor's refusal of the request{}, and no records\nhint: {}",
        spell_codes(codes),
        refusal_hint(codes)
    )]
    Refusal { codes: Vec<i64> },
    #[error(
        "tells of {promised} results and holds no `data`: the exporter asks such a page again\nhint: it looks at the pages behind first, and so can you: save the page behind it, or this one once more"
    )]
    LacksData { promised: u64 },
    #[error(
        "holds one object that is neither a response nor a record{}\nhint: expected a response with `data`, an array of records, a single record, or any of them a line",
        spell_failure(failure)
    )]
    Stranger { failure: Vec<&'static str> },
    #[error(
        "holds no records: {0}\nhint: expected a response with `data`, an array of records, a single record, or any of them a line"
    )]
    NoRecords(PageError),
}

fn spell_codes(codes: &[i64]) -> String {
    match codes {
        [] => String::new(),
        [code] => format!(" (code {code})"),
        codes => format!(
            " (codes {})",
            codes
                .iter()
                .map(i64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

fn spell_failure(names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!(
        ": it has {}, as an answer that refuses a request",
        names.join(", ")
    )
}

/// 4002 is the vendor's for a token that is missing, wrong, or lacks the scope.
fn refusal_hint(codes: &[i64]) -> &'static str {
    if codes.contains(&4002) {
        "the token is missing, wrong, or lacks the scope SmartAssist Analytics"
    } else {
        "`errors` in the file says why; check token, `accountId`, `iId` and the dates of the request"
    }
}

/// The text of a file's bytes.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked(&bytes)?
    } else {
        bytes
    };
    if let Some(packed) = packed(&bytes) {
        return Err(Unreadable::Packed(packed));
    }
    match bytes.as_slice() {
        // Before UTF-16, whose mark is the first half of this one.
        [0xff, 0xfe, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [b'{' | b'[', 0, 0, 0, ..] => utf32(&bytes, u32::from_le_bytes),
        [0, 0, 0, b'{' | b'[', ..] => utf32(&bytes, u32::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // The first character of JSON is one byte of ASCII: beside it stands the rest of it.
        [b'{' | b'[', 0, ..] => utf16(&bytes, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => utf16(&bytes, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|error| Unreadable::NotUtf8 {
            at: error.utf8_error().valid_up_to(),
        }),
    }
    .map(|text| text.trim_start_matches('\u{feff}').to_owned())
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(Unreadable::BrokenGzip)?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    Ok(unpacked)
}

fn packed(bytes: &[u8]) -> Option<&'static str> {
    const FIRST_BYTES: [(&[u8], &str); 6] = [
        (&[0x1f, 0x8b], "gzipped twice"),
        (b"PK\x03\x04", "a zip archive or an office document"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "packed with zstd"),
        (b"BZh", "packed with bzip2"),
        (b"\xfd7zXZ", "packed with xz"),
        (b"%PDF", "a PDF"),
    ];
    FIRST_BYTES
        .iter()
        .find(|(first, _)| bytes.starts_with(first))
        .map(|(_, what)| *what)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (units, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).map_err(|_| Unreadable::NotUtf16)?;
    rest.is_empty().then_some(text).ok_or(Unreadable::NotUtf16)
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, Unreadable> {
    let (units, rest) = bytes.as_chunks::<4>();
    let text = units.iter().map(|four| char::from_u32(unit(*four)));
    let text = text
        .collect::<Option<String>>()
        .ok_or(Unreadable::NotUtf32)?;
    rest.is_empty().then_some(text).ok_or(Unreadable::NotUtf32)
}

/// The records in a text, in its order.
pub(super) fn rows(text: &str) -> Result<Vec<&RawValue>, Unreadable> {
    let begin = text.trim_start();
    if begin.is_empty() {
        return Err(Unreadable::Empty);
    }
    if begin.starts_with('<') {
        return Err(Unreadable::Html);
    }
    if begin.starts_with("HTTP/") {
        return Err(Unreadable::Headers);
    }
    let failed = |error: serde_json::Error| Unreadable::NoRecords(PageError::from(&error));
    let values: Vec<&RawValue> = serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let mut rows = Vec::new();
    let alone = values.len() == 1;
    for value in values {
        if value.get().starts_with('[') {
            rows.extend(serde_json::from_str::<Vec<&RawValue>>(value.get()).map_err(failed)?);
            continue;
        }
        match Page::rows_of(value.get()) {
            Ok((_, Some(data))) => rows.extend(data),
            // Behind others a page without `data` says that nothing follows.
            Ok((Some(promised), None)) if promised > 0 && rows.is_empty() => {
                return Err(Unreadable::LacksData { promised });
            }
            Ok((_, None)) => {}
            Err(PageError::NoData | PageError::Errors) => match refusal(value) {
                Some(codes) => return Err(Unreadable::Refusal { codes }),
                None if alone => rows.push(record(value)?),
                None => rows.push(value),
            },
            Err(error) => return Err(Unreadable::NoRecords(error)),
        }
    }
    Ok(rows)
}

/// An object that stands alone, if anything in it is a record's.
fn record(value: &RawValue) -> Result<&RawValue, Unreadable> {
    /// What records have of their own. Agents and answers have a `status`, too.
    const OF_RECORDS: [Field; 7] = [
        Field::ConversationId,
        Field::SessionId,
        Field::Channel,
        Field::SessionStartTime,
        Field::SessionEndTime,
        Field::FinalStatus,
        Field::Destinations,
    ];
    const OF_FAILURES: [&str; 9] = [
        "error",
        "message",
        "msg",
        "code",
        "status",
        "statusCode",
        "fault",
        "detail",
        "description",
    ];
    let members: HashMap<String, &RawValue> = match serde_json::from_str(value.get()) {
        Ok(members) => members,
        // A single number, say: told as a record that is no object.
        Err(_) => return Ok(value),
    };
    if OF_RECORDS
        .iter()
        .any(|field| members.contains_key(field.as_str()))
    {
        return Ok(value);
    }
    let failure = OF_FAILURES.into_iter();
    let failure = failure.filter(|name| members.contains_key(*name)).collect();
    Err(Unreadable::Stranger { failure })
}

/// The codes of `{"errors": [{"msg": …, "code": …}]}`, which is no record.
fn refusal(value: &RawValue) -> Option<Vec<i64>> {
    #[derive(serde::Deserialize)]
    struct Answer {
        errors: serde_json::Value,
    }
    let Answer { errors } = serde_json::from_str(value.get()).ok()?;
    let errors = match errors {
        serde_json::Value::Array(errors) => errors,
        one => vec![one],
    };
    Some(
        errors
            .iter()
            .filter_map(|error| error.get("code")?.as_i64())
            .collect(),
    )
}
