//! Records that differ from the vendor's page, as real ones do: values spelled otherwise, fields that come late,
//! lists that are none.
//!
//! Invariant: which conversations an oddity strikes follows from the seed and the conversation's number alone, so a
//! record is odd in the same way whenever it is looked at, and a greater part strikes the same ones and more. What an
//! oddity means for the counts is told by `truth`.
//! Not here: answers that fail or come in other pages; those are `fault` and the interface's reading.

mod shape;
mod value;

use super::conversation::{Conversation, Destination, DestinationKind};
use super::dice::mix;
use super::named::{by_text, named, named_rate};
use super::wire::{self, Lens};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

named! {
    /// One way in which a record differs.
    Oddity, an "oddity": {
        /// `CallbackOpted` as text or number: "True", "no", 1
        FlagsAsText = "flags-as-text",
        /// `CallbackOpted` says no, or nothing readable, beside a `CallbackOptedTime`
        FlagContradicted = "flag-contradicted",
        /// `CallbackOpted` can't be read and no time tells: the conversation waits until it can
        FlagUnreadable = "flag-unreadable",
        /// numbers as text: "4", " 12 "
        NumbersAsText = "numbers-as-text",
        /// times as seconds or milliseconds since 1970, as numbers or as text
        EpochTimes = "epoch-times",
        /// midnight as `24:00:00` of the day before, and a whole minute as second 60 of the minute before
        OddSeconds = "odd-seconds",
        /// blanks around times and states
        Blanks = "blanks",
        /// `destinations` that is no list: the conversation waits until it is
        DestinationsNoList = "destinations-no-list",
        /// CSAT scores that are none: 0, 9, 3.5, words
        ScoresRefused = "scores-refused",
        /// a first destination that no agent answered shows only two minutes after the end
        FrontDestinationLate = "front-destination-late",
        /// destinations in the opposite order
        DestinationsReversed = "destinations-reversed",
        /// durations, surveys and dispositions show only up to two minutes after the end
        LateFields = "late-fields",
        /// times in a zone of its own
        OtherZone = "other-zone",
        /// a session id that tells no time
        OpaqueIds = "opaque-ids",
        /// a `smartStatus` (of v2) that fits another outcome
        SmartStatusWrong = "smart-status-wrong",
        /// a `sessionEndTime` in 2099: it is refused, and the conversation never ends
        EndsIn2099 = "ends-in-2099",
    }
}

/// An oddity, and the part of the conversations that it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Odd {
    pub oddity: Oddity,
    /// 0–1.
    pub part: f64,
}

impl Odd {
    /// Strikes every conversation.
    pub fn all(oddity: Oddity) -> Odd {
        Odd { oddity, part: 1.0 }
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.oddity, self.part)
    }
}

impl FromStr for Odd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named_rate(text).map(|(oddity, part)| Odd { oddity, part })
    }
}

by_text!(Odd);

/// From where odd records are looked at.
pub(super) struct Moment<'m> {
    pub lens: Lens<'m>,
    pub odds: &'m [Odd],
}

/// The oddities of one conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Struck<'o> {
    odds: &'o [Odd],
    seed: u64,
    number: u32,
}

/// Kinds of chance, apart from those of ids.
const STRIKES: u64 = 1_000;
const VARIES: u64 = 2_000;

impl<'o> Struck<'o> {
    pub(super) fn new(odds: &'o [Odd], seed: u64, conversation: &Conversation) -> Self {
        Struck {
            odds,
            seed,
            number: conversation.number,
        }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn by(&self, oddity: Oddity) -> bool {
        let drawn = mix(self.seed, STRIKES + oddity as u64, u64::from(self.number));
        // The upper 53 bits make an even fraction below 1.
        let fraction = (drawn >> 11) as f64 / (1u64 << 53) as f64;
        self.odds
            .iter()
            .any(|odd| odd.oddity == oddity && fraction < odd.part)
    }

    /// One of `choices` variants of an oddity, the same at every look.
    fn variant(&self, oddity: Oddity, choices: usize) -> usize {
        let drawn = mix(self.seed, VARIES + oddity as u64, u64::from(self.number));
        (drawn % choices as u64) as usize
    }

    /// Something that decides the outcome can't be read, so that it must not be decided.
    pub(super) fn waits(&self, conversation: &Conversation, now_ms: i64) -> bool {
        let handed_over = conversation
            .handover_ms
            .is_some_and(|at_ms| at_ms <= now_ms);
        self.by(Oddity::EndsIn2099)
            || (handed_over && self.by(Oddity::DestinationsNoList))
            || (self.by(Oddity::FlagUnreadable) && flag_decides(conversation, now_ms))
    }
}

/// Whether it hangs on the flags of those who are known to have opted for no callback. Where somebody answered, only the
/// last stay is open; where nobody did, all are, and one callback is enough.
fn flag_decides(conversation: &Conversation, now_ms: i64) -> bool {
    let stays: Vec<_> = conversation.destinations_by(now_ms).collect();
    let answered = |stay: &&&Destination| stay.segment_by(now_ms).is_some();
    let open = if stays.iter().any(|stay| answered(&stay)) {
        stays
            .last()
            .into_iter()
            .filter(|stay| !answered(stay))
            .count()
    } else {
        stays.len()
    };
    let open = &stays[stays.len() - open..];
    let opted = |stay: &Destination| stay.callback_ms.is_some_and(|at_ms| at_ms <= now_ms);
    let queued = |stay: &Destination| stay.kind == DestinationKind::Queue;
    !open.iter().any(|stay| opted(stay)) && open.iter().any(|stay| queued(stay))
}

/// The record as it looks at this moment, with its oddities.
pub(super) fn record(conversation: &Conversation, moment: &Moment<'_>) -> Option<Value> {
    let lens = &moment.lens;
    let struck = Struck::new(moment.odds, lens.seed, conversation);
    let own_zone = struck
        .by(Oddity::OtherZone)
        .then(|| value::other_zone(&struck));
    let lens = Lens {
        zone: own_zone.as_ref().unwrap_or(lens.zone),
        ..*lens
    };
    let mut record = serde_json::to_value(wire::row(conversation, &lens)).ok()?;
    shape::late(&mut record, conversation, &struck, lens.now_ms);
    value::spell(&mut record, &struck, lens.zone);
    shape::deform(&mut record, &struck);
    Some(record)
}

#[cfg(test)]
mod tests;
