//! The vendor's token check: header `auth`, HS256 by the client secret, `appId` exact.

use super::answer::{Refusal, denied};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};

#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "appId")]
    app_id: String,
    jti: Option<String>,
    exp: Option<i64>,
}

/// Remembers the `jti` of tokens, when the app enforces them; the oldest are forgotten.
#[derive(Debug, Default)]
pub(super) struct SeenTokens {
    known: BTreeSet<String>,
    order: VecDeque<String>,
}

/// Enough for an hour of a busy account.
const REMEMBERED: usize = 10_000;

/// Clocks differ.
const LEEWAY_S: i64 = 60;

impl SeenTokens {
    /// False for one seen before.
    fn admit(&mut self, jti: &str) -> bool {
        if !self.known.insert(jti.to_owned()) {
            return false;
        }
        self.order.push_back(jti.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// Accepts or refuses a token at an instant of the simulator's clock. `exp` holds where it is there: the vendor's samples
/// have none.
pub(super) fn check(
    now_ms: i64,
    token: Option<&str>,
    client_id: &str,
    secret: &str,
    jti: Option<&mut SeenTokens>,
) -> Result<(), Refusal> {
    let token = token.ok_or_else(|| denied("Permission denied. Token is missing!"))?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(
        token,
        &DecodingKey::from_secret(secret.as_bytes()),
        &validation,
    )
    .map_err(|_| denied("Permission denied. Token is invalid!"))?
    .claims;
    if claims
        .exp
        .is_some_and(|exp| exp + LEEWAY_S < now_ms.div_euclid(1_000))
    {
        return Err(denied("Permission denied. Token has expired!"));
    }
    if claims.app_id != client_id {
        return Err(denied("Permission denied. Scope is incorrect!"));
    }
    let Some(seen) = jti else { return Ok(()) };
    match claims.jti {
        Some(jti) if seen.admit(&jti) => Ok(()),
        Some(_) => Err(denied("Permission denied. Token was used before!")),
        None => Err(denied("Permission denied. Token has no jti!")),
    }
}
