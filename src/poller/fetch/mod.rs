//! One window, all of its pages, halved in time where it holds more than the API can hand out, or can't be read.
//!
//! The vendor leaves open what `offset` counts, what `numResults` means, whether a short page is the last, in which
//! order rows come and whether they move while a window fills. So nothing is believed but the rows themselves, and what
//! the account's API was seen to do ([`Manners`]): a window ends at a page that is empty or brings nothing new.
//!
//! Invariant: nothing is silently cut off. Each part is handed over whole, to be counted and committed by itself, or
//! says why it is not ([`Shortfall`]). A window with any set of unreadable seconds ends, and loses those seconds alone.
//!
//! Not here: how a page is asked for (an argument), budget, retries, and what rows mean. Called by the poller.

mod gaps;
mod halving;
mod manners;
mod pages;
mod paused;
#[cfg(test)]
mod tests;
mod told;

pub use halving::Splits;
pub use manners::Manners;
pub use pages::{Texts, identities};
pub use paused::Paused;
pub use told::{Denial, Fetched, Shortfall, Start, Step};

use super::coverage::Window;
use super::ingest::Rows;
use crate::api::Page;
use crate::client::{CallError, Effort};
use crate::ledger::Ledger;
use gaps::{Gaps, Trial};
use halving::{Part, mostly_outside};
use pages::{Pages, Verdict};

/// Seconds found unreadable, at most, before the server is asked whether it still answers at all.
const MOST_IN_DOUBT: usize = 8;

/// The fetching of one window, part by part.
pub struct Fetch<'s> {
    window: Window,
    /// Still to be fetched, the next one last.
    parts: Vec<Part>,
    splits: &'s mut Splits,
    manners: Manners,
    control: Option<Window>,
    /// A window that is read again in parts, to see whether they hold more than it.
    trial: Option<Trial>,
    /// A second that can't be read, in which no part is to end.
    avoided_s: Option<i64>,
    /// The server was seen to answer others since the window began to fail.
    fails_alone: bool,
    /// Unreadable, and the server was not seen to answer since.
    in_doubt: Vec<(Part, i64)>,
    /// Unreadable beyond doubt, to be handed over.
    unreadable: Vec<(Part, i64)>,
}

