//! The real client against the simulator, with each of its faults, oddities and readings.

mod aside;
mod faults;
mod forms;

use super::form::{Diagnosis, Line, State};
use super::{ask, examine, form};
use crate::client::Limits;
use crate::clock::{self, WallClock};
use crate::config::{self, CallDetails, Choice, Config, Flags};
use crate::simulator::http::{
    Face, NoData, NumResults, OffsetCounts, Reading, SecondVersion, SelectsOn, Zone, fixed_zone,
};
use crate::simulator::{Contract, Faults, Plan, Scenario, Simulator, serve};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Every check of an account, in order: a name that changes breaks whoever reads the JSON.
const CHECKS: &str = "proxy name connection tls token clock scope_analytics scope_configuration \
    scope_wfm stream page records offset num_results short_pages zone running lateness requests";

struct Case {
    contract: Contract,
    rate_per_hour: f64,
    faults: Vec<(String, f64)>,
    clock: WallClock,
    configure: fn(&mut Config),
    secret: String,
    patience: Duration,
}

fn case() -> Case {
    Case {
        contract: Contract {
            requests_per_minute: 100_000,
            // What is slow takes 30 ms here.
            pace: 100.0,
            ..Contract::default()
        },
        rate_per_hour: 800.0,
        faults: Vec::new(),
        clock: clock::now_ms,
        configure: |_| {},
        secret: Contract::default().client_secret,
        patience: Duration::from_secs(10),
    }
}

fn reading(change: impl FnOnce(&mut Reading)) -> Case {
    let mut case = case();
    change(&mut case.contract.reading);
    case
}

fn faults(names: &[&str], rate: f64) -> Case {
    let faults = names.iter().map(|name| ((*name).to_owned(), rate));
    Case {
        faults: faults.collect(),
        ..case()
    }
}

fn configured(configure: fn(&mut Config)) -> Case {
    Case {
        configure,
        ..case()
    }
}

impl Case {
    /// Half an hour of a centre in which it is half past ten in the morning.
    fn simulator(&self) -> Arc<Simulator> {
        let now_s = clock::now_s();
        let plan = Plan {
            seed: 11,
            start_ms: (now_s - 1_800) * 1_000,
            rate_per_hour: self.rate_per_hour,
            local_offset_minutes: 630 - i32::try_from(now_s.rem_euclid(86_400) / 60).unwrap(),
            scenario: Scenario::STEADY,
            late_segments: false,
            replaced_dispositions: 0.0,
        };
        let faults = self.faults.iter();
        let faults = faults.map(|(name, rate)| Faults::parse(&format!("{name}={rate}")).unwrap());
        let faults = Faults::new(faults).unwrap();
        let clock = Box::new(clock::now_ms);
        let simulator = Simulator::new(plan, self.contract.clone(), faults, clock);
        simulator.live();
        simulator
    }

    fn config(&self, url: &str) -> Config {
        let contract = Contract::default();
        let variable = |name: &str| {
            let value = match name {
                "SMARTASSIST_URL" => url,
                "SMARTASSIST_ACCOUNT_ID" => &contract.account_id,
                "SMARTASSIST_STREAM_ID" => &contract.stream_id,
                "SMARTASSIST_CLIENT_ID" => &contract.client_id,
                "SMARTASSIST_CLIENT_SECRET" => &self.secret,
                _ => return None,
            };
            Some(value.into())
        };
        let flags = Flags {
            file: None,
            listen_address: None,
        };
        let (mut config, _) = config::load(&flags, variable).unwrap();
        config.accounts[0].requests_per_minute = 100_000;
        (self.configure)(&mut config);
        config
    }

    async fn diagnose(self) -> Diagnosis {
        self.diagnose_by("http").await
    }

    async fn diagnose_by(self, scheme: &str) -> Diagnosis {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, self.simulator(), stop.clone()));
        let diagnosis = self.examine(&url).await;
        stop.cancel();
        serving.await.unwrap().unwrap();
        diagnosis
    }

    async fn examine(&self, url: &str) -> Diagnosis {
        let config = self.config(url);
        let limits = Limits {
            stall: self.patience,
            timeout: Duration::from_secs(10),
            first_pause: Duration::from_millis(10),
            ..Limits::default()
        };
        let diagnosis = examine(&config, &config.accounts[0], &limits, self.clock).await;
        let ids: Vec<&str> = diagnosis.checks.iter().map(|line| line.id).collect();
        assert_eq!(ids.join(" "), CHECKS);
        let told = form::text(&diagnosis);
        assert!(diagnosis.requests <= ask::MOST_REQUESTS, "{told}");
        assert!(
            !told.contains(&self.secret) && !told.contains("eyJ"),
            "{told}"
        );
        diagnosis
    }
}

