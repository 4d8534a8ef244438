//! What was seen → one line for each check: pure.

mod access;
mod habits;
mod way;

use super::ask::MOST_REQUESTS;
use super::form::{Line, State};
use super::seen::{Reached, Seen};

/// In the order in which one stands on the other.
pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    vec![
        way::proxy(seen),
        way::name(seen),
        way::connection(seen),
        way::tls(seen),
        access::token(seen),
        access::clock(seen),
        access::analytics(seen),
        access::configuration(seen),
        access::wfm(seen),
        access::stream(seen),
        habits::page(seen),
        habits::records(seen),
        habits::offset(seen),
        habits::num_results(seen),
        habits::short_pages(seen),
        habits::zone(seen),
        habits::running(seen),
        habits::lateness(seen),
        habits::requests(seen),
    ]
}

fn ok(id: &'static str, text: impl Into<String>) -> Line {
    Line::new(id, State::Ok, text)
}

fn skipped(id: &'static str, text: impl Into<String>) -> Line {
    Line::new(id, State::Skipped, text)
}

fn warning(id: &'static str, text: impl Into<String>) -> Line {
    Line::new(id, State::Warning, text)
}

fn failed(id: &'static str, text: impl Into<String>) -> Line {
    Line::new(id, State::Failed, text)
}

/// Where a check could not be made: why.
fn without(seen: &Seen) -> String {
    if !matches!(seen.connection, Reached::Yes(_)) {
        "there is no connection".to_owned()
    } else if !seen.has_page() {
        "no page could be read".to_owned()
    } else if let Some(ended) = &seen.ended {
        format!("the examination ended early: {ended}; hint: run it again")
    } else if seen.spent {
        format!(
            "{MOST_REQUESTS} requests are all that an examination may cost, and did not suffice"
        )
    } else {
        "too few conversations in the last 7 days to tell; hint: run it again after a busy hour"
            .to_owned()
    }
}
