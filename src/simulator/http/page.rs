//! Which conversations a page shows, and in which order.

use super::super::conversation::Conversation;
use super::super::wire::queue_id;
use super::super::world::World;
use super::query::Query;
use super::{OffsetCounts, SelectsOn};

/// The window's conversations by the two stores they come from.
#[derive(Debug, Default)]
pub struct Found<'w> {
    /// Bot-only sessions, oldest first.
    pub sessions: Vec<&'w Conversation>,
    /// Agent conversations, newest first.
    pub conversations: Vec<&'w Conversation>,
}

/// Everything of the window that the vendor would list at this moment.
pub fn find<'w>(
    world: &'w World,
    query: &Query,
    now_ms: i64,
    selects_on: SelectsOn,
    lists_live: bool,
) -> Found<'w> {
    let begun = world
        .conversations()
        .partition_point(|conversation| conversation.start_ms <= now_ms);
    let all = &world.conversations()[..begun];
    let candidates = match selects_on {
        SelectsOn::Start => {
            let first = all.partition_point(|conversation| {
                conversation.start_ms.div_euclid(1000) < query.from_s
            });
            let last = all.partition_point(|conversation| {
                conversation.start_ms.div_euclid(1000) <= query.to_s
            });
            &all[first.min(last)..last]
        }
        SelectsOn::End => all,
    };
    let mut found = Found::default();
    for conversation in candidates {
        let ended = conversation.ended(now_ms);
        let in_window = match (selects_on, ended) {
            (SelectsOn::Start, _) => true,
            // What still runs ends now at the earliest.
            (SelectsOn::End, end) => {
                let end_s = end.map_or(now_ms, |end| end.at_ms).div_euclid(1000);
                (query.from_s..=query.to_s).contains(&end_s)
            }
        };
        if in_window
            && (lists_live || ended.is_some())
            && wanted(world, conversation, query, now_ms)
        {
            let handed_over = conversation
                .handover_ms
                .is_some_and(|at_ms| at_ms <= now_ms);
            let store = if handed_over {
                &mut found.conversations
            } else {
                &mut found.sessions
            };
            store.push(conversation);
        }
    }
    found.conversations.reverse();
    found
}

fn wanted(world: &World, conversation: &Conversation, query: &Query, now_ms: i64) -> bool {
    let in_queue = || {
        let mut ids = conversation
            .destinations_by(now_ms)
            .map(|destination| queue_id(world.seed(), destination.queue));
        ids.any(|id| query.queues.contains(&id))
    };
    (query.channels.is_empty() || query.channels.contains(&Some(conversation.channel)))
        && (query.queues.is_empty() || in_queue())
}

impl<'w> Found<'w> {
    pub fn total(&self) -> usize {
        self.sessions.len() + self.conversations.len()
    }

    /// One page. `overfull` takes a page of each store, so up to twice the limit.
    pub fn page(
        &self,
        query: &Query,
        counts: OffsetCounts,
        overfull: bool,
    ) -> Vec<&'w Conversation> {
        let skip = match counts {
            OffsetCounts::Pages => query.offset * query.limit,
            OffsetCounts::Rows => query.offset,
        };
        if overfull {
            let of = |store: &[&'w Conversation]| {
                store
                    .iter()
                    .skip(skip)
                    .take(query.limit)
                    .copied()
                    .collect::<Vec<_>>()
            };
            return [of(&self.sessions), of(&self.conversations)].concat();
        }
        self.sessions
            .iter()
            .chain(&self.conversations)
            .skip(skip)
            .take(query.limit)
            .copied()
            .collect()
    }
}
