use super::*;
use crate::simulator::http::Reading;
use crate::simulator::truth::{Truth, Witness};
use crate::simulator::wire::{self, Lens, Selected};
use proptest::prelude::*;
use std::collections::BTreeSet;

const HOUR_MS: i64 = 3_600_000;
/// 2025-10-01T00:00:00Z.
const START_MS: i64 = 1_759_276_800_000;

fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        start_ms: START_MS,
        rate_per_hour: 600.0,
        local_offset_minutes: 0,
        scenario: Scenario::STEADY,
        late_segments: true,
        replaced_dispositions: 0.0,
    }
}

fn lived(plan: Plan, hours: i64) -> World {
    let mut world = World::new(plan);
    world.advance(START_MS + hours * HOUR_MS);
    world
}

fn ratio_between(world: &World, from_ms: i64, to_ms: i64) -> f64 {
    let truth = |at_ms: i64| Truth::of(world, at_ms, &Reading::default(), &Witness::default());
    let (before, after) = (truth(from_ms), truth(to_ms));
    let offered = |truth: &Truth| truth.total("smartassist_offered_total", ("", "")) as f64;
    let abandoned = |truth: &Truth| truth.abandonment_ratio() * offered(truth);
    (abandoned(&after) - abandoned(&before)) / (offered(&after) - offered(&before))
}

#[test]
fn the_same_seed_makes_the_same_world_however_time_is_cut() {
    let whole = lived(plan(7), 6);
    let mut cut = World::new(plan(7));
    for minute in 0..360 {
        cut.advance(START_MS + minute * 60_000);
        cut.advance(START_MS + minute * 30_000);
    }
    cut.advance(START_MS + 6 * HOUR_MS);
    assert!(whole.conversations().len() > 500);
    assert_eq!(whole.conversations(), cut.conversations());
    assert_ne!(whole.conversations(), lived(plan(8), 6).conversations());
}

#[test]
fn every_arrival_ends_in_exactly_one_way() {
    let world = lived(plan(1), 24);
    let now_ms = START_MS + 24 * HOUR_MS;
    let truth = Truth::of(&world, now_ms, &Reading::default(), &Witness::default());
    assert_eq!(
        truth.counted + truth.open,
        world.conversations().len() as u64
    );
    assert_eq!(
        truth.total("smartassist_conversations_total", ("", "")),
        truth.counted
    );
    assert_eq!(
        truth.total("smartassist_final_status_total", ("", "")),
        truth.counted
    );
    for conversation in world.conversations() {
        let undecided = world.progress.contains_key(&conversation.number);
        let with_bot = conversation.end.is_none() && conversation.destinations.is_empty();
        assert_eq!(
            conversation.end.is_none(),
            undecided || with_bot,
            "{conversation:?}"
        );
    }
    // Nobody is in two places: who waits in a team waits once, and is known to wait there.
    for (place, team) in world.teams.iter().enumerate() {
        let waiting: BTreeSet<_> = team.waiting.iter().collect();
        assert_eq!(waiting.len(), team.waiting.len());
        assert!(
            waiting
                .iter()
                .all(|number| world.progress[number] == Phase::Waiting { queue: place })
        );
        let idle: BTreeSet<_> = team.idle.iter().collect();
        assert_eq!(idle.len(), team.idle.len());
    }
}

#[test]
fn a_day_shows_every_outcome_channel_queue_and_survey() {
    let world = lived(plan(1), 24);
    let truth = Truth::of(
        &world,
        START_MS + 24 * HOUR_MS,
        &Reading::default(),
        &Witness::default(),
    );
    let some = |metric: &str, label: (&str, &str)| {
        assert!(truth.total(metric, label) > 0, "{metric} {label:?}");
    };
    for outcome in [
        "answered",
        "abandoned",
        "abandoned_with_agent",
        "terminated",
        "callback",
        "contained",
        "bot_dropped",
        "other",
    ] {
        some("smartassist_conversations_total", ("outcome", outcome));
    }
    for outcome in [
        "answered",
        "transferred",
        "abandoned",
        "terminated",
        "callback",
    ] {
        some("smartassist_queue_entries_total", ("outcome", outcome));
    }
    for channel in ["Voice", "Web/Mobile Client", "System Mail", "campaign"] {
        some("smartassist_conversations_total", ("channel", channel));
    }
    for queue in ["Billing", "Support", "Sales", "Claims", "none"] {
        some("smartassist_conversations_total", ("queue", queue));
    }
    for score in 1..=5 {
        some(
            "smartassist_csat_responses_total",
            ("score", &score.to_string()),
        );
    }
    for metric in [
        "smartassist_nps_responses_total",
        "smartassist_transfers_total",
        "smartassist_answered_within_target_total",
    ] {
        some(metric, ("", ""));
    }
    for (metric, label, value) in [
        ("smartassist_callbacks_total", "stage", "accepted"),
        (
            "smartassist_like_dislike_responses_total",
            "response",
            "like",
        ),
        (
            "smartassist_like_dislike_responses_total",
            "response",
            "dislike",
        ),
        ("smartassist_agent_nonresponses_total", "event", "Ignored"),
        ("smartassist_agent_nonresponses_total", "event", "unknown"),
        ("smartassist_conversations_total", "direction", "outbound"),
    ] {
        some(metric, (label, value));
    }
}

