//! Version 3: agents have measures of their own.
//!
//! The first two versions kept an agent within the series of five measures, so that switching `metrics.per_agent` on
//! and off made their sums fall and jump. Each such measure now gets the sum over its agents, and the agents' measure
//! what is known of each. Labels that a measure does not have, which the overflow series bore, are dropped on the way.

use crate::ledger::{SeriesKey, Sum};
use crate::store::sqlite::error::doing;
use crate::store::{StoreError, forms};
use rusqlite::Transaction;
use std::collections::BTreeMap;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let series = read(transaction)?;
    let writing = doing("migrate the database");
    transaction
        .execute("DELETE FROM series", [])
        .map_err(&writing)?;
    let mut put = transaction
        .prepare("INSERT INTO series (account, key, sum) VALUES (?1, ?2, ?3)")
        .map_err(&writing)?;
    for ((account, key), sum) in &series {
        put.execute((account, forms::series_key_bytes(key), forms::sum_bytes(sum)))
            .map_err(&writing)?;
    }
    Ok(())
}

/// All sums by account and the series to which they belong now.
fn read(transaction: &Transaction<'_>) -> Result<BTreeMap<(i64, SeriesKey), Sum>, StoreError> {
    let reading = doing("read the sums");
    let damaged = || StoreError::Damaged { what: "sums" };
    let mut statement = transaction
        .prepare("SELECT account, key, sum FROM series")
        .map_err(&reading)?;
    let mut rows = statement.query([]).map_err(&reading)?;
    let mut series: BTreeMap<(i64, SeriesKey), Sum> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(&reading)? {
        let blob = |at| {
            row.get_ref(at)
                .and_then(|value| Ok(value.as_blob()?))
                .map_err(&reading)
        };
        let account: i64 = row.get(0).map_err(&reading)?;
        let (measure, stored) = forms::series_syms(blob(1)?).ok_or_else(damaged)?;
        let sum = forms::sum(measure, blob(2)?).ok_or_else(damaged)?;
        for key in SeriesKey::of_first_version(measure, stored) {
            // A count stays a count, and a histogram keeps its bounds: only nonresponses are counts, on both sides.
            series
                .entry((account, key))
                .and_modify(|known| known.add(&sum))
                .or_insert_with(|| sum.clone());
        }
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Measure, Own, QueueSym, Sym};
    use crate::store::sqlite::migrate;
    use rusqlite::Connection;

    const QUEUE: QueueSym = QueueSym {
        id: Sym(3),
        name: Sym(4),
    };

    /// A key as the first version wrote it.
    fn stored(measure: Measure, own: u32, agent: u32) -> Vec<u8> {
        let mut bytes = vec![measure as u8];
        for sym in [2, 3, 4, own, 0, agent] {
            bytes.extend(u32::to_le_bytes(sym));
        }
        bytes
    }

    fn observed(millis: &[u64], measure: Measure) -> Sum {
        let mut sum = Sum::zero(measure);
        for millis in millis {
            sum.observe(measure, *millis);
        }
        sum
    }

    fn key(measure: Measure, own: Own) -> SeriesKey {
        SeriesKey {
            measure,
            channel: Sym(2),
            queue: QUEUE,
            own,
        }
    }

    #[test]
    fn measures_get_the_sum_over_agents_and_agents_what_is_known_of_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::migrate_to(&mut connection, 2).unwrap();
        let pickup = Measure::AgentPickup;
        let rows = [
            (1, stored(pickup, 0, 0), observed(&[1_000], pickup)),
            (1, stored(pickup, 0, 7), observed(&[2_000, 3_000], pickup)),
            (1, stored(pickup, 0, 8), observed(&[4_000_000], pickup)),
            (1, stored(Measure::AgentNonresponses, 6, 7), Sum::Count(5)),
            (1, stored(Measure::AgentNonresponses, 9, 7), Sum::Count(2)),
            (1, stored(Measure::Offered, 0, 0), Sum::Count(9)),
            (2, stored(pickup, 0, 7), observed(&[5_000], pickup)),
        ];
        for (account, key, sum) in rows {
            let sum = forms::sum_bytes(&sum);
            let put = "INSERT INTO series (account, key, sum) VALUES (?1, ?2, ?3)";
            connection.execute(put, (account, key, sum)).unwrap();
        }
        migrate::migrate(&mut connection, 2).unwrap();
        let transaction = connection.transaction().unwrap();
        let by_agent = Measure::ByAgentPickup;
        let agent = |agent| Own::agent(Sym(agent));
        let nonresponses = Measure::AgentNonresponses;
        let expected = [
            (1, key(Measure::Offered, Own::default()), Sum::Count(9)),
            (
                1,
                key(pickup, Own::default()),
                observed(&[1_000, 2_000, 3_000, 4_000_000], pickup),
            ),
            (1, key(nonresponses, Own::word(Sym(6))), Sum::Count(5)),
            (1, key(nonresponses, Own::word(Sym(9))), Sum::Count(2)),
            (
                1,
                key(by_agent, agent(7)),
                observed(&[2_000, 3_000], by_agent),
            ),
            (1, key(by_agent, agent(8)), observed(&[4_000_000], by_agent)),
            (
                1,
                key(Measure::ByAgentNonresponses, agent(7)),
                Sum::Count(7),
            ),
            (2, key(pickup, Own::default()), observed(&[5_000], pickup)),
            (2, key(by_agent, agent(7)), observed(&[5_000], by_agent)),
        ];
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(account, key, sum)| ((account, key), sum))
            .collect();
        assert_eq!(read(&transaction).unwrap(), expected);
    }
}
