use super::*;
use crate::config::Secret;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;

const SECRET: &str = "a secret nobody may see";
const RSA_PRIVATE: &str = include_str!("../testdata/rsa-test-only.pem");
const RSA_PUBLIC: &str = include_str!("../testdata/rsa-test-only.pub.pem");
const NOW_S: i64 = 1_790_000_000;

fn tokens(secret: &str, algorithm: config::Algorithm, jti: bool) -> Result<Tokens, ClientError> {
    let secret = Secret::from(secret);
    let account = crate::client::tests::account(Auth::Mint {
        client_id: "cs-Client".into(),
        secret,
        algorithm,
        jti,
    });
    Tokens::new(&account)
}

fn hs256(jti: bool) -> Tokens {
    tokens(SECRET, config::Algorithm::Hs256, jti).unwrap()
}

async fn claims(tokens: &Tokens, now_s: i64, algorithm: Algorithm, key: &DecodingKey) -> Value {
    let header = tokens.header(now_s).await.unwrap();
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(header.to_str().unwrap(), key, &validation)
        .unwrap()
        .claims
}

#[tokio::test]
async fn a_token_says_who_we_are_and_expires_soon() {
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let claims = claims(&hs256(false), NOW_S, Algorithm::HS256, &key).await;
    assert_eq!(claims["sub"], "cs-Client");
    assert_eq!(claims["appId"], "cs-Client");
    assert_eq!(claims["iat"], NOW_S - 30);
    assert_eq!(claims["exp"], NOW_S + 300);
    assert_eq!(claims.get("jti"), None);
}

#[tokio::test]
async fn every_algorithm_signs_what_its_key_verifies() {
    use config::Algorithm::{Hs512, Rs256, Rs512};
    let public = DecodingKey::from_rsa_pem(RSA_PUBLIC.as_bytes()).unwrap();
    let shared = DecodingKey::from_secret(SECRET.as_bytes());
    for (ours, theirs, secret, key) in [
        (Hs512, Algorithm::HS512, SECRET, &shared),
        (Rs256, Algorithm::RS256, RSA_PRIVATE, &public),
        (Rs512, Algorithm::RS512, RSA_PRIVATE, &public),
    ] {
        let tokens = tokens(secret, ours, false).unwrap();
        assert_eq!(
            claims(&tokens, NOW_S, theirs, key).await["appId"],
            "cs-Client",
            "{ours:?}"
        );
    }
}

#[tokio::test]
async fn a_token_is_kept_until_a_minute_before_it_expires() {
    let tokens = hs256(false);
    let first = tokens.header(NOW_S).await.unwrap();
    assert_eq!(tokens.header(NOW_S + 239).await.unwrap(), first);
    assert_ne!(tokens.header(NOW_S + 240).await.unwrap(), first);
}

#[tokio::test]
async fn a_clock_set_back_and_a_refusal_give_a_new_token() {
    let tokens = hs256(false);
    let first = tokens.header(NOW_S).await.unwrap();
    assert_ne!(tokens.header(NOW_S - 3600).await.unwrap(), first);
    let second = tokens.header(NOW_S).await.unwrap();
    tokens.refused();
    assert_ne!(tokens.header(NOW_S + 1).await.unwrap(), second);
}

#[tokio::test]
async fn with_jti_every_request_has_its_own_token() {
    let tokens = hs256(true);
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let claims = claims(&tokens, NOW_S, Algorithm::HS256, &key).await;
        let jti = claims["jti"].as_str().unwrap().to_owned();
        assert_eq!(jti.len(), 32);
        assert!(seen.insert(jti));
    }
}

