//! `reconcile`: how often, or never.

use super::kind::{Kind, Refused, span};
use std::time::Duration;

const LEAST: Duration = Duration::from_mins(15);
const MOST: Duration = Duration::from_hours(24);
const ALLOWED: &str = "`off`, or a duration with its unit from `15m` to `24h`";

/// Less than a quarter of an hour no total tells of, more than a day none in one answer.
pub(super) fn interval() -> Kind<Option<Duration>> {
    let duration = span(Duration::ZERO);
    Kind::new(ALLOWED, move |text| match text {
        // YAML of old takes the bare word for a truth value, and people write it so.
        "off" | "false" => Ok(None),
        _ => match duration.parse(text)? {
            interval if (LEAST..=MOST).contains(&interval) => Ok(Some(interval)),
            _ => Err(Refused::is(text)),
        },
    })
}
