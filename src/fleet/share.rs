//! How many accounts are one replica's.
//!
//! All hold as many as each other, give or take one. Every replica finds that out by itself from who holds how many; those
//! that hold most keep one more than the others, so that no account moves twice on the way, and none without need.

use std::collections::BTreeMap;

/// What a replica is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// So many too many are held.
    pub give: usize,
    /// So many more may be held.
    pub take: usize,
}

/// The share of `me`, where each replica holds so many of all `accounts`.
pub(super) fn share(held: &BTreeMap<i64, usize>, me: i64, accounts: usize) -> Share {
    let Some(mine) = held.get(&me).copied() else {
        return Share::default();
    };
    let (each, more) = (accounts / held.len(), accounts % held.len());
    let before_me =
        |(other, theirs): &(&i64, &usize)| **theirs > mine || **theirs == mine && **other < me;
    let place = held.iter().filter(before_me).count();
    let wanted = each + usize::from(place < more);
    Share {
        give: mine.saturating_sub(wanted),
        take: wanted.saturating_sub(mine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Who holds each account; `None` for one that is free.
    type Holders = Vec<Option<i64>>;

    fn counts(holders: &Holders, replicas: &[i64]) -> BTreeMap<i64, usize> {
        let held = |it: &i64| {
            holders
                .iter()
                .filter(|holder| **holder == Some(*it))
                .count()
        };
        replicas.iter().map(|it| (*it, held(it))).collect()
    }

    /// Each in turn does what it is to, by what it sees then; what is given up is free for the others a turn later. How
    /// often each account changed hands.
    fn settle(holders: &mut Holders, replicas: &[i64]) -> Vec<usize> {
        let mut moves = vec![0; holders.len()];
        for _ in 0..4 {
            for me in replicas {
                let share = share(&counts(holders, replicas), *me, holders.len());
                let mine = |holder: &Option<i64>| *holder == Some(*me);
                for at in (0..holders.len())
                    .rev()
                    .filter(|at| mine(&holders[*at]))
                    .take(share.give)
                    .collect::<Vec<_>>()
                {
                    holders[at] = None;
                }
                for at in (0..holders.len())
                    .filter(|at| holders[*at].is_none())
                    .take(share.take)
                    .collect::<Vec<_>>()
                {
                    holders[at] = Some(*me);
                    moves[at] += 1;
                }
            }
        }
        moves
    }

    proptest! {
        #[test]
        fn accounts_are_spread_evenly_and_move_at_most_once_for_each_that_comes_or_goes(
            accounts in 0_usize..40,
            changes in prop::collection::vec((any::<bool>(), 0_i64..6), 1..12),
        ) {
            let mut holders: Holders = vec![None; accounts];
            let mut replicas: Vec<i64> = Vec::new();
            for (comes, id) in changes {
                if comes && !replicas.contains(&id) {
                    replicas.push(id);
                } else {
                    replicas.retain(|it| *it != id);
                    holders.iter_mut().filter(|it| **it == Some(id)).for_each(|it| *it = None);
                }
                let free = holders.iter().filter(|it| it.is_none()).count();
                let before = counts(&holders, &replicas);
                let moves = settle(&mut holders, &replicas);
                prop_assert!(moves.iter().all(|moves| *moves <= 1), "{:?}", moves);
                let after = counts(&holders, &replicas);
                if !replicas.is_empty() {
                    prop_assert!(holders.iter().all(Option::is_some));
                    let (least, most) = (after.values().min(), after.values().max());
                    prop_assert!(most.unwrap() - least.unwrap() <= 1, "{:?}", after);
                    // None moves but those that were free and those that somebody had too many of.
                    let gained = |it: &i64| after[it].saturating_sub(before[it]);
                    let gained: usize = replicas.iter().map(gained).sum();
                    prop_assert_eq!(moves.iter().sum::<usize>(), gained);
                    prop_assert!(gained >= free);
                }
            }
        }
    }

    #[test]
    fn who_is_not_seen_to_live_takes_nothing() {
        assert_eq!(share(&BTreeMap::from([(1, 0)]), 2, 10), Share::default());
    }
}
