//! What is asked of *Contact Volume*, and the answer: the totals of each quarter of an hour in which conversations began.

use super::super::super::fault::Fault;
use super::super::super::wire::{org_id, volume_row};
use super::super::answer::{Refusal, denied, invalid};
use super::super::{Reading, Simulator};
use super::Page;
use crate::simulator::truth::Totals;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const GREATEST_LIMIT: usize = 500;
const QUARTER_MS: i64 = 900_000;
/// More is asked for in parts.
const GREATEST_RANGE_MS: i64 = 7 * 86_400_000;

struct Asked {
    org_id: String,
    /// UTC milliseconds, the end not in it.
    from_ms: i64,
    to_ms: i64,
    page: Page,
}

impl Asked {
    fn read(body: &[u8], fault: Option<Fault>) -> Result<Asked, Refusal> {
        let wrong = |field: &str| invalid(&format!("{field} is invalid"));
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| wrong("body"))?;
        let time = |field: &str| {
            let text = body.get(field).and_then(Value::as_str);
            let time: Option<Timestamp> = text.and_then(|text| text.parse().ok());
            let ms = time.map(Timestamp::as_millisecond);
            ms.ok_or_else(|| wrong(field))
        };
        let (from_ms, to_ms) = (time("fromTimeStamp")?, time("toTimeStamp")?);
        if !(0..=GREATEST_RANGE_MS).contains(&(to_ms - from_ms)) {
            return Err(wrong("toTimeStamp"));
        }
        let number = |field: &str, default: usize| match body.get(field) {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .map(|number| number as usize)
                .ok_or_else(|| wrong(field)),
        };
        let (limit, skip) = (number("limit", GREATEST_LIMIT)?, number("skip", 0)?);
        if !(1..=GREATEST_LIMIT).contains(&limit) {
            return Err(invalid("limit must be between 1 and 500"));
        }
        let org_id = body.get("orgId").and_then(Value::as_str);
        Ok(Asked {
            org_id: org_id.ok_or_else(|| wrong("orgId"))?.to_owned(),
            from_ms,
            to_ms,
            page: Page { skip, limit, fault },
        })
    }
}

impl Simulator {
    pub(super) fn volume(&self, body: &[u8], fault: Option<Fault>) -> Result<Value, Refusal> {
        let asked = Asked::read(body, fault)?;
        let seed = self.lock().world.seed();
        if asked.org_id != org_id(seed) {
            return Err(denied("Permission denied. Organisation is incorrect!"));
        }
        let answer = self.look(|world, now_ms, reading: &Reading| {
            let first_ms = asked.from_ms - asked.from_ms.rem_euclid(QUARTER_MS);
            let mut rows = Vec::new();
            let mut start_ms = first_ms;
            while start_ms < asked.to_ms {
                let quarter = (start_ms, start_ms + QUARTER_MS - 1);
                let totals = Totals::of(world, now_ms, reading, quarter);
                let of_callers = totals.0.iter().filter(|(of, _)| !of.outbound);
                rows.extend(of_callers.map(|(of, total)| {
                    volume_row(
                        seed,
                        start_ms,
                        reading.queue_name(of.queue),
                        *of,
                        total,
                        reading,
                    )
                }));
                start_ms += QUARTER_MS;
            }
            let all: Vec<&Value> = rows.iter().collect();
            json!({
                "hasMore": asked.page.more(rows.len(), reading),
                "totalCount": rows.len(),
                "CallVolumeUpdate": asked.page.of(&all, reading),
            })
        });
        Ok(answer)
    }
}
