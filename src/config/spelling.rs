//! Guesses at what was meant.

/// The closest word within a third of its length, without regard to case and to `-` for `_`.
pub(super) fn nearest<'w>(
    found: &str,
    words: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let found = found.to_ascii_lowercase().replace(['-', ' '], "_");
    // Longer texts cannot be close to any key, and comparing them costs their length.
    if found.len() > 64 {
        return None;
    }
    let distance = |word: &str| strsim::osa_distance(&found, &word.to_ascii_lowercase());
    let words = words.into_iter().map(|word| (distance(word), word));
    let (near, nearest) = words.min()?;
    (near <= nearest.len().div_ceil(3).min(3)).then_some(nearest)
}

pub(super) fn did_you_mean<'w>(
    found: &str,
    words: impl IntoIterator<Item = &'w str>,
) -> Option<String> {
    nearest(found, words).map(|near| format!("did you mean `{near}`?"))
}
