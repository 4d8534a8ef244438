use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn rows(body: &str) -> Result<Vec<String>, PageError> {
    Page::parse(body).map(|page| page.rows().map(|row| row.text().to_owned()).collect())
}

#[allow(clippy::unnecessary_wraps, reason = "compared with what was read")]
fn no_rows() -> Result<Vec<String>, PageError> {
    Ok(Vec::new())
}

fn num_results(value: &str) -> Option<u64> {
    let body = format!("{{\"data\":[],\"numResults\":{value}}}");
    Page::parse(&body).unwrap().num_results
}

#[test]
fn elements_of_any_type_are_rows() {
    let body = r#"{"data":[{"a":1e999},[],null,"\ud800",7,true],"more":{"data":1}}"#;
    let expected = [r#"{"a":1e999}"#, "[]", "null", r#""\ud800""#, "7", "true"];
    assert_eq!(rows(body).unwrap(), expected);
    assert_eq!(rows(r#"{"data":[]}"#), no_rows());
    assert_eq!(rows(r#"{"data":[1],"data":[2]}"#), Ok(vec!["2".to_owned()]));
}

#[test]
fn the_number_of_results_is_a_hint_of_any_type() {
    assert_eq!(num_results("14"), Some(14));
    assert_eq!(num_results("14.0"), Some(14));
    assert_eq!(num_results("\" 14 \""), Some(14));
    for no_hint in [
        "null", "-1", "1.5", "1e999", "\"\"", "\"many\"", "\"inf\"", "[14]", "{}", "true",
    ] {
        assert_eq!(num_results(no_hint), None, "{no_hint}");
    }
    assert_eq!(Page::parse(r#"{"data":[]}"#).unwrap().num_results, None);
}

#[test]
fn a_page_that_says_itself_that_there_is_nothing_needs_no_rows() {
    assert_eq!(rows(r#"{"numResults":0}"#), no_rows());
    assert_eq!(rows(r#"{"numResults":0,"data":null}"#), no_rows());
    assert_eq!(rows(r#"{"numResults":50,"data":null}"#), no_rows());
}

#[test]
fn a_failure_that_is_told_as_a_success_is_no_empty_page() {
    for body in [
        r#"{"errors":[{"msg":"x","code":5000}]}"#,
        r#"{"numResults":0,"data":[],"errors":[{"msg":"x"}]}"#,
        r#"{"numResults":0,"data":null,"errors":"x"}"#,
        r#"{"numResults":0,"data":[],"error":"Internal Server Error","statusCode":500}"#,
        r#"{"error":{"code":500},"errors":[],"data":[],"numResults":0}"#,
    ] {
        assert_eq!(rows(body), Err(PageError::Errors), "{body}");
    }
    for nothing in [
        "[]",
        "null",
        "{ }",
        "\"\"",
        "false",
        "0",
        "[{}]",
        "\"none\"",
        r#"{"code":0,"message":""}"#,
    ] {
        for name in ["errors", "error"] {
            let body = format!(r#"{{"numResults":0,"data":[],"{name}":{nothing}}}"#);
            assert_eq!(rows(&body), no_rows(), "{body}");
        }
    }
    assert_eq!(rows(r#"{"data":[7],"errors":["x"]}"#).unwrap(), ["7"]);
}

#[test]
fn a_byte_order_mark_before_the_body_is_no_part_of_it() {
    assert_eq!(
        rows("\u{feff}{\"data\":[\"a\", 7]}"),
        Ok(vec!["\"a\"".to_owned(), "7".to_owned()])
    );
    assert_eq!(rows("\u{feff}{\"numResults\":0}"), no_rows());
}

#[test]
fn a_body_that_is_no_page_is_told_by_place_and_never_by_value() {
    for (body, error) in [
        ("", PageError::CutOff { line: 1, column: 0 }),
        (
            "{\"data\":[{\"secret\":1},",
            PageError::CutOff {
                line: 1,
                column: 22,
            },
        ),
        ("<html>", PageError::Syntax { line: 1, column: 1 }),
        (
            "{\"data\":[secret]}",
            PageError::Syntax {
                line: 1,
                column: 10,
            },
        ),
        ("{}", PageError::NoData),
        ("{\"data\":null}", PageError::NoData),
        (
            "{\"data\":\n\"secret\"}",
            PageError::Shape { line: 2, column: 8 },
        ),
        ("{\"data\":{}}", PageError::Shape { line: 1, column: 8 }),
        ("[]", PageError::Shape { line: 1, column: 0 }),
    ] {
        let found = Page::parse(body).map(|_| ()).unwrap_err();
        assert_eq!(found, error, "{body}");
        assert!(!found.to_string().contains("secret"));
    }
}

const SAMPLE: &str = include_str!("../../../tests/data/vendor-sample.json");

/// `numResults`, the rows' texts where there is a list, or why it is no page.
type Told = Result<Read<String>, PageError>;

/// The slow way alone.
fn read_slowly(body: &str) -> Told {
    let text = |row: &RawValue| row.get().to_owned();
    read(body).map(|(told, rows)| (told, rows.map(|rows| rows.into_iter().map(text).collect())))
}

fn read_fast(body: &str) -> Option<Told> {
    scan::scan(body, 0)?;
    let text = |row: RowPlace| body[row.text].to_owned();
    Some(places(body).map(|((told, rows), _)| {
        let texts = rows.map(|rows| rows.into_iter().map(text).collect());
        (told, texts)
    }))
}

/// What the scan accepts, `serde_json` accepts, and it reads the same.
fn agree(body: &str) -> Result<(), TestCaseError> {
    if let Some(fast) = read_fast(body) {
        prop_assert_eq!(fast, read_slowly(body), "{}", body);
    }
    Ok(())
}

/// Any JSON value, as someone else would write it: blanks, escapes and names that come twice.
fn value() -> impl Strategy<Value = String> {
    let blank = || select(vec!["", "", " ", "\r\n\t"]);
    let string = select(vec![
        r#""""#,
        r#""data""#,
        r#""numResults""#,
        r#""\ud800\"\\\/\b\f\n\r\t""#,
        r#""seventeen letters""#,
        r#""]}{[,:ü☎""#,
    ]);
    let scalar = select(vec![
        "null", "true", "false", "0", "-0", "12", "-1.5", "1e999", "2E-7", "10.0e+3", "100",
    ]);
    let leaf = prop_oneof![string.clone(), scalar].prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let item = (blank(), inner.clone(), blank()).prop_map(|(a, b, c)| format!("{a}{b}{c}"));
        let member = (blank(), string.clone(), blank(), item.clone())
            .prop_map(|(a, name, b, item)| format!("{a}{name}{b}:{item}"));
        prop_oneof![
            vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

#[test]
fn an_ordinary_page_is_read_the_fast_way() {
    for body in [
        SAMPLE,
        "{\"data\":[],\"numResults\":0}",
        " { \"data\" : null , \"numResults\" : 0 } ",
        "{}",
    ] {
        assert_eq!(read_fast(body), Some(read_slowly(body)));
    }
    let deep = |depth| format!("{{\"data\":[{}{}]}}", "[".repeat(depth), "]".repeat(depth));
    assert!(read_fast(&deep(127)).is_some());
    assert_eq!(read_fast(&deep(200)), None);
    for unusual in [&deep(200), r#"{"d\u0061ta":[1],"num":7}"#] {
        assert_eq!(rows(unusual).map(|rows| rows.len()), Ok(1));
    }
}

#[test]
fn a_body_that_is_cut_off_anywhere_is_no_page() {
    let body = SAMPLE.trim_end();
    for end in (0..body.len()).filter(|end| body.is_char_boundary(*end)) {
        assert_eq!(scan::scan(&body[..end], 0), None, "cut off at {end}");
    }
}

proptest! {
    #[test]
    fn any_value_is_found_whole_the_fast_way(value in value()) {
        let page = format!("{{\"data\":[{value},{value}],\"errors\":{value},\"error\":{value},\"numResults\":{value},\"more\":{value}}}");
        prop_assert_eq!(read_fast(&page), Some(read_slowly(&page)), "{}", page);
        agree(&value)?;
        agree(&format!("{{\"errors\":{value},\"data\":{value},\"numResults\":{value}}}"))?;
    }

    #[test]
    fn whatever_is_broken_is_no_more_a_page_than_before(
        value in value(), at: Index, cut in 0..3_usize,
        put in select(vec!["", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "\u{1}", "\0", " ", "\u{7f}", "u", "null"]),
    ) {
        let page = format!("{{\"data\":[{value}],\"numResults\":3}}");
        let places: Vec<usize> = page.char_indices().map(|(place, _)| place).chain([page.len()]).collect();
        let at = at.index(places.len());
        let end = places[(at + cut).min(places.len() - 1)];
        agree(&format!("{}{put}{}", &page[..places[at]], &page[end..]))?;
    }

    #[test]
    fn any_text_is_survived(text: String, marks in "[\\[\\]{}\",:0-9.eE+\\\\ntu-]{0,24}") {
        agree(&text)?;
        agree(&marks)?;
        agree(&format!("{{\"data\":[{marks}]}}"))?;
    }
}
