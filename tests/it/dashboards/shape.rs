//! What the boards share, and how they hang together.

use super::board::{self, Board, list, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Bookmarks, alerts and people's own links carry these: a change breaks them.
const UIDS: [(&str, &str); 5] = [
    ("bots-channels", "smartassist-bots-channels"),
    ("customer-voice", "smartassist-customer-voice"),
    ("exporter", "smartassist-exporter"),
    ("operations", "smartassist-operations"),
    ("queue", "smartassist-queue"),
];

#[test]
fn uids_are_stable() {
    let boards = board::all();
    let uids: BTreeMap<&str, &str> = boards
        .iter()
        .map(|board| (board.name.as_str(), text(&board.json["uid"])))
        .collect();
    assert_eq!(uids, BTreeMap::from(UIDS));
}

#[test]
fn every_board_can_be_provisioned_from_its_file() {
    for board in board::all() {
        assert_eq!(
            board.json["id"],
            Value::Null,
            "{}: an id of its own clashes with others",
            board.name
        );
        let version = board.json["schemaVersion"].as_u64().unwrap();
        assert!(
            (39..=41).contains(&version),
            "{}: schemaVersion {version}",
            board.name
        );
        for key in ["__inputs", "__requires", "__elements"] {
            assert!(
                board.json.get(key).is_none(),
                "{}: `{key}` is for imports by hand",
                board.name
            );
        }
    }
}

#[test]
fn panels_have_ids_of_their_own_and_do_not_overlap() {
    for board in board::all() {
        let mut ids = BTreeSet::new();
        let mut cells = BTreeMap::new();
        for panel in board.panels() {
            let title = text(&panel["title"]);
            assert!(
                ids.insert(panel["id"].as_u64().unwrap()),
                "{}: id of `{title}`",
                board.name
            );
            let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(
                place("x") + place("w") <= 24,
                "{}: `{title}` is too wide",
                board.name
            );
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    let other = cells.insert((x, y), title);
                    assert_eq!(
                        other, None,
                        "{}: `{title}` covers another panel",
                        board.name
                    );
                }
            }
        }
    }
}

#[test]
fn filters_and_annotations_are_the_same_on_every_board() {
    let boards = board::all();
    let first = &boards[0];
    for board in &boards {
        assert_eq!(
            board.json["annotations"], first.json["annotations"],
            "{}",
            board.name
        );
        assert_eq!(board.json["links"], first.json["links"], "{}", board.name);
        for name in ["datasource", "job", "instance", "account"] {
            assert_eq!(
                board.variable(name),
                first.variable(name),
                "{}: `{name}`",
                board.name
            );
        }
        // The exporter knows no channels and queues, and the queue board chooses one queue.
        let left_out: &[&str] = match board.name.as_str() {
            "exporter" => &["channel", "queue"],
            "queue" => &["queue"],
            _ => &[],
        };
        for name in ["channel", "queue"] {
            if !left_out.contains(&name) {
                assert_eq!(
                    board.variable(name),
                    first.variable(name),
                    "{}: `{name}`",
                    board.name
                );
            }
        }
    }
}

#[test]
fn a_variable_means_the_same_on_every_board() {
    // Links carry variables by name: a window of 24 hours must not become what another board calls now.
    let boards = board::all();
    for board in &boards {
        for variable in board.variables() {
            let name = text(&variable["name"]);
            for other in boards.iter().filter_map(|other| other.variable(name)) {
                assert_eq!(
                    variable["label"], other["label"],
                    "{}: `{name}`",
                    board.name
                );
                // One queue or several: chosen of the same, of which the queue board has no All.
                if name != "queue" {
                    assert_eq!(variable, other, "{}: `{name}`", board.name);
                }
            }
        }
    }
}

#[test]
fn the_queue_board_opens_on_the_busiest_queue() {
    let boards = board::all();
    let queue = boards
        .iter()
        .find(|board| board.name == "queue")
        .unwrap()
        .variable("queue")
        .unwrap();
    // Without All and without a choice of its own, Grafana takes the first option; unsorted, they come as asked.
    assert_eq!(
        (&queue["includeAll"], &queue["sort"], &queue["current"]),
        (&json!(false), &json!(0), &json!({}))
    );
    assert!(
        board::asked(queue)
            .unwrap()
            .starts_with("sort_desc(sum by (queue) (increase(smartassist_offered_total")
    );
}

#[test]
fn a_rows_link_carries_its_account_and_the_filters_that_stand() {
    let boards = board::all();
    let mut links = 0;
    for board in &boards {
        for url in strings(&board.json)
            .into_iter()
            .filter(|text| text.starts_with("/d/"))
        {
            links += 1;
            let uid = url["/d/".len()..].split(['/', '?']).next().unwrap();
            let target = boards
                .iter()
                .find(|board| board.json["uid"] == uid)
                .unwrap();
            assert!(
                url.contains("var-account=${__data.fields.Account:percentencode}"),
                "{}: {url}",
                board.name
            );
            assert!(
                url.contains("var-queue=${__value.raw:percentencode}"),
                "{}: {url}",
                board.name
            );
            for variable in board.variables() {
                let name = text(&variable["name"]);
                let carried = url.contains(&format!("${{{name}:queryparam}}"));
                let expected =
                    target.variable(name).is_some() && !["account", "queue"].contains(&name);
                assert_eq!(carried, expected, "{}: `{name}` in {url}", board.name);
            }
        }
    }
    assert!(links > 0);
}

#[test]
fn links_keep_filters_and_time_and_lead_to_boards_that_exist() {
    let boards = board::all();
    for board in &boards {
        for link in list(&board.json["links"]) {
            assert_eq!(
                (&link["keepTime"], &link["includeVars"]),
                (&json!(true), &json!(true)),
                "{}",
                board.name
            );
            for tag in list(&link["tags"]) {
                let tagged = |board: &Board| list(&board.json["tags"]).contains(tag);
                assert!(boards.iter().all(tagged), "{tag} is not on every board");
            }
        }
        for url in strings(&board.json)
            .into_iter()
            .filter(|text| text.starts_with("/d/"))
        {
            let uid = url["/d/".len()..].split(['/', '?']).next().unwrap();
            assert!(
                UIDS.iter().any(|(_, known)| *known == uid),
                "{}: {url}",
                board.name
            );
            assert!(
                url.contains("${__url_time_range}"),
                "{}: {url} loses the time range",
                board.name
            );
        }
    }
}

#[test]
fn every_variable_used_is_defined() {
    for board in board::all() {
        for text in strings(&board.json) {
            for (start, _) in text.match_indices('$') {
                let rest = text[start + 1..].trim_start_matches('{');
                let name = rest
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .next()
                    .unwrap();
                // `$1` is PromQL's own, of label_replace.
                let own = name.chars().all(|c| c.is_ascii_digit());
                let known = own || name.starts_with("__") || board.variable(name).is_some();
                assert!(known, "{}: `${name}` in {text}", board.name);
            }
        }
    }
}

#[test]
fn variables_run_what_they_say() {
    for board in board::all() {
        for variable in board.query_variables() {
            // Grafana shows the one and runs the other.
            assert_eq!(
                variable["definition"], variable["query"]["query"],
                "{}",
                board.name
            );
        }
    }
}

/// Every string in a value, keys excluded.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
