//! The vendor's interface in all the ways in which it misbehaves, and slow.

use super::step::{Shows, Step};
use smartassist_exporter::simulator::{Aim, Fault, Faults, Interface};
use std::fs;
use std::time::Duration;

const REQUESTS: &str = "smartassist_exporter_requests_total";

/// How each fault is told: by this metric, and by a line with all of these.
fn tells(fault: Fault) -> (Shows, &'static [&'static str]) {
    const AGAIN: &str = "request failed, trying again";
    const FAILED: &str = "poll failed; what is due is read at the next";
    let result = |result| Shows::Rises(REQUESTS, "result", result);
    let late = Shows::Is("smartassist_exporter_catching_up", 1.0);
    match fault {
        Fault::TooMany | Fault::TooManyRetryAfter | Fault::RateText => {
            (result("rate_limited"), &[AGAIN, "result=rate_limited"])
        }
        Fault::Unauthorized => (
            result("unauthorized"),
            &[FAILED, "the token is refused", "hint: "],
        ),
        Fault::NotFound => (result("not_found"), &[FAILED, "`not_found`", "hint: "]),
        Fault::Invalid => (result("invalid"), &[FAILED, "`invalid`", "hint: "]),
        Fault::Redirect => (result("redirect"), &[FAILED, "`redirect`", "hint: "]),
        Fault::Internal | Fault::Unavailable | Fault::Html => {
            (result("server_error"), &[AGAIN, "result=server_error"])
        }
        Fault::UnavailableRetryAfter => (
            result("server_error"),
            &[FAILED, "asked for no requests", "hint: "],
        ),
        Fault::HtmlOk => (result("bad_body"), &[AGAIN, "result=bad_body"]),
        Fault::Oversized => (
            Shows::Rises("smartassist_exporter_windows_truncated_total", "", ""),
            &["window truncated"],
        ),
        Fault::Timeout => (result("timeout"), &[AGAIN, "result=timeout"]),
        Fault::Reset | Fault::CutOff => (result("connection"), &[AGAIN, "result=connection"]),
        Fault::Slow => (late, &["catching up"]),
        // Pages that shift are all of one window, and only the first reading has such windows.
        Fault::Shifted | Fault::Repeated => (
            Shows::Later("smartassist_exporter_counting_since_timestamp_seconds"),
            &[
                "the database is missing or empty",
                "every account begins anew",
                "hint: ",
            ],
        ),
        Fault::Garbage => (
            Shows::Rises("smartassist_exporter_rejected_values_total", "", ""),
            &["values refused"],
        ),
    }
}

pub fn steps() -> Vec<Step> {
    let step = |fault: &Fault| match fault {
        Fault::Garbage => garbage(),
        Fault::Shifted | Fault::Repeated => begins_anew(*fault),
        _ => strikes(*fault),
    };
    Fault::ALL.iter().map(step).chain([slow()]).collect()
}

/// Every request is struck until it is told.
fn strikes(fault: Fault) -> Step {
    let (shows, line) = tells(fault);
    Step::new(format!("vendor: {fault}"), shows, line, move |life| {
        let simulator = std::sync::Arc::clone(&life.centre.simulator);
        simulator.set_faults(Faults::new([(fault, 1.0)]).unwrap());
        life.is_told();
        let more_ms = life.between(0, 2_000);
        life.goes_on(Duration::from_millis(more_ms));
        simulator.set_faults(Faults::NONE);
        if fault == Fault::UnavailableRetryAfter {
            // At most ten minutes of the hour are believed, and a restart forgets them.
            life.kill();
            life.serve();
        }
        life.polls(1.0);
    })
}

/// All is read anew, on pages that shift.
fn begins_anew(fault: Fault) -> Step {
    let (shows, line) = tells(fault);
    Step::new(
        format!("vendor: {fault}; state removed"),
        shows,
        line,
        move |life| {
            let simulator = std::sync::Arc::clone(&life.centre.simulator);
            simulator.set_faults(Faults::new([(fault, 0.5)]).unwrap());
            life.stop();
            life.removes_the_state();
            life.serve();
            life.is_told();
            life.goes_on(Duration::from_secs(3));
            simulator.set_faults(Faults::NONE);
            life.polls(1.0);
        },
    )
}

/// Records in which anything stands anywhere are counted as far as they can be read, and so wrong: whoever had them in
/// his counts restores the backup from before.
fn garbage() -> Step {
    let (shows, line) = tells(Fault::Garbage);
    Step::new("vendor: garbage; a backup restored", shows, line, |life| {
        let backup = life.disk.path().join("backup.db");
        let data = life.database("");
        let data = data.parent().unwrap().display().to_string();
        let told = life.command(&[
            "state",
            "backup",
            &backup.display().to_string(),
            "--storage.path",
            &data,
        ]);
        assert!(told.status.success(), "{told:?}");
        let simulator = std::sync::Arc::clone(&life.centre.simulator);
        let aim = Aim {
            fault: Fault::Garbage,
            only: Some(Interface::CallDetails),
        };
        simulator.set_faults(Faults::new([(aim, 1.0)]).unwrap());
        life.is_told();
        life.goes_on(Duration::from_secs(2));
        life.stop();
        simulator.set_faults(Faults::NONE);
        life.removes_the_state();
        fs::rename(backup, life.database("")).unwrap();
        life.serve();
        let told = life.said();
        let older = told.contains("the database is older than it was");
        assert!(older && !told.contains("a new database"), "{told}");
    })
}

/// So slow that nobody keeps up.
fn slow() -> Step {
    Step::new(
        "vendor: every answer takes 5 s",
        Shows::Is("smartassist_exporter_catching_up", 1.0),
        &["catching up: some recent time is unread"],
        |life| {
            let simulator = std::sync::Arc::clone(&life.centre.simulator);
            simulator.change(|reading| reading.latency = Duration::from_secs(5));
            life.is_told();
            life.goes_on(Duration::from_secs(5));
            simulator.change(|reading| reading.latency = Duration::ZERO);
            life.polls(1.0);
        },
    )
}
