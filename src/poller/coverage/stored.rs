//! The map as it is stored: small, and valid or refused.

use super::{Coverage, Stretch};
use serde::{Deserialize, Serialize};

/// Stretches as (seconds since the one before, length, time from its end to its reading, records): small numbers, and
/// sorted and disjoint by construction.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    floor_s: i64,
    begun_s: i64,
    newest_start_s: Option<i64>,
    spared_at_s: Option<i64>,
    stretches: Vec<(u64, u64, i64, u32)>,
}

/// A stored map that can't be one.
#[derive(Debug, thiserror::Error)]
#[error("stretch `{place}` of the stored coverage is empty or out of range")]
pub struct Corrupt {
    place: usize,
}

impl From<Coverage> for Stored {
    fn from(coverage: Coverage) -> Stored {
        let mut end = coverage.floor_s;
        let stretches = coverage.stretches.iter().map(|stretch| {
            let gap = stretch.from_s.abs_diff(end);
            end = stretch.to_s;
            (
                gap,
                stretch.to_s.abs_diff(stretch.from_s),
                stretch.read_at_s.saturating_sub(end),
                stretch.records,
            )
        });
        Stored {
            stretches: stretches.collect(),
            floor_s: coverage.floor_s,
            begun_s: coverage.begun_s,
            newest_start_s: coverage.newest_start_s,
            spared_at_s: coverage.spared_at_s,
        }
    }
}

impl TryFrom<Stored> for Coverage {
    type Error = Corrupt;

    fn try_from(stored: Stored) -> Result<Coverage, Corrupt> {
        let mut end = stored.floor_s;
        let mut stretches = Vec::with_capacity(stored.stretches.len());
        for (place, &(gap, length, read_after, records)) in stored.stretches.iter().enumerate() {
            let stretch = (|| {
                let from_s = end.checked_add_unsigned(gap)?;
                let to_s = from_s.checked_add_unsigned(length)?;
                let read_at_s = to_s.checked_add(read_after)?;
                (length > 0).then_some(Stretch {
                    from_s,
                    to_s,
                    read_at_s,
                    records,
                })
            })();
            let stretch = stretch.ok_or(Corrupt { place })?;
            end = stretch.to_s;
            stretches.push(stretch);
        }
        Ok(Coverage {
            stretches,
            floor_s: stored.floor_s,
            begun_s: stored.begun_s,
            newest_start_s: stored.newest_start_s,
            spared_at_s: stored.spared_at_s,
        })
    }
}