#[test]
fn a_steady_day_is_in_band() {
    for seed in 0..5 {
        let world = lived(plan(seed), 24);
        let ratio = ratio_between(&world, START_MS, START_MS + 24 * HOUR_MS);
        assert!(
            (0.01..0.05).contains(&ratio),
            "seed {seed}: abandonment {ratio}"
        );
        let truth = Truth::of(
            &world,
            START_MS + 24 * HOUR_MS,
            &Reading::default(),
            &Witness::default(),
        );
        let offered = truth.total("smartassist_offered_total", ("", "")) as f64;
        let within = truth.total("smartassist_answered_within_target_total", ("", "")) as f64;
        assert!(
            (0.75..0.95).contains(&(within / offered)),
            "seed {seed}: service level {}",
            within / offered
        );
        let per_hour = world.conversations().len() as f64 / 24.0;
        assert!(
            (540.0..660.0).contains(&per_hour),
            "seed {seed}: {per_hour} an hour"
        );
    }
}

#[test]
fn abandonment_rises_when_the_staff_walks_out_and_falls_when_it_is_back() {
    let start_ms = START_MS + 10 * HOUR_MS;
    let scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms,
        duration_ms: HOUR_MS,
        queue: None,
        ..Scenario::STEADY
    };
    let world = lived(
        Plan {
            scenario,
            ..plan(3)
        },
        15,
    );
    let during = ratio_between(&world, start_ms + HOUR_MS / 4, start_ms + HOUR_MS);
    let after = ratio_between(&world, start_ms + 3 * HOUR_MS, start_ms + 5 * HOUR_MS);
    assert!(during > 0.4, "during: {during}");
    assert!(after < 0.12, "after: {after}");
}

#[test]
fn a_survey_wave_brings_many_late_answers() {
    let start_ms = START_MS + 10 * HOUR_MS;
    let scenario = Scenario {
        name: Name::SurveyWave,
        start_ms,
        duration_ms: HOUR_MS,
        queue: None,
        ..Scenario::STEADY
    };
    let answers = |scenario: Scenario| {
        let world = lived(
            Plan {
                scenario,
                ..plan(3)
            },
            12,
        );
        let by = |at_ms: i64| {
            Truth::of(&world, at_ms, &Reading::default(), &Witness::default())
                .total("smartassist_csat_responses_total", ("", ""))
        };
        by(start_ms + HOUR_MS) - by(start_ms)
    };
    let (wave, steady) = (answers(scenario), answers(Scenario::STEADY));
    assert!(wave > 4 * steady, "{wave} in the wave, {steady} without");
}

#[test]
fn parts_of_a_conversation_follow_each_other() {
    for conversation in lived(plan(5), 24).conversations() {
        let mut at_ms = conversation.start_ms;
        for destination in &conversation.destinations {
            assert!(destination.enter_ms >= at_ms, "{conversation:?}");
            at_ms = destination.enter_ms;
            if let Some(segment) = &destination.segment {
                assert!(
                    at_ms <= segment.assigned_ms && segment.assigned_ms <= segment.accepted_ms,
                    "{conversation:?}"
                );
                assert!(
                    segment.accepted_ms < segment.interaction_end_ms,
                    "{conversation:?}"
                );
                if let Some(end) = conversation.end {
                    let after_s = (segment.interaction_end_ms - end.at_ms) / 1000;
                    let last = conversation.destinations.last() == Some(destination);
                    assert!(!last || (-66..=36).contains(&after_s), "{conversation:?}");
                }
                at_ms = segment.accepted_ms;
            }
        }
        assert!(
            conversation.end.is_none_or(|end| end.at_ms > at_ms),
            "{conversation:?}"
        );
    }
}

/// Everything `earlier` shows is in `later`, lists as prefixes.
fn grew(earlier: &serde_json::Value, later: &serde_json::Value) -> bool {
    match (earlier, later) {
        (serde_json::Value::Object(earlier), serde_json::Value::Object(later)) => earlier
            .iter()
            .all(|(key, value)| later.get(key).is_some_and(|newer| grew(value, newer))),
        (serde_json::Value::Array(earlier), serde_json::Value::Array(later)) => {
            earlier.len() <= later.len()
                && earlier
                    .iter()
                    .zip(later)
                    .all(|(value, newer)| grew(value, newer))
        }
        _ => earlier == later,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn growth_after_the_end_only_adds(seed in 0u64..1_000, moments in prop::collection::vec(0i64..8 * HOUR_MS, 2..6)) {
        let world = lived(Plan { rate_per_hour: 60.0, ..plan(seed) }, 10);
        let mut moments = moments;
        moments.sort_unstable();
        let all = Selected { skills: true, customer_info: true, user_tags: true, session_tags: true };
        for conversation in world.conversations() {
            let looks: Vec<_> = moments.iter().map(|after_ms| START_MS + 2 * HOUR_MS + after_ms)
                .filter(|now_ms| conversation.ended(*now_ms).is_some())
                .filter_map(|now_ms| {
                    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(5));
                    let lens = Lens { seed, now_ms, zone: &zone, selected: all, second: seed % 2 == 0 };
                    serde_json::to_value(wire::row(conversation, &lens)).ok()
                })
                .collect();
            for pair in looks.windows(2) {
                prop_assert!(grew(&pair[0], &pair[1]), "{:#}\n{:#}", pair[0], pair[1]);
            }
        }
    }
}
