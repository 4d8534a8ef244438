//! The two ways to write a line.

use serde::Serializer;
use serde_json::Value;
use std::fmt::Write;

/// `key=value key="two words"`, and a line feed. Nothing in a value can end its line or its quotes.
pub(super) fn logfmt(fields: &[(&str, Value)]) -> String {
    let mut line = String::new();
    for (name, value) in fields {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(name);
        line.push('=');
        match value {
            Value::String(text) if is_bare(text) => line.push_str(text),
            Value::String(text) => quote(&mut line, text),
            Value::Null => {}
            other => line.push_str(&other.to_string()),
        }
    }
    line.push('\n');
    line
}

/// One object in the order of the fields, and a line feed.
pub(super) fn json(fields: &[(&str, Value)]) -> String {
    let mut line = Vec::new();
    let pairs = fields.iter().map(|(name, value)| (name, value));
    // Writing text to memory cannot fail.
    let _ = serde_json::Serializer::new(&mut line).collect_map(pairs);
    line.push(b'\n');
    String::from_utf8(line).unwrap_or_default()
}

fn is_bare(text: &str) -> bool {
    let needs_quotes =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '=' | '\\');
    !text.is_empty() && !text.contains(needs_quotes)
}

/// As in JSON, and all other control characters too: a name in a record must not steer the reader's terminal.
fn quote(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_values_stand_bare_and_others_in_quotes() {
        let fields = [
            ("msg", Value::from("two words")),
            ("account", Value::from("acme")),
            ("page", Value::from(3)),
            ("ok", Value::from(true)),
            ("empty", Value::from("")),
            ("none", Value::Null),
            ("formula", Value::from("a=b")),
            ("name", Value::from("Kundendienst\u{1b}[31m \"Süd\"\r\n")),
        ];
        assert_eq!(
            logfmt(&fields),
            concat!(
                r#"msg="two words" account=acme page=3 ok=true empty="" none= formula="a=b" "#,
                r#"name="Kundendienst\u001b[31m \"Süd\"\r\n""#,
                "\n"
            )
        );
    }

    #[test]
    fn json_keeps_the_order_and_the_kinds() {
        let fields = [
            ("ts", Value::from("now")),
            ("msg", Value::from("a \"b\"")),
            ("page", Value::from(3)),
        ];
        assert_eq!(
            json(&fields),
            "{\"ts\":\"now\",\"msg\":\"a \\\"b\\\"\",\"page\":3}\n"
        );
    }

    proptest! {
        #[test]
        fn no_value_can_break_out_of_its_line(text in any::<String>()) {
            for line in [logfmt(&[("msg", text.clone().into())]), json(&[("msg", text.clone().into())])] {
                prop_assert_eq!(line.lines().count(), 1);
                prop_assert!(line.ends_with('\n'));
            }
        }

        #[test]
        fn a_quoted_value_reads_back_as_it_was(text in any::<String>()) {
            let mut quoted = String::new();
            quote(&mut quoted, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }
    }
}