fn line<'d>(diagnosis: &'d Diagnosis, id: &str) -> &'d Line {
    diagnosis.checks.iter().find(|line| line.id == id).unwrap()
}

fn found<'d>(diagnosis: &'d Diagnosis, id: &str) -> &'d str {
    line(diagnosis, id).found.as_deref().unwrap_or("nothing")
}

/// A check has this state, and says this.
fn assert_says(diagnosis: &Diagnosis, id: &str, state: State, words: &str) {
    let line = line(diagnosis, id);
    let told = form::text(diagnosis);
    assert!(
        line.state == state && line.text.contains(words),
        "{id} {state:?} {words}\n{told}"
    );
}

fn assert_well(diagnosis: &Diagnosis, what: &str) {
    let told = form::text(diagnosis);
    assert_eq!(diagnosis.state, State::Ok, "{what}\n{told}");
}

#[tokio::test]
async fn all_is_well_with_the_simulator_as_it_is() {
    let diagnosis = case().diagnose().await;
    assert_well(&diagnosis, "");
    for (id, what) in [
        ("proxy", "none"),
        ("token", "accepted"),
        ("scope_analytics", "granted"),
        ("scope_configuration", "granted"),
        ("offset", "pages"),
        ("num_results", "total"),
        ("short_pages", "end"),
        ("zone", "0"),
        ("running", "listed"),
    ] {
        assert_eq!(found(&diagnosis, id), what, "{}", form::text(&diagnosis));
    }
    assert!(found(&diagnosis, "lateness").parse::<u32>().unwrap() < 60);
}

#[tokio::test]
async fn what_the_vendors_page_leaves_open_is_found_out() {
    use NumResults::{Missing, Page, TooFew, TooMany};
    let told = |it| reading(|reading| reading.num_results = it);
    let cases = [
        (
            reading(|it| it.offset = OffsetCounts::Rows),
            "offset",
            "rows",
        ),
        (
            reading(|it| it.empty_first_page = true),
            "offset",
            "pages_from_1",
        ),
        (told(Page), "num_results", "page"),
        (told(Missing), "num_results", "missing"),
        (told(TooMany), "num_results", "neither"),
        (told(TooFew), "num_results", "neither"),
        (
            reading(|it| it.page_cap = Some(50)),
            "short_pages",
            "follow",
        ),
        (
            reading(|it| it.filter_after_paging = 0.05),
            "short_pages",
            "follow",
        ),
        (reading(|it| it.two_stores = true), "short_pages", "follow"),
        (reading(|it| it.zone = Zone::Fixed(330)), "zone", "19800"),
        (reading(|it| it.hide_live = true), "running", "hidden"),
        (
            reading(|it| it.queue_performance = Face::Unscoped),
            "scope_configuration",
            "missing",
        ),
    ];
    for (case, id, what) in cases {
        let shown = format!("{:?}", case.contract.reading);
        let diagnosis = case.diagnose().await;
        let told = form::text(&diagnosis);
        assert_eq!(found(&diagnosis, id), what, "{id} {shown}\n{told}");
        assert_well(&diagnosis, &shown);
    }
    let late = reading(|it| it.lag = Duration::from_secs(90));
    let late = late.diagnose().await;
    let late_s: u32 = found(&late, "lateness").parse().unwrap();
    assert!((90..200).contains(&late_s), "{late_s}");
}

#[tokio::test]
async fn readings_that_change_nothing_of_it_are_well() {
    let at_rate = |rate_per_hour| Case {
        rate_per_hour,
        ..case()
    };
    for case in [
        reading(|it| it.select = SelectsOn::End),
        reading(|it| it.page_overfull = true),
        reading(|it| it.ignore_time_of_day = true),
        reading(|it| it.byte_order_mark = true),
        reading(|it| it.conversations = Face::Missing),
        at_rate(20.0),
        at_rate(4_000.0),
    ] {
        let shown = format!("{} {:?}", case.rate_per_hour, case.contract.reading);
        assert_well(&case.diagnose().await, &shown);
    }
}

#[tokio::test]
async fn the_second_call_details_is_examined_and_where_it_lacks_the_first_is_told() {
    let second = |version| {
        let mut case = configured(|config| config.accounts[0].call_details = CallDetails::V2);
        case.contract.reading.call_details_v2 = version;
        case
    };
    let diagnosis = second(SecondVersion::Open).diagnose().await;
    assert_well(&diagnosis, "v2");
    assert_eq!(found(&diagnosis, "stream"), "v2");
    assert_eq!(found(&diagnosis, "running"), "listed");

    let diagnosis = second(SecondVersion::Missing).diagnose().await;
    let hint = "but v1 answers; hint: this account's release is older: set `call_details: v1`";
    assert_says(&diagnosis, "stream", State::Failed, hint);
    assert_eq!(found(&diagnosis, "stream"), "v1");

    let diagnosis = second(SecondVersion::Unscoped).diagnose().await;
    assert_says(
        &diagnosis,
        "scope_analytics",
        State::Failed,
        "SmartAssist Analytics",
    );
}

