//! How the interface misbehaves on demand.

use super::dice::Dice;
use super::named::{named, named_rate};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

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

named! {
    /// What a fault may be kept to.
    Interface, an "interface": {
        /// *Call Details*
        CallDetails = "call-details",
        /// *Queue Performance*
        QueuePerformance = "queue-performance",
        /// *List of Conversations*
        Conversations = "conversations",
        /// *Contact Volume*
        ContactVolume = "contact-volume",
    }
}

/// A fault, and the only interface that it strikes; `None` for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aim {
    pub fault: Fault,
    pub only: Option<Interface>,
}

impl From<Fault> for Aim {
    fn from(fault: Fault) -> Aim {
        Aim { fault, only: None }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.only {
            Some(interface) => write!(f, "{interface}:{}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl FromStr for Aim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (only, fault) = match text.split_once(':') {
            Some((interface, fault)) => (Some(interface.parse()?), fault),
            None => (None, text),
        };
        let fault = fault.parse()?;
        Ok(Aim { fault, only })
    }
}

/// Which faults, and how often: the part of requests each of them strikes, 0–1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults(BTreeMap<Aim, f64>);

impl Faults {
    pub const NONE: Faults = Faults(BTreeMap::new());

    /// Rates beyond 0–1 are refused.
    ///
    /// # Errors
    /// Names the rate that is none.
    pub fn new(rates: impl IntoIterator<Item = (impl Into<Aim>, f64)>) -> Result<Self, String> {
        let mut faults = BTreeMap::new();
        for (aim, rate) in rates {
            let aim = aim.into();
            if !(0.0..=1.0).contains(&rate) {
                return Err(format!(
                    "rate `{rate}` of fault `{aim}` is not between 0 and 1"
                ));
            }
            faults.insert(aim, rate);
        }
        Ok(Faults(faults))
    }

    /// Reads `NAME=RATE` or `INTERFACE:NAME=RATE`.
    ///
    /// # Errors
    /// Says what is allowed.
    pub fn parse(text: &str) -> Result<(Aim, f64), String> {
        named_rate(text)
    }

    pub fn rates(&self) -> impl Iterator<Item = (Aim, f64)> + '_ {
        self.0.iter().map(|(aim, rate)| (*aim, *rate))
    }

    /// The fault that strikes this request to an interface, if any; the first in order of [`Fault::ALL`].
    pub(super) fn strike(&self, interface: Interface, dice: &mut Dice) -> Option<Fault> {
        let here = |aim: &Aim| aim.only.is_none_or(|only| only == interface);
        self.0
            .iter()
            .filter(|(aim, _)| here(aim))
            .find(|(_, rate)| dice.chance(**rate))
            .map(|(aim, _)| aim.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_by_name_and_rate_for_all_interfaces_or_for_one() {
        assert_eq!(
            Faults::parse("429=0.05"),
            Ok((Aim::from(Fault::TooMany), 0.05))
        );
        let aimed = Aim {
            fault: Fault::CutOff,
            only: Some(Interface::QueuePerformance),
        };
        assert_eq!(
            Faults::parse("queue-performance:cut-off=1"),
            Ok((aimed, 1.0))
        );
        assert_eq!(aimed.to_string().parse(), Ok(aimed));
        for bad in [
            "429",
            "429=2",
            "429=x",
            "teapot=0.1",
            "wall:429=0.1",
            ":429=0.1",
        ] {
            assert!(Faults::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked_and_only_where_it_is_aimed_at() {
        let mut dice = Dice::new(7, 1);
        let aimed = Aim {
            fault: Fault::TooMany,
            only: Some(Interface::Conversations),
        };
        for interface in Interface::ALL.iter().copied() {
            for (aim, there) in [
                (Aim::from(Fault::TooMany), true),
                (aimed, interface == Interface::Conversations),
            ] {
                let faults = Faults::new([(aim, 0.25)]).unwrap_or_default();
                let struck = (0..10_000)
                    .filter(|_| faults.strike(interface, &mut dice).is_some())
                    .count();
                let allowed = if there { 2_300..2_700 } else { 0..1 };
                assert!(allowed.contains(&struck), "{aim} {interface}: {struck}");
            }
        }
        assert_eq!(Faults::NONE.strike(Interface::CallDetails, &mut dice), None);
    }
}
