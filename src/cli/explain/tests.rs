use super::*;
use std::path::Path;

const SAMPLE: &str = include_str!("../../../tests/data/vendor-sample.json");
/// 2026-09-21T14:13:20Z.
const NOW_S: i64 = 1_790_000_000;

fn explained(text: &str) -> String {
    let mut out = Vec::new();
    explain(&input::rows(text).unwrap(), context(None), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn context(zone: Option<&TimeZone>) -> Context<'_> {
    Context {
        now_s: NOW_S,
        settle_s: 30,
        offset_s: 0,
        offsets: None,
        zone,
    }
}

fn explain_path(path: &Path) -> Result<String, ExplainError> {
    let args = Args {
        file: path.to_owned(),
        now: Some(NOW_S),
        time_zone: None,
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
         "destinations": [{"queueId": "qu-1", "queueName": "Bill\ning"}, {"queueId": "qu-1"}]},
        {"sessionId": "s-3", "finalStatus": "Dropped", "sessionEndTime": "2026-09-21T14:00:00Z", "destinations": 7}
    ]"#;
    insta::assert_snapshot!("not_counted", explained(rows));
}

#[test]
fn what_only_the_second_call_details_tells_is_shown_and_nobody_in_it() {
    let shown = explained(
        r#"[{"conversationId": "c-1", "sessionStartTime": "2026-02-23T12:42:45", "sessionEndTime": "2026-02-23T12:42:51",
        "channel": "Voice", "Direction": "Inbound", "isVoicemail": "YES", "finalStatus": "CLOSED",
        "smartStatus": "CLOSED", "reason": "Billing:Jane Doe", "disconnectingEvent": "User Hangup",
        "metaInfo": {"firstName": "Jane", "agentTransferConfig": {"lastIntentName": "Pay Bill", "lastIntentuserInput": "Jane"}},
        "destinations": [{"queueName": "Billing", "ConsultingAgents": [{"name": "Jane", "assignedAt": "2026-02-23T12:42:50"}]}]}]"#,
    );
    for line in [
        r#"  + smartassist_agent_requests_total{channel="Voice", queue="Billing", intent="Pay Bill"}"#,
        r#"  + smartassist_voicemails_total{channel="Voice", queue="Billing", outcome="abandoned"}"#,
        r#"  + smartassist_consults_total{channel="Voice", queue="Billing"}"#,
        r#"  + smartassist_exporter_outcome_disagreements_total{outcome="abandoned", smart_status="CLOSED"}"#,
    ] {
        assert!(shown.lines().any(|it| it == line), "{line}: {shown}");
    }
    assert!(!shown.contains("Jane"), "{shown}");
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

const RECORD: &str =
    r#"{"sessionId":"s-1","finalStatus":"Dropped","sessionEndTime":"2026-09-01T10:00:00"}"#;
const OTHER: &str =
    r#"{"sessionId":"s-2","finalStatus":"Dropped","sessionEndTime":"2026-09-01T10:00:01"}"#;

#[test]
fn records_one_after_the_other_are_read_as_if_in_an_array() {
    let array = explained(&format!("[{RECORD},{OTHER}]"));
    for text in [
        format!("{RECORD}\n{OTHER}\n"),
        format!("{RECORD}{OTHER}"),
        format!("{{\"data\":[{RECORD}]}}\n{{\"data\":[{OTHER}]}}\n"),
        format!("[{RECORD}]\r\n\r\n[{OTHER}]"),
    ] {
        assert_eq!(explained(&text), array, "{text}");
    }
}

