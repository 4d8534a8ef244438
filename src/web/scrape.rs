//! A scrape's page as the body of an answer: its pieces as they are asked for, its length known before the first.

use crate::metrics::Scrape;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Pieces are at hand, so it never waits.
#[derive(Debug)]
pub(super) struct ScrapeBody {
    page: Scrape,
    left: u64,
}

impl From<Scrape> for ScrapeBody {
    fn from(page: Scrape) -> ScrapeBody {
        ScrapeBody {
            left: page.length(),
            page,
        }
    }
}

impl Body for ScrapeBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.page.next();
        self.left = self
            .left
            .saturating_sub(piece.as_ref().map_or(self.left, |piece| piece.len() as u64));
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
