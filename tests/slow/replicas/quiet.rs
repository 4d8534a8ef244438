//! In peace a pair costs the vendor no more than one exporter alone.

use crate::support::replicas::{Replicas, Setting, Several};
use std::time::Duration;

const MINUTES: u64 = 5;
const ACCOUNTS: usize = 2;

#[test]
fn a_pair_in_peace_asks_as_much_as_one() {
    let scene = |replicas| {
        let mut setting = Setting::of(ACCOUNTS, replicas, 1_000.0);
        setting.requests_per_minute = 30;
        setting.poll = "{initial_lookback: 1h, max_lookback: 1d}".to_owned();
        let several = Several::with(setting);
        let replicas = several.serve_all();
        (several, replicas)
    };
    let scenes = [scene(1), scene(2)];
    std::thread::sleep(Duration::from_mins(MINUTES));
    let asked = |(several, replicas): &(Several, Replicas)| {
        let of = |account| {
            (0..replicas.len()).map(move |at| several.to_centre(at, account).asked().len())
        };
        (0..ACCOUNTS).flat_map(of).sum::<usize>()
    };
    let [one, pair] = scenes.each_ref().map(asked);
    println!("{one} requests of one exporter, {pair} of a pair, within {MINUTES} minutes");
    assert!(one > 50, "{one} requests are no test");
    assert!(
        pair as f64 <= 1.05 * one as f64,
        "{pair} of the pair, {one} of one"
    );
    for (several, replicas) in &scenes {
        assert!(several.all_counted_once(&replicas.pages()));
    }
}
