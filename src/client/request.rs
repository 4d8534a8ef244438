//! One Call Details request: which records, and how that is written.

use jiff::Timestamp;
use serde::Serialize;

/// Rows asked for in a page: the most the vendor allows.
pub const PAGE_ROWS: u32 = 100;

/// The page of a window: its bounds in UTC epoch seconds, both taken in, and the number of the page from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOf {
    pub from_s: i64,
    pub to_s: i64,
    pub page: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    start_date: String,
    end_date: String,
    selected_fields: &'a [&'a str],
    queues: [&'a str; 0],
    channels: [&'a str; 0],
    /// 0: dates are written in UTC, and times without a zone are hoped to come in it.
    time_zone_offset: i32,
}

impl<'a> Body<'a> {
    pub(super) fn new(page: PageOf, selected_fields: &'a [&'a str]) -> Self {
        Self {
            start_date: utc(page.from_s),
            end_date: utc(page.to_s),
            selected_fields,
            queues: [],
            channels: [],
            time_zone_offset: 0,
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// `2026-02-23 07:20:15`; the first or last instant that can be written for one outside of them.
fn utc(epoch_s: i64) -> String {
    let bound = if epoch_s < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_second(epoch_s)
        .unwrap_or(bound)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_as_the_vendor_has_it() {
        let page = PageOf {
            from_s: 1_771_831_215,
            to_s: 1_771_832_115,
            page: 3,
        };
        let body = Body::new(page, &["customerinfo"]).to_json();
        assert_eq!(
            body,
            concat!(
                r#"{"channels":[],"endDate":"2026-02-23 07:35:15","queues":[],"#,
                r#""selectedFields":["customerinfo"],"startDate":"2026-02-23 07:20:15","timeZoneOffset":0}"#
            )
        );
    }
}
