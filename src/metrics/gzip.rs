//! A gzip body made of parts that were compressed at different times.
//!
//! Gzip members one after the other would be legal, but `curl --compressed` fails on the second and browsers drop it.
//! So the parts become one member: deflate data may end at a byte boundary without being final, and the checksum of a
//! whole follows from those of its parts.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Compressed text that others may follow, unless it is the last.
#[derive(Debug, Clone)]
pub(super) struct Deflated {
    pub(super) data: Bytes,
    checksum: Checksum,
    /// What the checksum of the text before is multiplied by, when this text follows.
    shift: u32,
}

/// Of the text so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checksum {
    crc: u32,
    length: u64,
}

/// Level 1: a page of 1.4 MB in under 2 ms; higher levels cost several times that for a few percent.
const LEVEL: Compression = Compression::new(1);

/// No name, no time; "unknown" operating system.
pub(super) const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The end of a body.
pub(super) const TRAILER_BYTES: usize = 8;

/// Compresses parts, one after the other; its tables are large, so they are kept.
#[derive(Debug)]
pub(super) struct Deflater(Compress);

impl Default for Deflater {
    fn default() -> Deflater {
        Deflater(Compress::new(LEVEL, false))
    }
}

impl Deflater {
    /// Text that does not end the body.
    pub(super) fn open(&mut self, text: &[u8]) -> Deflated {
        self.deflate(text, FlushCompress::Sync)
    }

    /// Text that ends the body.
    pub(super) fn last(&mut self, text: &[u8]) -> Deflated {
        self.deflate(text, FlushCompress::Finish)
    }

    fn deflate(&mut self, text: &[u8], flush: FlushCompress) -> Deflated {
        let compress = &mut self.0;
        compress.reset();
        let mut data = Vec::with_capacity(text.len() / 8 + 256);
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
        Deflated {
            data: Bytes::copy_from_slice(&data),
            checksum: Checksum::of(text),
            shift: shift(text.len() as u64),
        }
    }
}

impl Checksum {
    fn of(text: &[u8]) -> Checksum {
        let mut crc = Crc::new();
        crc.update(text);
        Checksum {
            crc: crc.sum(),
            length: text.len() as u64,
        }
    }

    /// That of this text and the next, without reading either.
    pub(super) fn followed_by(self, next: &Deflated) -> Checksum {
        Checksum {
            crc: multiply(next.shift, self.crc) ^ next.checksum.crc,
            length: self.length + next.checksum.length,
        }
    }

    /// What ends the body.
    pub(super) fn trailer(self) -> [u8; TRAILER_BYTES] {
        // The length is that modulo 2³², as the format wants it.
        let [crc, length] = [self.crc, self.length as u32].map(u32::to_le_bytes);
        let mut trailer = [0; TRAILER_BYTES];
        trailer[..4].copy_from_slice(&crc);
        trailer[4..].copy_from_slice(&length);
        trailer
    }
}

/// Checksums are polynomials over two elements, modulo this one; the highest bit is the power 0.
const POLYNOMIAL: u32 = 0xedb8_8320;
const ONE: u32 = 1 << 31;
/// x⁸: by it a checksum is multiplied for each byte that follows.
const BYTE: u32 = 1 << 23;

fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    for power in 0..32 {
        if a & (ONE >> power) != 0 {
            product ^= b;
        }
        b = (b >> 1) ^ if b & 1 == 1 { POLYNOMIAL } else { 0 };
    }
    product
}

/// [`BYTE`] to the power of `bytes`.
fn shift(mut bytes: u64) -> u32 {
    let (mut power, mut square) = (ONE, BYTE);
    while bytes > 0 {
        if bytes & 1 == 1 {
            power = multiply(power, square);
        }
        square = multiply(square, square);
        bytes >>= 1;
    }
    power
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

    /// The body of some parts and the last.
    fn body(parts: &[&[u8]], last: &[u8]) -> Vec<u8> {
        let mut deflater = Deflater::default();
        let mut deflated: Vec<Deflated> = parts.iter().map(|part| deflater.open(part)).collect();
        deflated.push(deflater.last(last));
        let whole = deflated
            .iter()
            .fold(Checksum::default(), Checksum::followed_by);
        let mut body = HEADER.to_vec();
        for part in &deflated {
            body.extend_from_slice(&part.data);
        }
        body.extend(whole.trailer());
        body
    }

    #[test]
    fn a_part_without_text_is_a_part() {
        assert_eq!(single_member(&body(&[b"", b""], b"")), (Vec::new(), 0));
    }

    #[test]
    fn a_long_page_is_compressed_whole() {
        let page: Vec<u8> = (0..200_000u32)
            .flat_map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let (text, left) = single_member(&body(&[&page], b"end\n"));
        assert_eq!(left, 0);
        assert!(text == [&page[..], b"end\n"].concat());
    }

    proptest! {
        #[test]
        fn parts_decode_as_one_member(parts: Vec<Vec<u8>>, last: Vec<u8>) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let text = [parts.concat(), last.clone()].concat();
            prop_assert_eq!(single_member(&body(&slices, &last)), (text, 0));
        }

        #[test]
        fn checksums_join_as_those_of_a_library_do(first: Vec<u8>, second: Vec<u8>) {
            let mut whole = Crc::new();
            whole.update(&first);
            whole.update(&second);
            let next = Deflater::default().open(&second);
            let joined = Checksum::of(&first).followed_by(&next);
            prop_assert_eq!((joined.crc, joined.length), (whole.sum(), whole.amount().into()));
        }
    }
}
