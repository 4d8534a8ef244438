//! One scrape's page, handed out piece by piece.
//!
//! Invariant: the pieces are those of one moment, and as long together as was said before the first. Text that was
//! published is handed on, not copied, but for parts so small that a piece of their own would cost more.

use super::account::{AccountPage, Part};
use crate::ledger::Measure;
use crate::metrics::gzip::{Checksum, Deflated, Deflater, HEADER, TRAILER_BYTES};
use bytes::{Bytes, BytesMut};
use std::sync::{Arc, OnceLock};

/// How a page is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    Gzip,
}

/// Smaller parts are copied together.
const SMALL: usize = 16 * 1024;
/// Until a piece has this size.
const PIECE: usize = 64 * 1024;

/// HELP and TYPE of every measure, in the table's order.
pub(super) type Heads = Arc<[Part]>;

/// What a scrape at one moment shows. Scrapes that come close together share it.
#[derive(Debug)]
pub(super) struct Moment {
    heads: Heads,
    /// By name.
    accounts: Vec<Arc<AccountPage>>,
    own: Bytes,
    own_deflated: OnceLock<Deflated>,
    /// Pages that are small are put together once.
    plain: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// Pages up to this size are put together once for all who ask within a moment. Larger ones would cost memory.
const KEPT: u64 = 256 * 1024;

impl Moment {
    pub(super) fn new(heads: Heads, accounts: Vec<Arc<AccountPage>>, own: String) -> Moment {
        Moment {
            heads,
            accounts,
            own: own.into(),
            own_deflated: OnceLock::new(),
            plain: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// The page of this moment.
    pub(super) fn page(self: &Arc<Moment>, encoding: Encoding) -> Scrape {
        let kept = match encoding {
            Encoding::Plain => &self.plain,
            Encoding::Gzip => &self.gzip,
        };
        if let Some(whole) = kept.get() {
            return whole.clone().into();
        }
        let stream = Stream::new(Arc::clone(self), encoding);
        let length = stream.length();
        if length > KEPT {
            return Scrape {
                length,
                pieces: Pieces::Made(Box::new(stream)),
            };
        }
        let whole = kept.get_or_init(|| {
            let mut whole = BytesMut::with_capacity(length as usize);
            stream.for_each(|piece| whole.extend_from_slice(&piece));
            whole.freeze()
        });
        whole.clone().into()
    }

    fn own_deflated(&self) -> &Deflated {
        self.own_deflated
            .get_or_init(|| Deflater::default().last(&self.own))
    }

    /// Every part in the order of the page: heads with the accounts' series, then the exporter's own.
    fn families(&self) -> impl Iterator<Item = &Part> {
        (0..Measure::ALL.len()).flat_map(|place| {
            let series = self.accounts.iter().filter_map(move |it| it.family(place));
            let mut series = series.peekable();
            let head = series.peek().map(|_| &self.heads[place]);
            head.into_iter().chain(series)
        })
    }
}

/// What `/metrics` answers, in pieces.
#[derive(Debug)]
pub struct Scrape {
    length: u64,
    pieces: Pieces,
}

#[derive(Debug)]
enum Pieces {
    /// One, until it is handed out.
    Whole(Option<Bytes>),
    Made(Box<Stream>),
}

impl Scrape {
    /// In bytes, of all pieces together.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// A page of one piece, for who serves something else than a Publisher's.
impl From<Bytes> for Scrape {
    fn from(text: Bytes) -> Scrape {
        Scrape {
            length: text.len() as u64,
            pieces: Pieces::Whole(Some(text)),
        }
    }
}

impl Iterator for Scrape {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        match &mut self.pieces {
            Pieces::Whole(piece) => piece.take(),
            Pieces::Made(stream) => stream.next(),
        }
    }
}

/// Makes the pieces of a page as they are asked for.
#[derive(Debug)]
struct Stream {
    moment: Arc<Moment>,
    encoding: Encoding,
    /// The family at hand, and which of its parts comes next: 0 its head, then the accounts.
    place: usize,
    part: usize,
    stage: Stage,
    checksum: Checksum,
    /// A part that was too large to be copied to others.
    waiting: Option<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Families,
    Own,
    Trailer,
    End,
}

impl Stream {
    fn new(moment: Arc<Moment>, encoding: Encoding) -> Stream {
        Stream {
            moment,
            encoding,
            place: 0,
            part: 0,
            stage: Stage::Begin,
            checksum: Checksum::default(),
            waiting: None,
        }
    }

    fn length(&self) -> u64 {
        let moment = &self.moment;
        let bytes: usize = match self.encoding {
            Encoding::Plain => {
                let families = moment.families().map(|part| part.text.len());
                families.sum::<usize>() + moment.own.len()
            }
            Encoding::Gzip => {
                let families = moment.families().map(|part| part.deflated.data.len());
                let own = moment.own_deflated().data.len();
                HEADER.len() + families.sum::<usize>() + own + TRAILER_BYTES
            }
        };
        bytes as u64
    }

    /// The next part of the page.
    fn next_part(&mut self) -> Option<Bytes> {
        let gzip = self.encoding == Encoding::Gzip;
        loop {
            match self.stage {
                Stage::Begin => {
                    self.stage = Stage::Families;
                    if gzip {
                        return Some(Bytes::from_static(&HEADER));
                    }
                }
                Stage::Families => {
                    let moment = Arc::clone(&self.moment);
                    match self.next_family(&moment) {
                        Some(part) if gzip => return Some(self.deflated(&part.deflated)),
                        Some(part) => return Some(part.text.clone()),
                        None => self.stage = Stage::Own,
                    }
                }
                Stage::Own => {
                    self.stage = Stage::Trailer;
                    let moment = Arc::clone(&self.moment);
                    return Some(if gzip {
                        self.deflated(moment.own_deflated())
                    } else {
                        moment.own.clone()
                    });
                }
                Stage::Trailer => {
                    self.stage = Stage::End;
                    if gzip {
                        return Some(Bytes::copy_from_slice(&self.checksum.trailer()));
                    }
                }
                Stage::End => return None,
            }
        }
    }

    fn deflated(&mut self, part: &Deflated) -> Bytes {
        self.checksum = self.checksum.followed_by(part);
        part.data.clone()
    }

    /// The next head, or series of an account.
    fn next_family<'m>(&mut self, moment: &'m Moment) -> Option<&'m Part> {
        while self.place < Measure::ALL.len() {
            let rest = &moment.accounts[self.part.saturating_sub(1)..];
            let next = rest
                .iter()
                .position(|account| account.family(self.place).is_some());
            match next {
                Some(_) if self.part == 0 => {
                    self.part = 1;
                    return Some(&moment.heads[self.place]);
                }
                Some(ahead) => {
                    let account = &rest[ahead];
                    self.part += ahead + 1;
                    return account.family(self.place);
                }
                None => (self.place, self.part) = (self.place + 1, 0),
            }
        }
        None
    }
}

impl Iterator for Stream {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let first = self.waiting.take().or_else(|| self.next_part())?;
        if first.len() >= SMALL {
            return Some(first);
        }
        let mut piece = BytesMut::with_capacity(PIECE + SMALL);
        piece.extend_from_slice(&first);
        while piece.len() < PIECE {
            match self.next_part() {
                None => break,
                Some(part) if part.len() >= SMALL => {
                    self.waiting = Some(part);
                    break;
                }
                Some(part) => piece.extend_from_slice(&part),
            }
        }
        Some(piece.freeze())
    }
}
