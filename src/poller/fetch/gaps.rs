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
use super::pages::Pages;

/// To a window that ended less long ago records may have come since, which are no missing ones: so many are let pass,
/// and one of so many more. (Whatever is taken for missing costs no more than small windows.)
const QUIET_S: i64 = 300;
const NEW_RECORDS: u32 = 2;
const NEW_PART: u32 = 20;

/// A window that is read again in halves.
pub(super) struct Trial {
    from_s: i64,
    /// Records in it as a whole, with those that may have come since.
    whole: u32,
    /// Records in its parts so far.
    parts: u32,
}

/// Whether rows are missing between the pages of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// No: nothing looks like it, or it was seen that nothing is missing from such windows.
    None,
    /// It is read again in halves.
    Halved,
    /// Nobody knows, and it can't be halved.
    Left,
}

impl Fetch<'_> {
    /// Of a part that ended.
    pub(super) fn gaps(&mut self, part: Part, pages: &Pages<'_>, read_at_s: i64) -> Gaps {
        if !pages.may_have_gaps(&self.manners) {
            return Gaps::None;
        }
        let is_tried = self.trial.is_some();
        if !is_tried && !self.manners.wants_gaps_tried() {
            self.manners.ended_with_gaps(None);
            return Gaps::None;
        }
        let only_tried = !self.manners.leaves_gaps();
        // A trial is for a poll that has halved little: what others need comes first, and the next poll has time as well.
        let may_halve = if is_tried {
            !self.splits.is_exhausted()
        } else {
            self.splits.are_few()
        };
        if only_tried && !may_halve {
            return Gaps::None;
        }
        if !self.halve(part) {
            return Gaps::Left;
        }
        if !is_tried && only_tried {
            let records = pages.records();
            let quiet = part.window.to_s + QUIET_S <= read_at_s;
            let new = if quiet {
                0
            } else {
                NEW_RECORDS + records / NEW_PART
            };
            self.trial = Some(Trial {
                from_s: part.window.from_s,
                whole: records + new,
                parts: 0,
            });
        }
        Gaps::Halved
    }

    /// A part was read. The oldest one of a trial is its last.
    pub(super) fn found_in_trial(&mut self, part: Part, records: u32) {
        let Some(trial) = &mut self.trial else { return };
        trial.parts += records;
        if part.window.from_s == trial.from_s {
            let more = trial.parts > trial.whole;
            self.trial = None;
            self.manners.ended_with_gaps(Some(more));
        }
    }
}
