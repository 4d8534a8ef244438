//! Guesses at what was meant.

use super::{account, document, targets};

/// The longest key has 21 characters.
const LONGEST_WORD: usize = 24;

/// Whether text looks like a key that somebody meant, and not like a secret that became one by a slip.
pub(super) fn is_wordlike(key: &str) -> bool {
    let letters = key
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let known = || HOMES.iter().any(|(_, keys)| nearest(key, keys).is_some());
    !key.is_empty() && key.len() <= LONGEST_WORD && (letters || known())
}

/// The key a misspelt one stands for, or the section it belongs to.
pub(super) fn key_hint(found: &str, allowed: &[&str]) -> Option<String> {
    if let Some(near) = nearest(found, allowed) {
        return Some(format!("did you mean `{near}`?"));
    }
    if !is_wordlike(found) {
        return Some("a key is followed by a colon and a space".to_owned());
    }
    let home = HOMES.iter().find(|(_, keys)| keys.contains(&found))?.0;
    Some(format!("`{found}` belongs into {home}"))
}

/// The closest word within a third of its length, without regard to case and to `-` for `_`.
pub(super) fn nearest<'w>(found: &str, words: &[&'w str]) -> Option<&'w str> {
    let found = found.to_ascii_lowercase().replace(['-', ' '], "_");
    // Longer texts cannot be close to any key, and comparing them costs their length.
    if found.len() > 64 {
        return None;
    }
    let distance = |word: &str| strsim::osa_distance(&found, &word.to_ascii_lowercase());
    let (near, nearest) = words.iter().map(|word| (distance(word), *word)).min()?;
    (near <= nearest.len().div_ceil(3).min(3)).then_some(nearest)
}

const HOMES: [(&str, &[&str]); 9] = [
    ("the file's top level", &document::KEYS),
    ("an entry of `accounts`", &account::KEYS),
    ("an account's `auth`", &account::AUTH_KEYS),
    ("`targets`", &targets::KEYS),
    ("`service_level`", &targets::SERVICE_LEVEL_KEYS),
    ("`poll`", &document::POLL_KEYS),
    ("`metrics`", &document::METRICS_KEYS),
    ("`storage`", &document::STORAGE_KEYS),
    ("`web`", &document::WEB_KEYS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(nearest("intervall", &document::POLL_KEYS), Some("interval"));
        assert_eq!(nearest("client-id", &account::AUTH_KEYS), Some("client_id"));
        assert_eq!(nearest("ACCOUNT_ID", &account::KEYS), Some("account_id"));
    }

    #[test]
    fn another_word_is_not_taken_for_a_key() {
        assert_eq!(nearest("grafana", &document::KEYS), None);
    }

    #[test]
    fn a_key_in_the_wrong_section_is_sent_home() {
        let hint = key_hint("interval", &document::KEYS);
        assert_eq!(hint.as_deref(), Some("`interval` belongs into `poll`"));
    }
}
