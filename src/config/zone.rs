//! `time_zone`: a name of the IANA database, which is part of the program, so that no machine lacks it.

use super::kind::{Kind, Refused};
use super::spelling::did_you_mean;
use jiff::tz::{TimeZone, TimeZoneDatabase};

pub(super) fn kind() -> Kind<TimeZone> {
    let allowed = "a name of the IANA time zone database, such as `Europe/Berlin`";
    Kind::new(allowed, |text| {
        let database = TimeZoneDatabase::bundled();
        match database.get(text) {
            Ok(zone) if !zone.is_unknown() => Ok(zone),
            _ => Err(Refused::is(text).hint(hint(text, &database))),
        }
    })
}

/// A zone that a flag names, refused as the key refuses it.
///
/// # Errors
/// What was found, what is allowed, and what may have been meant.
pub fn from_flag(text: &str) -> Result<TimeZone, String> {
    let kind = kind();
    let refused = kind.parse(text);
    refused.map_err(|refused| refused.in_full(&kind.allowed))
}

/// `CET+1` and `+05:30` are offsets; `Berlin` and `new york` are cities without their continent.
fn hint(text: &str, database: &TimeZoneDatabase) -> Option<String> {
    if text.contains(|sign: char| sign.is_ascii_digit() || sign == '+') {
        let hint = "an offset that is always the same is measured from session ids and needs no `time_zone`";
        return Some(hint.to_owned());
    }
    let names: Vec<_> = database.available().map(|name| name.to_string()).collect();
    let city = format!("/{}", text.replace(' ', "_").to_lowercase());
    let is_city = |name: &&String| name.to_lowercase().ends_with(&city);
    match names.iter().find(is_city) {
        Some(name) => did_you_mean(name, [name.as_str()]),
        None => did_you_mean(text, names.iter().map(String::as_str)),
    }
}
