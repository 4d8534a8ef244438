//! What is asked beside *Call Details*, by what wants it.

use super::super::form::{self, State};
use super::{assert_says, assert_well, configured, found, reading};
use crate::config::{Choice, Config};
use crate::simulator::http::Face;

fn only_totals(config: &mut Config) {
    config.live.queue_performance = Choice::Off;
}

#[tokio::test]
async fn totals_are_asked_for_where_reconcile_alone_wants_them() {
    let mut both = reading(|_| {});
    both.configure = only_totals;
    let both = both.diagnose().await;
    let words = "granted: the vendor's own totals, which `reconcile`";
    assert_says(&both, "scope_configuration", State::Ok, words);
    assert_says(
        &both,
        "scope_wfm",
        State::Skipped,
        "Queue Performance tells",
    );

    let mut volume = reading(|it| it.queue_performance = Face::Unscoped);
    volume.configure = only_totals;
    let volume = volume.diagnose().await;
    assert_eq!(found(&volume, "scope_configuration"), "missing");
    assert_says(
        &volume,
        "scope_wfm",
        State::Ok,
        "granted: the vendor's own totals",
    );
    assert_eq!(
        found(&volume, "scope_wfm"),
        "granted",
        "{}",
        form::text(&volume)
    );

    let neither = reading(|it| {
        (it.queue_performance, it.contact_volume) = (Face::Unscoped, Face::Unscoped);
    });
    let neither = neither.diagnose().await;
    assert_well(&neither, "nobody need have it");
    assert_says(
        &neither,
        "scope_wfm",
        State::Skipped,
        "the scope `WFM Integration`",
    );
    assert_eq!(found(&neither, "scope_wfm"), "missing");

    let off = configured(|config| {
        config.live.queue_performance = Choice::Off;
        config.reconcile.interval = None;
    });
    let off = off.diagnose().await;
    assert_says(&off, "scope_configuration", State::Skipped, "are off");
    assert_says(&off, "scope_wfm", State::Skipped, "is off");
}