/// What is explained of a file with these bytes.
fn explained_bytes(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    explain_path(file.path()).unwrap_or_else(|error| panic!("{error}"))
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn a_gzipped_file_is_unpacked() {
    let packed = gzipped(SAMPLE.as_bytes());
    assert_eq!(explained_bytes(&packed), explained(SAMPLE));
    let said = complaint(&packed[..packed.len() / 2]);
    assert!(
        said.starts_with("`FILE` is gzipped, but cannot be unpacked: "),
        "{said}"
    );
    assert!(complaint(&gzipped(&packed)).starts_with("`FILE` is gzipped twice\nhint: unpack"));
}

#[test]
fn utf_16_is_read_in_either_order_of_bytes_with_a_mark_or_without() {
    for mark in ["\u{feff}", ""] {
        let units: Vec<u16> = format!("{mark}{SAMPLE}").encode_utf16().collect();
        for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = units.iter().copied().flat_map(bytes_of).collect();
            assert_eq!(explained_bytes(&bytes), explained(SAMPLE));
        }
    }
    let said = complaint(b"\xff\xfe{\0}");
    assert!(said.contains("is not UTF-16"), "{said}");
}

#[test]
fn utf_32_is_read_in_either_order_of_bytes_with_a_mark_or_without() {
    for mark in ["\u{feff}", ""] {
        let text = format!("{mark}{SAMPLE}");
        for bytes_of in [u32::to_le_bytes, u32::to_be_bytes] {
            let bytes: Vec<u8> = text
                .chars()
                .flat_map(|sign| bytes_of(sign.into()))
                .collect();
            assert_eq!(explained_bytes(&bytes), explained(SAMPLE));
        }
    }
    for bytes in [&b"\xff\xfe\0\0{\0\0\0}"[..], b"{\0\0\0\0\0\x11\0"] {
        let said = complaint(bytes);
        assert!(said.contains("is not UTF-32"), "{said}");
    }
}

