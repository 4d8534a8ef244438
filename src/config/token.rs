//! Tokens that are minted elsewhere: what cannot be one, and what probably is none. None is ever shown.

use super::field::trimmed;
use super::kind::{Kind, path};
use super::secret::{ALONE, Flaw, Of, flawed, in_quotes, read, read_text};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::path::{Path, PathBuf};

/// A file that holds a token and nothing else, to be read later: the content is not kept.
pub(super) fn file() -> Kind<PathBuf> {
    Kind::new("a readable file that holds the token alone", |text| {
        let path = path().parse(text)?;
        let text = read_text(&path)?;
        token(&text).map_err(|flaw| flawed(&path, flaw))?;
        Ok(path)
    })
}

/// What is odd of the token in a file that was read before, with a hint.
pub(super) fn odd(path: &Path) -> Option<(&'static str, &'static str)> {
    let text = read_text(path).ok()?;
    let odd = !is_jwt(token(&text).ok()?);
    let what =
        "holds something else than a JWT, which has three parts in base64url with dots between";
    odd.then_some((what, "is it the token alone, and all of it?"))
}

/// The token in `text`. It is sent as it is, so nothing stands in it that a header has not.
pub(crate) fn token(text: &str) -> Result<&str, Flaw> {
    read(text, Of::App)?;
    let token = trimmed(text);
    let flaw = |what: &str, hint| {
        Err(Flaw {
            what: what.to_owned(),
            hint: Some(hint),
        })
    };
    if token.contains(char::is_whitespace) {
        return flaw(
            "has a blank inside",
            "it must hold the token alone, without `Bearer` or a name",
        );
    }
    if in_quotes(token) {
        return flaw("has quotation marks around the token", "leave them away");
    }
    if !token.is_ascii() {
        return flaw("has a character that no token has", ALONE);
    }
    Ok(token)
}

/// Whether it is signed, as every token of this API: header, claims and signature.
fn is_jwt(token: &str) -> bool {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // Of the last character a few bits may be left over, and who minted it may not have cleared them.
    let base64 = GeneralPurpose::new(&URL_SAFE, config.with_decode_allow_trailing_bits(true));
    let is_part = |part: &str| !part.is_empty() && base64.decode(part).is_ok();
    token.split('.').count() == 3 && token.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_is_one_word_of_three_parts_in_base64url() {
        for (text, what) in [
            ("a b", "has a blank inside"),
            ("Bearer a.b.c", "has a blank inside"),
            ("a.\u{a0}b.c", "has a blank inside"),
            ("\"a.b.c\"", "has quotation marks around the token"),
            (
                "\u{201c}a.b.c\u{201d}",
                "has quotation marks around the token",
            ),
            (
                "a.\u{200b}b.c",
                "has a character inside that nobody sees, U+200B",
            ),
            ("a.ü.c", "has a character that no token has"),
            ("", "is empty"),
        ] {
            let flaw = token(text).unwrap_err();
            assert_eq!(flaw.what, what, "{text:?}");
        }
        assert_eq!(token(" aa.bb.cc\n").unwrap(), "aa.bb.cc");
        for jwt in [
            "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2ln",
            "YQ==.YQ.Yf-_",
        ] {
            assert!(is_jwt(jwt), "{jwt}");
        }
        for other in [
            "aa.bb",
            "aa..cc",
            "aa.bb.cc.dd.ee",
            "a/.bb.cc",
            "a.b.c",
            "x",
        ] {
            assert!(!is_jwt(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_tokens_are_made_of_is_a_token(bytes in proptest::collection::vec(any::<Vec<u8>>(), 3)) {
            prop_assume!(bytes.iter().all(|part| !part.is_empty()));
            let parts: Vec<String> = bytes
                .iter()
                .map(|part| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(part))
                .collect();
            let text = parts.join(".");
            prop_assert!(is_jwt(token(&text).unwrap()));
        }
    }
}