impl<'s> Fetch<'s> {
    pub fn new(start: Start, splits: &'s mut Splits) -> Self {
        Fetch {
            window: start.window,
            parts: vec![Part::whole(start.window, start.unreadable)],
            splits,
            manners: start.manners,
            control: start.control,
            trial: None,
            avoided_s: start.ends_unreadable.then_some(start.window.to_s),
            fails_alone: false,
            in_doubt: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Windows halved so far in this poll.
    pub fn splits(&self) -> u32 {
        self.splits.made
    }

    /// Whether this poll has halved enough.
    pub fn is_exhausted(&self) -> bool {
        self.splits.is_exhausted()
    }

    /// Whether others could be read while this window, or a part of it, could not.
    pub fn fails_alone(&self) -> bool {
        self.fails_alone
    }

    /// Fetches the next part, newest first. `ask` asks for one page of a window; `now_ms` tells the time, UTC. The
    /// texts are kept in `texts`, which must be new.
    ///
    /// # Errors
    /// What `ask` fails with. Parts handed over before stay valid; the rest is given up.
    pub async fn step<'b, E, F>(
        &mut self,
        texts: &'b Texts,
        ledger: &Ledger,
        ask: impl Fn(Window, u32, Effort) -> F,
        now_ms: impl Fn() -> i64,
    ) -> Result<Step<'b>, E>
    where
        // Not `AsyncFn`: whether its futures may move to another thread cannot be told yet.
        F: Future<Output = Result<Page, Denial<E>>>,
        E: From<CallError>,
    {
        if let Some((part, read_at_s)) = self.unreadable.pop() {
            // Nobody knows what it holds.
            self.trial = None;
            return Ok(self.hand_over_unread(part, read_at_s));
        }
        let Some(part) = self.parts.pop() else {
            if self.in_doubt.is_empty() {
                return Ok(Step::Done);
            }
            self.ask_control(&ask).await?;
            return Ok(Step::Onward);
        };
        let read_at_s = now_ms().div_euclid(1_000);
        let mut pages = Pages::new(texts);
        let mut refused = false;
        loop {
            let page = match ask(part.asked(self.avoided_s), pages.asked(), part.effort()).await {
                Ok(page) => page,
                Err(Denial::TooLarge) if self.halve(part) => return Ok(Step::Onward),
                Err(Denial::TooLarge) => {
                    return Ok(self.hand_over(part, pages, read_at_s, Some(Shortfall::TooFull)));
                }
                Err(Denial::OfAll(error)) => return Err(error),
                // Some refuse a page behind the last where others send an empty one; but no end is told by one failure.
                Err(Denial::Refused(_)) if pages.asked() > 0 && !refused => {
                    refused = true;
                    continue;
                }
                Err(Denial::Refused(_)) if pages.asked() > 0 && !pages.are_hollow() => {
                    let verdict = pages.refused(&mut self.manners);
                    return Ok(self.ended(part, pages, read_at_s, verdict));
                }
                Err(Denial::OfWindow(error) | Denial::Refused(error)) => {
                    return self.denied(part, pages, read_at_s, error, &ask).await;
                }
            };
            refused = false;
            let verdict = self.judge(part, &mut pages, page, ledger, read_at_s);
            match verdict {
                Verdict::Overflows if self.halve(part) => return Ok(Step::Onward),
                Verdict::More | Verdict::Overflows => {}
                _ if pages.are_hollow() => {
                    let error = CallError::no_data().into();
                    self.unreadable(part, read_at_s, error, &ask).await?;
                    return Ok(Step::Onward);
                }
                _ => return Ok(self.ended(part, pages, read_at_s, verdict)),
            }
        }
    }

    /// No page more of the part will be asked for.
    fn ended<'b>(
        &mut self,
        part: Part,
        pages: Pages<'b>,
        read_at_s: i64,
        verdict: Verdict,
    ) -> Step<'b> {
        let whole = verdict == Verdict::Whole;
        let short = whole && pages.falls_short(&mut self.manners);
        // Rows that came on one page cannot have been hidden by an order that changes between pages.
        let hidden = whole && pages.hides_rows(&self.manners);
        if hidden || whole && pages.are_several(&self.manners) {
            self.manners.unsteady = hidden;
        }
        if (hidden || !whole) && self.halve(part) {
            return Step::Onward;
        }
        if !whole {
            return self.hand_over(part, pages, read_at_s, Some(Shortfall::TooFull));
        }
        let gaps = self.gaps(part, &pages, read_at_s);
        if gaps == Gaps::Halved {
            return Step::Onward;
        }
        let missing = short || hidden || gaps == Gaps::Left;
        self.hand_over(
            part,
            pages,
            read_at_s,
            missing.then_some(Shortfall::BelowTotal),
        )
    }

    /// A page can't be read. What was read before it is kept where nothing tells that more follows, and where no
    /// shorter window could bring the rest.
    async fn denied<'b, E, F>(
        &mut self,
        part: Part,
        mut pages: Pages<'b>,
        read_at_s: i64,
        error: E,
        ask: &impl Fn(Window, u32, Effort) -> F,
    ) -> Result<Step<'b>, E>
    where
        F: Future<Output = Result<Page, Denial<E>>>,
        E: From<CallError>,
    {
        if pages.asked() > 0 && !pages.are_hollow() {
            // The first page of this very part could be read.
            self.control = self.control.or(Some(part.asked(self.avoided_s)));
            let behind = pages.is_behind_the_end(&self.manners);
            if pages.is_all(&mut self.manners) {
                return Ok(self.hand_over(part, pages, read_at_s, None));
            }
            if behind || !part.may_shrink() {
                self.ask_control(ask).await?;
                let shortfall = if behind {
                    Shortfall::PageBehind
                } else {
                    Shortfall::Unreadable
                };
                return Ok(self.hand_over(part, pages, read_at_s, Some(shortfall)));
            }
        }
        self.unreadable(part, read_at_s, error, ask).await?;
        Ok(Step::Onward)
    }

    fn judge(
        &mut self,
        part: Part,
        pages: &mut Pages<'_>,
        page: Page,
        ledger: &Ledger,
        now_s: i64,
    ) -> Verdict {
        let first = pages.asked() == 0;
        let believe_total = !self.splits.totals_refuted;
        let verdict = pages.take(page, ledger, &mut self.manners, believe_total);
        if part.is_half() && first && mostly_outside(part.window, pages.rows(), now_s) {
            // The halves of this window would all be the same rows.
            self.splits.time_ignored = true;
        }
        self.splits.totals_refuted |= pages.total_refuted();
        verdict
    }

    /// Puts both halves in the part's place, if halving can help.
    fn halve(&mut self, part: Part) -> bool {
        let Some(halves) = self.splits.halve(part) else {
            return false;
        };
        self.parts.extend(halves);
        true
    }

    /// A part failed: is it the only one? Then it shrinks, down to the single second that can't be read.
    async fn unreadable<E, F>(
        &mut self,
        part: Part,
        read_at_s: i64,
        error: E,
        ask: &impl Fn(Window, u32, Effort) -> F,
    ) -> Result<(), E>
    where
        F: Future<Output = Result<Page, Denial<E>>>,
        E: From<CallError>,
    {
        let first = !self.fails_alone;
        if first {
            if self.control.is_none() {
                return Err(error);
            }
            self.ask_control(ask).await?;
            self.fails_alone = true;
        }
        let asked = part.asked(self.avoided_s);
        if part.may_shrink() && asked.to_s > asked.from_s {
            let Some(less) = self.splits.shrink(part) else {
                // It is left for the next poll: nothing is given up that was not tried.
                self.parts.push(part);
                return Err(error);
            };
            self.parts.extend(less);
            return Ok(());
        }
        // Parts come newest first: the next one ends where this one begins.
        self.avoided_s = Some(part.window.from_s);
        if first {
            self.unreadable.push((part, read_at_s));
            return Ok(());
        }
        self.in_doubt.push((part, read_at_s));
        if self.in_doubt.len() >= MOST_IN_DOUBT {
            self.ask_control(ask).await?;
        }
        Ok(())
    }

    /// Asks again for a window that could be read before: if it still can, it is not the server that fails.
    async fn ask_control<E, F>(&mut self, ask: &impl Fn(Window, u32, Effort) -> F) -> Result<(), E>
    where
        F: Future<Output = Result<Page, Denial<E>>>,
        E: From<CallError>,
    {
        if let Some(control) = self.control {
            match ask(control, 0, Effort::Full).await {
                Ok(page) if page.lacks_data => return Err(CallError::no_data().into()),
                Ok(_) | Err(Denial::TooLarge) => {}
                Err(Denial::OfWindow(error) | Denial::Refused(error) | Denial::OfAll(error)) => {
                    return Err(error);
                }
            }
        }
        self.unreadable.append(&mut self.in_doubt);
        Ok(())
    }

    fn hand_over<'b>(
        &mut self,
        part: Part,
        pages: Pages<'b>,
        read_at_s: i64,
        shortfall: Option<Shortfall>,
    ) -> Step<'b> {
        // The server answers: what could not be read before this fails alone.
        self.unreadable.append(&mut self.in_doubt);
        self.found_in_trial(part, pages.rows());
        let until_s = part.window.to_s.min(read_at_s);
        let from_s = until_s - 1;
        if shortfall.is_none() && from_s >= part.window.from_s {
            self.control = Some(Window {
                from_s,
                to_s: until_s,
                ..part.window
            });
        }
        Step::Part(Box::new(Fetched {
            window: part.window,
            until_s,
            read_at_s,
            shortfall,
            records: pages.records(),
            rows: pages.into_rows(),
            manners: self.manners.clone(),
        }))
    }

    /// A part of which nothing is known but that it can't be read.
    fn hand_over_unread<'b>(&self, part: Part, read_at_s: i64) -> Step<'b> {
        Step::Part(Box::new(Fetched {
            window: part.window,
            until_s: part.window.to_s.min(read_at_s),
            read_at_s,
            shortfall: Some(Shortfall::Unreadable),
            records: 0,
            rows: Rows::default(),
            manners: self.manners.clone(),
        }))
    }

    /// What is known of the API by now, also of a part that is not handed over.
    pub fn manners(&self) -> &Manners {
        &self.manners
    }

    /// A window that could be read lately, for the next fetching.
    pub fn control(&self) -> Option<Window> {
        self.control
    }
}
