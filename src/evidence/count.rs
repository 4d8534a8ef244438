//! Offered and abandoned, and how surely two counts differ.

/// Conversations offered, and those of them abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Count {
    pub offered: f64,
    pub abandoned: f64,
}

impl Count {
    pub(super) fn ratio(self) -> f64 {
        self.abandoned / self.offered.max(1.0)
    }

    pub(super) fn plus(self, other: Count) -> Count {
        Count {
            offered: self.offered + other.offered,
            abandoned: self.abandoned + other.abandoned,
        }
    }

    pub(super) fn minus(self, other: Count) -> Count {
        Count {
            offered: self.offered - other.offered,
            abandoned: self.abandoned - other.abandoned,
        }
    }

    /// Nats by which the counts speak for their own ratio and against another; 0 where they are the same.
    pub(super) fn nats_from(self, ratio: f64) -> f64 {
        let own = self.ratio();
        let part = |own: f64, other: f64| {
            if own > 0.0 {
                own * (own / other.max(1e-9)).ln()
            } else {
                0.0
            }
        };
        self.offered * (part(own, ratio) + part(1.0 - own, 1.0 - ratio))
    }

    /// Nats by which two counts speak for having a ratio each; below 0 where this one's is not higher, by odds enough to
    /// matter.
    pub(super) fn nats_above(self, other: Count) -> f64 {
        const ODDS_THAT_MATTER: f64 = 1.5;
        let odds = |count: Count| (count.abandoned + 0.5) / (count.offered - count.abandoned + 0.5);
        if odds(self) < ODDS_THAT_MATTER * odds(other) {
            return -1.0;
        }
        let both = self.plus(other).ratio();
        self.nats_from(both) + other.nats_from(both)
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Count>>(counts: I) -> Count {
        counts.fold(Count::default(), Count::plus)
    }
}
