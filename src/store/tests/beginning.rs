//! What an account first showed is kept for good, and goes where the account goes.

use super::ground::{Ground, commit, load, rich};
use crate::ledger::{Forgotten, Sum};
use crate::store::{Beginning, Kept, beginning, counted_among, forget, overview};
use std::collections::{BTreeMap, BTreeSet};

fn found(ground: &Ground) -> Option<Beginning> {
    beginning(&ground.place(), "a", "st-1").unwrap()
}

#[test]
fn what_was_first_shown_stays_what_it_was() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        assert!(found(&ground).unwrap().first_shown.is_empty());
        let shows = Kept {
            first_shown: true,
            ..Kept::progress(b"p")
        };
        store
            .commit(loaded.key, &loaded.ledger, &rich(), shows)
            .unwrap();
        loaded.ledger.absorb(rich(), Forgotten::default());
        let mut more = rich();
        (more.symbols, more.entries) = Default::default();
        for (_, sum) in &mut more.sums {
            if let Sum::Count(count) = sum {
                *count += 5;
            }
        }
        commit(&store, &mut loaded, &more, b"q").unwrap();
        drop(store);
        let began = found(&ground).unwrap();
        let shown: BTreeMap<_, _> = began.first_shown.iter().cloned().collect();
        assert_eq!(shown, rich().sums.into_iter().collect());
        assert_eq!(began.hash_key, loaded.ledger.key);
        assert_eq!(began.symbols.len(), loaded.ledger.symbols.len());
        let mut ids: BTreeSet<_> = rich().entries.iter().map(|it| it.entry.id).collect();
        let counted = ids.clone();
        ids.insert(crate::ledger::Id(99));
        let among = counted_among(&ground.place(), &began, &ids).unwrap();
        assert_eq!(among, Some(counted));
        let standings = overview(&ground.place()).unwrap().accounts;
        forget(&ground.place(), &standings[0]).unwrap();
        assert!(found(&ground).is_none());
        let among = counted_among(&ground.place(), &began, &ids).unwrap();
        assert_eq!(among, None, "another state, or none");
    }
}
