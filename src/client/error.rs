//! Errors, told apart by what the caller does next.

use super::observe::RequestResult;
use crate::api::PageError;
use crate::config::CallDetails;
use std::path::PathBuf;
use std::time::Duration;

/// Why a call brought no page.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Wait, and let the next poll try again. Until the pause is over, calls return this without sending anything.
    #[error(
        "the rate limit is reached, no request for {} s; hint: 60 a minute are shared by everything that uses the \
         account, lower `requests_per_minute`",
        pause.as_secs_f64().ceil()
    )]
    RateLimited { pause: Duration },

    /// Ask again after `pause`: the server said when to come back.
    #[error("the server asked for no requests for {} s (`Retry-After`); hint: it is overloaded or under maintenance", pause.as_secs_f64().ceil())]
    AskedToWait { pause: Duration },

    /// Tell the operator; trying again does not help until something is changed: a fresh token is refused as well.
    #[error("the token is refused (status `{status}`); hint: check {}", suspects(*clock_ahead_s))]
    Unauthorized {
        status: u16,
        /// Our clock minus the server's, when it told the time and they differ so much that tokens are refused for it.
        clock_ahead_s: Option<i64>,
    },

    /// Tell the operator: this request will be refused again as it stands.
    #[error("the request was refused as `{result}` ({detail}); hint: {}", refusal_hint(*result, *version))]
    Refused {
        result: RequestResult,
        /// Of *Call Details*, that was asked.
        version: CallDetails,
        detail: String,
    },

    /// Ask for less: the body passed its limit.
    #[error("the response is larger than {limit_bytes} bytes; hint: ask for a shorter window")]
    TooLarge { limit_bytes: usize },

    /// Let the next poll try again; every attempt failed.
    #[error(
        "no answer to use after {} `{result}` ({detail}){}",
        tried(*attempts),
        certificate_hint(detail)
    )]
    Unavailable {
        attempts: u32,
        result: RequestResult,
        detail: String,
    },

    /// Nothing was sent: it may be another process' turn by now.
    #[error(
        "nothing is asked while the database does not say whose turn the account is; hint: is the server of \
         `storage.url` up, and reachable from here?"
    )]
    NotOurs,

    /// Tell the operator: nothing was sent, for want of a token.
    #[error("no token to send")]
    Token(#[from] TokenError),
}

impl CallError {
    /// What a window's first page comes to that tells of rows and holds no `data`, where none stand on the next either.
    pub fn no_data() -> CallError {
        CallError::Unavailable {
            attempts: 1,
            result: RequestResult::BadBody,
            detail: PageError::NoData.to_string(),
        }
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("cannot read the token file `{}`", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error("the token file `{}` holds no token; hint: it must hold one JWT in one line, without quotation marks", path.display())]
    NotAToken { path: PathBuf },

    #[error("cannot sign a token")]
    Sign(#[source] jsonwebtoken::errors::Error),

    #[error("cannot draw a random `jti`")]
    Random(#[source] rand::rand_core::OsError),
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(
        "the secret of `{account}` is no private key for `{algorithm}`; \
         hint: RS256 and RS512 need an RSA private key in PEM, HS256 and HS512 take the client secret"
    )]
    Key {
        account: String,
        algorithm: &'static str,
        source: jsonwebtoken::errors::Error,
    },

    #[error(
        "the {field} of `{account}` cannot be sent in a header; hint: it must hold no control characters"
    )]
    Header {
        account: String,
        field: &'static str,
    },

    #[error(
        "the url of `{account}` cannot hold a path; hint: write it like `https://platform.kore.ai`"
    )]
    Url { account: String },

    #[error(
        "cannot set up TLS or HTTP for `{account}`; hint: are the system's CA certificates installed?"
    )]
    Http {
        account: String,
        source: reqwest::Error,
    },
}

fn suspects(clock_ahead_s: Option<i64>) -> String {
    match clock_ahead_s {
        Some(ahead) if ahead > 0 => format!("this machine's clock first: it is {ahead} s ahead"),
        Some(behind) => format!("this machine's clock first: it is {} s behind", -behind),
        None => {
            "the key (client id and secret, or token file), the scope (SmartAssist Analytics), \
                 this machine's clock, and `jti` if the app enforces it"
                .into()
        }
    }
}

fn tried(attempts: u32) -> String {
    match attempts {
        1 => "1 attempt:".to_owned(),
        more => format!("{more} attempts, the last:"),
    }
}

/// What rustls says of every certificate that it refuses, before it says why.
const REFUSED_CERTIFICATE: &str = "invalid peer certificate";

fn certificate_hint(detail: &str) -> &'static str {
    if !detail.contains(REFUSED_CERTIFICATE) {
        return "";
    }
    "; hint: the server's certificate is not trusted here: does a proxy that reads TLS stand between (then name a file \
     with its authority in `ca_file`), is `url` the right host, is this machine's clock right?"
}

fn refusal_hint(result: RequestResult, version: CallDetails) -> &'static str {
    match result {
        RequestResult::Redirect => {
            "redirects are not followed, set `url` to the address that serves the API"
        }
        RequestResult::NotFound if version == CallDetails::V2 => {
            "older releases have no Call Details v2: set the account's `call_details: v1`; else check `url` and `account_id`"
        }
        RequestResult::NotFound => "check `url` and `account_id`",
        _ => "check `account_id` and `stream_id`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_is_told_with_what_to_look_at() {
        let said = |detail: &str| {
            let error = CallError::Unavailable {
                attempts: 5,
                result: RequestResult::Connection,
                detail: detail.to_owned(),
            };
            error.to_string()
        };
        let refused = said(
            "error sending request: client error (Connect): invalid peer certificate: UnknownIssuer",
        );
        assert!(
            refused.contains("hint: ") && refused.contains("ca_file"),
            "{refused}"
        );
        let other = said("error sending request: client error (Connect): tcp connect error");
        assert!(!other.contains("hint: "), "{other}");
    }
}
