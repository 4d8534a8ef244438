//! What is unknown of the account's API, as far as it could be seen.

use super::super::ask::MOST_REQUESTS;
use super::super::experiments::{self, Offset, Total};
use super::super::form::Line;
use super::super::seen::Seen;
use super::{failed, ok, skipped, warning, without};
use crate::chain::chain;
use std::time::Duration;

/// A page that takes longer is read in time, but an account of many windows falls behind.
const SLOW: Duration = Duration::from_secs(2);
/// Who hangs up at a centre that is open does so more often.
const LATE_S: i64 = 600;

pub(super) fn page(seen: &Seen) -> Line {
    match &seen.page {
        None => skipped("page", without(seen)),
        Some(Err(error)) => failed("page", chain(error)),
        Some(Ok(())) => pages(seen.pages.len(), &seen.took),
    }
}

fn pages(many: usize, took: &[Duration]) -> Line {
    let mut took = took.to_vec();
    took.sort_unstable();
    let usual = took.get(took.len() / 2).copied().unwrap_or_default();
    let took_s = usual.as_secs_f64();
    if usual > SLOW {
        let text = format!(
            "a page takes {took_s:.1} s; hint: is the network, a proxy or the API slow? catching up takes as much longer"
        );
        return warning("page", text);
    }
    ok("page", format!("{many} pages read, {took_s:.1} s each"))
}

pub(super) fn records(seen: &Seen) -> Line {
    let many = seen.records.len();
    if many == 0 && seen.strangers == 0 {
        return skipped("records", without(seen));
    }
    if seen.refused.is_empty() && seen.strangers == 0 {
        return ok("records", format!("{many} read, no value refused")).found(many);
    }
    let mut what: Vec<String> = seen
        .refused
        .iter()
        .map(|(field, values)| format!("{values} × `{field}`"))
        .collect();
    if seen.strangers > 0 {
        what.push(format!("{} rows that are no records", seen.strangers));
    }
    let text = format!(
        "{many} read; refused: {}; hint: they are left out and counted as refused, `smartassist-exporter explain` shows why on a saved answer",
        what.join(", ")
    );
    warning("records", text).found(many)
}

pub(super) fn offset(seen: &Seen) -> Line {
    if seen.counts_from_one || seen.manners.counts_pages_from_one() {
        let text = "counts pages from 1: page 0 is empty, and the exporter asks behind it";
        return ok("offset", text).found("pages_from_1");
    }
    let found = if seen.manners.counts_offset_in_rows() {
        Some(Offset::Rows)
    } else {
        experiments::offset(seen.run())
    };
    match found {
        Some(Offset::Pages) => ok("offset", "counts pages").found("pages"),
        Some(Offset::Rows) => ok(
            "offset",
            "counts rows: windows are kept below one page, which costs more requests",
        )
        .found("rows"),
        Some(Offset::Nothing) => warning(
            "offset",
            "a page repeats the one before it: windows are kept below one page; hint: more than a page in one second can't be had, tell the vendor",
        )
        .found("nothing"),
        None => skipped("offset", without(seen)),
    }
}

pub(super) fn num_results(seen: &Seen) -> Line {
    let run = seen.run();
    let whole = seen.ended.is_none() && experiments::is_whole(run);
    let found = if seen.manners.tells_totals() {
        Some(Total::Window)
    } else {
        experiments::total(run, whole)
    };
    match found {
        Some(Total::Window) => {
            ok("num_results", "is how many rows the window holds").found("total")
        }
        Some(Total::Page) => ok(
            "num_results",
            "is how many rows the page holds: no total to check against",
        )
        .found("page"),
        Some(Total::Neither) => ok(
            "num_results",
            "is neither the total nor the page's rows: not relied upon",
        )
        .found("neither"),
        Some(Total::Missing) => {
            ok("num_results", "is not sent: no total to check against").found("missing")
        }
        None => skipped("num_results", without(seen)),
    }
}

pub(super) fn short_pages(seen: &Seen) -> Line {
    let follows = if seen.manners.reads_to_the_end() {
        Some(true)
    } else {
        experiments::follows_short(seen.run())
    };
    match follows {
        Some(true) => ok(
            "short_pages",
            format!("are followed by others: windows are read until nothing comes, a full page is {} rows", seen.manners.page_rows()),
        )
        .found("follow"),
        Some(false) => ok(
            "short_pages",
            "nothing came behind one; the exporter asks on until it has seen that often",
        )
        .found("end"),
        None => skipped("short_pages", without(seen)),
    }
}

