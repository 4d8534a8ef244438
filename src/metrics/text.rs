//! The text exposition format 0.0.4, line by line.
//!
//! Invariant: label values are escaped, never altered; the same label set always prints the same bytes.
//! Not here: which families there are and in which order.

use crate::ledger::Metric;
use std::fmt::Write;

/// Builds one page. A family is opened, then for each of its series the labels are set and the value written.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    out: String,
    name: &'static str,
    /// The current series' labels, escaped, without braces.
    labels: String,
    /// A bucket line up to its bound; kept for its allocation.
    stem: String,
}

impl Encoder {
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// What was written since; the room for it is kept.
    pub(super) fn written(&self) -> &str {
        &self.out
    }

    /// Begins anew, within a family that was opened elsewhere.
    pub(super) fn within(&mut self, metric: &Metric) {
        self.out.clear();
        self.name = metric.name;
    }

    /// HELP and TYPE of the family that the following series belong to.
    pub(super) fn family(&mut self, metric: &Metric) {
        self.name = metric.name;
        self.out.extend(["# HELP ", metric.name, " "]);
        escape(&mut self.out, metric.help, false);
        self.out
            .extend(["\n# TYPE ", metric.name, " ", metric.kind.as_str(), "\n"]);
    }

    /// The labels of the following values.
    pub(super) fn labels<'a>(&mut self, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.labels.clear();
        for (name, value) in labels {
            if !self.labels.is_empty() {
                self.labels.push(',');
            }
            self.labels.extend([name, "=\""]);
            escape(&mut self.labels, value, true);
            self.labels.push('"');
        }
    }

    pub(super) fn count(&mut self, value: u64) {
        self.start("");
        push_u64(&mut self.out, value);
        self.out.push('\n');
    }

    pub(super) fn number(&mut self, value: f64) {
        self.start("");
        push_f64(&mut self.out, value);
        self.out.push('\n');
    }

    /// Bounds as printed, each with the observations up to it; the last must be `+Inf`.
    pub(super) fn buckets<'a>(&mut self, cumulative: impl IntoIterator<Item = (&'a str, u64)>) {
        self.stem.clear();
        self.stem.extend([self.name, "_bucket{", &self.labels]);
        if !self.labels.is_empty() {
            self.stem.push(',');
        }
        self.stem.push_str("le=\"");
        for (bound, observations) in cumulative {
            self.out.extend([&self.stem, bound, "\"} "]);
            push_u64(&mut self.out, observations);
            self.out.push('\n');
        }
    }

    /// A histogram's sum in seconds, exact to the millisecond.
    /// Milliseconds, as seconds.
    pub(super) fn millis(&mut self, millis: u64) {
        self.start("");
        push_millis(&mut self.out, millis);
        self.out.push('\n');
    }

    pub(super) fn sum_millis(&mut self, millis: u64) {
        self.start("_sum");
        push_millis(&mut self.out, millis);
        self.out.push('\n');
    }

    pub(super) fn sum_seconds(&mut self, seconds: f64) {
        self.start("_sum");
        push_f64(&mut self.out, seconds);
        self.out.push('\n');
    }

    pub(super) fn observations(&mut self, count: u64) {
        self.start("_count");
        push_u64(&mut self.out, count);
        self.out.push('\n');
    }

    fn start(&mut self, suffix: &str) {
        self.out.extend([self.name, suffix]);
        if !self.labels.is_empty() {
            self.out.extend(["{", &self.labels, "}"]);
        }
        self.out.push(' ');
    }
}

/// A bucket's bound as Prometheus 3 normalises it (`30.0`), so that rules written against it agree with Prometheus 2.
pub(super) fn bound(seconds: f64) -> String {
    if seconds == f64::INFINITY {
        "+Inf".to_owned()
    } else {
        format!("{seconds:?}")
    }
}

pub(super) fn escape(out: &mut String, text: &str, quoted: bool) {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'"' if quoted => "\\\"",
            _ => continue,
        };
        out.extend([&text[written..at], escaped]);
        written = at + 1;
    }
    out.push_str(&text[written..]);
}

/// Thrice as fast as `write!`; counts are most of a page.
pub(super) fn push_u64(out: &mut String, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend(digits[first..].iter().map(|digit| char::from(*digit)));
}

pub(super) fn push_millis(out: &mut String, millis: u64) {
    push_u64(out, millis / 1000);
    let rest = millis % 1000;
    if rest > 0 {
        let digits = format!("{rest:03}");
        out.extend([".", digits.trim_end_matches('0')]);
    }
}

pub(super) fn push_f64(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        // Writing into a String cannot fail.
        let _ = write!(out, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(push: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        push(&mut out);
        out
    }

    #[test]
    fn a_sum_is_printed_exactly_in_seconds() {
        for (millis, seconds) in [
            (0, "0"),
            (12_345, "12.345"),
            (12_000, "12"),
            (12_300, "12.3"),
            (7, "0.007"),
            (1_050, "1.05"),
        ] {
            assert_eq!(written(|out| push_millis(out, millis)), seconds);
        }
    }

    #[test]
    fn bounds_have_a_decimal() {
        assert_eq!(bound(30.0), "30.0");
        assert_eq!(bound(0.005), "0.005");
        assert_eq!(bound(14_400.0), "14400.0");
        assert_eq!(bound(f64::INFINITY), "+Inf");
    }

    #[test]
    fn numbers_that_are_none_are_spelled_as_prometheus_does() {
        let spelled = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.25, 3.0]
            .map(|value| written(|out| push_f64(out, value)));
        assert_eq!(spelled, ["NaN", "+Inf", "-Inf", "0.25", "3"]);
    }

    #[test]
    fn quotes_are_escaped_in_label_values_only() {
        assert_eq!(
            written(|out| escape(out, "a\"b\\c\nd", true)),
            r#"a\"b\\c\nd"#
        );
        assert_eq!(
            written(|out| escape(out, "a\"b\\c\nd", false)),
            r#"a"b\\c\nd"#
        );
    }

    proptest! {
        #[test]
        fn whole_numbers_print_as_the_standard_library_prints_them(value: u64) {
            prop_assert_eq!(written(|out| push_u64(out, value)), value.to_string());
        }

        #[test]
        fn a_printed_number_reads_back_as_itself(value: f64) {
            let read: f64 = written(|out| push_f64(out, value)).parse().unwrap();
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }
    }
}
