//! How an account's polling stands, for people and for readiness.

use crate::config;
use std::fmt;
use std::time::Duration;

/// Told through a watch channel after every poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Counters and histograms are shown.
    pub published: bool,
    /// A poll failed before counters were shown; stays, so that who was ready for it remains ready.
    pub failed_unpublished: bool,
    /// Some of the longest recent window was never read.
    pub catching_up: bool,
    /// UTC seconds; `None` before the first success of this process.
    pub last_success_s: Option<i64>,
    /// Why the last poll failed; `None` after a success.
    pub failure: Option<String>,
    /// It failed since the token is refused.
    pub token_refused: bool,
    /// What is stored of the account is not what this process counted on: it is to be loaded again. Nothing is read before.
    pub overtaken: bool,
    /// How far the first reading has come; `None` once it is done.
    pub first_reading: Option<FirstReading>,
}

impl Status {
    /// Whether there is time to look at what the queue is now: what was missed of the past comes first. A token that is
    /// refused everywhere says nothing of one source.
    pub fn leaves_time_for_now(&self) -> bool {
        self.last_success_s.is_some() && !self.catching_up && !self.token_refused
    }
}

/// How much of `initial_lookback` was read, while counters wait for all of it. In seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstReading {
    pub read_s: i64,
    pub of_s: i64,
    /// About how long the rest will take; `None` where nothing tells yet.
    pub left_s: Option<i64>,
}

impl fmt::Display for FirstReading {
    /// `60 % of 24h read, about 3 minutes left`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.read_s.clamp(0, self.of_s) * 100 / self.of_s.max(1);
        let of = config::as_written(Duration::from_secs(self.of_s.max(0).unsigned_abs()));
        write!(f, "{percent} % of {of} read")?;
        match self.left_s {
            None => Ok(()),
            Some(left_s) if left_s < 60 => f.write_str(", less than a minute left"),
            Some(left_s) if left_s < 2 * 3600 => {
                let minutes = (left_s + 30) / 60;
                let plural = if minutes == 1 { "" } else { "s" };
                write!(f, ", about {minutes} minute{plural} left")
            }
            Some(left_s) => write!(f, ", about {} hours left", (left_s + 1800) / 3600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reading_is_told_as_one_would_say_it() {
        let told = |read_s, of_s, left_s| {
            FirstReading {
                read_s,
                of_s,
                left_s,
            }
            .to_string()
        };
        let day = 86_400;
        assert_eq!(
            told(51_840, day, Some(170)),
            "60 % of 24h read, about 3 minutes left"
        );
        assert_eq!(told(0, day, None), "0 % of 24h read");
        assert_eq!(
            told(day - 1, day, Some(20)),
            "99 % of 24h read, less than a minute left"
        );
        assert_eq!(
            told(day, 7 * day, Some(3 * 3600)),
            "14 % of 7d read, about 3 hours left"
        );
        assert_eq!(
            told(1, 5400, Some(61)),
            "0 % of 1h 30m read, about 1 minute left"
        );
        assert_eq!(
            told(2 * day, day, Some(-5)),
            "100 % of 24h read, less than a minute left"
        );
        assert_eq!(told(0, 0, None), "0 % of 0s read");
    }
}
