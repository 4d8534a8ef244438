//! Sums: what they stand at, and by which names they are stored.

use super::*;

/// Observations by the upper bound of their bucket, `None` above all of them.
fn bucket_of(measure: Measure, millis: u64) -> Option<u64> {
    let mut sum = Sum::zero(measure);
    sum.observe(measure, millis);
    let Sum::Histogram {
        buckets,
        sum_millis,
    } = sum
    else {
        panic!("{measure:?} is a histogram");
    };
    assert_eq!(sum_millis, millis);
    assert_eq!(buckets.iter().sum::<u64>(), 1);
    let at = buckets.iter().position(|count| *count == 1).unwrap();
    measure.bounds_s().unwrap().get(at).copied()
}

#[test]
fn an_observation_is_in_the_first_bucket_whose_bound_is_not_below_it() {
    for measure in Measure::ALL.iter().copied() {
        for bound_s in measure.bounds_s().unwrap_or_default() {
            let bound_ms = bound_s * 1000;
            assert_eq!(bucket_of(measure, bound_ms), Some(*bound_s));
            assert_eq!(bucket_of(measure, bound_ms - 1), Some(*bound_s));
            assert_ne!(bucket_of(measure, bound_ms + 1), Some(*bound_s));
        }
    }
    assert_eq!(bucket_of(Measure::QueueWait, 0), Some(1));
    assert_eq!(bucket_of(Measure::QueueWait, 3_600_001), None);
}

#[test]
fn histograms_of_one_shown_queue_add_up_bucket_by_bucket() {
    let measure = Measure::QueueWait;
    let of = |waits: &[u64]| {
        let mut sum = Sum::zero(measure);
        waits
            .iter()
            .for_each(|millis| sum.observe(measure, *millis));
        sum
    };
    let mut sum = of(&[500, 25_000]);
    sum.add(&of(&[25_000, 4_000_000]));
    assert_eq!(sum, of(&[500, 25_000, 25_000, 4_000_000]));
    assert_eq!(sum.count(), 4);
}

#[test]
fn a_label_set_takes_room_once_and_the_overflow_series_takes_none() {
    let measure = Measure::FinalStatus;
    let key = |word| SeriesKey {
        measure,
        channel: Sym(2),
        queue: QueueSym::default(),
        own: Own::word(Sym(word)),
    };
    let mut sums = Sums::default();
    for (key, sets) in [
        (key(3), 1),
        (key(3), 1),
        (key(4), 2),
        (SeriesKey::overflow(measure), 2),
        (SeriesKey::overflow(measure), 2),
    ] {
        sums.set(key, Sum::Count(1));
        assert_eq!(sums.sets(measure), sets);
    }
}

#[test]
fn every_measure_of_an_agent_takes_over_what_the_first_version_counted_of_agents() {
    let stored = [2, 3, 4, 5, 6, 7].map(Sym);
    let split = |measure: &Measure| {
        let keys = SeriesKey::of_first_version(*measure, stored);
        let measures: Vec<_> = keys.map(|key| key.measure).collect();
        (measures.len() == 2).then(|| (measures[0], measures[1]))
    };
    let split: Vec<_> = Measure::ALL.iter().filter_map(split).collect();
    let mut expected = vec![
        (Measure::AgentPickup, Measure::ByAgentPickup),
        (Measure::FirstResponse, Measure::ByAgentFirstResponse),
        (Measure::Interaction, Measure::ByAgentInteraction),
        (Measure::AfterCallWork, Measure::ByAgentAfterCallWork),
        (Measure::AgentNonresponses, Measure::ByAgentNonresponses),
    ];
    expected.sort_unstable_by_key(|(measure, _)| split.iter().position(|(of, _)| of == measure));
    assert_eq!(split, expected);
}

#[test]
fn a_stored_measure_is_read_back_from_its_number() {
    for measure in Measure::ALL.iter().copied() {
        let read = Measure::from_u8(measure as u8);
        assert_eq!(read, measure.is_sum().then_some(measure));
    }
}

#[test]
fn kinds_are_called_as_the_text_format_does() {
    let kinds = [
        MetricKind::Counter,
        MetricKind::Gauge,
        MetricKind::Histogram,
    ];
    assert_eq!(
        kinds.map(MetricKind::as_str),
        ["counter", "gauge", "histogram"]
    );
}

#[test]
fn a_channel_or_queue_is_configured_where_something_is_set_for_it() {
    let targets = targets_of([("Voice", within(40))], [("Billing", within(60))]);
    assert!(targets.has_channel("vOICE") && targets.has_channel("System Mail"));
    assert!(!targets.has_channel("Web") && !targets.has_channel("Billing"));
    assert!(targets.has_queue("bILLING"));
    assert!(!targets.has_queue("Sales") && !targets.has_queue("Voice"));
}