#[test]
fn a_page_without_the_data_that_it_tells_of_is_told_as_the_poller_takes_it() {
    for (body, promised) in [
        (r#"{"numResults":5}"#, 5),
        (r#"{"numResults":250,"data":null}"#, 250),
        (r#"{"numResults":"5"}"#, 5),
    ] {
        let said = complaint(body.as_bytes());
        assert!(
            said.starts_with(&format!(
                "`FILE` tells of {promised} results and holds no `data`: the exporter asks such a page again\nhint: "
            )),
            "{said}"
        );
    }
    let behind = format!("{{\"numResults\":1,\"data\":[{RECORD}]}}\n{{\"numResults\":1}}\n");
    assert_eq!(explained(&behind), explained(RECORD));
    assert!(explained(r#"{"numResults":0}"#).starts_with("0 records; "));
}

#[test]
fn an_object_that_is_neither_page_nor_record_is_told_by_its_names() {
    for (body, names) in [
        (
            r#"{"error":"jane"}"#,
            ": it has `error`, as an answer that refuses a request",
        ),
        (
            r#"{"status":404,"message":"jane"}"#,
            ": it has `message`, `status`, as an answer that refuses a request",
        ),
        (r#"{"jane":1}"#, ""),
        ("{}", ""),
    ] {
        let said = complaint(body.as_bytes());
        let begin = format!(
            "`FILE` holds one object that is neither a response nor a record{names}\nhint: expected a response"
        );
        assert!(said.starts_with(&begin) && !said.contains("jane"), "{said}");
    }
    // A record without identity is one all the same, and what stands among records is told beside them.
    assert!(explained(r#"{"channel":"Voice"}"#).contains("it has neither `conversationId`"));
    assert!(
        explained(&format!("{RECORD}\n{{\"error\":1}}\n"))
            .ends_with("\n1 counted, 0 not yet, 1 rejected\n")
    );
}

#[test]
fn a_folder_is_told_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = explain_path(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("` is a folder\nhint: name one file of it"),
        "{error}"
    );
}

#[test]
fn times_are_read_in_the_zone_that_is_named_and_a_wrong_name_gets_the_hint_of_the_key() {
    let rows = format!(
        "[{RECORD},{}]",
        RECORD
            .replace("2026-09-01", "2026-01-01")
            .replace("s-1", "s-3")
    );
    let zone = config::time_zone("Europe/Berlin").unwrap();
    let mut out = Vec::new();
    explain(&input::rows(&rows).unwrap(), context(Some(&zone)), &mut out).unwrap();
    let shown = String::from_utf8(out).unwrap();
    assert!(
        shown.starts_with("2 records; times without a zone are in `Europe/Berlin`\n"),
        "{shown}"
    );
    // Summer time and not.
    for ended in ["2026-09-01 08:00:00 UTC", "2026-01-01 09:00:00 UTC"] {
        assert!(shown.contains(ended), "{ended}: {shown}");
    }
    assert_eq!(
        config::time_zone("Berlin").unwrap_err(),
        "it is `Berlin`; allowed: a name of the IANA time zone database, such as `Europe/Berlin`\n\
         hint: did you mean `Europe/Berlin`?"
    );
}

#[test]
fn the_vendors_refusal_is_told_by_its_code_and_never_by_its_words() {
    let said = complaint(br#"{"errors":[{"msg":"jane.doe@example.com","code":4002}]}"#);
    assert_eq!(
        said,
        "`FILE` holds the vendor's refusal of the request (code 4002), and no records\n\
         hint: the token is missing, wrong, or lacks the scope SmartAssist Analytics"
    );
    for other in [
        r#"{"errors":[]}"#,
        r#"{"numResults":0,"data":[],"errors":[{"msg":"x"}]}"#,
        r#"{"errors":{"msg":"x"}}"#,
        r#"{"errors":"x"}"#,
    ] {
        let said = complaint(other.as_bytes());
        assert!(
            said.contains("refusal of the request, and no records\nhint: "),
            "{said}"
        );
    }
    // A record of a conversation in which something was called so is one.
    let record = RECORD.replacen('{', r#"{"errorsSeen":1,"#, 1);
    assert_eq!(explained(&record), explained(RECORD));
}

#[test]
fn a_file_that_is_something_else_is_told_what_it_is_and_what_to_do() {
    for (bytes, said) in [
        (&b""[..], "is empty"),
        (b" \n", "is empty"),
        (b"\n<!doctype html><p>jane.doe@example.com", "is HTML"),
        (b"<html>", "is HTML"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "begins with HTTP headers"),
        (b"PK\x03\x04...", "is a zip archive"),
        (b"%PDF-1.7", "is a PDF"),
        (
            b"{\"a\": \"\xff\"}",
            "is not UTF-8: byte 7 begins no character",
        ),
    ] {
        let told = complaint(bytes);
        assert!(told.starts_with(&format!("`FILE` {said}")), "{told}");
        assert!(
            told.contains("\nhint: ") && !told.contains("jane"),
            "{told}"
        );
    }
}

#[test]
fn a_file_without_records_is_told_by_place_and_never_by_value() {
    for (bytes, said) in [
        (
            &b"[{\"email\": jane.doe@example.com}]"[..],
            "the body is no JSON: syntax error at line 1, column 12",
        ),
        (
            b"{\"data\": \"jane.doe@example.com\"}",
            "the body is no page: expected an object with an array `data`, found otherwise at line 1, column 31",
        ),
        (
            b"{\"sessionId\": \"s-1\"}\n{\"sessionId\": jane",
            "the body is no JSON: syntax error at line 2, column 15",
        ),
        (
            b"{\"sessionId\": \"s-1\"",
            "the body is cut off at line 1, column 19",
        ),
    ] {
        let told = complaint(bytes);
        assert!(
            told.starts_with(&format!("`FILE` holds no records: {said}\nhint: ")),
            "{told}"
        );
    }
}

#[test]
fn what_all_records_come_to_is_what_each_counts_alone_unless_they_are_of_one_conversation() {
    let twice = RECORD.replace("Dropped", "BotResolved");
    let told = explained(&format!("[{RECORD},{twice}]"));
    assert!(
        told.contains(
            "read as one window, 1 of 2 count something new, 1 nothing that the others had not"
        ),
        "{told}"
    );
    assert!(!explained(SAMPLE).contains("read as one window"));
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