pub(super) fn zone(seen: &Seen) -> Line {
    match (seen.offset_s, seen.configured_offset_s) {
        (Some(told), Some(configured)) if told != configured => warning(
            "zone",
            format!(
                "records tell {}, `time_zone` says {}; hint: correct `time_zone`, or leave it out: it is measured",
                of_utc(told),
                of_utc(configured)
            ),
        )
        .found(told),
        (Some(0), _) => ok("zone", "times are in UTC, as they are asked for").found(0),
        (Some(told), None) => ok(
            "zone",
            format!(
                "times are in the account's own zone, {} now; hint: `time_zone` names it for the hours in which clocks change",
                of_utc(told)
            ),
        )
        .found(told),
        (Some(told), Some(_)) => ok("zone", format!("times are {}, as `time_zone` says", of_utc(told))).found(told),
        (None, Some(_)) if !seen.records.is_empty() => {
            skipped("zone", "session ids tell no time to check by: `time_zone` is taken for right")
        }
        (None, None) if seen.records.len() >= 10 => warning(
            "zone",
            "session ids tell no time: times without a zone are taken for UTC; hint: set `time_zone` if they are not",
        )
        .found("unknown"),
        (None, _) => skipped("zone", without(seen)),
    }
}

/// `UTC+05:30`.
fn of_utc(offset_s: i32) -> String {
    let (sign, minutes) = (if offset_s < 0 { '-' } else { '+' }, offset_s.abs() / 60);
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

pub(super) fn running(seen: &Seen) -> Line {
    let live = seen.records.values().filter(|record| record.live).count();
    if live > 0 {
        let text = format!(
            "running conversations are listed ({live} seen): the live source `call_details` works"
        );
        return ok("running", text).found("listed");
    }
    if let (super::super::seen::Beside::Granted(open @ 1..), false) =
        (&seen.conversations, seen.records.is_empty())
    {
        let text = format!(
            "not listed, while {open} are open: the live source `call_details` shows nobody"
        );
        return ok("running", text).found("hidden");
    }
    if seen.records.is_empty() {
        return skipped("running", without(seen));
    }
    skipped(
        "running",
        "none was listed; perhaps none runs now; hint: run it again while somebody waits",
    )
}

pub(super) fn lateness(seen: &Seen) -> Line {
    let Some(youngest_s) = seen.youngest_s.map(|youngest_s| youngest_s.max(0)) else {
        return skipped("lateness", without(seen));
    };
    if youngest_s > LATE_S {
        let text = format!(
            "the youngest that is listed ended {} min ago: nobody hung up since, or records appear that late; hint: run it again while calls end",
            youngest_s / 60
        );
        return skipped("lateness", text);
    }
    let late = seen
        .records
        .values()
        .filter_map(|record| record.appeared_after_s)
        .max();
    let meanwhile = match late {
        Some(late_s) => format!(
            "; what came meanwhile appeared at most {} s late",
            late_s.max(0)
        ),
        None => String::new(),
    };
    ok(
        "lateness",
        format!("one that ended {youngest_s} s before was listed{meanwhile}"),
    )
    .found(youngest_s)
}

pub(super) fn requests(seen: &Seen) -> Line {
    let cost = seen.requests;
    ok(
        "requests",
        format!("it cost {cost}, of at most {MOST_REQUESTS}"),
    )
    .found(cost)
}

#[cfg(test)]
mod tests {
    use super::super::super::form::State;
    use super::*;

    #[test]
    fn one_slow_answer_is_chance_and_many_are_a_warning() {
        let of = |took: &[u64]| {
            let took: Vec<_> = took.iter().map(|s| Duration::from_secs(*s)).collect();
            pages(took.len(), &took)
        };
        assert_eq!(of(&[0, 0, 9]).state, State::Ok);
        let slow = of(&[3, 3, 0]);
        assert_eq!(slow.state, State::Warning);
        assert!(slow.text.contains("a page takes 3.0 s"), "{}", slow.text);
    }
}
