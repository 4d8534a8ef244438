//! The JWT in the `auth` header: minted from the client's secret, or read from a file that others keep fresh.

use super::again::Again;
use super::error::{ClientError, TokenError};
use crate::chain::chain;
use crate::config::{self, Auth};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rand::TryRngCore;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// `iat` is this far in the past, because a server whose clock is slightly behind ours refuses tokens "issued in the
/// future".
const BACKDATED_S: i64 = 30;

/// Long enough to survive a server clock that is a little ahead, short enough that a leaked token is soon worthless.
const LIFETIME_S: i64 = 300;

/// A minted token is replaced this long before it expires, so that none expires on its way.
const RENEWED_BEFORE_S: i64 = 60;

/// No JWT is longer; a token file that is one gigabyte of something else must not be read whole.
const LARGEST_TOKEN_FILE: u64 = 16 * 1024;

#[derive(Serialize)]
struct Claims<'a> {
    /// Whom the token speaks for; as in client authentication with JWTs (RFC 7523) the client itself.
    sub: &'a str,
    #[serde(rename = "appId")]
    app_id: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

/// Where an account's tokens come from. `Debug` shows no secret.
#[derive(Debug)]
pub(super) enum Tokens {
    Minted(Box<Mint>),
    File(Handed),
}

/// A token from a file that others keep fresh, as it was last read.
pub(super) struct Handed {
    path: PathBuf,
    /// `None` before it could be read once.
    token: Again<Option<HeaderValue>>,
}

pub(super) struct Mint {
    client_id: String,
    signing: Again<Signing>,
    /// The secret is from a file.
    from_file: bool,
    renewed: Notify,
    algorithm: Algorithm,
    jti: bool,
    kept: Mutex<Option<Kept>>,
}

/// A secret, and the key that it is. Both are overwritten in memory when they are dropped.
struct Signing {
    secret: SecretString,
    key: EncodingKey,
}

/// The header is marked sensitive, which keeps it out of `Debug`.
#[derive(Debug)]
struct Kept {
    header: HeaderValue,
    minted_s: i64,
}

impl Tokens {
    /// Reads the key.
    ///
    /// # Errors
    /// [`ClientError::Key`] when the secret is no key for the algorithm.
    pub(super) fn new(account: &config::Account) -> Result<Self, ClientError> {
        let (client_id, secret, algorithm, jti) = match &account.auth {
            Auth::TokenFile(path) => return Ok(Self::File(Handed::new(&account.name, path))),
            Auth::Mint {
                client_id,
                secret,
                algorithm,
                jti,
            } => (client_id, secret.clone(), *algorithm, *jti),
        };
        let (name, algorithm) = match algorithm {
            config::Algorithm::Hs256 => ("HS256", Algorithm::HS256),
            config::Algorithm::Hs512 => ("HS512", Algorithm::HS512),
            config::Algorithm::Rs256 => ("RS256", Algorithm::RS256),
            config::Algorithm::Rs512 => ("RS512", Algorithm::RS512),
        };
        let signing = move |secret: SecretString| {
            let key = key(algorithm, &secret)?;
            Ok(Signing { secret, key })
        };
        let first = signing(secret.expose_secret().into()).map_err(|source| ClientError::Key {
            account: account.name.clone(),
            algorithm: name,
            source,
        })?;
        let from_file = secret.read_again().is_some();
        let read = move |before: &Signing| {
            let Some(now) = secret.read_again().transpose()? else {
                return Ok(None);
            };
            if now.expose_secret() == before.secret.expose_secret() {
                return Ok(None);
            }
            let unfit = |_: jsonwebtoken::errors::Error| format!("holds no key for `{name}`");
            signing(now).map(Some).map_err(unfit)
        };
        Ok(Self::Minted(Box::new(Mint {
            client_id: client_id.clone(),
            signing: Again::new(&account.name, "client_secret_file", first, read),
            from_file,
            renewed: Notify::new(),
            algorithm,
            jti,
            kept: Mutex::new(None),
        })))
    }

    /// The value of the `auth` header for a request sent at `now_s` (UTC epoch seconds).
    ///
    /// # Errors
    /// When the file cannot be read or holds no token, or signing fails.
    pub(super) async fn header(&self, now_s: i64) -> Result<HeaderValue, TokenError> {
        match self {
            Self::Minted(mint) => mint.header(now_s).await,
            Self::File(handed) => handed.header().await,
        }
    }

    /// When the token of `now_s` expires, UTC seconds, as far as it says.
    ///
    /// # Errors
    /// As [`Tokens::header`].
    pub(super) async fn ends_s(&self, now_s: i64) -> Result<Option<i64>, TokenError> {
        #[derive(Deserialize)]
        struct Ends {
            exp: Option<f64>,
        }
        let header = self.header(now_s).await?;
        // It is the server that verifies it; here it is only looked at.
        let ends = jsonwebtoken::dangerous::insecure_decode_claims::<Ends>(header.as_bytes());
        Ok(ends.ok().and_then(|ends| ends.exp).map(|exp| exp as i64))
    }

