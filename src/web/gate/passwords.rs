//! `basic_auth_users`: who shows a name and a password.
//!
//! A hash is slow by design, so one at a time is computed, on a thread of its own, and few wait for theirs: whoever
//! guesses passwords in a loop keeps one core busy at most. What was right last is remembered for each name, as a keyed
//! hash, so a scraper waits for its first answer alone and for nobody's guesses. A name that does not exist costs what
//! one that exists does.

use aws_lc_rs::{constant_time, hmac, rand};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

pub(super) type Users = BTreeMap<String, SecretString>;

/// The other cores are for counting.
const AT_ONCE: usize = 1;
/// Beyond that, it is said at once that now is no time.
const WAITING: usize = 32;
/// Below what a request may take.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Wrong,
    /// Too many others wait for theirs.
    Busy,
}

pub(super) struct Passwords {
    /// Made anew by each process, and never shown.
    key: hmac::Key,
    /// By name: the last that was right, with the hash that it was right for.
    last_good: Mutex<HashMap<String, Vec<u8>>>,
    computing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// What somebody says of himself.
pub(super) struct Claim {
    name: String,
    password: Zeroizing<Vec<u8>>,
}

impl Claim {
    /// Of `Authorization: Basic …`; `None` where there is none that can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Claim> {
        let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, rest) = text.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = Zeroizing::new(STANDARD.decode(rest.trim()).ok()?);
        let colon = pair.iter().position(|byte| *byte == b':')?;
        Some(Claim {
            name: str::from_utf8(&pair[..colon]).ok()?.to_owned(),
            password: Zeroizing::new(pair[colon + 1..].to_vec()),
        })
    }
}

impl Passwords {
    pub(super) fn new() -> Passwords {
        let mut key = Zeroizing::new([0; 32]);
        // Without randomness nothing of TLS works either; then nothing is remembered under a key worth the name.
        let random = rand::fill(key.as_mut_slice()).is_ok();
        Passwords {
            key: hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()),
            last_good: Mutex::default(),
            computing: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(if random { WAITING + AT_ONCE } else { 0 })),
        }
    }

    pub(super) async fn judge(&self, users: &Users, claim: Claim) -> Verdict {
        let known = users.get(&claim.name);
        // Of a stranger the password is compared with somebody's, always the same one's, and whatever comes out is wrong.
        let Some(hash) = known.or_else(|| self.somebodys(users, &claim.name)) else {
            return Verdict::Wrong;
        };
        let mark = self.mark(&claim, hash);
        if known.is_some() && self.is_remembered(&claim.name, &mark) {
            return Verdict::Right;
        }
        let Ok(_waiting) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Verdict::Busy;
        };
        let turn = Arc::clone(&self.computing).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, turn).await else {
            return Verdict::Busy;
        };
        let hash = Zeroizing::new(hash.expose_secret().to_owned());
        let Claim { name, password } = claim;
        let computed = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone; the turn ends with the work.
            let _turn = turn;
            bcrypt::verify(password.as_slice(), &hash).unwrap_or(false)
        });
        let right = computed.await.unwrap_or(false) && known.is_some();
        if right {
            self.remembered().insert(name, mark);
            Verdict::Right
        } else {
            Verdict::Wrong
        }
    }

    fn somebodys<'u>(&self, users: &'u Users, name: &str) -> Option<&'u SecretString> {
        let tag = hmac::sign(&self.key, name.as_bytes());
        let first = tag
            .as_ref()
            .first_chunk()
            .copied()
            .map_or(0, u64::from_le_bytes);
        let at = first.checked_rem(users.len() as u64)?;
        users.values().nth(at as usize)
    }

    fn mark(&self, claim: &Claim, hash: &SecretString) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [
            claim.name.as_bytes(),
            hash.expose_secret().as_bytes(),
            claim.password.as_slice(),
        ] {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    fn is_remembered(&self, name: &str, mark: &[u8]) -> bool {
        self.remembered()
            .get(name)
            .is_some_and(|good| constant_time::verify_slices_are_equal(good, mark).is_ok())
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.last_good
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(cost: u32) -> Users {
        let hash = bcrypt::hash("password", cost).unwrap();
        [("alice".to_owned(), SecretString::from(hash))].into()
    }

    fn claim(name: &str, password: &str) -> Claim {
        Claim {
            name: name.to_owned(),
            password: Zeroizing::new(password.as_bytes().to_vec()),
        }
    }

    #[tokio::test]
    async fn who_was_right_before_waits_for_nobody_and_who_guesses_is_bounded() {
        let passwords = Passwords::new();
        let users = users(4);
        assert_eq!(
            passwords.judge(&users, claim("alice", "password")).await,
            Verdict::Right
        );
        // Every place is taken by others.
        let all = u32::try_from(WAITING + AT_ONCE).unwrap();
        let held = Arc::clone(&passwords.waiting)
            .try_acquire_many_owned(all)
            .unwrap();
        assert_eq!(
            passwords.judge(&users, claim("alice", "password")).await,
            Verdict::Right
        );
        assert_eq!(
            passwords.judge(&users, claim("alice", "guess")).await,
            Verdict::Busy
        );
        assert_eq!(
            passwords.judge(&users, claim("nobody", "password")).await,
            Verdict::Busy
        );
        drop(held);
        assert_eq!(
            passwords.judge(&users, claim("alice", "guess")).await,
            Verdict::Wrong
        );
        // Another hash of the same password has to be tried anew, and one of another is wrong.
        let other = [(
            "alice".to_owned(),
            SecretString::from(bcrypt::hash("new", 4).unwrap()),
        )]
        .into();
        assert_eq!(
            passwords.judge(&other, claim("alice", "password")).await,
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_costs_a_hash_and_is_wrong_with_any_password() {
        let passwords = Passwords::new();
        let users = users(4);
        let turn = Arc::clone(&passwords.computing)
            .acquire_owned()
            .await
            .unwrap();
        let mut judged = Box::pin(passwords.judge(&users, claim("nobody", "password")));
        // It wants its turn.
        let at_once = tokio::time::timeout(Duration::from_millis(20), &mut judged);
        assert!(at_once.await.is_err());
        drop(turn);
        assert_eq!(judged.await, Verdict::Wrong);
        assert_eq!(
            passwords.judge(&Users::new(), claim("nobody", "")).await,
            Verdict::Wrong
        );
    }
}
