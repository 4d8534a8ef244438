//! The table of rooms in `src/lib.rs` is true: no room uses another that the table does not allow it, and the pure
//! rooms name no clock, log, network, file or terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a pure room may not name.
const IMPURE: [&str; 12] = [
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tracing::",
    "tokio::",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "println!",
    "rand::",
];

/// From the invariants in `src/lib.rs`.
const PURE: [&str; 4] = ["api", "fact", "ledger", "poller::coverage"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Room → rooms it may use; `None` for all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = std::fs::read_to_string(source().join("lib.rs")).unwrap();
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"));
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<_> = format!("[`{row}")
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect();
        let uses = match cells[2].as_str() {
            "all" => None,
            "–" => Some(BTreeSet::new()),
            rooms => Some(rooms.split(", ").map(str::to_owned).collect()),
        };
        for room in cells[0].split(", ") {
            table.insert(room.trim_matches(['[', ']', '`']).to_owned(), uses.clone());
        }
    }
    table
}

struct Source {
    /// `poller::coverage::window` for `src/poller/coverage/window.rs`.
    module: String,
    /// Without comments, text in quotes, and white space within paths.
    code: String,
    is_test: bool,
}

impl Source {
    fn room(&self) -> &str {
        self.module.split("::").next().unwrap()
    }

    fn is_within(&self, module: &str) -> bool {
        self.module == module || self.module.starts_with(&format!("{module}::"))
    }
}

fn sources() -> Vec<Source> {
    let mut folders = vec![source()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(read(&path));
            }
        }
    }
    sources
}

fn read(path: &Path) -> Source {
    let relative = path.strip_prefix(source()).unwrap().with_extension("");
    let mut parts: Vec<_> = relative.iter().map(|part| part.to_str().unwrap()).collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    let code = stripped(&std::fs::read_to_string(path).unwrap());
    // Tests at a file's end may use what their room may not.
    let own_tests = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
    Source {
        module: parts.join("::"),
        code: code[..own_tests].to_owned(),
        is_test: parts.contains(&"tests"),
    }
}

/// Code without comments and without what stands in quotes.
fn stripped(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = quoted_length(rest) {
            length
        } else {
            code.push(first);
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// Length of a string or character literal that begins here.
fn quoted_length(text: &str) -> Option<usize> {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.bytes().take_while(|byte| *byte == b'#').count();
        let end = format!("\"{}", "#".repeat(hashes));
        let body = raw[hashes..].strip_prefix('"')?;
        return body.find(&end).map(|at| 1 + hashes + 1 + at + end.len());
    }
    if let Some(body) = text
        .strip_prefix("'\"'")
        .or_else(|| text.strip_prefix("'\\\"'"))
    {
        return Some(text.len() - body.len());
    }
    let body = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    Some(text.len())
}

/// First segments of every `crate::…`, also of `use crate::{a::…, b}`.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        let preceded = code[..at].chars().next_back().is_some_and(is_word);
        if preceded {
            continue;
        }
        let rest = code[at + path.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => used.extend(heads(group)),
            None => used.extend(word(rest)),
        }
    }
    used
}

/// `a::{b, c}, d as e}` → `a`, `d`.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut begins = true;
    let mut heads = Vec::new();
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            _ if begins && is_word(character) => {
                heads.extend(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .take_while(|character| is_word(*character))
        .collect();
    (!word.is_empty()).then_some(word)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[test]
fn every_room_is_in_the_table() {
    let table = table();
    assert!(table.len() > 10, "{table:?}");
    for source in sources() {
        let room = source.room();
        assert!(
            ["lib", "main"].contains(&room) || table.contains_key(room),
            "{room} is not in the table"
        );
    }
}

#[test]
fn no_room_uses_another_that_the_table_does_not_allow() {
    let table = table();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test) {
        let Some(Some(allowed)) = table.get(source.room()) else {
            continue;
        };
        for used in rooms_used(&source.code) {
            if table.contains_key(&used) && used != source.room() && !allowed.contains(&used) {
                wrong.push(format!("{} uses {used}", source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_pure_rooms_name_no_clock_no_log_and_no_io() {
    let sources = sources();
    let mut wrong = Vec::new();
    for room in PURE {
        let mut files = sources
            .iter()
            .filter(|source| source.is_within(room))
            .peekable();
        assert!(files.peek().is_some(), "{room} has no files");
        for source in files.filter(|source| !source.is_test) {
            let named = IMPURE.iter().filter(|name| source.code.contains(*name));
            wrong.extend(named.map(|name| format!("{} names {name}", source.module)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn rooms_are_found_in_every_way_of_naming_them() {
    let code = stripped(
        "use crate::api;\nuse crate::{fact::{self, a}, ledger as l, store::*};\n// crate::no\n\
        let x = \"crate::no\"; r#\"crate::no\"#; /* crate::no */ '\"'; crate::web::serve(); mycrate::no",
    );
    let used = rooms_used(&code).into_iter().collect::<Vec<_>>();
    assert_eq!(used, ["api", "fact", "ledger", "store", "web"]);
}