    /// Waits until the secret is another one.
    pub(super) async fn renewed(&self) {
        match self {
            Self::Minted(mint) => mint.renewed.notified().await,
            Self::File(_) => std::future::pending().await,
        }
    }

    /// The token was refused: the next [`Tokens::header`] gives a new one.
    pub(super) fn refused(&self) {
        if let Self::Minted(mint) = self {
            *mint.keeping() = None;
        }
    }
}

impl Handed {
    fn new(account: &str, path: &Path) -> Handed {
        let path = path.to_owned();
        let file = path.clone();
        let read = move |before: &Option<HeaderValue>| {
            let now = read_token(&file).map_err(|error| chain(&error))?;
            Ok((before.as_ref() != Some(&now)).then_some(Some(now)))
        };
        Handed {
            path,
            token: Again::new(account, "token_file", None, read).often(),
        }
    }

    async fn header(&self) -> Result<HeaderValue, TokenError> {
        if self.token.get().is_some() {
            self.token.look().await;
        }
        if let Some(header) = &*self.token.get() {
            return Ok(header.clone());
        }
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || read_token(&path));
        let ended = |source: tokio::task::JoinError| unreadable(&self.path, source.into());
        let header = read.await.map_err(ended)??;
        self.token.put(Some(header.clone()));
        Ok(header)
    }
}

impl std::fmt::Debug for Handed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handed").field(&self.path).finish()
    }
}

impl Mint {
    async fn header(&self, now_s: i64) -> Result<HeaderValue, TokenError> {
        if let Some(header) = self.kept(now_s) {
            return Ok(header);
        }
        if self.from_file && self.signing.look().await {
            self.renewed.notify_waiters();
        }
        let header = self.mint(now_s)?;
        if !self.jti {
            *self.keeping() = Some(Kept {
                header: header.clone(),
                minted_s: now_s,
            });
        }
        Ok(header)
    }

    /// The token at hand, while it is good. A clock set back makes it one from the future, and the server would think so
    /// too.
    fn kept(&self, now_s: i64) -> Option<HeaderValue> {
        let is_good =
            |kept: &&Kept| (0..LIFETIME_S - RENEWED_BEFORE_S).contains(&(now_s - kept.minted_s));
        let kept = self.keeping();
        kept.as_ref()
            .filter(is_good)
            .map(|kept| kept.header.clone())
    }

    fn keeping(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mint(&self, now_s: i64) -> Result<HeaderValue, TokenError> {
        let claims = Claims {
            sub: &self.client_id,
            app_id: &self.client_id,
            iat: now_s - BACKDATED_S,
            exp: now_s + LIFETIME_S,
            jti: if self.jti { Some(random_id()?) } else { None },
        };
        let token = jsonwebtoken::encode(
            &Header::new(self.algorithm),
            &claims,
            &self.signing.get().key,
        )
        .map_err(TokenError::Sign)?;
        sensitive(&token)
            .ok_or_else(|| TokenError::Sign(jsonwebtoken::errors::ErrorKind::InvalidToken.into()))
    }
}

fn key(algorithm: Algorithm, secret: &SecretString) -> jsonwebtoken::errors::Result<EncodingKey> {
    let secret = secret.expose_secret().as_bytes();
    match algorithm {
        Algorithm::RS256 | Algorithm::RS512 => EncodingKey::from_rsa_pem(secret),
        _ => Ok(EncodingKey::from_secret(secret)),
    }
}

impl std::fmt::Debug for Mint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mint")
            .field("client_id", &self.client_id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// 128 random bits: an id never repeats, and tells nothing of the requests before it.
fn random_id() -> Result<String, TokenError> {
    let mut bytes = [0; 16];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(TokenError::Random)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn read_token(path: &Path) -> Result<HeaderValue, TokenError> {
    let mut text = Zeroizing::new(String::with_capacity(LARGEST_TOKEN_FILE as usize + 64));
    File::open(path)
        .and_then(|file| file.take(LARGEST_TOKEN_FILE).read_to_string(&mut text))
        .map_err(|source| unreadable(path, source))?;
    let whole = (text.len() as u64) < LARGEST_TOKEN_FILE;
    let token = if whole {
        config::token::token(&text).ok()
    } else {
        None
    };
    let token = token.and_then(sensitive);
    token.ok_or_else(|| TokenError::NotAToken {
        path: path.to_owned(),
    })
}

fn unreadable(path: &Path, source: std::io::Error) -> TokenError {
    TokenError::File {
        path: path.to_owned(),
        source,
    }
}

fn sensitive(token: &str) -> Option<HeaderValue> {
    if token.is_empty() || token.contains(char::is_whitespace) {
        return None;
    }
    let mut header = HeaderValue::from_str(token).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests;
