//! What is asked for: query, headers and body of a request, checked as strictly as the vendor's page has it.

use super::super::centre::Channel;
use super::super::wire::Selected;
use super::answer::{Refusal, invalid};
use jiff::civil;
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) const GREATEST_LIMIT: usize = 100;
pub(super) const GREATEST_OFFSET: usize = 10;
const GREATEST_RANGE_S: i64 = 7 * 86_400;
/// Where the request names none.
const DEFAULT_LIMIT: usize = 50;
/// From UTC−14 to UTC+14, in minutes.
const GREATEST_ZONE_OFFSET: i32 = 14 * 60;

/// One request's window and page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    /// UTC seconds, both inclusive.
    pub from_s: i64,
    pub to_s: i64,
    pub limit: usize,
    pub offset: usize,
    /// As in the request: minutes *west* of UTC.
    pub time_zone_offset: i32,
    pub selected: Selected,
    /// `None` for a word that selects nothing; empty for all.
    pub channels: Vec<Option<Channel>>,
    /// Ids; empty for all.
    pub queues: Vec<String>,
    /// As in the request.
    pub direction: Option<String>,
    /// Calls out alone, or all others; `None` for both.
    pub outbound: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    start_date: Option<String>,
    end_date: Option<String>,
    time_zone_offset: Option<serde_json::Number>,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    queues: Vec<String>,
    #[serde(default)]
    selected_fields: Vec<String>,
    direction: Option<String>,
}

/// Reads a request. `whole_days` is the server that ignores the time of day.
pub(super) fn read(
    parameters: &BTreeMap<String, String>,
    body: &[u8],
    whole_days: bool,
) -> Result<Query, Refusal> {
    let limit = number(parameters, "limit", DEFAULT_LIMIT)?;
    let offset = number(parameters, "offset", 0)?;
    if !(1..=GREATEST_LIMIT).contains(&limit) {
        return Err(invalid("limit must be between 1 and 100"));
    }
    if offset > GREATEST_OFFSET {
        return Err(invalid("offset must be between 0 and 10"));
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| invalid("body is not valid"))?;
    let zone = body
        .time_zone_offset
        .ok_or_else(|| invalid("timeZoneOffset is required"))?;
    let zone = zone
        .as_i64()
        .and_then(|minutes| i32::try_from(minutes).ok())
        .filter(|minutes| minutes.abs() <= GREATEST_ZONE_OFFSET);
    let time_zone_offset = zone.ok_or_else(|| invalid("timeZoneOffset is invalid"))?;
    let start =
        Written::read(body.start_date.as_deref()).ok_or_else(|| invalid("startDate is invalid"))?;
    let end =
        Written::read(body.end_date.as_deref()).ok_or_else(|| invalid("endDate is invalid"))?;
    let range_s = end.local_s - start.local_s;
    if range_s < 0 {
        return Err(invalid("startDate must not be after endDate"));
    }
    if range_s > GREATEST_RANGE_S {
        return Err(invalid("date range must not exceed 7 days"));
    }
    let west_s = i64::from(time_zone_offset) * 60;
    Ok(Query {
        from_s: start.first_second(whole_days) + west_s,
        to_s: end.last_second(whole_days) + west_s,
        limit,
        offset,
        time_zone_offset,
        selected: selected(&body.selected_fields),
        channels: body
            .channels
            .iter()
            .map(|word| Channel::from_request(word))
            .collect(),
        queues: body.queues,
        direction: body.direction,
        outbound: None,
    })
}

impl Query {
    /// Looks at the direction that is asked for; v1 knows no such word.
    pub(super) fn directed(self) -> Result<Self, Refusal> {
        let outbound = match self.direction.as_deref() {
            None | Some("" | "Both") => None,
            Some("Inbound") => Some(false),
            Some("Outbound") => Some(true),
            Some(_) => return Err(invalid("direction is invalid")),
        };
        Ok(Query { outbound, ..self })
    }
}

fn number(
    parameters: &BTreeMap<String, String>,
    name: &str,
    default: usize,
) -> Result<usize, Refusal> {
    match parameters.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| invalid(&format!("{name} is invalid"))),
    }
}

fn selected(fields: &[String]) -> Selected {
    let has = |field: &str| fields.iter().any(|selected| selected == field);
    Selected {
        skills: has("skills"),
        customer_info: has("customerinfo"),
        user_tags: has("userleveltags"),
        session_tags: has("sessionleveltags"),
    }
}

/// A date as written: seconds of local time since 1970, and whether it says a whole day.
struct Written {
    local_s: i64,
    bare: bool,
}

const DAY_S: i64 = 86_400;

impl Written {
    /// `yyyy-mm-dd HH24:mm:ss`, or the date alone, as the samples have it. Nothing else.
    fn read(text: Option<&str>) -> Option<Self> {
        let text = text?;
        let bare = text.len() == 10;
        let format = if bare {
            "%Y-%m-%d"
        } else {
            "%Y-%m-%d %H:%M:%S"
        };
        let whole = text.len() == 10 || text.len() == 19;
        let local = if bare {
            civil::Date::strptime(format, text)
                .ok()?
                .to_datetime(civil::Time::midnight())
        } else {
            civil::DateTime::strptime(format, text).ok()?
        };
        let local_s = jiff::tz::Offset::UTC.to_timestamp(local).ok()?.as_second();
        whole.then_some(Written { local_s, bare })
    }

    fn first_second(&self, whole_days: bool) -> i64 {
        if whole_days {
            self.local_s.div_euclid(DAY_S) * DAY_S
        } else {
            self.local_s
        }
    }

    /// A bare date means to the end of the day.
    fn last_second(&self, whole_days: bool) -> i64 {
        if whole_days || self.bare {
            self.local_s.div_euclid(DAY_S) * DAY_S + DAY_S - 1
        } else {
            self.local_s
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_dates(start: &str, end: &str, zone: i32) -> Option<(i64, i64)> {
        let body = serde_json::json!({"startDate": start, "endDate": end, "timeZoneOffset": zone})
            .to_string();
        read(&BTreeMap::new(), body.as_bytes(), false)
            .ok()
            .map(|query| (query.from_s, query.to_s))
    }

    #[test]
    fn dates_are_local_to_the_request_and_bare_ones_reach_to_the_end_of_the_day() {
        let noon_utc = 1_759_320_000;
        assert_eq!(
            read_dates("2025-10-01 12:00:00", "2025-10-01 12:00:01", 0),
            Some((noon_utc, noon_utc + 1))
        );
        assert_eq!(
            read_dates("2025-10-01 17:30:00", "2025-10-01 17:30:00", -330),
            Some((noon_utc, noon_utc))
        );
        assert_eq!(
            read_dates("2025-10-01", "2025-10-01", 0),
            Some((noon_utc - 43_200, noon_utc + 43_199))
        );
    }

    #[test]
    fn seven_days_are_allowed_and_a_second_more_is_not() {
        assert!(read_dates("2025-10-01 12:00:00", "2025-10-08 12:00:00", 0).is_some());
        assert_eq!(
            read_dates("2025-10-01 12:00:00", "2025-10-08 12:00:01", 0),
            None
        );
        assert_eq!(
            read_dates("2025-10-01 12:00:01", "2025-10-01 12:00:00", 0),
            None
        );
    }

    #[test]
    fn only_the_two_documented_forms_of_a_date_are_read() {
        for bad in [
            "2025-10-01T12:00:00",
            "2025-10-01 12:00",
            "2025-13-01",
            "01.10.2025",
            "",
        ] {
            assert_eq!(read_dates(bad, "2025-10-02", 0), None, "{bad}");
        }
    }
}
