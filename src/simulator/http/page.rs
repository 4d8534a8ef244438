//! Which conversations a page shows, and in which order.

use super::super::conversation::Conversation;
use super::super::wire::queue_id;
use super::super::world::World;
use super::query::Query;
use super::{OffsetCounts, Reading, SelectsOn};

/// The window's conversations by the two stores they come from.
#[derive(Debug, Default)]
pub(super) struct Found<'w> {
    /// Bot-only sessions, oldest first.
    pub sessions: Vec<&'w Conversation>,
    /// Agent conversations, newest first.
    pub conversations: Vec<&'w Conversation>,
}

/// Everything of the window that the vendor would list at this moment.
pub(super) fn find<'w>(
    world: &'w World,
    query: &Query,
    now_ms: i64,
    reading: &Reading,
) -> Found<'w> {
    let begun = world
        .conversations()
        .partition_point(|conversation| conversation.start_ms <= now_ms);
    let all = &world.conversations()[..begun];
    let candidates = match reading.select {
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
        let in_window = match (reading.select, ended) {
            (SelectsOn::Start, _) => true,
            // What still runs ends now at the earliest.
            (SelectsOn::End, end) => {
                let end_s = end.map_or(now_ms, |end| end.at_ms).div_euclid(1000);
                (query.from_s..=query.to_s).contains(&end_s)
            }
        };
        if in_window
            && reading.lists(conversation, now_ms)
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
        && query
            .outbound
            .is_none_or(|outbound| outbound == conversation.outbound)
}

impl<'w> Found<'w> {
    pub(super) fn total(&self) -> usize {
        self.sessions.len() + self.conversations.len()
    }

    /// One page, as the reading has it.
    pub(super) fn page(&self, query: &Query, reading: &Reading) -> Vec<&'w Conversation> {
        let cap = reading.page_cap.map_or(query.limit, |cap| cap as usize);
        let size = query.limit.min(cap);
        let sent = reading.page_cut.map_or(size, |cut| size.min(cut as usize));
        let skip = match reading.offset {
            OffsetCounts::Pages => query.offset * size,
            OffsetCounts::Rows => query.offset,
        };
        let page_of = |rows: &[Option<&'w Conversation>]| -> Vec<&'w Conversation> {
            rows.iter()
                .skip(skip)
                .take(sent)
                .copied()
                .flatten()
                .collect()
        };
        let sessions = places(&self.sessions, reading.filter_after_paging);
        let conversations = places(&self.conversations, reading.filter_after_paging);
        if reading.page_overfull {
            return [page_of(&sessions), page_of(&conversations)].concat();
        }
        let mut rows = vec![None; if reading.empty_first_page { size } else { 0 }];
        rows.extend(sessions);
        if reading.two_stores {
            rows.resize(rows.len().next_multiple_of(size), None);
        }
        rows.extend(conversations);
        page_of(&rows)
    }
}

/// The places that rows take on pages. One that is filtered away later on is empty, and taken all the same.
fn places<'w>(rows: &[&'w Conversation], filtered: f64) -> Vec<Option<&'w Conversation>> {
    // So many empty places for each row, spread as evenly as whole places allow.
    let before_each = filtered / (1.0 - filtered);
    let mut places = Vec::with_capacity(rows.len());
    for (nth, row) in rows.iter().enumerate() {
        let emptied = ((nth + 1) as f64 * before_each) as usize;
        places.resize(nth + emptied, None);
        places.push(Some(*row));
    }
    places
}
