use super::*;
use std::time::Duration;

fn sample(gauge: Gauge, labels: &[&str], value: f64, until: Option<Instant>) -> LiveSample {
    LiveSample {
        gauge,
        labels: labels.iter().map(|label| Arc::from(*label)).collect(),
        value,
        until,
    }
}

#[test]
fn a_value_is_shown_until_it_is_too_old_and_no_longer() {
    let (live, now) = (Live::default(), Instant::now());
    let until = now + Duration::from_secs(45);
    let waiting = sample(Gauge::Waiting, &["Voice", "Billing"], 3.0, Some(until));
    let up = sample(Gauge::Up, &["queue_performance"], 0.0, None);
    live.show(&Arc::from("acme"), Teller::Live, vec![up, waiting]);
    let waiting =
        "smartassist_queue_waiting{account=\"acme\",channel=\"Voice\",queue=\"Billing\"} 3\n";
    let up = "smartassist_exporter_live_up{account=\"acme\",source=\"queue_performance\"} 0\n";
    let fresh = live.render(now + Duration::from_secs(44));
    assert!(fresh.contains(waiting) && fresh.contains(up), "{fresh}");
    let old = live.render(until);
    assert!(
        !old.contains("smartassist_queue_waiting") && old.contains(up),
        "{old}"
    );
}

#[test]
fn a_family_holds_all_accounts_in_order_and_what_is_shown_last() {
    let live = Live::default();
    for (account, value) in [("b", 1.0), ("a", 2.0), ("b", 3.0)] {
        let samples = ["Sales", "Billing"]
            .map(|queue| sample(Gauge::Waiting, &["Voice", queue], value, None));
        live.show(&Arc::from(account), Teller::Live, samples.to_vec());
    }
    let page = live.render(Instant::now());
    let values: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        values,
        [
            "smartassist_queue_waiting{account=\"a\",channel=\"Voice\",queue=\"Billing\"} 2",
            "smartassist_queue_waiting{account=\"a\",channel=\"Voice\",queue=\"Sales\"} 2",
            "smartassist_queue_waiting{account=\"b\",channel=\"Voice\",queue=\"Billing\"} 3",
            "smartassist_queue_waiting{account=\"b\",channel=\"Voice\",queue=\"Sales\"} 3",
        ]
    );
    assert_eq!(page.matches("# TYPE").count(), 1);
}
