//! Named courses of events, laid over the ordinary day.

use super::centre::QUEUES;
use std::fmt;
use std::str::FromStr;

/// What happens, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenario {
    pub name: Name,
    /// UTC milliseconds.
    pub start_ms: i64,
    pub duration_ms: i64,
    /// Only this queue (by place in `centre::QUEUES`); all queues without it. Used by the spike alone.
    pub queue: Option<usize>,
    /// The part of the planned staff that stays during a spike: [`STAYING`], or another.
    pub staying: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// An ordinary day.
    Steady,
    /// Most of the staff walks out; callers then wait, and hang up.
    AbandonmentSpike,
    /// The interface is down; the centre works on.
    Outage,
    /// Surveys of the last hours come in all at once.
    SurveyWave,
}

/// The part of the staff that stays during an abandonment spike.
pub const STAYING: f64 = 0.15;

impl Scenario {
    pub const STEADY: Scenario = Scenario {
        name: Name::Steady,
        start_ms: 0,
        duration_ms: 0,
        queue: None,
        staying: STAYING,
    };

    /// The place of a queue of this name.
    ///
    /// # Errors
    /// Names the queues that there are.
    pub fn queue_named(name: &str) -> Result<usize, String> {
        QUEUES
            .iter()
            .position(|queue| queue.name == name)
            .ok_or_else(|| {
                let known: Vec<String> = QUEUES
                    .iter()
                    .map(|queue| format!("`{}`", queue.name))
                    .collect();
                format!(
                    "no queue is called `{name}`; there are {}",
                    known.join(", ")
                )
            })
    }

    /// UTC milliseconds.
    pub fn end_ms(&self) -> i64 {
        self.start_ms.saturating_add(self.duration_ms)
    }

    /// The interface is down at this instant.
    pub fn outage_at(&self, at_ms: i64) -> bool {
        self.name == Name::Outage && self.covers(at_ms)
    }

    /// The part of the planned staff that is there.
    pub fn staffing_at(&self, at_ms: i64, queue: usize) -> f64 {
        let walked_out = self.name == Name::AbandonmentSpike
            && self.covers(at_ms)
            && self.queue.is_none_or(|only| only == queue);
        if walked_out { self.staying } else { 1.0 }
    }

    fn covers(&self, at_ms: i64) -> bool {
        (self.start_ms..self.end_ms()).contains(&at_ms)
    }
}

impl Name {
    pub const ALL: [Name; 4] = [
        Name::Steady,
        Name::AbandonmentSpike,
        Name::Outage,
        Name::SurveyWave,
    ];
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Name::Steady => "steady",
            Name::AbandonmentSpike => "abandonment-spike",
            Name::Outage => "outage",
            Name::SurveyWave => "survey-wave",
        })
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Name::ALL
            .into_iter()
            .find(|name| name.to_string() == text)
            .ok_or_else(|| {
                let known: Vec<String> = Name::ALL.iter().map(|name| format!("`{name}`")).collect();
                format!(
                    "no scenario is called `{text}`; there are {}",
                    known.join(", ")
                )
            })
    }
}
