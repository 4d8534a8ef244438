//! Quarters of an hour: they hold what the sums hold, by when conversations began.

use super::*;
use crate::ledger::quarters::Counts;
use proptest::prelude::*;

fn total(ledger: &Ledger) -> Counts {
    let mut total = Counts::default();
    let quarters = ledger.quarters.iter();
    let places = quarters.flat_map(|(_, quarter)| quarter.iter());
    places.for_each(|(_, counts)| total.add(counts));
    total
}

fn conversations(counts: &Counts) -> u64 {
    let outcomes = Outcome::ALL.iter();
    outcomes.map(|outcome| counts.conversations(*outcome)).sum()
}

/// As long as nothing is forgotten: every test of the ledger holds it, whatever it reads.
pub(super) fn are_the_sums(ledger: &Ledger) {
    let sum = |measure: Measure| {
        let sums = ledger.sums.iter();
        let of_measure = sums.filter(|(key, _)| key.measure == measure);
        of_measure.map(|(_, sum)| sum.count()).sum::<u64>()
    };
    let total = total(ledger);
    let [all, entries, transfers] = [
        Measure::Conversations,
        Measure::QueueEntries,
        Measure::Transfers,
    ]
    .map(sum);
    assert_eq!(
        (conversations(&total), total.entries(), total.transfers()),
        (all, entries, transfers)
    );
}

fn begun(id: &'static str, start_s: i64) -> Derived<'static> {
    let mut derived = answered(Some(id), None);
    (derived.start_s, derived.end_s) = (Some(start_s), Some(start_s + 100));
    derived.latest_s = start_s + 100;
    derived
}

#[test]
fn a_conversation_counts_in_the_quarter_in_which_it_began_however_late_a_fact_comes() {
    let mut bench = Bench::new();
    bench.read(&[begun("c-1", 10_799), begun("c-2", 10_800)]);
    let late = Fact {
        queue: Some(BILLING),
        ..fact(Kind::Transfer, "")
    };
    bench.read(&[with(begun("c-1", 10_799), [late])]);
    let told: Vec<_> = bench
        .ledger
        .quarters
        .iter()
        .map(|(start_s, quarter)| {
            let (began, counts) = quarter.iter().next().unwrap();
            let queue = bench.ledger.symbols.text(began.queue.id);
            let answered = counts.entries_of(Outcome::Answered);
            (start_s, &**queue, answered, counts.transfers())
        })
        .collect();
    assert_eq!(told, [(9_900, "qu-1", 1, 1), (10_800, "qu-1", 1, 0)]);
}

/// Counts never fall; what is held against the vendor's numbers of now follows the record.
#[test]
fn an_entry_that_reads_otherwise_later_is_what_it_reads_now() {
    let mut bench = Bench::new();
    let mut first = begun("c-1", 10_800);
    first.facts[2].text = "abandoned";
    bench.read(&[first]);
    let of = |bench: &Bench| {
        let all = total(&bench.ledger);
        [Outcome::Abandoned, Outcome::Answered].map(|outcome| all.entries_of(outcome))
    };
    assert_eq!(of(&bench), [1, 0]);
    bench.read(&[begun("c-1", 10_800)]);
    assert_eq!(of(&bench), [0, 1]);
    let sums = bench.sums();
    let counted = "QueueEntries{Voice,Billing,inbound,abandoned} 1".to_owned();
    assert!(sums.contains(&counted), "{sums:?}");
}

#[test]
fn a_record_without_a_start_is_in_no_quarter() {
    let mut bench = Bench::new();
    bench.read(&[begun("c-1", 10_800)]);
    let mut timeless = answered(Some("c-2"), None);
    timeless.start_s = None;
    let key = bench.ledger.key;
    let version = Version {
        ids: key.ids(&timeless.identity),
        digest: 1,
        derived: timeless,
    };
    let batch = Batch {
        records: vec![version],
        ..Batch::default()
    };
    let commit = bench.ledger.apply(batch, Known::default(), FLOOR_S);
    assert_eq!((commit.tally.applied, commit.quarters.len()), (1, 0));
    assert_eq!(commit.quarters_from_s, None);
}

#[test]
fn what_lies_eight_days_behind_the_newest_is_forgotten() {
    let mut ledger = Bench::new().ledger;
    let old_s = 900_000;
    let mut read = |id: &'static str, start_s: i64| {
        let derived = begun(id, start_s);
        let version = Version {
            ids: ledger.key.ids(&derived.identity),
            digest: start_s.unsigned_abs(),
            derived,
        };
        let batch = Batch {
            records: vec![version],
            ..Batch::default()
        };
        let commit = ledger.apply(batch, Known::default(), FLOOR_S);
        let forgets = commit.quarters_from_s;
        ledger.absorb(commit, Forgotten::default());
        let starts: Vec<i64> = ledger.quarters.iter().map(|(start_s, _)| start_s).collect();
        (starts, forgets)
    };
    assert_eq!(read("c-1", old_s).0, [old_s]);
    let last_s = old_s + KEPT_S;
    assert_eq!(
        read("c-2", last_s + 899),
        (vec![old_s, last_s], Some(old_s))
    );
    let next_s = last_s + QUARTER_S;
    let kept = (vec![last_s, next_s], Some(old_s + QUARTER_S));
    assert_eq!(read("c-3", next_s), kept);
    assert_eq!(read("c-4", old_s), (vec![last_s, next_s], None), "too late");
}

proptest! {
    /// Whatever order records come in, however they are split into windows, however often they come.
    #[test]
    fn no_order_and_no_repetition_changes_a_quarter(
        starts in prop::collection::vec(10_000_i64..40_000, 1..12),
        order in prop::collection::vec(0_usize..12, 0..30),
    ) {
        const IDS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let records: Vec<_> = IDS.into_iter().zip(starts).map(|(id, start_s)| begun(id, start_s)).collect();
        let mut once = Bench::new();
        once.read(&records);
        let mut many = Bench::new();
        for at in order {
            if let Some(record) = records.get(at) {
                many.read(std::slice::from_ref(record));
            }
        }
        for record in records.iter().rev() {
            many.read(std::slice::from_ref(record));
        }
        // Label values may have other numbers in another order: here there is one of each.
        prop_assert_eq!(&many.ledger.quarters, &once.ledger.quarters);
    }
}
