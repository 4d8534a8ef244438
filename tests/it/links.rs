//! What the project's Markdown points to is there: files, headings in them, pictures, paths in code spans, and the
//! goals of `make`. Nothing beyond the project is asked for.

use crate::rooms::rust_files;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page of the project; what is built or hidden is none.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "target" || name == "data" && path.is_dir() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The lines of a page that are prose, not code between fences.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// What stands outside of code spans, and the spans themselves.
fn spans(line: &str) -> (String, Vec<&str>) {
    let parts: Vec<&str> = line.split('`').collect();
    let outside: Vec<&str> = parts.iter().step_by(2).copied().collect();
    let inside = parts.iter().skip(1).step_by(2).copied().collect();
    (outside.join("``"), inside)
}

/// Where the links of a line lead to, pictures as well.
fn links(line: &str) -> Vec<String> {
    let (outside, _) = spans(line);
    outside
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// A heading's anchor, as GitHub makes it: lower case, blanks become dashes, other signs go.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|sign| match sign {
            ' ' => Some('-'),
            '-' | '_' => Some(sign),
            sign if sign.is_alphanumeric() => Some(sign),
            _ => None,
        })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

/// Why a link leads nowhere, if it does.
fn broken(page: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        page.parent().unwrap().join(file)
    };
    if !target.exists() {
        return Some("no such file".to_owned());
    }
    let anchored = anchor.is_empty()
        || std::fs::read_to_string(target).is_ok_and(|text| anchors(&text).contains(anchor));
    (!anchored).then(|| format!("no heading has the anchor `{anchor}`"))
}

/// Whether a code span is the path of a file of the project, rather than a pattern, an address or a command.
fn is_path(span: &str) -> bool {
    let path = Path::new(span);
    let plain = !span.contains([' ', '*', '…', '<', '=', ':', '{']);
    let first = path.components().next();
    plain
        && span.contains('/')
        && matches!(first, Some(Component::Normal(name)) if root().join(name).is_dir())
}

#[test]
fn every_link_of_the_manual_leads_to_a_file_and_a_heading_that_exist() {
    let mut nowhere = Vec::new();
    let mut followed = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in prose(&text).flat_map(links) {
            followed += 1;
            if let Some(why) = broken(&page, &link) {
                nowhere.push(format!("{}: `{link}`: {why}", page.display()));
            }
        }
    }
    assert!(followed > 60, "only {followed} links were found");
    assert!(nowhere.is_empty(), "{}", nowhere.join("\n"));
}

#[test]
fn every_path_that_the_manual_names_exists() {
    let mut missing = Vec::new();
    let mut looked_at = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for span in prose(&text).flat_map(|line| spans(line).1) {
            if is_path(span) {
                looked_at += 1;
                if !root().join(span).exists() {
                    missing.push(format!("{}: `{span}`", page.display()));
                }
            }
        }
    }
    assert!(looked_at > 20, "only {looked_at} paths were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_goal_of_make_that_the_manual_names_is_one() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let goals: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| line.starts_with(char::is_alphabetic) && !line.contains('='))
        .filter_map(|line| line.split_once(':'))
        .map(|(goal, _)| goal)
        .collect();
    let mut unknown = Vec::new();
    let mut named = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let spans = prose(&text).flat_map(|line| spans(line).1);
        let prompts = text.lines().filter_map(|line| line.strip_prefix("$ "));
        for command in spans.chain(prompts) {
            let mut words = command.split_whitespace();
            if let (Some("make"), Some(goal)) = (words.next(), words.next()) {
                named += 1;
                if !goals.contains(goal) {
                    unknown.push(format!("{}: `make {goal}`", page.display()));
                }
            }
        }
    }
    assert!(named >= 3, "only {named} goals were found");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// All that the source and its tests say.
fn sources() -> String {
    let files = rust_files(vec![root().join("src"), root().join("tests")]);
    let texts = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    texts.collect()
}

#[test]
fn every_promise_of_the_page_on_security_is_held_by_a_test_that_exists() {
    let page = std::fs::read_to_string(root().join("docs/security.md")).unwrap();
    let sources = sources();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let promises = rows.filter(|row| !row.starts_with("| ---") && !row.starts_with("| threat"));
    let mut missing = Vec::new();
    for promise in promises {
        let cells: Vec<&str> = promise.trim_matches('|').split(" | ").collect();
        let (_, held_by) = spans(cells.last().unwrap());
        let is_there =
            |test: &&str| root().join(test).exists() || sources.contains(&format!("fn {test}("));
        let unknown = held_by.iter().filter(|test| !is_there(test));
        missing.extend(unknown.map(|test| format!("there is no `{test}`")));
        if cells.len() != 3 || held_by.is_empty() {
            missing.push(format!("no test holds: {promise}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    assert_eq!(anchor(" `accounts`"), "accounts");
    assert_eq!(anchor(" The vendor's numbers"), "the-vendors-numbers");
    assert_eq!(
        anchor(" How it stays exact, and fresh"),
        "how-it-stays-exact-and-fresh"
    );
    assert_eq!(anchor(" How to add …"), "how-to-add-");
    assert_eq!(
        links("see [a](b.md#c), `[no](link)` and ![d](e.png)"),
        ["b.md#c", "e.png"]
    );
}
