//! What a conversation is held to: the target of its queue, else of its channel, else of its account, field by field.

use super::symbols::cut;
use crate::fact::MAIL;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Targets, all of them set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Abandoned ÷ offered, 0–1.
    pub abandonment_ratio: f64,
    /// An offered conversation answered within this counts for the service level.
    pub service_level_millis: u64,
    /// Answered within ÷ offered, 0–1.
    pub service_level_ratio: f64,
    /// Mean wait of the answered.
    pub speed_of_answer_millis: u64,
    /// Nobody is to wait longer than this, now.
    pub longest_wait_millis: u64,
}

/// What is set for a channel or a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TargetOverride {
    pub abandonment_ratio: Option<f64>,
    pub service_level_millis: Option<u64>,
    pub service_level_ratio: Option<f64>,
    pub speed_of_answer_millis: Option<u64>,
    pub longest_wait_millis: Option<u64>,
}

/// An account's targets. Channels and queues are compared without case, and as they are shown: cut to the length of a
/// label value.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    account: Target,
    channels: BTreeMap<String, TargetOverride>,
    /// By queue name or id, each with its spelling in the configuration.
    queues: BTreeMap<String, (Arc<str>, TargetOverride)>,
}

/// Mail is answered within hours, not within the 20 s of a call. Whoever wants another measure sets it for the channel.
const OF_MAIL: TargetOverride = TargetOverride {
    abandonment_ratio: None,
    service_level_millis: Some(4 * 3_600_000),
    service_level_ratio: None,
    speed_of_answer_millis: Some(4 * 3_600_000),
    longest_wait_millis: Some(8 * 3_600_000),
};

/// Channels with targets of their own where nothing is configured for them.
pub const BUILT_IN: [&str; 1] = [MAIL];

/// What stands in the label where there is no queue. A queue that really has this name cannot be told from none.
pub const NONE: &str = "none";

impl Target {
    fn with(self, own: &TargetOverride) -> Target {
        Target {
            abandonment_ratio: own.abandonment_ratio.unwrap_or(self.abandonment_ratio),
            service_level_millis: own
                .service_level_millis
                .unwrap_or(self.service_level_millis),
            service_level_ratio: own.service_level_ratio.unwrap_or(self.service_level_ratio),
            speed_of_answer_millis: own
                .speed_of_answer_millis
                .unwrap_or(self.speed_of_answer_millis),
            longest_wait_millis: own.longest_wait_millis.unwrap_or(self.longest_wait_millis),
        }
    }
}

impl TargetOverride {
    fn or(self, other: TargetOverride) -> TargetOverride {
        TargetOverride {
            abandonment_ratio: self.abandonment_ratio.or(other.abandonment_ratio),
            service_level_millis: self.service_level_millis.or(other.service_level_millis),
            service_level_ratio: self.service_level_ratio.or(other.service_level_ratio),
            speed_of_answer_millis: self.speed_of_answer_millis.or(other.speed_of_answer_millis),
            longest_wait_millis: self.longest_wait_millis.or(other.longest_wait_millis),
        }
    }
}

impl Targets {
    /// The account's, what is set for channels, and what is set for queues by name or id.
    pub fn new(
        account: Target,
        channels: impl IntoIterator<Item = (String, TargetOverride)>,
        queues: impl IntoIterator<Item = (String, TargetOverride)>,
    ) -> Targets {
        let mut by_channel = BTreeMap::from([(same(MAIL), OF_MAIL)]);
        for (channel, own) in channels {
            let set = by_channel.entry(same(&channel)).or_default();
            *set = own.or(*set);
        }
        let queue =
            |(queue, own): (String, TargetOverride)| (same(&queue), (Arc::from(cut(&queue)), own));
        Targets {
            account,
            channels: by_channel,
            queues: queues.into_iter().map(queue).collect(),
        }
    }

    /// What a conversation of a channel is held to in a queue of this id and name. Without a channel: what holds for all
    /// channels that have no targets of their own.
    pub fn of(&self, channel: Option<&str>, id: Option<&str>, name: Option<&str>) -> Target {
        let channel = channel.and_then(|channel| self.channels.get(&same(channel)));
        // The id is the narrower of the two: a name may be another queue's tomorrow.
        let name = name.filter(|name| *name != NONE);
        [channel, self.queue(name), self.queue(id)]
            .into_iter()
            .flatten()
            .fold(self.account, Target::with)
    }

    fn queue(&self, key: Option<&str>) -> Option<&TargetOverride> {
        if self.queues.is_empty() {
            return None;
        }
        self.queues.get(&same(key?)).map(|(_, own)| own)
    }

    /// Whether anything is set for a channel.
    pub fn has_channel(&self, channel: &str) -> bool {
        self.channels.contains_key(&same(channel))
    }

    /// Whether anything is set for a queue by this id or name.
    pub fn has_queue(&self, key: &str) -> bool {
        self.queues.contains_key(&same(key))
    }

    /// The queues for which anything is set, as the configuration spells them.
    pub fn queues(&self) -> impl Iterator<Item = &Arc<str>> {
        self.queues.values().map(|(spelling, _)| spelling)
    }
}

/// Two names that are the same have the same form.
pub(super) fn same(name: &str) -> String {
    cut(name).to_lowercase()
}
