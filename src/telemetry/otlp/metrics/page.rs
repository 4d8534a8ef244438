//! The text of a page → its families: pure.
//!
//! The page is our own encoder's, so what it never writes is not read: timestamps, exemplars, blanks between labels.

/// One family in the page's order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Family<'p> {
    pub name: &'p str,
    pub kind: &'p str,
    pub help: String,
    pub series: Vec<Series>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Series {
    /// In the page's order, without `le`.
    pub labels: Vec<(String, String)>,
    /// Of a histogram the sum.
    pub value: f64,
    /// Of a histogram: bounds but for the last, which is infinite, and observations in each bucket.
    pub buckets: Option<(Vec<f64>, Vec<u64>)>,
}

impl Series {
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels.find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }
}

pub(super) fn read(page: &str) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for line in page.lines() {
        if let Some(head) = line.strip_prefix("# HELP ") {
            let (name, help) = head.split_once(' ').unwrap_or((head, ""));
            families.push(Family {
                name,
                help: unescaped(help),
                ..Family::default()
            });
        } else if let Some(family) = families.last_mut() {
            match line.strip_prefix("# TYPE ") {
                Some(head) => family.kind = head.rsplit(' ').next().unwrap_or_default(),
                None => sample(line, family),
            }
        }
    }
    families
}

fn sample(line: &str, family: &mut Family<'_>) {
    let Some((series, value)) = line.rsplit_once(' ') else {
        return;
    };
    let Ok(value) = value.parse::<f64>() else {
        return;
    };
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let mut labels = read_labels(labels);
    match name.strip_prefix(family.name) {
        Some("") => family.series.push(Series {
            labels,
            value,
            buckets: None,
        }),
        Some("_bucket") => {
            let bound = labels.pop().map(|(_, bound)| bound);
            bucket(family, labels, bound.as_deref(), value as u64);
        }
        Some("_sum") => {
            if let Some(series) = family.series.last_mut() {
                series.value = value;
            }
        }
        // The observations are those of all buckets.
        _ => {}
    }
}

/// Buckets of a series come one after the other, each with the observations of those before it.
fn bucket(family: &mut Family<'_>, labels: Vec<(String, String)>, bound: Option<&str>, up_to: u64) {
    let begun = |series: &Series| {
        let (bounds, counts) = series.buckets.as_ref()?;
        (series.labels == labels && bounds.len() == counts.len()).then_some(())
    };
    if family.series.last().and_then(begun).is_none() {
        family.series.push(Series {
            labels,
            value: 0.0,
            buckets: Some((Vec::new(), Vec::new())),
        });
    }
    let series = family.series.last_mut();
    let Some((bounds, counts)) = series.and_then(|series| series.buckets.as_mut()) else {
        return;
    };
    let before: u64 = counts.iter().sum();
    counts.push(up_to.saturating_sub(before));
    let bound = bound.and_then(|bound| bound.parse::<f64>().ok());
    bounds.extend(bound.filter(|bound| bound.is_finite()));
}

/// `name="value",…}`
fn read_labels(mut text: &str) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let mut end = 0;
        let bytes = rest.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let Some(value) = rest.get(..end) else { break };
        labels.push((name.to_owned(), unescaped(value)));
        text = rest.get(end + 1..).unwrap_or_default();
        text = text.trim_start_matches(',');
    }
    labels
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}
