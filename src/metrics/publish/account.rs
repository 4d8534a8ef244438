//! One account's part of the page: its series by family, rendered and compressed when it publishes.
//!
//! Invariant: a publication renders its own account's series and no other's, and what reads as before is kept as it is.

use crate::ledger::{Measure, Sample, View};
use crate::metrics::gzip::{Deflated, Deflater};
use crate::metrics::render::render_family;
use crate::metrics::table;
use crate::metrics::text::Encoder;
use crate::metrics::zero_first::{self, Held};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Text in both forms in which it is served.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: Bytes,
    pub(super) deflated: Deflated,
}

impl Part {
    pub(super) fn open(text: &str, deflater: &mut Deflater) -> Part {
        Part {
            text: Bytes::copy_from_slice(text.as_bytes()),
            deflated: deflater.open(text.as_bytes()),
        }
    }
}

/// An account's series as published, by the family's place in the table. Never changes.
#[derive(Debug, Default)]
pub(super) struct AccountPage {
    families: Vec<Option<Arc<Part>>>,
}

impl AccountPage {
    pub(super) fn family(&self, place: usize) -> Option<&Part> {
        self.families.get(place)?.as_deref()
    }
}

/// What the next publication of an account needs of the last.
#[derive(Debug)]
pub(super) struct Shown {
    account: Arc<str>,
    counting: bool,
    /// Counters and histograms, sorted.
    sums: Vec<Sample>,
    held: Held,
}

impl Shown {
    /// The first publication. What it shows was counted before, or is history just read: it goes on as it is.
    pub(super) fn new(view: View, renderer: &mut Renderer) -> (Shown, AccountPage) {
        let View {
            account,
            counting,
            mut sums,
            gauges,
            ..
        } = view;
        sums.sort_unstable_by(zero_first::order);
        let shown = Shown {
            account,
            counting,
            sums,
            held: Held::default(),
        };
        let page = renderer.whole(&shown, gauges, &AccountPage::default());
        (shown, page)
    }

    /// The next one.
    pub(super) fn next(
        &mut self,
        view: View,
        before: &AccountPage,
        (now, zero_first): (Instant, Duration),
        renderer: &mut Renderer,
    ) -> AccountPage {
        let mut sums = view.sums;
        sums.sort_unstable_by(zero_first::order);
        if self.counting {
            self.held.note(&self.sums, &sums, now, zero_first);
        }
        self.held.release(now);
        (self.sums, self.counting) = (sums, view.counting);
        renderer.whole(self, view.gauges, before)
    }

    /// The page with the series whose time at 0 is over; `None` while there are none.
    pub(super) fn released(
        &mut self,
        now: Instant,
        before: &AccountPage,
        renderer: &mut Renderer,
    ) -> Option<AccountPage> {
        let measures = self.held.release(now);
        if measures.is_empty() {
            return None;
        }
        let mut families = before.families.clone();
        for measure in measures {
            let samples = self.sums.iter().filter(|sample| sample.measure == measure);
            let place = table::place(measure);
            families[place] = Some(renderer.part(self, measure, samples, None));
        }
        Some(AccountPage { families })
    }
}

/// Renders and compresses. Its buffers are large, so one is lent to whoever publishes.
#[derive(Debug, Default)]
pub(super) struct Renderer {
    encoder: Encoder,
    deflater: Deflater,
}

impl Renderer {
    fn whole(
        &mut self,
        shown: &Shown,
        mut gauges: Vec<Sample>,
        before: &AccountPage,
    ) -> AccountPage {
        gauges.sort_unstable_by(zero_first::order);
        let mut families: Vec<Option<Arc<Part>>> = vec![None; Measure::ALL.len()];
        for samples in [&shown.sums, &gauges] {
            for family in samples.chunk_by(|one, other| one.measure == other.measure) {
                let measure = family[0].measure;
                let place = table::place(measure);
                let before = before.families.get(place).and_then(Option::as_ref);
                families[place] = Some(self.part(shown, measure, family, before));
            }
        }
        AccountPage { families }
    }

    /// One family; the part before where it reads the same.
    fn part<'s>(
        &mut self,
        shown: &Shown,
        measure: Measure,
        samples: impl IntoIterator<Item = &'s Sample>,
        before: Option<&Arc<Part>>,
    ) -> Arc<Part> {
        self.encoder.within(measure.metric());
        render_family(&mut self.encoder, &shown.account, samples, |sample| {
            shown.held.holds(sample)
        });
        let text = self.encoder.written();
        match before {
            Some(before) if before.text == text => Arc::clone(before),
            _ => Arc::new(Part::open(text, &mut self.deflater)),
        }
    }
}
