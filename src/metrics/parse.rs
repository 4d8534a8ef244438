//! A small reader of the text format for tests, written from its description and sharing nothing with the encoder.

use std::collections::BTreeMap;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    /// In the page's order.
    pub(crate) families: Vec<Family>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) samples: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Parsed {
    /// The value of the sample with exactly these labels.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: BTreeMap<String, String> = labels
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let mut samples = self.families.iter().flat_map(|family| &family.samples);
        samples
            .find(|line| line.name == name && line.labels == labels)
            .map(|line| line.value)
    }
}

/// Panics on what is not the format.
pub(crate) fn parse(page: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for line in page
        .strip_suffix('\n')
        .unwrap_or(page)
        .split('\n')
        .filter(|line| !line.is_empty())
    {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(
                parsed.families.iter().all(|family| family.name != name),
                "`{name}` comes twice"
            );
            let help = unescape(&mut help.chars(), None);
            parsed.families.push(Family {
                name: name.to_owned(),
                help,
                ..Family::default()
            });
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            let family = parsed.families.last_mut().unwrap();
            assert_eq!(family.name, name);
            family.kind = kind.to_owned();
        } else {
            let sample = sample(line);
            let family = parsed.families.last_mut().unwrap();
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| {
                    sample
                        .name
                        .strip_suffix(suffix)
                        .filter(|_| family.kind == "histogram")
                })
                .unwrap_or(&sample.name);
            assert_eq!(family.name, base, "in `{line}`");
            family.samples.push(sample);
        }
    }
    parsed
}

fn sample(line: &str) -> Line {
    let end = line.find(['{', ' ']).unwrap();
    let (name, rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    let mut chars = rest.chars();
    if rest.starts_with('{') {
        chars.next();
        while !chars.as_str().starts_with('}') {
            let (label, _) = chars.as_str().split_once("=\"").unwrap();
            chars = chars.as_str()[label.len() + 2..].chars();
            let value = unescape(&mut chars, Some('"'));
            assert!(
                labels.insert(label.to_owned(), value).is_none(),
                "`{label}` comes twice in `{line}`"
            );
            if chars.as_str().starts_with(',') {
                chars.next();
            }
        }
        chars.next();
    }
    let value = chars.as_str().strip_prefix(' ').unwrap().parse().unwrap();
    Line {
        name: name.to_owned(),
        labels,
        value,
    }
}

fn unescape(chars: &mut std::str::Chars, end: Option<char>) -> String {
    let mut text = String::new();
    loop {
        match chars.next() {
            None => {
                assert_eq!(end, None, "a label value does not end");
                return text;
            }
            found if found == end => return text,
            Some('\\') => match chars.next() {
                Some('n') => text.push('\n'),
                Some(escaped @ ('\\' | '"')) => text.push(escaped),
                other => panic!("`\\{other:?}` is no escape"),
            },
            Some(plain) => text.push(plain),
        }
    }
}