/// What can't be found out is skipped, and said so.
#[tokio::test]
async fn nothing_is_made_up_of_an_account_without_conversations() {
    for no_data in [NoData::List, NoData::Null, NoData::Missing] {
        let case = reading(|it| {
            it.no_data = no_data;
            it.lag = Duration::from_hours(24);
        });
        let diagnosis = case.diagnose().await;
        assert_well(&diagnosis, "");
        for id in "records offset num_results short_pages zone running lateness".split(' ') {
            assert_says(&diagnosis, id, State::Skipped, "hint: run it again");
        }
    }
}

/// One text of the vendor's has several causes: what else the token opens tells them apart.
#[tokio::test]
async fn a_bad_token_a_missing_scope_and_a_strange_stream_are_told_apart() {
    use State::{Failed, Ok, Skipped};
    let mut secret = case();
    secret.secret = "squeamish-ossifrage".to_owned();
    let secret = secret.diagnose().await;
    let words = "the client secret is not that of `client_id`";
    assert_says(&secret, "token", Failed, words);
    assert_says(
        &secret,
        "scope_configuration",
        Skipped,
        "the token is refused",
    );

    let scope = faults(&["call-details:401", "conversations:401"], 1.0);
    let scope = scope.diagnose().await;
    assert_says(&scope, "token", Ok, "accepted, but not for Call Details");
    let words = "give the app the scope `SmartAssist Analytics`";
    assert_says(&scope, "scope_analytics", Failed, words);

    let client = configured(|config| {
        if let config::Auth::Mint { client_id, .. } = &mut config.accounts[0].auth {
            client_id.make_ascii_uppercase();
        }
    });
    assert_says(&client.diagnose().await, "token", Failed, "its case counts");

    let stream = configured(|config| config.accounts[0].stream_id.push('x'));
    let stream = stream.diagnose().await;
    let words = "not for this `account_id` or `stream_id`";
    assert_says(&stream, "stream", Failed, words);
    assert_says(&stream, "token", Ok, "accepted");

    let missing = faults(&["call-details:404"], 1.0).diagnose().await;
    assert_says(&missing, "stream", Failed, "check `account_id`");

    let mut jti = case();
    jti.contract.enforce_jti = true;
    let jti = jti.diagnose().await;
    assert_says(&jti, "token", Failed, "set `auth.jti: true`");

    let mut on = faults(&["queue-performance:401"], 1.0);
    on.configure = |config| config.live.queue_performance = Choice::On;
    let words = "give the app the scope `Configuration`";
    assert_says(&on.diagnose().await, "scope_configuration", Failed, words);
}

#[tokio::test]
async fn the_way_to_the_api_is_told_step_by_step() {
    let name = case().examine("https://no-such-host.invalid").await;
    assert_says(&name, "name", State::Failed, "does not resolve");
    assert_says(&name, "connection", State::Skipped, "");
    assert_says(&name, "page", State::Skipped, "there is no connection");
    assert_eq!(name.requests, 0);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let port = case().examine(&format!("http://{address}")).await;
    assert_says(&port, "connection", State::Failed, "takes no connection");

    let plain = case().diagnose_by("https").await;
    assert_says(&plain, "tls", State::Failed, "`connection`");
    assert_says(&plain, "token", State::Skipped, "no page could be read");
}

#[tokio::test]
async fn a_clock_that_is_off_is_measured_against_the_answers() {
    let of = |clock| Case { clock, ..case() };
    let ahead = of(|| clock::now_ms() + 100_000).diagnose().await;
    assert_says(&ahead, "clock", State::Failed, "s ahead of the server's");
    let behind = of(|| clock::now_ms() - 15_000).diagnose().await;
    assert_says(&behind, "clock", State::Warning, "s behind the server's");
}

#[tokio::test]
async fn a_zone_that_is_configured_is_held_against_the_records() {
    let mut case = reading(|it| it.zone = Zone::Fixed(330));
    case.configure = |config| config.accounts[0].time_zone = Some(fixed_zone(60));
    let words = "records tell UTC+05:30, `time_zone` says UTC+01:00";
    assert_says(&case.diagnose().await, "zone", State::Warning, words);
}
