//! How far recent ratios lean: answered conversations end later than abandoned ones, and are found later by their start.

use crate::pollers::{Delayed, Planned, Poller, Trailing};
use crate::run::{DAY_S, MEASURED_S, Reading, Run};
use crate::world::{World, arrivals};
use crate::{HOUR_S, MINUTE_S, REQUESTS_PER_MINUTE, RULE};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The recent window.
const WINDOW_S: i64 = 15 * MINUTE_S;

/// The default: an unanswered conversation counts once its session ended this long ago.
const SETTLE_S: i64 = 30;

struct Ended {
    ended_s: i64,
    abandoned: bool,
    /// `i64::MAX`: never.
    counted_s: i64,
}

pub fn print(world: &World) {
    println!(
        "Lean: shown ÷ true abandonment ratio in the 15-minute window, by length of the answered conversations"
    );
    println!(
        "(a tenth abandoned after 30 to 180 s; {} conversations an hour).\n",
        world.per_hour
    );
    let lengths_min = [2, 5, 10, 20, 30, 45, 60, 90];
    print!("{:<26}", "minutes");
    lengths_min
        .iter()
        .for_each(|minutes| print!(" {minutes:>6}"));
    println!();
    let planned = |spare| Planned::new(RULE, REQUESTS_PER_MINUTE, spare);
    line("planned (defaults)", &lengths_min, world, planned(true));
    line("planned, no spare", &lengths_min, world, planned(false));
    line(
        "last 15 min each interval",
        &lengths_min,
        world,
        Trailing::new(RULE.interval_s, 15 * MINUTE_S),
    );
    line(
        "last 1 h each interval",
        &lengths_min,
        world,
        Trailing::new(RULE.interval_s, HOUR_S),
    );
    line(
        "once, 15 min later",
        &lengths_min,
        world,
        Delayed::new(RULE.interval_s, 15 * MINUTE_S),
    );
}

fn line(name: &str, lengths_min: &[i64], world: &World, poller: impl Poller) {
    let run = Run::of(world, poller);
    print!("{name:<26}");
    for minutes in lengths_min {
        match lean(&ended(world.per_hour, minutes * MINUTE_S, &run.readings)) {
            Some(lean) => print!(" {lean:>6.2}"),
            None => print!(" {:>6}", "none"),
        }
    }
    println!();
}

/// A day of conversations whose answered ones last `length_s`, with the time when each was counted.
fn ended(per_hour: f64, length_s: i64, readings: &[Reading]) -> Vec<Ended> {
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let starts = arrivals(
        &mut dice,
        per_hour,
        MEASURED_S.start - 2 * HOUR_S,
        MEASURED_S.end,
    );
    let end = |start_s: i64| {
        let abandoned = dice.random_bool(0.1);
        let ended_s = start_s
            + if abandoned {
                dice.random_range(30..180)
            } else {
                length_s
            };
        let ready_s = ended_s + if abandoned { SETTLE_S } else { 0 };
        let first = readings.partition_point(|reading| reading.at_s < ready_s);
        let counts = |reading: &&Reading| (reading.from_s..reading.to_s).contains(&start_s);
        // Beyond an hour it is of no interest to a window of a quarter.
        let near = readings[first..]
            .iter()
            .take_while(|reading| reading.at_s < ready_s + HOUR_S);
        Ended {
            ended_s,
            abandoned,
            counted_s: near
                .clone()
                .find(counts)
                .map_or(i64::MAX, |reading| reading.at_s),
        }
    };
    let mut ended: Vec<Ended> = starts.into_iter().map(end).collect();
    ended.sort_unstable_by_key(|ended| ended.ended_s);
    ended
}

/// Shown ÷ true ratio, over windows of the whole day; none if nothing was shown.
fn lean(ended: &[Ended]) -> Option<f64> {
    let (mut shown, mut real) = ([0_u64; 2], [0_u64; 2]);
    for now_s in (MEASURED_S.start + WINDOW_S..MEASURED_S.start + DAY_S - HOUR_S).step_by(61) {
        let before = |at_s: i64| ended.partition_point(|ended| ended.ended_s <= at_s);
        for ended in &ended[before(now_s - WINDOW_S)..before(now_s)] {
            let part = [u64::from(ended.abandoned), 1];
            for (place, one) in part.into_iter().enumerate() {
                real[place] += one;
                shown[place] += if ended.counted_s <= now_s { one } else { 0 };
            }
        }
    }
    let ratio = |[abandoned, all]: [u64; 2]| abandoned as f64 / all as f64;
    (shown[1] > 0).then(|| ratio(shown) / ratio(real))
}
