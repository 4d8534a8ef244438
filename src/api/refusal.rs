//! The vendor's way to say no: `{"errors":[{"msg":"…","code":4002}]}`, or a bare text.

use serde::Deserialize;
use serde_json::Value;

/// From the vendor's page: `You've exceeded the per-minute rate limit. Please wait for sometime before retrying.`
/// Apostrophe, case and what follows may differ, so only its core is looked for.
const RATE_LIMIT: &str = "exceeded the per-minute rate limit";

/// What a body that is no page tells. Its text is not kept: an error's words may quote the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The vendor's first error code, `4002` for a missing, bad or unscoped token.
    pub code: Option<i64>,
    /// The account's requests of this minute are used up. The vendor does not say with which status.
    pub rate_limited: bool,
}

#[derive(Deserialize)]
struct Body {
    errors: Vec<Value>,
}

impl Refusal {
    /// Reads any body, JSON or not. Ask only of one that is no page: a record may hold the words of a refusal.
    pub fn read(body: &str) -> Self {
        let errors = serde_json::from_str::<Body>(body)
            .map(|body| body.errors)
            .unwrap_or_default();
        Refusal {
            code: errors.iter().find_map(|error| error.get("code")?.as_i64()),
            rate_limited: body.to_ascii_lowercase().contains(RATE_LIMIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_error_body_tells_its_code() {
        let body = r#"{"errors":[{"msg":"Permission denied. Scope is incorrect!","code":4002}]}"#;
        assert_eq!(
            Refusal::read(body),
            Refusal {
                code: Some(4002),
                rate_limited: false
            }
        );
    }

    #[test]
    fn the_rate_limit_is_told_by_its_text_wherever_it_stands() {
        let text =
            "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";
        let json = format!(r#"{{"errors":[{{"msg":"{text}"}}]}}"#);
        for body in [
            text.to_owned(),
            text.to_uppercase(),
            json,
            format!("<p>{text}</p>"),
        ] {
            assert_eq!(
                Refusal::read(&body),
                Refusal {
                    code: None,
                    rate_limited: true
                },
                "{body}"
            );
        }
    }

    #[test]
    fn any_other_body_tells_nothing() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"errors":"no"}"#,
            r#"{"errors":[1,{"code":"x"}]}"#,
        ] {
            assert_eq!(Refusal::read(body), Refusal::default(), "{body}");
        }
    }
}
