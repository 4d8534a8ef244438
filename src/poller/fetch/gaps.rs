//! Whether rows are missing between the pages of a window, where `numResults` tells of more than they held.
//!
//! A server may cut its pages off and count them as whole ones: what was cut off is on no page. One that filters after
//! paging, or whose `numResults` is no number of rows, looks the same and has no more. So such a window is read once more
//! in halves, until a page can hold each: where these hold more than the whole did, the account's windows stay below a
//! page from then on ([`Manners::leaves_gaps`]); else the sign is believed by the rule of all signs.
//!
//! [`Manners::leaves_gaps`]: super::Manners::leaves_gaps

use super::Fetch;
use super::halving::Part;
use super::pages::{Pages, identity};
use crate::poller::ingest::Arrival;
use rustc_hash::FxHashSet;

/// To a window that ended less long ago records may have come since, which are no missing ones: so many are let pass, and
/// one of so many more.
const QUIET_S: i64 = 300;
const NEW_RECORDS: u32 = 2;
const NEW_PART: u32 = 20;
/// To any other, one may come late.
const LATE_RECORDS: u32 = 1;

/// A window that is read again in halves.
pub(super) struct Trial {
    from_s: i64,
    /// What was seen in the whole and in its parts so far, by what tells records apart, and by their bytes: what was
    /// counted meanwhile is known by these alone.
    seen: FxHashSet<u64>,
    /// Records that the whole did not hold.
    more: u32,
    /// As many may have come since.
    spare: u32,
}

/// Whether rows are missing between the pages of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// No: nothing looks like it, or it was seen that nothing is missing from such windows; or it is not known yet.
    None,
    /// It is read again in halves.
    Halved,
    /// Pages of this account leave rows out, and the part can't be halved.
    Left,
}

impl Fetch<'_> {
    /// Of a part that ended.
    pub(super) fn gaps(&mut self, part: Part, pages: &Pages<'_>, read_at_s: i64) -> Gaps {
        if !pages.may_have_gaps(&self.manners) {
            return Gaps::None;
        }
        if self.manners.leaves_gaps() {
            return if self.halve(part) {
                Gaps::Halved
            } else {
                Gaps::Left
            };
        }
        if self.trial.is_none() && !self.manners.wants_gaps_tried() {
            self.manners.ended_with_gaps(None);
            return Gaps::None;
        }
        // A trial is for a poll that has halved little: what others need comes first, and the next poll has time as well.
        if !self.splits.are_few() || !self.halve(part) {
            return Gaps::None;
        }
        if self.trial.is_none() {
            let quiet = part.window.to_s + QUIET_S <= read_at_s;
            self.manners.began_trial();
            self.trial = Some(Trial {
                from_s: part.window.from_s,
                seen: pages.rows().iter().flat_map(signs).collect(),
                more: 0,
                spare: if quiet {
                    LATE_RECORDS
                } else {
                    NEW_RECORDS + pages.records() / NEW_PART
                },
            });
        }
        Gaps::Halved
    }

    /// A part was read. The oldest one of a trial is its last, unless it is clear before.
    pub(super) fn found_in_trial(&mut self, part: Part, rows: &[Arrival<'_>]) {
        let Some(trial) = &mut self.trial else { return };
        for row in rows {
            let signs = signs(row);
            trial.more += u32::from(!signs.iter().any(|sign| trial.seen.contains(sign)));
            trial.seen.extend(signs);
        }
        let more = trial.more > trial.spare;
        if more || part.window.from_s == trial.from_s {
            self.trial = None;
            self.manners.ended_with_gaps(Some(more));
        }
    }
}

fn signs(row: &Arrival<'_>) -> [u64; 2] {
    [identity(row), row.digest()]
}
