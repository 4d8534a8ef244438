//! A minute of reloads, one after the other and at most ten a second, under traffic: what is counted never falls, and nothing is left
//! behind by them.

use crate::support::compare::{all_differences, nothing_falls};
use crate::support::process::Taken;
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page, account_of, free_address};
use smartassist_exporter::simulator::{Contract, Witness};
use std::time::{Duration, Instant};

const LASTS: Duration = Duration::from_mins(1);
const EVERY: Duration = Duration::from_millis(100);
/// Until all that is allocated once is.
const WARM: Duration = Duration::from_secs(10);

fn account(name: &str, centre: &Centre, keys: &str) -> String {
    let keys = format!("{keys}requests_per_minute: 60000, ");
    account_of(name, &centre.url, centre.simulator.contract(), &keys)
}

fn of(page: &Page, account: &str) -> Page {
    let own = |labels: &std::collections::BTreeMap<String, String>| {
        labels.get("account").is_some_and(|it| it == account)
    };
    let samples = page.samples.clone().into_iter();
    Page {
        samples: samples.filter(|((_, labels), _)| own(labels)).collect(),
    }
}

#[test]
fn a_minute_of_reloads_leaves_nothing_behind_and_loses_nothing() {
    let centre = |stream: &str| {
        let contract = Contract {
            stream_id: stream.to_owned(),
            ..contract()
        };
        Centre::open(plan_since(3_600, 2_000.0), contract)
    };
    let (stays, goes) = (centre("st-stays"), centre("st-goes"));
    let home = Home::new("");
    let configure = |accounts: &[String]| {
        home.configure(&format!(
            "accounts:\n{}poll: {{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 2h, max_lookback: 1d}}\n\
             live: {{interval: 1s}}\nmetrics: {{zero_first: 0s}}\n",
            accounts.concat()
        ));
    };
    configure(&[account("stays", &stays, "")]);
    let flags = ["--web.enable-lifecycle", "--log.level=warn"];
    let exporter = home.serve_as(free_address(), &[], &flags);
    let mut page = exporter.wait_for("the first counts", 30, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    reload_on_and_on(&exporter, &mut page, |reloads, bad| {
        let changes = [
            "",
            "targets: {abandonment_ratio: 0.1}, ",
            "channels: {Voice: {speed_of_answer: 9s}}, ",
        ];
        let mut accounts = vec![account("stays", &stays, changes[reloads % 3])];
        if reloads % 6 >= 3 {
            accounts.push(account("goes", &goes, ""));
        }
        if bad {
            accounts.push("- {name: bad}\n".to_owned());
        }
        configure(&accounts);
    });
    assert_eq!(exporter.get("/-/healthy").unwrap().0, 200);

    configure(&[account("stays", &stays, "")]);
    assert_eq!(exporter.reload().0, 200);
    stays.simulator.freeze();
    let left = |page: &Page| all_differences(page, &stays.simulator, &Witness::default());
    exporter.comes_to(60, left);
    assert_eq!(exporter.signal("TERM"), Some(0));
}

/// Each with what `configure` writes for it: one of seven is bad.
fn reload_on_and_on(exporter: &Exporter, page: &mut Page, configure: impl Fn(usize, bool)) {
    let begun = Instant::now();
    let (mut reloads, mut slowest, mut warm) = (0_usize, Duration::ZERO, None);
    while begun.elapsed() < LASTS {
        let bad = reloads % 7 == 6;
        configure(reloads, bad);
        let asked = Instant::now();
        let (status, told) = exporter.reload();
        slowest = slowest.max(asked.elapsed());
        assert_eq!(status, if bad { 500 } else { 200 }, "{told}");
        let next = of(&exporter.page(), "stays");
        nothing_falls(&of(page, "stays"), &next);
        *page = next;
        reloads += 1;
        if begun.elapsed() > WARM && warm.is_none() {
            warm = Some(Taken::by(exporter.id()));
        }
        std::thread::sleep(EVERY.saturating_sub(asked.elapsed()));
    }
    let (now, warm) = (Taken::by(exporter.id()), warm.unwrap());
    let (resident, files) = (now.resident_kb, now.files);
    let (warm_resident, warm_files) = (warm.resident_kb, warm.files);
    println!(
        "{reloads} reloads, the slowest {slowest:?}; {warm_resident} kB and {warm_files} files, then {resident} and {files}"
    );
    // Each waits until something has come of the one before.
    assert!(reloads > 50, "{reloads} reloads are no crowd");
    assert!(
        resident < warm_resident * 3 / 2,
        "{warm_resident} kB became {resident}"
    );
    assert!(files < warm_files + 20, "{warm_files} files became {files}");
}
