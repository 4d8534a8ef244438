//! From callers who give up to the page and back to quiet, with the programs that run in earnest: `simulate`, `serve`,
//! Prometheus and Alertmanager, on the configuration and the rules that ship.
//!
//! A spike takes longer to grow and to pass than a test may last. So one course of events is visited at three
//! moments: each has a centre that has lived until then and an exporter that has read it, and one exporter after the
//! other stands where Prometheus scrapes. Of what ships, the copies change addresses, how often things are done, and for
//! how long an alert is held after its cause; no expression, no window, no threshold.

use crate::paging::inbox::{Alert, Inbox, Labels, Notification};
use crate::paging::moment::Moment;
use crate::paging::{Alertmanager, Prometheus, until};
use serde_json::Value;
use std::net::SocketAddr;
use tempfile::TempDir;

/// Evaluations, one a second, that must pass before "nothing happens" is believed.
const ENOUGH: usize = 15;

#[tokio::test(flavor = "multi_thread")]
async fn a_spike_pages_once_and_resolves_and_an_ordinary_day_pages_nobody() {
    let folder = TempDir::new().unwrap();
    let [before, during, after] = [-20, 15, 50].map(Moment::open);
    let inbox = Inbox::open().await;
    let alertmanager = Alertmanager::start(folder.path(), inbox.address);
    let standing = before.stand();
    let target = standing.exporter.address;
    let prometheus = Prometheus::start(folder.path(), target, alertmanager.address);

    let judged = r#"smartassist_abandonment_evidence_limit{scope="account"}"#;
    until("an ordinary day is judged", async || {
        prometheus.has_seen(judged, ENOUGH).await
    })
    .await;
    // Pending ones too, since most would need minutes to fire.
    assert_eq!(
        prometheus.seen(r#"ALERTS{category="business"}"#).await,
        NOTHING
    );
    assert_eq!(
        prometheus.seen(r#"ALERTS{alertstate="firing"}"#).await,
        NOTHING
    );
    assert_eq!(inbox.all(), []);

    let standing = during.take_over(standing);
    until("the page", async || !inbox.about(SPIKE).is_empty()).await;
    until("the spike goes on", async || {
        prometheus.has_seen(FIRING, ENOUGH).await
    })
    .await;
    let pages = inbox.about(SPIKE);
    assert!(pages.iter().all(|page| page.status == "firing"));
    for scope in SCOPES {
        told_to_the_right_people(&pages, &labels(target, scope));
    }

    let _standing = after.take_over(standing);
    until("the page is taken back", async || {
        let pages = inbox.about(SPIKE);
        pages.last().is_some_and(|page| page.status == "resolved")
    })
    .await;
    assert!(
        prometheus
            .has_seen(
                &format!("{FIRING} and on () {judged} > smartassist_abandonment_evidence"),
                1
            )
            .await,
        "the alert ended with its exporter, not with the spike"
    );
    let pages = inbox.about(SPIKE);
    for scope in SCOPES {
        told_once(&pages, &labels(target, scope));
    }
    let exporter_alerts = r#"ALERTS{category="exporter", alertstate="firing"}"#;
    assert_eq!(prometheus.seen(exporter_alerts).await, NOTHING);
}

const NOTHING: [Value; 0] = [];
const SPIKE: &str = "AbandonmentSpike";
const FIRING: &str =
    r#"ALERTS{alertname="AbandonmentSpike", alertstate="firing", scope="account"}"#;

/// What the spike is seen in, among others: the account, one of its channels, one of its queues.
const SCOPES: [&[(&str, &str)]; 3] = [
    &[("scope", "account")],
    &[("scope", "channel"), ("channel", "Voice")],
    &[("scope", "queue"), ("queue", "Billing")],
];

/// All labels of the page for a scope.
fn labels(exporter: SocketAddr, scope: &[(&str, &str)]) -> Labels {
    let instance = exporter.to_string();
    let everywhere = [
        ("alertname", SPIKE),
        ("severity", "critical"),
        ("category", "business"),
        ("job", "smartassist"),
        ("instance", &instance),
        ("account", "acme"),
        ("grafana_url", "http://127.0.0.1:3000"),
        ("smartassist_exporter_url", "http://127.0.0.1:10720"),
    ];
    let pairs = everywhere.iter().chain(scope);
    pairs
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect()
}

/// Each telling of one alert, oldest first.
fn told<'a>(pages: &'a [Notification], labels: &Labels) -> Vec<&'a Alert> {
    let alerts = pages.iter().flat_map(|page| &page.alerts);
    alerts.filter(|alert| alert.labels == *labels).collect()
}

fn told_to_the_right_people(pages: &[Notification], labels: &Labels) {
    assert!(pages.iter().all(|page| page.receiver == "pages"));
    let told = told(pages, labels);
    let alert = told
        .first()
        .unwrap_or_else(|| panic!("nothing about {labels:?}: {pages:#?}"));
    let annotation = |name: &str| alert.annotations[name].as_str();
    assert!(
        annotation("summary").starts_with("Abandonment spike in acme"),
        "{alert:#?}"
    );
    assert!(
        annotation("description")
            .contains("conversations offered in the last 15 minutes were abandoned"),
        "{alert:#?}"
    );
    assert_eq!(
        annotation("runbook_url"),
        "http://127.0.0.1:10720/runbooks#AbandonmentSpike"
    );
    assert_eq!(
        annotation("dashboard_url"),
        "http://127.0.0.1:3000/d/smartassist-operations?var-account=acme"
    );
}

/// A group is told again when one of its alerts comes or goes, but no alert comes or goes twice.
fn told_once(pages: &[Notification], labels: &Labels) {
    let told = told(pages, labels);
    assert!(
        told.iter()
            .all(|alert| alert.starts_at == told[0].starts_at),
        "fired again: {told:#?}"
    );
    assert!(
        told.is_sorted_by_key(|alert| alert.status == "resolved"),
        "came back: {told:#?}"
    );
    assert!(told.last().is_some_and(|alert| alert.status == "resolved"));
    for (earlier, later) in pages.iter().zip(&pages[1..]) {
        assert_ne!(earlier, later, "told twice");
    }
}
