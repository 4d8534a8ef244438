use super::*;
use crate::api::{Page, Record, measure_offset};

const SAMPLE: &str = include_str!("../../tests/data/vendor-sample.json");
const NOW_S: i64 = 1_790_000_000;

#[test]
fn the_vendors_sample_is_read_without_a_refusal() {
    let page = Page::parse(SAMPLE).unwrap();
    let records: Vec<Record> = page
        .rows
        .iter()
        .filter_map(|row| Record::read(row))
        .collect();
    let offset_s = measure_offset(&records, NOW_S, None).unwrap();
    assert_eq!(offset_s, 19_800);
    let context = Context {
        now_s: NOW_S,
        settle_s: 30,
        offset_s,
    };
    let derived: Vec<Derived> = records
        .iter()
        .map(|record| derive(record, &context).unwrap())
        .collect();
    assert_eq!(page.num_results, Some(14));
    assert_eq!(derived.len(), 11);
    assert!(
        derived
            .iter()
            .all(|it| it.rejects.is_empty() && it.stage == Stage::Ended)
    );
    let outcomes: Vec<&str> = derived
        .iter()
        .filter_map(|it| Some(it.conversation.as_ref()?.outcome.as_str()))
        .collect();
    let expected = [
        "contained",
        "contained",
        "answered",
        "answered",
        "abandoned",
        "terminated",
        "answered",
        "answered",
        "terminated",
        "terminated",
        "answered",
    ];
    assert_eq!(outcomes, expected);
}
