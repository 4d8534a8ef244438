//! How the interface misbehaves on demand.

use super::dice::Dice;
use super::named::{named, named_rate};
use std::collections::BTreeMap;

named! {
    /// One way to misbehave.
    Fault, a "fault": {
        /// rate limit exceeded, status 429, nothing said of when to come back
        TooMany = "429",
        /// rate limit exceeded, status 429, with `Retry-After: 2`
        TooManyRetryAfter = "429-retry-after",
        /// the text of the rate limit with status 200
        RateText = "rate-text-200",
        /// token refused
        Unauthorized = "401",
        /// not found
        NotFound = "404",
        /// arguments refused
        Invalid = "412",
        /// internal error
        Internal = "500",
        /// unavailable
        Unavailable = "503",
        /// unavailable, with `Retry-After: 3600`
        UnavailableRetryAfter = "503-retry-after",
        /// a gateway's HTML page, status 502
        Html = "html",
        /// a gateway's HTML page, status 200
        HtmlOk = "html-200",
        /// sends the caller, and the token, elsewhere: status 307
        Redirect = "redirect",
        /// never answers
        Timeout = "timeout",
        /// closes the connection without an answer
        Reset = "reset",
        /// closes the connection in the middle of the body
        CutOff = "cut-off",
        /// a good page in a body of 64 MiB
        Oversized = "oversized",
        /// answers after 3 seconds
        Slow = "slow",
        /// a page begins with the last row of the page before
        Shifted = "shifted",
        /// the page before once more
        Repeated = "repeated",
        /// puts any JSON value into any place of some records
        Garbage = "garbage",
    }
}

/// Which faults, and how often: the part of requests each of them strikes, 0–1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults(BTreeMap<Fault, f64>);

impl Faults {
    pub const NONE: Faults = Faults(BTreeMap::new());

    /// Rates beyond 0–1 are refused.
    ///
    /// # Errors
    /// Names the rate that is none.
    pub fn new(rates: impl IntoIterator<Item = (Fault, f64)>) -> Result<Self, String> {
        let mut faults = BTreeMap::new();
        for (fault, rate) in rates {
            if !(0.0..=1.0).contains(&rate) {
                return Err(format!(
                    "rate `{rate}` of fault `{fault}` is not between 0 and 1"
                ));
            }
            faults.insert(fault, rate);
        }
        Ok(Faults(faults))
    }

    /// Reads `NAME=RATE`.
    ///
    /// # Errors
    /// Says what is allowed.
    pub fn parse(text: &str) -> Result<(Fault, f64), String> {
        named_rate(text)
    }

    pub fn rates(&self) -> impl Iterator<Item = (Fault, f64)> + '_ {
        self.0.iter().map(|(fault, rate)| (*fault, *rate))
    }

    /// The fault that strikes this request, if any; the first in order of [`Fault::ALL`].
    pub(super) fn strike(&self, dice: &mut Dice) -> Option<Fault> {
        self.0
            .iter()
            .find(|(_, rate)| dice.chance(**rate))
            .map(|(fault, _)| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_by_name_and_rate() {
        assert_eq!(Faults::parse("429=0.05"), Ok((Fault::TooMany, 0.05)));
        for bad in ["429", "429=2", "429=x", "teapot=0.1"] {
            assert!(Faults::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked() {
        let mut dice = Dice::new(7, 1);
        let Ok(faults) = Faults::new([(Fault::TooMany, 0.25)]) else {
            panic!("the rate is allowed")
        };
        let struck = (0..10_000)
            .filter(|_| faults.strike(&mut dice).is_some())
            .count();
        assert!((2_300..2_700).contains(&struck), "{struck}");
        assert_eq!(Faults::NONE.strike(&mut dice), None);
    }
}
