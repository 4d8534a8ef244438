//! What the rows of a page add to what is known: pure.

use super::seen::{RecordSeen, Seen};
use crate::api::{Page, Record, measure_offset};
use crate::fact::{Context, Reject, RejectedRecord, Stage, derive};
use jiff::tz::TimeZone;

/// Takes note of a page that was read at `at_s`, on the server's clock. `again`: it had been read before, so that what
/// is new on it has come since.
pub(super) fn note(
    seen: &mut Seen,
    page: &Page,
    ids: &[u64],
    at_s: i64,
    zone: Option<&TimeZone>,
    again: bool,
) {
    let records: Vec<Option<Record<'_>>> = page.rows().map(Record::read).collect();
    seen.offset_s = measure_offset(records.iter().flatten(), at_s, seen.offset_s);
    let context = Context {
        now_s: at_s,
        settle_s: 0,
        offset_s: seen.offset_s.unwrap_or(0),
        offsets: None,
        zone,
    };
    for (record, id) in records.iter().zip(ids) {
        let Some(record) = record else {
            seen.strangers += 1;
            continue;
        };
        let known = seen.records.get(id).copied();
        let (rejects, now) = match derive(record, &context) {
            Ok(derived) => {
                let ended = derived.stage != Stage::Live;
                // What waits for a value that can't be read has not been seen to run.
                let live = !ended && derived.waits_for.is_none();
                let ended_s = derived.end_s.filter(|_| ended);
                (
                    derived.rejects,
                    RecordSeen {
                        live,
                        ended_s,
                        appeared_after_s: None,
                    },
                )
            }
            Err(RejectedRecord::NoIdentity { rejects }) => (rejects, RecordSeen::default()),
            Err(RejectedRecord::NotAnObject) => continue,
        };
        let is_new = known.is_none_or(|known| known.ended_s.is_none());
        let appeared_after_s = now.ended_s.filter(|_| again && is_new);
        let appeared_after_s = appeared_after_s.map(|ended_s| at_s - ended_s);
        if known.is_none() {
            count(seen, &rejects);
        }
        let since = known.and_then(|known| known.appeared_after_s);
        let now = RecordSeen {
            appeared_after_s: since.or(appeared_after_s),
            ..now
        };
        seen.records.insert(*id, now);
        if let Some(ended_s) = now.ended_s {
            let behind_s = at_s - ended_s;
            seen.youngest_s = Some(
                seen.youngest_s
                    .map_or(behind_s, |least| least.min(behind_s)),
            );
        }
    }
}

fn count(seen: &mut Seen, rejects: &[Reject]) {
    for reject in rejects {
        *seen.refused.entry(reject.field.as_str()).or_default() += u64::from(reject.values);
    }
}
