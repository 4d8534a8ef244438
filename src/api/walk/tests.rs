use super::*;
use crate::api::{Page, Record};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// Everything that stands here, by the walk alone.
fn value(walk: &mut Walk) -> Value {
    match walk.peek() {
        b'{' => match walk.object(|members: &mut Map<String, Value>, key, walk| {
            members.insert(key.to_owned(), value(walk));
        }) {
            Sent::Value(members) => Value::Object(members),
            _ => panic!("an object begins here"),
        },
        b'[' => match walk.array(|items: &mut Vec<Value>, walk| items.push(value(walk))) {
            Sent::Value(items) => Value::Array(items),
            _ => panic!("an array begins here"),
        },
        _ => match walk.token() {
            Token::Null => Value::Null,
            Token::Flag(flag) => Value::Bool(flag),
            Token::Number(number) => Value::Number(number.parse::<Number>().unwrap()),
            Token::Text(text) => Value::String(text.into_owned()),
            Token::Container => panic!("no container begins here"),
        },
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\\\\"/\u{0}-\u{20}é😀\u{2028}]{0,8}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((any::<String>(), inner), 0..5).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

/// Over a text of whose containers nothing is known.
fn unnoted(text: &str) -> Walk<'_> {
    Walk {
        text,
        at: 0,
        containers: &[],
    }
}

fn text_of(json: &str) -> String {
    match Cow::read(&mut unnoted(json)) {
        Sent::Value(text) => text.into_owned(),
        other => panic!("{other:?} is no text"),
    }
}

proptest! {
    #[test]
    fn what_is_walked_is_what_serde_reads(sent in anything(), pretty: bool) {
        let text = if pretty { format!(" {sent:#}\n") } else { sent.to_string() };
        let mut walk = unnoted(&text);
        prop_assert_eq!(&value(&mut walk), &sent);
        let mut skipping = unnoted(&text);
        skipping.skip();
        prop_assert_eq!(skipping.at, walk.at);
    }

    #[test]
    fn it_jumps_to_where_it_would_have_walked(
        sent in vec((any::<String>(), anything(), any::<bool>()), 0..6), pretty: bool,
    ) {
        let record: Value = sent.iter().map(|(key, value, _)| (key.clone(), value.clone())).collect();
        let page = serde_json::json!({ "data": [record] });
        let page = Page::parse(if pretty { format!("{page:#}") } else { page.to_string() }).unwrap();
        let row = page.rows().next().unwrap();
        let members = |mut walk: Walk<'_>| {
            let mut reads = sent.iter().map(|(_, _, reads)| *reads);
            let members = walk.object(|members: &mut Vec<_>, key, walk| {
                if reads.next() == Some(true) {
                    value(walk);
                } else {
                    walk.skip();
                }
                members.push((key.to_owned(), walk.at));
            });
            (members, walk.at)
        };
        prop_assert_eq!(members(Walk::over(row)), members(unnoted(row.text())));
    }

    #[test]
    fn text_that_is_no_json_ends_the_walk_without_panic(
        pieces in vec(proptest::sample::select(vec!["{", "}", "[", "]", "\"", "\\", ":", ",", "\\u12", "é", "1", " ",
            "\"destinations\"", "\"channel\""]), 0..40),
    ) {
        let text = pieces.concat();
        let _ = <Record as Read>::read(&mut unnoted(&text));
    }
}

#[test]
fn escapes_are_read_as_json_means_them() {
    assert_eq!(
        text_of(r#""\"\\\/\b\f\n\r\t\u0041\u00e9""#),
        "\"\\/\u{8}\u{c}\n\r\tAé"
    );
    assert_eq!(text_of(r#""\ud83d\ude00\u0021""#), "😀!");
}

#[test]
fn a_surrogate_without_its_other_half_is_replaced() {
    assert_eq!(text_of(r#""a\ud800b""#), "a\u{fffd}b");
    assert_eq!(text_of(r#""\ude00\ud83d""#), "\u{fffd}\u{fffd}");
}

#[test]
fn nesting_of_any_depth_is_skipped() {
    let deep = format!("{}1{}", "[{\"a\":".repeat(100_000), "}]".repeat(100_000));
    let text = format!("{{\"skills\":{deep},\"channel\":{deep},\"sessionId\":\"s\"}}");
    let raw = RawValue::from_string(text).unwrap();
    let record = Record::read(&*raw).unwrap();
    assert_eq!(record.channel, Sent::WrongType);
    assert_eq!(&**record.session_id.value().unwrap(), "s");
}

#[test]
fn of_members_with_one_key_the_last_that_is_not_absent_counts() {
    let text = r#"{"channel":"a","channel":"b","channel":null,"channel":"","sessionId":"s","sessionId":7}"#;
    let raw = RawValue::from_string(text.to_owned()).unwrap();
    let record = Record::read(&*raw).unwrap();
    assert_eq!(record.channel.value().unwrap(), "b");
    assert_eq!(record.session_id, Sent::WrongType);
}

#[test]
fn a_key_may_be_escaped() {
    let raw = RawValue::from_string(r#"{"ch\u0061nnel":"Voice"}"#.to_owned()).unwrap();
    assert_eq!(
        Record::read(&*raw).unwrap().channel.value().unwrap(),
        "Voice"
    );
}

#[test]
fn a_row_that_is_no_object_is_no_record() {
    for text in ["null", "1", "\"\"", "\"{}\"", "[]", "[{}]", "true"] {
        assert!(Record::read(&*RawValue::from_string(text.to_owned()).unwrap()).is_none());
    }
}
