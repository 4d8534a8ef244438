//! A gzip body made of parts that were compressed at different times.
//!
//! Two gzip members one after the other would be legal, but `curl --compressed` fails on the second and browsers
//! drop it. So the parts become one member: deflate data may end at a byte boundary without being final, and the
//! checksum of a whole follows from those of its parts.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Compressed text that others may follow.
#[derive(Debug)]
pub(super) struct Deflated {
    data: Vec<u8>,
    crc: Crc,
}

/// Level 1: a page of 1.4 MB in under 2 ms; higher levels cost several times that for a few percent.
const LEVEL: Compression = Compression::new(1);

/// No name, no time; "unknown" operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

impl Deflated {
    /// Text that does not end the body.
    pub(super) fn open(text: &[u8]) -> Deflated {
        Deflated::with(text, FlushCompress::Sync)
    }

    /// Text that ends the body.
    pub(super) fn last(text: &[u8]) -> Deflated {
        Deflated::with(text, FlushCompress::Finish)
    }

    fn with(text: &[u8], flush: FlushCompress) -> Deflated {
        let mut crc = Crc::new();
        crc.update(text);
        let mut compress = Compress::new(LEVEL, false);
        let mut data = Vec::with_capacity(text.len() / 8 + 1024);
        loop {
            let read = compress.total_in() as usize;
            let status = compress.compress_vec(&text[read..], &mut data, flush);
            // The output is complete when the end is written, or when room was left over after all was read.
            let room_left = data.len() < data.capacity();
            match status {
                Ok(Status::StreamEnd) | Err(_) => break,
                Ok(_) if room_left && compress.total_in() as usize == text.len() => break,
                Ok(_) => data.reserve(data.capacity()),
            }
        }
        Deflated { data, crc }
    }

    /// The body: this, then the last part.
    pub(super) fn followed_by(&self, last: &Deflated) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.combine(&self.crc);
        crc.combine(&last.crc);
        let mut body = Vec::with_capacity(HEADER.len() + self.data.len() + last.data.len() + 8);
        body.extend_from_slice(&HEADER);
        body.extend_from_slice(&self.data);
        body.extend_from_slice(&last.data);
        body.extend_from_slice(&crc.sum().to_le_bytes());
        body.extend_from_slice(&crc.amount().to_le_bytes());
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    /// Reads one member only, and tells what it left over.
    fn single_member(body: &[u8]) -> (Vec<u8>, usize) {
        let mut decoder = GzDecoder::new(body);
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).unwrap();
        let left = decoder.into_inner().len();
        (text, left)
    }

    #[test]
    fn a_part_without_text_is_a_part() {
        let body = Deflated::open(b"").followed_by(&Deflated::last(b""));
        assert_eq!(single_member(&body), (Vec::new(), 0));
    }

    #[test]
    fn a_long_page_is_compressed_whole() {
        let page: Vec<u8> = (0..200_000u32)
            .flat_map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let body = Deflated::open(&page).followed_by(&Deflated::last(b"end\n"));
        let (text, left) = single_member(&body);
        assert_eq!(left, 0);
        assert!(text == [&page[..], b"end\n"].concat());
    }

    proptest! {
        #[test]
        fn parts_decode_as_one_member(first: Vec<u8>, last: Vec<u8>) {
            let body = Deflated::open(&first).followed_by(&Deflated::last(&last));
            prop_assert_eq!(single_member(&body), ([first, last].concat(), 0));
        }
    }
}
