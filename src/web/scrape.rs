//! A scrape's page as the body of an answer: its pieces as they are asked for, its length known before the first.

use crate::metrics::Page;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Pieces are at hand, so it never waits.
#[derive(Debug)]
pub(super) struct PageBody {
    page: Page,
    left: u64,
}

impl From<Page> for PageBody {
    fn from(page: Page) -> PageBody {
        PageBody {
            left: page.length(),
            page,
        }
    }
}

impl Body for PageBody {
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
