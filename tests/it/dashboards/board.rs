//! Boards as files: what the tests ask of them.

use serde_json::Value;
use std::fs;
use std::path::Path;

pub struct Board {
    /// The file's name without `.json`.
    pub name: String,
    pub json: Value,
}

/// One target of one panel.
pub struct Query<'a> {
    /// Board, panel and target, for messages.
    pub place: String,
    pub expr: &'a str,
    pub target: &'a Value,
}

/// Every board that ships, by name.
pub fn all() -> Vec<Board> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let mut boards: Vec<Board> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| Board {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            json: serde_json::from_slice(&fs::read(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        })
        .collect();
    boards.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!boards.is_empty(), "no board in {}", folder.display());
    boards
}

impl Board {
    /// Everything drawn, rows and what they hold included.
    pub fn panels(&self) -> Vec<&Value> {
        let outer = list(&self.json["panels"]);
        outer
            .iter()
            .flat_map(|panel| std::iter::once(panel).chain(list(&panel["panels"])))
            .collect()
    }

    /// The panels that show data.
    pub fn data_panels(&self) -> impl Iterator<Item = &Value> {
        self.panels()
            .into_iter()
            .filter(|panel| !["row", "text"].contains(&text(&panel["type"])))
    }

    pub fn variables(&self) -> &[Value] {
        list(&self.json["templating"]["list"])
    }

    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables()
            .iter()
            .find(|variable| variable["name"] == name)
    }

    /// The variables that ask Prometheus.
    pub fn query_variables(&self) -> impl Iterator<Item = &Value> {
        self.variables()
            .iter()
            .filter(|variable| variable["type"] == "query")
    }

    pub fn queries(&self) -> Vec<Query<'_>> {
        self.data_panels()
            .flat_map(|panel| {
                list(&panel["targets"]).iter().map(|target| Query {
                    place: format!(
                        "{}: `{}` {}",
                        self.name,
                        text(&panel["title"]),
                        text(&target["refId"])
                    ),
                    expr: text(&target["expr"]),
                    target,
                })
            })
            .collect()
    }
}

/// What a variable asks Prometheus, as Grafana runs it: the selector of `label_values(selector, label)`, the expression of
/// `query_result(expression)`.
pub fn asked(variable: &Value) -> Option<&str> {
    let query = text(&variable["query"]["query"]).strip_suffix(')')?;
    query.strip_prefix("query_result(").or_else(|| {
        let arguments = query.strip_prefix("label_values(")?;
        Some(arguments.rsplit_once(", ")?.0)
    })
}

/// The elements of an array; none if it is absent.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A string; empty if it is absent.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
