//! The configuration read again: an account switched off and on, and a file that is bad.

use super::life::ACCOUNT;
use super::step::{Shows, Step};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const CONVERSATIONS: &str = "smartassist_conversations_total";

pub fn steps() -> Vec<Step> {
    vec![
        Step::new(
            "account switched off and on",
            Shows::Later("smartassist_exporter_config_last_reload_success_timestamp_seconds"),
            &["configuration reloaded", "removed=acme"],
            |life| {
                let [own, beside] = [
                    life.account(ACCOUNT, &life.centre),
                    life.account("beside", &life.beside),
                ];
                life.is_off = true;
                life.configure(std::slice::from_ref(&beside));
                life.exporter().send("HUP");
                life.until("it is off", SOON, |page| {
                    page.family(CONVERSATIONS).is_empty()
                });
                let off_ms = life.between(0, 4_000);
                life.goes_on(Duration::from_millis(off_ms));
                life.is_told();
                life.configure(&[own.clone(), beside]);
                life.exporter().send("HUP");
                life.until("it is on", SOON, |page| {
                    !page.family(CONVERSATIONS).is_empty()
                });
                life.is_off = false;
                life.comes_to_the_truth();
                life.configure(&[own]);
                life.exporter().send("HUP");
            },
        ),
        Step::new(
            "configuration that is bad",
            Shows::Is("smartassist_exporter_config_last_reload_successful", 0.0),
            &["the configuration is not reloaded: nothing changed"],
            |life| {
                let own = life.account(ACCOUNT, &life.centre);
                life.configure(&[own.clone(), "- {name: bad}\n".to_owned()]);
                life.exporter().send("HUP");
                life.is_told();
                life.polls(1.0);
                life.configure(&[own]);
                life.exporter().send("HUP");
                life.until("it is good again", SOON, |page| {
                    page.sum("smartassist_exporter_config_last_reload_successful", &[]) == 1.0
                });
            },
        ),
    ]
}
