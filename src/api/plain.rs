//! Where a JSON string stops being plain: the loop that most of a page's bytes go through.

/// How many bytes come before the first that is not plain in a string: a quote, a backslash, a control character.
/// Eight at a time: strings are most of a record.
// A call for each string would be a tenth of a record's time.
#[inline(always)]
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..b' ');
    bytes.len() - rest.len() + rest.iter().take_while(is_plain).count()
}

/// The high bit of each byte that is not plain. Those above one that is marked may be marked wrongly; little-endian
/// order makes the lowest, which never is, the first.
#[inline(always)]
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let all = |byte: u8| ONES * u64::from(byte);
    // What is less than the subtrahend borrows into its high bit, which ASCII leaves clear. With the blank and the quote
    // in each other's place, the quote comes right above the control characters.
    let controls_and_quotes = (word ^ all(b' ' ^ b'"')).wrapping_sub(all(b' ' + 1));
    let backslashes = (word ^ all(b'\\')).wrapping_sub(ONES);
    (controls_and_quotes | backslashes) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn one_by_one(bytes: &[u8]) -> usize {
        let ends = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
        bytes.iter().position(ends).unwrap_or(bytes.len())
    }

    #[test]
    fn every_byte_is_told_apart_behind_every_other() {
        for pair in 0..=u16::MAX {
            let [first, second] = pair.to_le_bytes();
            let bytes = [b'a', first, second, b'"', 0, 0xff, b'\\', b' ', b'a'];
            assert_eq!(plain_prefix(&bytes), one_by_one(&bytes), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn it_ends_where_it_would_one_by_one(
            plain in "[ !#\\[\\]~é☎]{0,20}", bytes in vec(any::<u8>(), 0..20),
        ) {
            let bytes = [plain.as_bytes(), &bytes].concat();
            prop_assert_eq!(plain_prefix(&bytes), one_by_one(&bytes));
        }
    }
}
