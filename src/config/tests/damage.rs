//! Files that no person meant: nothing panics, nothing shows the secret, nothing is refused without a word.

use super::*;
use proptest::prelude::*;

/// Everything there is to see of a configuration, loaded or refused; as [`load`] does it, without a file.
fn shown(text: &str) -> String {
    let findings = Findings::default();
    let written = match node::parse(text) {
        Ok(written) => written,
        Err(problem) => return format!("{problem}{problem:?}"),
    };
    let config = validate(written, |_| None, &findings);
    let debug = format!("{findings:?}");
    let (errors, warnings) = findings.in_order();
    assert!(
        config.is_some() || !errors.is_empty(),
        "refused without a word: {text}"
    );
    let said: String = errors
        .iter()
        .chain(&warnings)
        .map(ToString::to_string)
        .collect();
    format!("{config:?}{debug}{said}")
}

fn names(keys: &[table::Key], names: &mut Vec<String>) {
    for key in keys {
        names.push(key.name.clone());
        match &key.inside {
            table::Inside::Value { .. } => {}
            table::Inside::Section(keys)
            | table::Inside::List { keys, .. }
            | table::Inside::Named { keys, .. } => self::names(keys, names),
        }
    }
}

/// Words that bring arbitrary text close to the format.
fn word() -> impl Strategy<Value = String> {
    let mut keys = Vec::new();
    names(&Config::keys(), &mut keys);
    let signs = [
        ": ",
        "\n",
        "\n  ",
        "\n  - ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "'",
        "\"",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "!!binary ",
        "|\n",
        "# ",
        "? ",
        "---\n",
        "30s",
        "0",
        "-1",
        "1e9",
        ".nan",
        "~",
        "true",
        "\t",
        "\u{feff}",
        "é",
    ];
    prop_oneof![
        proptest::sample::select(keys),
        proptest::sample::select(signs.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,4}",
    ]
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail_otherwise_than_by_saying_so(words in proptest::collection::vec(word(), 0..60)) {
        shown(&words.concat());
    }

    #[test]
    fn no_bytes_make_reading_fail_otherwise_than_by_saying_so(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        shown(&String::from_utf8_lossy(&bytes));
    }

    /// A file that is damaged before its secret.
    #[test]
    fn a_slip_of_the_pen_never_shows_the_secret(
        at in 0..MINIMAL.find(SECRET).unwrap(),
        cut in 0..12usize,
        insert in proptest::collection::vec(word(), 0..3),
    ) {
        let secret = MINIMAL.find(SECRET).unwrap();
        let end = (at + cut).min(secret);
        let text = [&MINIMAL[..at], &insert.concat(), &MINIMAL[end..]].concat();
        let shown = shown(&text);
        prop_assert!(!shown.contains(SECRET), "{text}\n---\n{shown}");
    }
}
