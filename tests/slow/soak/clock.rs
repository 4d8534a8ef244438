//! This machine's clock, set ahead and back: while it runs, and between two runs.

use super::step::{Shows, Step};
use std::time::Duration;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;

pub fn steps() -> Vec<Step> {
    let set = &["this machine's clock was set"];
    let refused = Shows::Rises(
        "smartassist_exporter_requests_total",
        "result",
        "unauthorized",
    );
    vec![
        steps_and_returns("clock: two minutes ahead", 2 * MINUTE_S, Shows::Ahead, set),
        steps_and_returns(
            "clock: a day and an hour ahead",
            25 * HOUR_S,
            Shows::Ahead,
            set,
        ),
        steps_and_returns("clock: ten minutes behind", -10 * MINUTE_S, refused, set),
        Step::new(
            "clock: three days ahead from one start to the next",
            Shows::Ahead,
            &[
                "the last reading was at a time that is still to come",
                "clock was ahead",
            ],
            |life| {
                life.kill();
                life.clock.set(72 * HOUR_S);
                life.serve();
                life.goes_on(Duration::from_secs(3));
                life.kill();
                life.clock.set(0);
                life.serve();
                life.is_told();
            },
        ),
    ]
}

fn steps_and_returns(name: &str, by_s: i64, shows: Shows, line: &'static [&'static str]) -> Step {
    Step::new(name, shows, line, move |life| {
        life.clock.set(by_s);
        life.is_told();
        life.goes_on(Duration::from_secs(2));
        life.clock.set(0);
        life.polls(2.0);
    })
}
