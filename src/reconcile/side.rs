//! The numbers of one side.

use super::Measure;
use crate::api::limits::MAIL;
use crate::live::Channels;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A queue, channel and direction, in words that both sides share: queues by the name that their id was called last, the
/// vendor's source ids as channels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub queue: Arc<str>,
    pub channel: Arc<str>,
    pub direction: Arc<str>,
}

/// By [`Measure::ALL`].
pub(super) type Numbers = [u64; Measure::ALL.len()];

/// By place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side(pub(super) BTreeMap<Place, Numbers>);

impl Side {
    pub(super) fn add(&mut self, place: Place, measure: Measure, more: u64) {
        let number = &mut self.0.entry(place).or_default()[measure as usize];
        *number = number.saturating_add(more);
    }

    pub fn number(&self, place: &Place, measure: Measure) -> u64 {
        self.0
            .get(place)
            .map_or(0, |numbers| numbers[measure as usize])
    }

    /// Over all places.
    pub fn sum(&self, measure: Measure) -> u64 {
        let numbers = self.0.values().map(|numbers| numbers[measure as usize]);
        numbers.fold(0, u64::saturating_add)
    }

    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.keys()
    }
}

/// A channel in the words that both sides share: the vendor has all that is spoken in one, campaigns too.
pub(super) fn channel(name: Arc<str>) -> Arc<str> {
    if name.eq_ignore_ascii_case("campaign") {
        Arc::from("Voice")
    } else {
        name
    }
}

/// The same of a source id.
pub(super) fn channel_of(source: Option<&str>, channels: &Channels) -> Arc<str> {
    channel(channels.of(source))
}

/// Answered mail is a number of its own.
pub(super) fn answered(channel: &str) -> Measure {
    if channel == MAIL {
        Measure::MailAnswered
    } else {
        Measure::Answered
    }
}
