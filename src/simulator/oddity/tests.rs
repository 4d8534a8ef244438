use super::super::http::{Reading, fixed_zone};
use super::super::scenario::Name;
use super::super::wire::Selected;
use super::super::{Plan, Scenario, Truth, Witness, World};
use super::*;

/// 2025-10-01T12:00:00Z.
const NOON_MS: i64 = 1_759_320_000_000;
const HOUR_MS: i64 = 3_600_000;

fn world() -> World {
    let mut world = World::new(Plan {
        seed: 5,
        start_ms: NOON_MS - 3 * HOUR_MS,
        rate_per_hour: 400.0,
        local_offset_minutes: 0,
        // Long waits bring callbacks, and callers who overflow into another queue.
        scenario: Scenario {
            name: Name::AbandonmentSpike,
            start_ms: NOON_MS - HOUR_MS,
            duration_ms: HOUR_MS,
            queue: None,
            ..Scenario::STEADY
        },
        late_segments: true,
        replaced_dispositions: 0.0,
    });
    world.advance(NOON_MS);
    world
}

/// All records at noon, with these oddities.
fn records(world: &World, odds: &[Odd]) -> Vec<Value> {
    let zone = fixed_zone(330);
    let lens = Lens {
        seed: world.seed(),
        now_ms: NOON_MS,
        zone: &zone,
        selected: Selected::default(),
        // It has all that any of them alters.
        second: true,
    };
    let look = |conversation| record(conversation, &Moment { lens, odds }).expect("a record");
    world.conversations().iter().map(look).collect()
}

/// All of them, plain and with these oddities.
fn both(world: &World, odds: &[Odd]) -> impl Iterator<Item = (Value, Value)> {
    records(world, &[]).into_iter().zip(records(world, odds))
}

#[test]
fn every_oddity_alters_some_records_and_a_greater_part_the_same_ones_and_more() {
    let world = world();
    let plain = records(&world, &[]);
    let altered = |part: f64, oddity: Oddity| -> Vec<usize> {
        let odd = records(&world, &[Odd { oddity, part }]);
        let differs = |number: &usize| plain[*number] != odd[*number];
        (0..plain.len()).filter(differs).collect()
    };
    for oddity in Oddity::ALL {
        let (all, some) = (altered(1.0, *oddity), altered(0.5, *oddity));
        assert!(!all.is_empty(), "{oddity} alters nothing");
        assert!(some.iter().all(|number| all.contains(number)), "{oddity}");
        assert!(some.len() < all.len() || all.len() < 3, "{oddity}");
        assert_eq!(altered(0.0, *oddity), [0; 0], "{oddity}");
    }
}

#[test]
fn a_conversation_is_struck_at_every_look_or_at_none_and_about_as_often_as_asked() {
    let world = world();
    let half = [Odd {
        oddity: Oddity::Blanks,
        part: 0.5,
    }];
    let all = world.conversations();
    let struck = all
        .iter()
        .filter(|conversation| Struck::new(&half, world.seed(), conversation).by(Oddity::Blanks))
        .count();
    let part = struck as f64 / all.len() as f64;
    assert!((0.45..0.55).contains(&part), "{part}");
}

#[test]
fn spellings_mean_what_the_plain_record_means() {
    let odds = [
        Odd::all(Oddity::EpochTimes),
        Odd::all(Oddity::NumbersAsText),
        Odd::all(Oddity::FlagsAsText),
    ];
    let zone = fixed_zone(330);
    let (mut opted, mut times) = (0, 0);
    for (plain, odd) in both(&world(), &odds) {
        let start: jiff::civil::DateTime = plain["sessionStartTime"]
            .as_str()
            .unwrap_or_default()
            .parse()
            .expect("a time");
        let told = match &odd["sessionStartTime"] {
            Value::Number(number) => number.as_i64().expect("whole"),
            Value::String(text) => text.parse().expect("digits"),
            other => panic!("{other}"),
        };
        let told_s = if told > 100_000_000_000 {
            told / 1000
        } else {
            told
        };
        assert_eq!(
            zone.to_timestamp(start).expect("in range").as_second(),
            told_s
        );
        times += 1;
        let flags = |record: &Value| -> Vec<Value> {
            let list = record["destinations"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            list.iter()
                .filter_map(|destination| destination.get("CallbackOpted").cloned())
                .collect()
        };
        for (plain, odd) in flags(&plain).iter().zip(flags(&odd)) {
            let said = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
            let yes = ["true", "yes", "1"].contains(&said.trim().to_lowercase().as_str());
            assert_eq!(plain == &Value::Bool(true), yes, "{odd}");
            opted += usize::from(plain == &Value::Bool(true));
        }
    }
    assert!(times > 300 && opted > 0, "{times} times, {opted} callbacks");
}

#[test]
fn what_waits_is_open_and_a_refused_score_counts_for_nothing() {
    let world = world();
    let truth = |odds: &[Odd]| {
        let reading = Reading {
            oddity: odds.to_vec(),
            ..Reading::default()
        };
        Truth::of(&world, NOON_MS, &reading, &Witness::default())
    };
    let plain = truth(&[]);
    for oddity in [
        Oddity::DestinationsNoList,
        Oddity::FlagUnreadable,
        Oddity::EndsIn2099,
    ] {
        let odd = truth(&[Odd::all(oddity)]);
        assert_eq!(plain.counted + plain.open, odd.counted + odd.open);
        assert!(odd.open > plain.open + 10, "{oddity}: {} open", odd.open);
    }
    let csat = |truth: &Truth| truth.total("smartassist_csat_responses_total", ("", ""));
    let refused = truth(&[Odd::all(Oddity::ScoresRefused)]);
    assert!(csat(&plain) > 20);
    assert_eq!((csat(&refused), refused.counted), (0, plain.counted));
}
