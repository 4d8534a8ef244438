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
fn a_character_that_nobody_sees_is_refused_where_the_vendor_would_refuse_it() {
    let message = |text: String| load_text(text).unwrap_err().problems[0].to_string();
    for sign in ["\\u200b", "\\ufeff", "\\u2028", "\\u00ad", "\\u2060"] {
        for (key, written) in [
            ("auth.client_secret", "client_secret: squeamish-ossifrage"),
            ("auth.client_id", "client_id: cs-1"),
            ("account_id", "account_id: a-1"),
            ("stream_id", "stream_id: st-1"),
        ] {
            let (name, value) = written.split_once(": ").unwrap();
            let (first, rest) = value.split_at(1);
            let with = format!("{name}: \"{first}{sign}{rest}\"");
            let said = message(MINIMAL.replace(written, &with));
            let code = sign.trim_start_matches("\\u").to_uppercase();
            assert!(
                said.contains(&format!("`accounts[0].{key}` has a character inside that nobody sees, U+{code}; allowed: "))
                    && said.contains("hint: it came along"),
                "{said}"
            );
        }
    }
}

#[test]
fn what_a_file_with_a_secret_or_a_token_seldom_holds_is_told_before_the_vendor_refuses_it() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2ln";
    let quoted = format!("\"{TOKEN}\"\n");
    let unseen = TOKEN.replacen('.', "\u{200b}.", 1);
    let bearer = format!("Bearer {TOKEN}");
    let load_with = |auth: &str, content: &str| {
        let file = written(content);
        let auth = auth.replace("FILE", &file.path().display().to_string());
        let written = "auth: {client_id: cs-1, client_secret: squeamish-ossifrage}";
        load_text(MINIMAL.replace(written, &format!("auth: {auth}")))
    };
    let token = "{token_file: FILE}";
    for (content, said) in [
        ("a b", "which has a blank inside; "),
        (&bearer, "which has a blank inside; "),
        (&quoted, "which has quotation marks around the token; "),
        (
            &unseen,
            "which has a character inside that nobody sees, U+200B; ",
        ),
    ] {
        let problem = load_with(token, content).unwrap_err().problems[0].to_string();
        assert!(
            problem.contains(said) && problem.contains("hint: "),
            "{problem}"
        );
        assert!(!problem.contains("eyJ"), "{problem}");
    }
    let warned = |auth: &str, content: &str| {
        let (_, warnings) = load_with(auth, content).unwrap();
        warnings
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(warned(token, TOKEN), "");
    assert!(warned(token, SECRET).contains(
        "`accounts[0].auth.token_file` holds something else than a JWT, which has three parts in base64url"
    ));
    let secret = "{client_id: cs-1, client_secret_file: FILE}";
    assert_eq!(warned(secret, SECRET), "");
    assert!(warned(secret, &format!("'{SECRET}'")).contains(
        "`accounts[0].auth.client_secret_file` holds a secret that begins and ends with a quotation mark"
    ));
    assert!(
        warned(secret, &format!("key {SECRET}")).contains("holds a secret that has a blank inside")
    );
    let unseen = SECRET.replacen('-', "\u{ad}-", 1);
    let problem = load_with(secret, &unseen).unwrap_err().problems[0].to_string();
    assert!(
        problem.contains("which has a character inside that nobody sees, U+00AD; "),
        "{problem}"
    );
}

#[test]
fn a_proxy_that_is_none_is_a_warning_of_every_configuration() {
    let mut variables = ENVIRONMENT.to_vec();
    variables.push(("HTTPS_PROXY", "garbage://squeamish-ossifrage"));
    let (_, warnings) = load_environment(&variables).unwrap();
    let said = warnings[0].to_string();
    assert!(
        said.starts_with("`HTTPS_PROXY` is no address of a proxy, and is passed over"),
        "{said}"
    );
    assert!(!said.contains(SECRET), "{said}");
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
