//! Single values: text, numbers, switches, durations. Each refusal says what was found and what is allowed.

use super::node::Value;
use super::problem::Findings;
use super::secret::trimmed;
use super::section::{Field, Section};
use std::time::Duration;

/// Longer durations are slips of the pen, and would leave the range of the arithmetic on times.
pub(super) const LONGEST: Duration = Duration::from_secs(20 * 366 * 86_400);

/// Of a refused value, what a message shows.
const SHOWN_CHARS: usize = 60;

impl<'n> Field<'n> {
    /// The value's text; a list or a mapping is refused.
    pub fn text(&self, allowed: &str, findings: &mut Findings) -> Option<&'n str> {
        match &self.node.value {
            Value::Scalar(text) => Some(text),
            _ => {
                self.refuse_kind(allowed, findings);
                None
            }
        }
    }

    /// Text that is not blank and holds no control characters, so that it fits a header and a label; without the blanks
    /// around it.
    pub fn word(&self, findings: &mut Findings) -> Option<&'n str> {
        const ALLOWED: &str = "text that is not empty";
        let text = trimmed(self.text(ALLOWED, findings)?);
        if text.is_empty() {
            self.refuse("empty", ALLOWED, None, findings);
            return None;
        }
        if text.chars().any(char::is_control) {
            self.refuse(
                "text with control characters",
                "text on one line",
                None,
                findings,
            );
            return None;
        }
        Some(text)
    }

    pub fn whole(&self, least: u32, findings: &mut Findings) -> Option<u32> {
        let allowed = format!("a whole number, at least {least}");
        let text = self.text(&allowed, findings)?;
        let number = text.parse().ok().filter(|number| *number >= least);
        if number.is_none() {
            self.refuse(&quoted(text), &allowed, None, findings);
        }
        number
    }

    /// A finite number that `holds`.
    pub fn number(
        &self,
        allowed: &str,
        holds: impl Fn(f64) -> bool,
        findings: &mut Findings,
    ) -> Option<f64> {
        let text = self.text(allowed, findings)?;
        let number = text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite() && holds(*number));
        if number.is_none() {
            let percent = text
                .strip_suffix('%')
                .and_then(|number| number.trim().parse::<f64>().ok());
            let hint =
                percent.map(|percent| format!("{percent} % is written `{}`", percent / 100.0));
            self.refuse(&quoted(text), allowed, hint, findings);
        }
        number
    }

    pub fn ratio(&self, findings: &mut Findings) -> Option<f64> {
        self.number(
            "a number from 0 to 1",
            |ratio| (0.0..=1.0).contains(&ratio),
            findings,
        )
    }

    pub fn switch(&self, findings: &mut Findings) -> Option<bool> {
        const ALLOWED: &str = "`true` or `false`";
        match self.text(ALLOWED, findings)? {
            "true" => Some(true),
            "false" => Some(false),
            text => {
                self.refuse(&quoted(text), ALLOWED, None, findings);
                None
            }
        }
    }

    /// A duration with a unit, from `least` to [`LONGEST`].
    pub fn duration(&self, least: Duration, findings: &mut Findings) -> Option<Duration> {
        let allowed = match (least.is_zero(), least < Duration::from_millis(2)) {
            (true, _) => "a duration with its unit, `0s` or more".to_owned(),
            (_, true) => "a duration with its unit, more than `0s`".to_owned(),
            _ => format!(
                "a duration with its unit, at least `{}`",
                humantime::format_duration(least)
            ),
        };
        let text = self.text(&allowed, findings)?;
        let found = quoted(text);
        match humantime::parse_duration(text.trim()) {
            Ok(duration) if duration < least => self.refuse(&found, &allowed, None, findings),
            Ok(duration) if duration > LONGEST => {
                self.refuse(&found, "at most 20 years", None, findings)
            }
            Ok(duration) => return Some(duration),
            Err(_) => self.refuse(&found, &allowed, unit_hint(text), findings),
        }
        None
    }

    /// The value as messages show it; not for secrets.
    pub fn found(&self) -> String {
        match &self.node.value {
            Value::Scalar(text) => quoted(text),
            other => other.kind().to_owned(),
        }
    }

    /// Says what was found (already fit to be shown) and what is allowed.
    pub fn refuse(
        &self,
        found: &str,
        allowed: &str,
        hint: Option<String>,
        findings: &mut Findings,
    ) {
        findings.error(
            self.place(),
            format!("{} is {found}; allowed: {allowed}", self.name()),
            hint,
        );
    }
}

/// Values with defaults: the default stands where nothing is written, and where a problem was reported.
impl Section<'_> {
    pub fn duration(
        &self,
        key: &str,
        default: Duration,
        least: Duration,
        findings: &mut Findings,
    ) -> Duration {
        self.field(key)
            .and_then(|field| field.duration(least, findings))
            .unwrap_or(default)
    }

    pub fn switch(&self, key: &str, default: bool, findings: &mut Findings) -> bool {
        self.field(key)
            .and_then(|field| field.switch(findings))
            .unwrap_or(default)
    }

    pub fn whole(&self, key: &str, default: u32, least: u32, findings: &mut Findings) -> u32 {
        self.field(key)
            .and_then(|field| field.whole(least, findings))
            .unwrap_or(default)
    }

    /// A word that must be there.
    pub fn required(&self, key: &str, findings: &mut Findings) -> Option<String> {
        match self.field(key) {
            Some(field) => field.word(findings).map(str::to_owned),
            None => {
                self.missing(key, "text that is not empty", findings);
                None
            }
        }
    }

    pub fn missing(&self, key: &str, allowed: &str, findings: &mut Findings) {
        let message = format!("`{}` is missing; allowed: {allowed}", self.path_of(key));
        findings.error(self.place(), message, None);
    }
}

/// A value as messages show it: on one line, and not all of a long one.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn unit_hint(text: &str) -> Option<String> {
    let number = text.trim();
    let bare = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Some(match bare {
        true => format!("seconds are written `{number}s`"),
        false => "units are `ms`, `s`, `m`, `h`, `d`, `w`, as in `30s` or `1h 30m`".to_owned(),
    })
}
