//! Files that change while the exporter runs, for better or worse.

use super::*;
use crate::metrics::Own;

fn users(names: &[&str]) -> String {
    let users: Vec<_> = names.iter().map(|name| format!("{name}: {HASH}")).collect();
    format!("{TLS}basic_auth_users: {{{}}}\n", users.join(", "))
}

#[tokio::test]
async fn a_password_that_is_added_or_taken_away_counts_at_once_on_open_connections_too() {
    let house = House::new();
    let served = house.serve(&users(&["alice"])).await;
    let mut stream = served.tls(house.client(None)).await.unwrap();
    let ask = [basic("alice:password"), basic("bob:password")];
    let mut statuses = Vec::new();
    for names in [&["alice"][..], &["alice", "bob"], &["bob"]] {
        house.write("web.yml", &users(names));
        for headers in &ask {
            statuses.push(said(&mut stream, "/nowhere", headers).await[9..12].to_owned());
        }
    }
    assert_eq!(statuses, ["404", "401", "404", "404", "401", "404"]);
}

#[tokio::test]
async fn a_new_certificate_is_shown_from_the_next_handshake_on_and_ends_what_was_begun_under_the_old()
 {
    let house = House::new();
    let served = house.serve(TLS).await;
    let mut old = served.tls(house.client(None)).await.unwrap();
    let pair = house.pair("localhost");
    house.write("server.key", &pair.key);
    house.write("server.crt", &pair.certificate);
    let new = served.tls(house.client(None)).await.unwrap();
    let shown =
        |stream: &TlsStream<TcpStream>| stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let wanted = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
    assert_eq!(shown(&new), wanted);
    assert_ne!(shown(&old), wanted);
    let mut rest = [0; 64];
    let ended = tokio::time::timeout(Duration::from_secs(20), old.read(&mut rest));
    assert!(!matches!(ended.await.unwrap(), Ok(1..)));
}

fn own() -> Arc<Own> {
    Arc::new(Own::any())
}

/// What a scrape shows of it.
fn is_in_force(own: &Own) -> f64 {
    let page = own.render();
    let gauge = "\nsmartassist_exporter_web_config_last_reload_successful ";
    let value = page.split(gauge).nth(1).unwrap().lines().next().unwrap();
    value.parse().unwrap()
}

#[tokio::test]
async fn files_on_a_disk_that_does_not_answer_are_told_until_it_does() {
    let house = House::new();
    let gate = house.gate(TLS, false).unwrap();
    let own = own();
    gate.tells(Arc::clone(&own));
    let busy = gate.seen.lock().await;
    let trouble = gate.looked_at().await.unwrap();
    assert!(
        trouble.starts_with("it could not be read within 2s"),
        "{trouble}"
    );
    assert_eq!(is_in_force(&own), 0.0);
    drop(busy);
    assert_eq!((gate.looked_at().await, is_in_force(&own)), (None, 1.0));
}

