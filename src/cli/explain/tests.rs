use super::*;

const SAMPLE: &str = include_str!("../../../tests/data/vendor-sample.json");

fn explained(text: &str) -> String {
    let mut out = Vec::new();
    explain(&rows(text).unwrap(), 1_790_000_000, 30, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_vendors_sample_is_explained_as_the_golden_file_says() {
    insta::assert_snapshot!("vendor_sample", explained(SAMPLE));
}
