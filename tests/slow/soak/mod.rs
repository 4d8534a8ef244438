//! One long life: an exporter and its state go through every kind of trouble, in an order that is drawn.
//!
//! Each file holds one kind of trouble. A step says what is done, which metric shows it and which line of the log tells it;
//! while the trouble lasts both are waited for. Afterwards the counts are the witness's, no counter fell on any page that was
//! seen, and memory and open files are flat. At the end a table says what was done, how often, and what was measured.
//!
//! `SOAK_MINUTES` says how long (each step is done once at least), `SOAK_SEED` repeats an order, `SOAK_ONLY` picks the
//! steps whose names hold a text.

mod accounts;
mod clock;
mod damage;
mod disk;
mod kills;
mod life;
mod mounts;
mod second;
mod step;
mod table;
mod taken;
mod vendor;

use life::Life;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::time::{Duration, Instant};
use step::Step;
use table::Table;

const MINUTES: u64 = 10;

fn all() -> Vec<Step> {
    [
        kills::steps(),
        vendor::steps(),
        disk::steps(),
        damage::steps(),
        clock::steps(),
        second::steps(),
        accounts::steps(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn told<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    let value = text.parse().ok();
    Some(value.unwrap_or_else(|| panic!("`{variable}` is `{text}`, which is no number")))
}

#[test]
fn one_state_survives_every_trouble_in_any_order() {
    if mounts::did_it_inside("soak::one_state_survives_every_trouble_in_any_order") {
        return;
    }
    let seed = told("SOAK_SEED").unwrap_or_else(rand::random);
    let lasts = Duration::from_secs(60 * told("SOAK_MINUTES").unwrap_or(MINUTES));
    let only = std::env::var("SOAK_ONLY").unwrap_or_default();
    println!("SOAK_SEED={seed}: the same seed repeats the order of the steps");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut steps: Vec<Step> = all()
        .into_iter()
        .filter(|step| step.name.contains(&only))
        .collect();
    let mut table = Table::of(&steps);
    let mut life = Life::begin(seed);
    let begun = Instant::now();
    while table.rounds() == 0 || begun.elapsed() < lasts {
        steps.shuffle(&mut dice);
        for step in &steps {
            if table.rounds() > 0 && begun.elapsed() >= lasts {
                break;
            }
            if step.needs_mounts && !mounts::are_allowed() {
                table.left_out(step);
                continue;
            }
            println!("{:>5} s  {}", begun.elapsed().as_secs(), step.name);
            let after = life.goes_through(step);
            table.done(step, after);
        }
        table.round();
    }
    life.ends();
}
