//! How the values of the simulator's flags are written.

use crate::simulator::scenario::Name;
use crate::simulator::world::GREATEST_RATE;
use crate::simulator::{Fault, Interface, Oddity};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Time;
use std::time::Duration;

pub(super) const SCENARIOS: &[(&str, Name)] = &[
    ("steady", Name::Steady),
    ("abandonment-spike", Name::AbandonmentSpike),
    ("outage", Name::Outage),
    ("survey-wave", Name::SurveyWave),
];

/// One of a few words.
pub(super) fn named<T: Copy + Send + Sync + 'static>(
    choices: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(choices.iter().map(|(word, _)| *word)).try_map(move |chosen| {
        choices
            .iter()
            .find(|(word, _)| *word == chosen)
            .map(|(_, value)| *value)
            .ok_or("it is not one of the words allowed")
    })
}

/// The list of faults, for the help.
pub(crate) fn faults_help() -> String {
    let faults = Fault::ALL.iter();
    let faults = list(
        "Faults",
        faults.map(|fault| (fault.name(), fault.describe())),
    );
    let interfaces = Interface::ALL.iter();
    let interfaces = list(
        "Interfaces, to keep a fault to one",
        interfaces.map(|interface| (interface.name(), interface.describe())),
    );
    format!("{faults}\n\n{interfaces}")
}

/// The list of oddities, for the help.
pub(super) fn oddities_help() -> String {
    let oddities = Oddity::ALL.iter();
    list(
        "Oddities",
        oddities.map(|oddity| (oddity.name(), oddity.describe())),
    )
}

fn list(title: &str, lines: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let lines: Vec<String> = lines
        .map(|(name, about)| format!("  {name:<22} {}", about.trim()))
        .collect();
    format!("{title}:\n{}", lines.join("\n"))
}

/// Longer histories take longer to live through than anybody waits for a start.
const LONGEST_HISTORY: Duration = Duration::from_hours(840);

pub(super) fn history(text: &str) -> Result<Duration, String> {
    let history = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if history > LONGEST_HISTORY {
        Err("at most `35d` are allowed".to_owned())
    } else {
        Ok(history)
    }
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (1.0..=GREATEST_RATE).contains(&rate) {
        Ok(rate)
    } else {
        Err(format!("allowed are 1 to {GREATEST_RATE}"))
    }
}

/// From 0 to 1.
pub(super) fn part(text: &str) -> Result<f64, String> {
    let part: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.0..=1.0).contains(&part) {
        Ok(part)
    } else {
        Err("allowed are 0 to 1".to_owned())
    }
}

/// Milliseconds; a minus sign before the duration means before the start.
pub(super) fn signed_ms(text: &str) -> Result<i64, String> {
    let (sign, length) = match text.strip_prefix('-') {
        Some(length) => (-1, length),
        None => (1, text),
    };
    let duration = humantime::parse_duration(length).map_err(|error| error.to_string())?;
    i64::try_from(duration.as_millis())
        .map(|ms| sign * ms)
        .map_err(|_| "it is too long".to_owned())
}

pub(super) fn wall_clock(text: &str) -> Result<Time, String> {
    Time::strptime("%H:%M", text).map_err(|_| "it is not a time such as `10:30`".to_owned())
}

/// Minutes east of UTC of a wall clock that shows `local` at `now_ms`.
pub(super) fn wall_offset_minutes(local: Time, now_ms: i64) -> i32 {
    let utc_minutes = now_ms.div_euclid(60_000).rem_euclid(24 * 60) as i32;
    i32::from(local.hour()) * 60 + i32::from(local.minute()) - utc_minutes
}
