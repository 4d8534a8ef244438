//! How soon evidence pages and how often falsely, over months and many centres: what is promised, held.

use crate::replay::campaign::{congested_false_pages, false_pages, quiet, spikes};

#[test]
fn spikes_page_about_as_soon_as_can_be_known_in_many_centres() {
    for (per_hour, ratio, wanted_s) in [
        (1500.0, 0.9, 52),
        (1500.0, 0.4, 92),
        (1500.0, 0.25, 165),
        (400.0, 0.4, 222),
        (400.0, 0.25, 446),
    ] {
        let found = spikes(per_hour, ratio, 25);
        let median = found.at(0.5).expect("half of them are found");
        println!("{per_hour} an hour, {ratio}: {median} s of {wanted_s}");
        assert!(
            median <= wanted_s,
            "{per_hour} an hour, {ratio}: {median} s"
        );
    }
}

#[test]
fn quiet_and_congested_centres_page_at_most_once_a_month() {
    const DAYS: i64 = 92;
    const CENTRES: u64 = 3;
    let months = (CENTRES as i64 * (DAYS - 2) / 30) as usize;
    for per_hour in [400.0, 1500.0] {
        for target in [0.02, 0.05, 0.08] {
            let pages: usize = (0..CENTRES)
                .map(|seed| false_pages(&quiet(5000 + seed, DAYS, per_hour), target).len())
                .sum();
            println!("{per_hour} an hour, target {target}: {pages} in {months} months");
            assert!(pages <= months);
        }
        let seeds = (0..CENTRES).map(|seed| 6000 + seed);
        let pages = congested_false_pages(seeds, DAYS, per_hour);
        println!("{per_hour} an hour, congested: {pages} in {months} months");
        // By chance half as many again.
        assert!(pages <= months + months / 2);
    }
}
