//! What the wall shows of an account: the live board's glance, beside the targets.

use crate::live::{Ended, Figure, Going, HeldTo, Present};
use crate::poller::{RECENT_FOR_S, Status};
use crate::web::{WallAccount, WallNumbers, WallQueue, WallWindow};
use std::sync::Arc;

pub(super) fn account(name: &Arc<str>, status: Status, present: &Present) -> WallAccount {
    let window = present.window.as_ref();
    let to_s = window.map(|(_, to_s)| *to_s);
    let queue = |(queue, known): (&Arc<str>, _)| WallQueue {
        queue: Arc::clone(queue),
        channel: Arc::from(""),
        numbers: numbers(known, to_s),
    };
    WallAccount {
        name: Arc::clone(name),
        status,
        window: window.map(|(label, to_s)| WallWindow {
            label: Arc::clone(label),
            to_s: *to_s,
        }),
        numbers: numbers(&present.all, to_s),
        queues: present.queues.iter().map(queue).collect(),
    }
}

fn numbers((going, ended, held): &(Going, Ended, HeldTo), to_s: Option<i64>) -> WallNumbers {
    let ratio = |part: u64| {
        let value = part as f64 / ended.offered as f64;
        to_s.filter(|_| ended.offered > 0)
            .map(|to_s| of_window(value, to_s))
    };
    let target_s = match going.longest_wait_s {
        Some(_) => going.longest_wait_target_s,
        None => held.longest_wait_s as u64,
    };
    WallNumbers {
        waiting: going.waiting,
        longest_wait_s: going.longest_wait_s,
        longest_wait_target_s: Some(target_s),
        agents_available: going.agents_available,
        with_agent: going.with_agent,
        service_level: ratio(ended.answered_within_target),
        service_level_target: Some(held.service_level_ratio),
        abandonment: ratio(ended.abandoned),
        abandonment_target: Some(held.abandonment_ratio),
        offered: to_s.map(|to_s| of_window(ended.offered, to_s)),
    }
}

/// A number of a recent window that ends then.
fn of_window<T>(value: T, to_s: i64) -> Figure<T> {
    Figure {
        value,
        read_s: to_s,
        until_s: to_s + RECENT_FOR_S,
    }
}
