//! Another name for a queue, as a flag and `/control` write it.

use super::super::centre::QUEUES;
use super::super::named::by_text;
use super::super::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Renamed {
    /// Its place in the house.
    pub queue: usize,
    pub name: String,
}

impl fmt::Display for Renamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", QUEUES[self.queue].name, self.name)
    }
}

impl FromStr for Renamed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (queue, name) = text
            .split_once('=')
            .ok_or_else(|| "it is not `QUEUE=NAME`, as in `Billing=Accounts`".to_owned())?;
        let queue = Scenario::queue_named(queue)?;
        if name.trim().is_empty() {
            return Err("the new name is empty".to_owned());
        }
        let name = name.to_owned();
        Ok(Renamed { queue, name })
    }
}

by_text!(Renamed);