/// Each leaves the last good state standing, and the next good one counts again.
#[tokio::test]
async fn what_is_damaged_changes_nothing() {
    let house = House::new();
    let gate = house.gate(&users(&["alice"]), false).unwrap();
    let own = own();
    gate.tells(Arc::clone(&own));
    let served = Served::start(LIMITS, Arc::clone(&gate)).await;
    assert_eq!((is_in_force(&own), gate.trouble()), (1.0, None));
    let good = ["web.yml", "server.crt", "server.key"].map(|name| {
        (
            name,
            fs::read_to_string(house.folder.path().join(name)).unwrap(),
        )
    });
    let other = house.pair("localhost");
    let damage: [(&str, Option<&str>); 9] = [
        ("web.yml", Some("basic_auth_users: {alice")),
        ("web.yml", Some("unknown: 1")),
        ("web.yml", None),
        ("server.crt", Some("garbage")),
        ("server.crt", Some("")),
        ("server.crt", None),
        // Another's: it does not belong to the key.
        ("server.crt", Some(&other.certificate)),
        ("server.key", Some(&other.key)),
        (
            "server.key",
            Some(
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            ),
        ),
    ];
    for (name, text) in damage {
        match text {
            Some(text) => drop(house.write(name, text)),
            None => fs::remove_file(house.folder.path().join(name)).unwrap(),
        }
        for (headers, wanted) in [
            (basic("alice:password"), 200),
            (basic("bob:password"), 401),
            (String::new(), 401),
        ] {
            let status = served
                .status(house.client(None), "/metrics", &headers)
                .await;
            assert_eq!(status, wanted, "{name} {text:?}");
        }
        assert_eq!(is_in_force(&own), 0.0, "{name} {text:?}");
        let trouble = gate.trouble().unwrap();
        assert!(
            trouble.contains("web.yml`") && !trouble.contains('\n'),
            "{trouble}"
        );
        for (name, text) in &good {
            house.write(name, text);
        }
        assert_eq!((gate.looked_at().await, is_in_force(&own)), (None, 1.0));
    }
    house.write("web.yml", &users(&["bob"]));
    assert_eq!(
        served
            .status(house.client(None), "/metrics", &basic("bob:password"))
            .await,
        200
    );
    assert_eq!(
        served
            .status(house.client(None), "/metrics", &basic("alice:password"))
            .await,
        401
    );
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start_with_what_is_wrong() {
    let house = House::new();
    let other = house.pair("localhost");
    house.write("other.crt", &other.certificate);
    house.write("garbage", "SECRET");
    house.write("huge", &"#".repeat(2 * 1024 * 1024));
    fs::create_dir(house.folder.path().join("folder")).unwrap();
    let tls = |rest: &str| format!("tls_server_config: {{{rest}}}");
    for (configuration, wanted) in [
        (
            tls("cert_file: gone.crt, key_file: server.key"),
            "`cert_file` names `gone.crt`: there is no such file",
        ),
        (
            tls("cert_file: folder, key_file: server.key"),
            "`cert_file` names `folder`: it is no file",
        ),
        (
            tls("cert_file: huge, key_file: server.key"),
            "`huge`: the file is too large",
        ),
        (
            tls("cert_file: garbage, key_file: server.key"),
            "`cert_file` holds no certificate in PEM",
        ),
        (
            tls("cert_file: server.crt, key_file: garbage"),
            "`key_file` holds no private key in PEM",
        ),
        (
            tls("cert_file: other.crt, key_file: server.key"),
            "the key does not belong to the certificate",
        ),
        (
            tls("cert: SECRET, key: SECRET"),
            "`cert` holds no certificate in PEM",
        ),
        (
            tls(
                "cert_file: server.crt, key_file: server.key, client_ca_file: garbage, client_auth_type: RequireAndVerifyClientCert",
            ),
            "`client_ca_file` holds no certificate in PEM",
        ),
        ("junk: 1".to_owned(), "`junk` is not a known key"),
    ] {
        let error = house
            .gate(&configuration, false)
            .err()
            .map(|error| error.to_string());
        let error = error.unwrap_or_default();
        assert!(
            error.contains(wanted) && !error.contains("SECRET"),
            "{configuration}: {error}"
        );
        assert!(error.contains("web.yml"), "{error}");
    }
    let gone = Gate::load(Some(&house.folder.path().join("gone.yml")), false).err();
    assert!(
        gone.unwrap()
            .to_string()
            .ends_with("gone.yml` cannot be used: there is no such file")
    );
    let folder = Gate::load(Some(house.folder.path()), false).err();
    assert!(folder.unwrap().to_string().contains("it is no file"));
}

#[tokio::test]
async fn certificates_may_stand_in_the_file_itself() {
    let house = House::new();
    let indented = |name: &str| {
        let text = fs::read_to_string(house.folder.path().join(name)).unwrap();
        text.lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    };
    let configuration = format!(
        "tls_server_config:\n  cert: |\n{}  key: |\n{}  client_ca: |\n{}  client_auth_type: RequireAndVerifyClientCert\n",
        indented("server.crt"),
        indented("server.key"),
        indented("ca.crt")
    );
    let served = house.serve(&configuration).await;
    let pair = house.pair("one");
    assert_eq!(
        served
            .status(house.client(Some(&pair)), "/metrics", "")
            .await,
        200
    );
    assert_eq!(served.status(house.client(None), "/metrics", "").await, 0);
}
