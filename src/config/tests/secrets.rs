//! Where secrets begin and end, wherever they are written, and what is none.

use super::*;

fn secret(config: &Config) -> &str {
    let Auth::Mint { secret, .. } = &config.accounts[0].auth else {
        panic!("{:?}", config.accounts)
    };
    secret.expose_secret()
}

#[test]
fn what_stands_around_a_secret_is_no_part_of_it_wherever_it_comes_from() {
    let around = format!("\u{feff} {SECRET}\t\r\n\n");
    let file = written(&around);
    let path = file.path().to_str().unwrap();
    let inline = format!("client_secret: {}", serde_json::to_string(&around).unwrap());
    for written in [inline, format!("client_secret_file: \"{path} \"")] {
        let text = MINIMAL.replace("client_secret: squeamish-ossifrage", &written);
        assert_eq!(secret(&load_text(text).unwrap().0), SECRET, "{written}");
    }
    let path = format!("{path}\n");
    for (name, value) in [
        ("SMARTASSIST_CLIENT_SECRET", &around),
        ("SMARTASSIST_CLIENT_SECRET_FILE", &path),
    ] {
        let mut variables = ENVIRONMENT;
        variables[4] = (name, value);
        assert_eq!(
            secret(&load_environment(&variables).unwrap().0),
            SECRET,
            "{name}"
        );
    }
}

#[test]
fn a_private_key_is_read_or_refused_before_anything_is_signed_with_it() {
    let key = include_str!("../../client/testdata/rsa-test-only.pem");
    let lines = key.replace('\n', "\n        ");
    let load_key = |key: &str| {
        let key = format!("client_secret: {key}\n      client_id: cs-1\n      algorithm: RS256");
        let auth = "auth: {client_id: cs-1, client_secret: squeamish-ossifrage}";
        load_text(MINIMAL.replace(auth, &format!("auth:\n      {key}")))
    };
    // YAML makes one line of it without the `|`; it is read all the same.
    for written in [format!("|\n        {lines}"), format!("\n        {lines}")] {
        load_key(&written).unwrap();
    }
    let (half, _) = lines.split_at(lines.len() / 2);
    let damaged = load_key(&format!(
        "|\n        {half}\n        -----END PRIVATE KEY-----"
    ));
    assert_eq!(
        damaged.unwrap_err().problems[0].to_string(),
        "line 8: `accounts[0].auth.client_secret` is not a readable private key; \
         allowed: for `RS256` and `RS512`, an RSA private key in PEM"
    );
}

#[test]
fn a_secret_file_must_hold_a_secret() {
    for (content, reason) in [
        (&b"\n"[..], "which is empty"),
        (b"", "which is empty"),
        (b"\xff", "which is not text"),
        (b"\xff\xfes\0", "which is UTF-16"),
        (
            b"user\nsqueamish-ossifrage\n",
            "which has a line end inside",
        ),
        (&vec![b'x'; 100_000], "which has more than 65536 bytes"),
    ] {
        let secret = written(content);
        let text = MINIMAL.replace(
            "client_secret: squeamish-ossifrage",
            &format!("client_secret_file: {}", secret.path().display()),
        );
        let invalid = load_text(text).unwrap_err();
        assert!(invalid.problems[0].message.contains(reason), "{invalid}");
    }
}
