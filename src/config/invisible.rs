//! Characters that nobody sees. They come along when text is copied, and no one finds them in a secret that is refused.

/// What to do about one.
pub(super) const HINT: &str =
    "it came along when this was copied: copy it from where it is shown as plain text, or type it";

/// Unicode's format characters (Cf), its separators of lines and paragraphs, and variation selectors.
const RANGES: [(char, char); 22] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e007f}'),
    ('\u{e0100}', '\u{e01ef}'),
];

pub(super) fn first(text: &str) -> Option<char> {
    text.chars().find(|sign| {
        let mut ranges = RANGES.iter();
        ranges.any(|(from, to)| (from..=to).contains(&sign))
    })
}

/// `U+200B`, which says more than the character itself.
pub(super) fn named(sign: char) -> String {
    format!("U+{:04X}", u32::from(sign))
}
