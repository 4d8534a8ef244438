//! What the wall shows of an account: the live board's glance, beside the targets.

use crate::live::{Ended, Going, HeldTo, Present, Told};
use crate::poller::{RECENT_FOR_S, Status};
use crate::web::{Figure, WallAccount, WallNumbers, WallQueue, WallWindow};
use std::sync::Arc;

/// `held`: what the account as a whole is held to.
pub(super) fn account(
    name: &Arc<str>,
    status: Status,
    present: &Present,
    held: &HeldTo,
) -> WallAccount {
    let window = present.window.as_ref();
    let to_s = window.map(|(_, to_s)| *to_s);
    let queue = |(queue, (going, ended, held)): (&Arc<str>, &(Going, Ended, HeldTo))| WallQueue {
        queue: Arc::clone(queue),
        channel: Arc::from(""),
        numbers: numbers(going, ended, held, to_s),
    };
    WallAccount {
        name: Arc::clone(name),
        status,
        window: window.map(|(label, to_s)| WallWindow {
            label: Arc::clone(label),
            to_s: *to_s,
        }),
        numbers: numbers(&present.all.0, &present.all.1, held, to_s),
        queues: present.queues.iter().map(queue).collect(),
    }
}

fn numbers(going: &Going, ended: &Ended, held: &HeldTo, to_s: Option<i64>) -> WallNumbers {
    let live = |told: Option<Told>| {
        told.map(|told| Figure {
            value: told.value,
            read_s: told.read_s,
            until_s: told.until_s,
        })
    };
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
        waiting: live(going.waiting),
        longest_wait_s: live(going.longest_wait_s),
        longest_wait_target_s: Some(target_s),
        agents_available: live(going.agents_available),
        with_agent: live(going.with_agent),
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
