use super::*;
use std::path::Path;

const SAMPLE: &str = include_str!("../../../tests/data/vendor-sample.json");
/// 2026-09-21T14:13:20Z.
const NOW_S: i64 = 1_790_000_000;

fn explained(text: &str) -> String {
    let mut out = Vec::new();
    explain(&rows(text).unwrap(), NOW_S, 30, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn explain_path(path: &Path) -> Result<String, ExplainError> {
    let args = Args {
        file: path.to_owned(),
        now: Some(NOW_S),
        settle: Duration::from_secs(30),
    };
    let mut out = Vec::new();
    explain_file(&args, &mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// What is said of a file with these bytes.
fn complaint(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let error = explain_path(file.path()).unwrap_err();
    error
        .to_string()
        .replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn the_vendors_sample_is_explained_as_the_golden_file_says() {
    insta::assert_snapshot!("vendor_sample", explained(SAMPLE));
}

#[test]
fn nothing_personal_of_the_sample_is_shown() {
    let shown = explained(SAMPLE);
    for personal in [
        "John", "Jane", "Doe", "@", "+1", "150551", "115.114", "tristeza", "services", "The bot",
    ] {
        assert!(SAMPLE.contains(personal));
        assert!(!shown.contains(personal), "`{personal}` is shown");
    }
}

#[test]
fn what_does_not_count_is_told_with_its_reason() {
    let rows = r#"[
        7,
        {"channel": "Voice", "sessionId": 7},
        {"sessionId": "s-1", "finalStatus": "WithBot", "csatScore": 9},
        {"sessionId": "s-2", "finalStatus": "BotResolved", "sessionEndTime": "2026-09-21T14:13:00Z"},
        {"sessionId": "s\u001b[2J", "finalStatus": "Dropped", "sessionEndTime": "2026-09-21T14:00:00Z",
         "destinations": [{"queueId": "qu-1", "queueName": "Bill\ning"}, {"queueId": "qu-1"}]}
    ]"#;
    insta::assert_snapshot!("not_counted", explained(rows));
}

#[test]
fn a_response_an_array_and_a_single_record_are_read_alike() {
    let record =
        r#"{"sessionId":"s-1","finalStatus":"Dropped","sessionEndTime":"2026-09-01T10:00:00"}"#;
    let single = explained(record);
    assert!(single.contains("outcome       bot_dropped"));
    assert_eq!(explained(&format!("[{record}]")), single);
    assert_eq!(
        explained(&format!("{{\"numResults\":1,\"data\":[{record}]}}")),
        single
    );
    assert!(explained("[]").ends_with("\n0 counted, 0 not yet, 0 rejected\n"));
}

#[test]
fn a_file_without_records_is_told_by_place_and_never_by_value() {
    let hint = "hint: expected a response with `data`, an array of records, or a single record";
    assert_eq!(
        complaint(b"[{\"email\": jane.doe@example.com}]"),
        format!(
            "`FILE` holds no records: the body is no JSON: syntax error at line 1, column 12\n{hint}"
        )
    );
    assert_eq!(
        complaint(b"{\"data\": \"jane.doe@example.com\"}"),
        format!(
            "`FILE` holds no records: the body is no page: expected an object with an array `data`, \
             found otherwise at line 1, column 31\n{hint}"
        )
    );
    assert_eq!(
        complaint(b"{\"a\": \"\xff\"}"),
        "`FILE` is not UTF-8: byte 7 begins no character"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = explain_path(Path::new("/no/such/file")).unwrap_err();
    assert_eq!(error.to_string(), "can't read `/no/such/file`");
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("\u{feff}{SAMPLE}")).unwrap();
    assert_eq!(explain_path(file.path()).unwrap(), explained(SAMPLE));
}

#[test]
fn now_is_a_time_in_utc_unless_it_tells_an_offset() {
    assert_eq!(instant_s("2026-09-21T14:13:20Z"), Ok(NOW_S));
    assert_eq!(instant_s("2026-09-21 14:13:20"), Ok(NOW_S));
    assert_eq!(instant_s("2026-09-21T19:43:20+05:30"), Ok(NOW_S));
    assert!(instant_s("yesterday").unwrap_err().contains("hint: "));
}
