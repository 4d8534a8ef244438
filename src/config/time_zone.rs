//! `time_zone`: a name of the IANA database, which is part of the program, so that no machine lacks it.

use super::problem::Findings;
use super::scalar::quoted;
use super::section::Field;
use super::spelling;
use jiff::tz::{TimeZone, TimeZoneDatabase};

const ALLOWED: &str = "a name of the IANA time zone database, such as `Europe/Berlin`";

pub(super) fn read(field: &Field<'_>, findings: &mut Findings) -> Option<TimeZone> {
    let text = field.text(ALLOWED, findings)?;
    let database = TimeZoneDatabase::bundled();
    let zone = database
        .get(text.trim())
        .ok()
        .filter(|zone| !zone.is_unknown());
    if zone.is_none() {
        field.refuse(&quoted(text), ALLOWED, hint(text, &database), findings);
    }
    zone
}

/// `CET+1` and `+05:30` are offsets; `Berlin` and `new york` are cities without their continent.
fn hint(text: &str, database: &TimeZoneDatabase) -> Option<String> {
    if text.contains(|sign: char| sign.is_ascii_digit() || sign == '+') {
        return Some("an offset that is always the same is measured from session ids and needs no `time_zone`".to_owned());
    }
    let names: Vec<_> = database.available().map(|name| name.to_string()).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let city = text.trim().replace(' ', "_");
    let is_city = |name: &&&str| {
        let (_, last) = name.rsplit_once('/').unwrap_or_default();
        last.eq_ignore_ascii_case(&city)
    };
    let near = match names.iter().find(is_city) {
        Some(name) => Some(*name),
        None => spelling::nearest(text, &names),
    };
    near.map(|near| format!("did you mean `{near}`?"))
}