#[tokio::test]
async fn a_token_file_is_read_anew_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let tokens = Tokens::new(&crate::client::tests::account(Auth::TokenFile(
        path.clone(),
    )))
    .unwrap();

    let missing = tokens.header(NOW_S).await.unwrap_err().to_string();
    assert!(missing.contains(path.to_str().unwrap()), "{missing}");

    std::fs::write(&path, "first.token.value\n").unwrap();
    assert_eq!(tokens.header(NOW_S).await.unwrap(), "first.token.value");
    std::fs::write(&path, "\u{feff} second.token.value \r\n").unwrap();
    assert_eq!(tokens.header(NOW_S).await.unwrap(), "second.token.value");
    // As long as nothing better is to be had.
    std::fs::write(&path, "two words").unwrap();
    assert_eq!(tokens.header(NOW_S).await.unwrap(), "second.token.value");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(tokens.header(NOW_S).await.unwrap(), "second.token.value");
    std::fs::write(&path, "third.token.value").unwrap();
    assert_eq!(tokens.header(NOW_S).await.unwrap(), "third.token.value");
}

/// Whoever signed it.
async fn is_signed_by(tokens: &Tokens, now_s: i64, secret: &str) -> bool {
    let header = tokens.header(now_s).await.unwrap();
    let key = DecodingKey::from_secret(secret.as_bytes());
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(header.to_str().unwrap(), &key, &validation).is_ok()
}

#[tokio::test]
async fn a_secret_that_changes_in_its_file_signs_the_next_token_and_one_that_is_bad_never_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "first\n").unwrap();
    let text = format!(
        "accounts: [{{name: a, url: 'https://x', account_id: a, stream_id: s, \
         auth: {{client_id: c, client_secret_file: '{}'}}}}]",
        path.display()
    );
    let file = folder.path().join("config.yml");
    std::fs::write(&file, text).unwrap();
    let flags = config::Flags {
        file: Some(file),
        listen_address: None,
    };
    let (config, _) = config::load(&flags, |_| None).unwrap();
    let tokens = Tokens::new(&config.accounts[0]).unwrap();
    assert!(is_signed_by(&tokens, NOW_S, "first").await);
    std::fs::write(&path, "second\n").unwrap();
    assert!(
        is_signed_by(&tokens, NOW_S + 1, "first").await,
        "it is good still"
    );
    // As soon as the token is renewed, or refused. Who waits for a better one hears of it.
    let waits = tokio::time::timeout(std::time::Duration::from_secs(20), tokens.renewed());
    let (heard, is_signed) = tokio::join!(waits, is_signed_by(&tokens, NOW_S + 250, "second"));
    assert!(heard.is_ok() && is_signed);
    std::fs::write(&path, "third").unwrap();
    tokens.refused();
    assert!(is_signed_by(&tokens, NOW_S + 251, "third").await);
    for bad in ["", "two\nlines", &"x".repeat(100_000)] {
        std::fs::write(&path, bad).unwrap();
        tokens.refused();
        assert!(is_signed_by(&tokens, NOW_S + 252, "third").await);
    }
    std::fs::remove_file(&path).unwrap();
    tokens.refused();
    assert!(is_signed_by(&tokens, NOW_S + 253, "third").await);
    // As mounted secrets change: a link to a folder is replaced by a link to another.
    std::fs::write(folder.path().join("fourth"), "fourth").unwrap();
    std::os::unix::fs::symlink(folder.path().join("fourth"), &path).unwrap();
    tokens.refused();
    assert!(is_signed_by(&tokens, NOW_S + 254, "fourth").await);
}

#[tokio::test]
async fn a_file_without_a_token_is_refused_without_showing_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let tokens = Tokens::new(&crate::client::tests::account(Auth::TokenFile(
        path.clone(),
    )))
    .unwrap();
    for content in ["", "\n", "two words", "two\nlines", &"x".repeat(20_000)] {
        std::fs::write(&path, content).unwrap();
        let error = tokens.header(NOW_S).await.unwrap_err();
        assert!(matches!(error, TokenError::NotAToken { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("two"));
    }
}

#[tokio::test]
async fn no_secret_shows_in_debug_or_errors() {
    let tokens = hs256(false);
    let header = tokens.header(NOW_S).await.unwrap();
    let shown = format!("{tokens:?} {header:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("eyJ"), "{shown}");

    let error = self::tokens(SECRET, config::Algorithm::Rs256, false).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("RS256") && !shown.contains(SECRET),
        "{shown}"
    );
}
