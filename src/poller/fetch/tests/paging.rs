//! Which rows stand on which page of a server's.

use super::*;

impl Server {
    /// What a window holds, as far as it will ever be shown.
    pub(super) fn inside(&self, window: Window) -> Vec<(i64, u32)> {
        let inside = |at: i64| self.ignores_time || (window.from_s..=window.to_s).contains(&at);
        let sessions = self.sessions.iter().copied();
        let shown = |number: u32| match self.paging {
            Paging::Filtered(each) => !(number as usize).is_multiple_of(each),
            _ => true,
        };
        let whole = sessions.filter(|&(at, number)| inside(at) && shown(number));
        whole.collect()
    }

    pub(super) fn before_filter(&self, window: Window) -> usize {
        let seconds = window.from_s..=window.to_s;
        let inside = |session: &&(i64, u32)| seconds.contains(&session.0);
        self.sessions.iter().filter(inside).count()
    }

    pub(super) fn cut(&self, rows: &[(i64, u32)], page: usize) -> Vec<(i64, u32)> {
        let page = if self.ignores_offset { 0 } else { page };
        let slice = |rows: &[(i64, u32)], page: usize, limit: usize| -> Vec<(i64, u32)> {
            let skip = page * if self.by_rows { 1 } else { limit };
            rows.iter().copied().skip(skip).take(limit).collect()
        };
        let limit = PAGE + self.extra;
        match self.paging {
            Paging::Plain => slice(rows, page, limit),
            Paging::Capped(limit) => slice(rows, page, limit),
            Paging::Cut(sent) => {
                let mut rows = slice(rows, page, limit);
                rows.truncate(sent);
                rows
            }
            Paging::FromOne => match page {
                0 => Vec::new(),
                page => slice(rows, page - 1, limit),
            },
            // What is dropped later takes up its place on a page.
            Paging::Filtered(each) => slice(rows, page, limit - limit.div_ceil(each)),
            Paging::TwoStores => {
                let (odd, even): (Vec<_>, Vec<_>) =
                    rows.iter().partition(|(_, number)| number % 2 == 1);
                let pages = odd.len().div_ceil(limit);
                if page < pages {
                    slice(&odd, page, limit)
                } else {
                    slice(&even, page - pages, limit)
                }
            }
        }
    }
}
