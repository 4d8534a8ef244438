//! Expressions as boards write them: parsed with Grafana's variables still in place, but for the durations, which get
//! values that nobody writes by hand.

use promql_parser::parser::{self, Expr, VectorSelector};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

/// What `$__rate_interval` and `$__range` stand for while parsing.
pub const RATE_INTERVAL: Duration = Duration::from_secs(7 * 60 + 7);
pub const RANGE: Duration = Duration::from_mins(671);

type Parsed = Result<Arc<Expr>, String>;

/// Each expression is parsed once: the parser takes milliseconds, and every rule looks at every query.
pub fn parse(expr: &str) -> Parsed {
    static PARSED: LazyLock<Mutex<HashMap<String, Parsed>>> = LazyLock::new(Mutex::default);
    let parse = || {
        let durations = expr
            .replace("$__rate_interval", "7m7s")
            .replace("$__range", "11h11m")
            .replace("$baseline", "1d");
        parser::parse(&durations).map(Arc::new)
    };
    let mut parsed = PARSED.lock().unwrap();
    parsed.entry(expr.to_owned()).or_insert_with(parse).clone()
}

/// A selector and what stands around it.
pub struct Selector<'a> {
    pub vector: &'a VectorSelector,
    /// The range in brackets, if there is one, and the function applied to it.
    pub range: Option<(Duration, Option<&'static str>)>,
}

impl Selector<'_> {
    /// Every metric it names; none for a selector by labels alone.
    pub fn metrics(&self) -> Vec<String> {
        let by_label = || {
            let names = self
                .vector
                .matchers
                .matchers
                .iter()
                .find(|matcher| matcher.name == "__name__")?;
            Some(names.value.split('|').map(str::to_owned).collect())
        };
        self.vector
            .name
            .clone()
            .map(|name| vec![name])
            .or_else(by_label)
            .unwrap_or_default()
    }

    /// Whether it holds `label=~"value"`.
    pub fn keeps(&self, label: &str, value: &str) -> bool {
        let wanted = format!("{label}=~\"{value}\"");
        self.vector
            .matchers
            .matchers
            .iter()
            .any(|matcher| matcher.to_string() == wanted)
    }
}

pub fn selectors(expr: &Expr) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    collect(expr, None, &mut found);
    found
}

fn collect<'a>(expr: &'a Expr, function: Option<&'static str>, found: &mut Vec<Selector<'a>>) {
    match expr {
        Expr::VectorSelector(vector) => found.push(Selector {
            vector,
            range: None,
        }),
        Expr::MatrixSelector(matrix) => found.push(Selector {
            vector: &matrix.vs,
            range: Some((matrix.range, function)),
        }),
        Expr::Call(call) => call
            .args
            .args
            .iter()
            .for_each(|arg| collect(arg, Some(call.func.name), found)),
        Expr::Aggregate(aggregate) => {
            collect(&aggregate.expr, None, found);
            aggregate
                .param
                .iter()
                .for_each(|param| collect(param, None, found));
        }
        Expr::Binary(binary) => {
            collect(&binary.lhs, None, found);
            collect(&binary.rhs, None, found);
        }
        Expr::Unary(unary) => collect(&unary.expr, None, found),
        Expr::Paren(paren) => collect(&paren.expr, None, found),
        Expr::Subquery(subquery) => collect(&subquery.expr, None, found),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// Labels that an expression groups or joins by.
pub fn grouping(expr: &Expr) -> Vec<String> {
    let mut labels = Vec::new();
    collect_grouping(expr, &mut labels);
    labels
}

fn collect_grouping(expr: &Expr, labels: &mut Vec<String>) {
    match expr {
        Expr::Aggregate(aggregate) => {
            labels.extend(
                aggregate
                    .modifier
                    .iter()
                    .flat_map(|modifier| modifier.labels().labels.clone()),
            );
            collect_grouping(&aggregate.expr, labels);
        }
        Expr::Binary(binary) => {
            let matching = binary
                .modifier
                .iter()
                .filter_map(|modifier| modifier.matching.as_ref());
            labels.extend(matching.flat_map(|matching| matching.labels().labels.clone()));
            collect_grouping(&binary.lhs, labels);
            collect_grouping(&binary.rhs, labels);
        }
        Expr::Call(call) => call
            .args
            .args
            .iter()
            .for_each(|arg| collect_grouping(arg, labels)),
        Expr::Unary(unary) => collect_grouping(&unary.expr, labels),
        Expr::Paren(paren) => collect_grouping(&paren.expr, labels),
        Expr::Subquery(subquery) => collect_grouping(&subquery.expr, labels),
        Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => {}
    }
}

/// Labels that an expression makes itself: how a value compares with its target, how an alert is shown.
pub fn made_labels(expr: &Expr) -> Vec<String> {
    let mut labels = Vec::new();
    collect_made(expr, &mut labels);
    labels
}

fn collect_made(expr: &Expr, labels: &mut Vec<String>) {
    let text = |expr: &Expr| match expr {
        Expr::StringLiteral(text) => Some(text.val.clone()),
        _ => None,
    };
    match expr {
        Expr::Aggregate(aggregate) => {
            labels.extend(aggregate.param.iter().filter_map(|param| text(param)));
            collect_made(&aggregate.expr, labels);
        }
        Expr::Call(call) => {
            let name = call
                .args
                .args
                .get(1)
                .filter(|_| call.func.name == "label_replace");
            labels.extend(name.and_then(|name| text(name)));
            call.args
                .args
                .iter()
                .for_each(|arg| collect_made(arg, labels));
        }
        Expr::Binary(binary) => {
            collect_made(&binary.lhs, labels);
            collect_made(&binary.rhs, labels);
        }
        Expr::Unary(unary) => collect_made(&unary.expr, labels),
        Expr::Paren(paren) => collect_made(&paren.expr, labels),
        Expr::Subquery(subquery) => collect_made(&subquery.expr, labels),
        Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => {}
    }
}
