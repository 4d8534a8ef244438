//! Two and three replicas on a real PostgreSQL go through troubles that are drawn, while conversations begin and end.
//!
//! On the way, by pages that are read several times a second: no count of an account falls, whoever shows it; no two
//! replicas show the same account; whoever was followed by another asks nothing more; and every account is counted again in
//! time. At the end the counts are the witness's. A table says how long it took.
//!
//! `SOAK_TROUBLES` says how many steps there are for each scene, of one or two troubles; `SOAK_SEED` repeats an order.

mod campaign;
mod cases;
mod judge;
mod quiet;
mod report;
mod trouble;
mod watch;

use super::soak::told;
use campaign::Campaign;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use report::Report;
use std::time::{Duration, Instant};

const TROUBLES: usize = 55;
/// Between two looks at all the counts.
const LOOK_AFTER: usize = 10;

#[test]
fn a_pair_goes_through_every_trouble() {
    go_through_troubles(3, 2);
}

#[test]
fn three_go_through_every_trouble() {
    go_through_troubles(4, 3);
}

fn go_through_troubles(accounts: usize, replicas: usize) {
    let seed = told("SOAK_SEED").unwrap_or_else(rand::random);
    let steps = told("SOAK_TROUBLES").unwrap_or(TROUBLES);
    println!("SOAK_SEED={seed}: the same seed repeats the troubles of {replicas} replicas");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut report = Report::default();
    let mut campaign = Campaign::begin(accounts, replicas);
    let begun = Instant::now();
    for step in 1..=steps {
        let troubles = trouble::draw(&mut dice, replicas, accounts);
        println!(
            "{:>5} s  {replicas} replicas, {step}: {}",
            begun.elapsed().as_secs(),
            campaign::told(&troubles)
        );
        campaign.goes_through(&troubles, &mut report);
        std::thread::sleep(Duration::from_millis(dice.random_range(0..2_500)));
        if step % LOOK_AFTER == 0 {
            campaign.is_true();
        }
    }
    let wrong = campaign.comes_to_its_end();
    drop(report);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
