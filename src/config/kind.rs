//! Kinds of single values: text, numbers, switches, durations. Each says what is allowed once, for messages and for the
//! page of all keys; each refusal says what was found.

use super::field::{Field, quoted, trimmed};
use super::invisible;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Longer durations are slips of the pen, and would leave the range of the arithmetic on times.
const LONGEST: Duration = Duration::from_hours(20 * 366 * 24);

/// How a single value is read.
pub(super) struct Kind<T> {
    pub allowed: String,
    read: Read<T>,
}

/// Reads the text, without the blanks around it.
type Read<T> = Box<dyn Fn(&str) -> Result<T, Refused>>;

/// Why a value is none of its kind, as a message goes on after its name.
pub(super) struct Refused {
    /// ``is `7` ``; fit to be shown.
    found: String,
    /// Where it is not all that the kind allows.
    allowed: Option<String>,
    hint: Option<String>,
}

impl Refused {
    /// What was found is shown as it is.
    pub(super) fn is(text: &str) -> Self {
        Self::because(format!("is {}", quoted(text)))
    }

    pub(super) fn because(found: impl Into<String>) -> Self {
        Refused {
            found: found.into(),
            allowed: None,
            hint: None,
        }
    }

    pub(super) fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    pub(super) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// As an argument's refusal goes on.
    pub(super) fn in_full(self, allowed: &str) -> String {
        let allowed = self.allowed.as_deref().unwrap_or(allowed);
        let hint = self.hint.map(|hint| format!("\nhint: {hint}"));
        format!(
            "it {}; allowed: {allowed}{}",
            self.found,
            hint.unwrap_or_default()
        )
    }

    /// In a line, where what is allowed goes without saying.
    pub(super) fn words(self) -> String {
        match self.hint {
            Some(hint) => format!("{}; hint: {hint}", self.found),
            None => self.found,
        }
    }
}

impl<T: 'static> Kind<T> {
    pub(super) fn new(
        allowed: impl Into<String>,
        read: impl Fn(&str) -> Result<T, Refused> + 'static,
    ) -> Self {
        Kind {
            allowed: allowed.into(),
            read: Box::new(read),
        }
    }

    /// The value that a text stands for.
    pub(super) fn parse(&self, text: &str) -> Result<T, Refused> {
        (self.read)(trimmed(text))
    }

    /// The value of a field; `None` where nothing is written, or once a problem is reported.
    pub(super) fn read(&self, field: &Field<'_>) -> Option<T> {
        field.value()?;
        let Some(text) = field.scalar() else {
            field.refuse_kind(&self.allowed);
            return None;
        };
        let refuse = |refused: Refused| {
            let allowed = refused.allowed.as_deref().unwrap_or(&self.allowed);
            field.refuse(&refused.found, allowed, refused.hint);
        };
        self.parse(text).map_err(refuse).ok()
    }
}

/// Text that is not empty and holds no control characters, so that it fits a header and a label.
pub(super) fn word() -> Kind<String> {
    Kind::new("text that is not empty", |text| {
        if text.is_empty() {
            return Err(Refused::because("is empty"));
        }
        if text.chars().any(char::is_control) {
            let found = Refused::because("is text with control characters");
            return Err(found.allowed("text on one line"));
        }
        Ok(text.to_owned())
    })
}

/// What the vendor knows an account or an app by. No character of it is one that nobody sees.
pub(super) fn id() -> Kind<String> {
    let word = word();
    Kind::new(word.allowed.clone(), move |text| {
        let text = word.parse(text)?;
        match invisible::first(&text) {
            None => Ok(text),
            Some(sign) => {
                let found = format!(
                    "has a character inside that nobody sees, {}",
                    invisible::named(sign)
                );
                let hint = Some(invisible::HINT.to_owned());
                Err(Refused::because(found)
                    .allowed("text that is seen")
                    .hint(hint))
            }
        }
    })
}

impl Kind<String> {
    pub(super) fn at_most_chars(self, most: usize) -> Self {
        let allowed = format!("text of 1 to {most} characters");
        Kind::new(allowed, move |text| {
            let text = self.parse(text)?;
            match text.chars().count() {
                count if count > most => Err(Refused::is(&text)),
                _ => Ok(text),
            }
        })
    }
}

pub(super) fn path() -> Kind<PathBuf> {
    let word = word();
    Kind::new("a path", move |text| word.parse(text).map(PathBuf::from))
}

pub(super) fn whole<T: FromStr + PartialOrd + Display + 'static>(least: T) -> Kind<T> {
    let allowed = format!("a whole number, at least {least}");
    Kind::new(allowed, move |text| match text.parse() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(Refused::is(text)),
    })
}

/// A number above `above`, at most `most`.
pub(super) fn number(above: f64, most: f64) -> Kind<f64> {
    let allowed = format!("a number above {above}, at most {most}");
    finite(allowed, move |number| number > above && number <= most)
}

pub(super) fn ratio() -> Kind<f64> {
    finite("a number from 0 to 1".to_owned(), |ratio| {
        (0.0..=1.0).contains(&ratio)
    })
}

fn finite(allowed: String, holds: impl Fn(f64) -> bool + 'static) -> Kind<f64> {
    Kind::new(allowed, move |text| match text.parse::<f64>() {
        Ok(number) if number.is_finite() && holds(number) => Ok(number),
        _ => {
            let percent = text.strip_suffix('%').map(str::trim).map(str::parse::<f64>);
            let hint = match percent {
                Some(Ok(percent)) => Some(format!("{percent} % is written `{}`", percent / 100.0)),
                _ => None,
            };
            Err(Refused::is(text).hint(hint))
        }
    })
}

pub(super) fn switch() -> Kind<bool> {
    Kind::new("`true` or `false`", |text| {
        text.parse().map_err(|_| Refused::is(text))
    })
}

/// A duration with a unit, from `least` to [`LONGEST`].
pub(super) fn span(least: Duration) -> Kind<Duration> {
    let allowed = match least {
        Duration::ZERO => "a duration with its unit, `0s` or more".to_owned(),
        least if least < Duration::from_millis(2) => {
            "a duration with its unit, more than `0s`".to_owned()
        }
        least => {
            let least = humantime::format_duration(least);
            format!("a duration with its unit, at least `{least}`")
        }
    };
    Kind::new(allowed, move |text| match humantime::parse_duration(text) {
        Ok(duration) if duration < least => Err(Refused::is(text)),
        Ok(duration) if duration > LONGEST => Err(Refused::is(text).allowed("at most 20 years")),
        Ok(duration) => Ok(duration),
        Err(_) => Err(Refused::is(text).hint(Some(unit_hint(text)))),
    })
}

fn unit_hint(number: &str) -> String {
    let bare = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if bare {
        format!("seconds are written `{number}s`")
    } else {
        "units are `ms`, `s`, `m`, `h`, `d`, `w`, as in `30s` or `1h 30m`".to_owned()
    }
}
