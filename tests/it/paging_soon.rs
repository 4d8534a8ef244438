//! How soon evidence pages, and how often falsely, in small and with fixed seeds. `make bench` prints it over more
//! centres, `tests/slow/paging_evidence.rs` holds it over more.

use crate::replay::campaign::{congested_false_pages, false_pages, quiet, spikes};

#[test]
fn spikes_page_about_as_soon_as_can_be_known() {
    for (per_hour, ratio, wanted_s) in [
        (1500.0, 0.9, 52),
        (1500.0, 0.4, 92),
        (1500.0, 0.25, 165),
        // What can be reached at best is 222 s and 446 s; the chance of 54 spikes is let pass.
        (400.0, 0.4, 250),
        (400.0, 0.25, 500),
    ] {
        let found = spikes(per_hour, ratio, 6);
        let median = found.at(0.5).expect("half of them are found");
        assert!(
            median <= wanted_s,
            "{per_hour} an hour, {ratio}: {median} s of {wanted_s}, {:?}",
            found.delays_s
        );
        assert!(found.spikes >= 50);
        assert!(
            found.delays_s.len() * 20 >= found.spikes * 19,
            "{per_hour} an hour, {ratio}: {} of {} found",
            found.delays_s.len(),
            found.spikes
        );
    }
}

#[test]
fn quiet_days_page_at_most_once_a_month() {
    const DAYS: i64 = 62;
    for (per_hour, targets) in [(400.0, [0.02, 0.05, 0.08])] {
        let history = quiet(7, DAYS, per_hour);
        for target in targets {
            let pages = false_pages(&history, target);
            assert!(pages.len() <= 2, "target {target}: {pages:?}");
        }
    }
    let pages = congested_false_pages([7], DAYS, 400.0);
    assert!(pages <= 2, "congested: {pages}");
}
