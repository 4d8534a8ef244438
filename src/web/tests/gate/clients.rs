//! Certificates of clients, versions, cipher suites and curves.

use super::*;
use crate::web::Ask;
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use rustls::version::{TLS12, TLS13};

#[tokio::test]
async fn each_way_of_asking_for_certificates_lets_in_whom_it_says() {
    let house = House::new();
    let signed = house.pair("prometheus.example.org");
    let stranger = House::new().pair("prometheus.example.org");
    // Without a certificate, with one that the authority signed, with a stranger's.
    for (policy, authority, wanted) in [
        ("NoClientCert", false, [200, 200, 200]),
        ("RequestClientCert", true, [200, 200, 200]),
        ("RequireAnyClientCert", false, [0, 200, 200]),
        ("RequireClientCert", false, [0, 200, 200]),
        ("VerifyClientCertIfGiven", true, [200, 200, 0]),
        ("VerifyClientCertIfGiven", false, [200, 0, 0]),
        ("RequireAndVerifyClientCert", true, [0, 200, 0]),
    ] {
        let ca = if authority {
            "client_ca_file: ca.crt, "
        } else {
            ""
        };
        let served = house
            .serve(&format!(
                "tls_server_config: {{cert_file: server.crt, key_file: server.key, {ca}client_auth_type: {policy}}}"
            ))
            .await;
        for (shown, wanted) in [None, Some(&signed), Some(&stranger)]
            .into_iter()
            .zip(wanted)
        {
            for version in [&TLS12, &TLS13] {
                let client = house.client_of(shown, &[version], default_provider());
                let status = served.status(client, "/metrics", "").await;
                assert_eq!(status, wanted, "{policy} {authority} {version:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_must_have_one_of_the_names() {
    let house = House::new();
    let served = |names: &str| {
        house.gate(&format!(
            "tls_server_config: {{cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, \
             client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [{names}]}}"
        ), false)
    };
    let pair = house.pair("one.example.org");
    for (names, wanted) in [
        ("two.example.org, one.example.org", 200),
        ("10.1.2.3", 200),
        ("somebody@one.example.org", 200),
        ("'spiffe://one.example.org/prometheus'", 200),
        ("example.org, ONE.example.org, 10.1.2.4, '*.example.org'", 0),
    ] {
        let served = Served::start(LIMITS, served(names).unwrap()).await;
        let status = served
            .status(house.client(Some(&pair)), "/metrics", "")
            .await;
        assert_eq!(status, wanted, "{names}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_listed_itself_is_taken_as_long_as_it_holds() {
    let house = House::new();
    for (from, to, wanted) in [(2020, 2090, 200), (2020, 2021, 0), (2089, 2090, 0)] {
        let mut params = CertificateParams::new(vec!["x.example.org".to_owned()]).unwrap();
        // As `openssl req -x509` makes them.
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap().pem();
        house.write("ca.crt", &own);
        let served = house.serve("tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}").await;
        let pair = Pair {
            certificate: own,
            key: key.serialize_pem(),
        };
        let status = served
            .status(house.client(Some(&pair)), "/metrics", "")
            .await;
        assert_eq!(status, wanted, "{from} {to}");
    }
}

const REQUIRED: &str = "tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}\n";

#[tokio::test]
async fn health_left_open_needs_nothing_and_all_else_does() {
    let house = House::new();
    let users = format!(
        "{REQUIRED}basic_auth_users: {{alice: {HASH}}}\nrate_limit: {{interval: 1h, burst: 3}}"
    );
    let served = Served::start(LIMITS, house.gate(&users, true).unwrap()).await;
    let pair = house.pair("one.example.org");
    for _ in 0..5 {
        for path in ["/-/healthy", "/-/ready"] {
            assert_eq!(
                served.status(house.client(None), path, "").await,
                200,
                "{path}"
            );
        }
    }
    let right = basic("alice:password");
    assert_eq!(
        served.status(house.client(None), "/metrics", &right).await,
        403
    );
    assert_eq!(
        served
            .status(house.client(Some(&pair)), "/metrics", "")
            .await,
        401
    );
    assert_eq!(
        served
            .status(house.client(Some(&pair)), "/metrics", &right)
            .await,
        200
    );
    assert_eq!(
        served
            .status(house.client(Some(&pair)), "/metrics", &right)
            .await,
        429
    );
}

#[tokio::test]
async fn the_program_itself_may_ask_for_health_and_for_nothing_else() {
    let house = House::new();
    let users = format!("{REQUIRED}basic_auth_users: {{alice: {HASH}}}\n");
    let served = house.serve(&users).await;
    let ask = |path: &'static str| {
        let how = Ask::with(&house.folder.path().join("web.yml")).unwrap();
        let header = format!("Authorization: {}\r\n", how.authorization);
        let served = &served;
        async move { served.status(how.tls.unwrap(), path, &header).await }
    };
    assert_eq!(ask("/-/healthy").await, 200);
    assert_eq!(ask("/-/ready").await, 403);
    assert_eq!(ask("/metrics").await, 403);
    // Another server with a good certificate is not the one.
    let other = House::new();
    let elsewhere = other.serve(TLS).await;
    let how = Ask::with(&house.folder.path().join("web.yml")).unwrap();
    assert!(elsewhere.tls(how.tls.unwrap()).await.is_err());
}

#[tokio::test]
async fn versions_suites_and_curves_are_those_that_are_written() {
    let house = House::new();
    let only = |suites, groups| {
        let mut provider = default_provider();
        provider.cipher_suites = suites;
        if let Some(group) = groups {
            provider.kx_groups = vec![group];
        }
        provider
    };
    let all = || default_provider().cipher_suites;
    let gcm = cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let chacha = cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    let p256 = Some(kx_group::SECP256R1);
    for (written, version, provider, wanted) in [
        ("min_version: TLS13", &TLS12, only(all(), None), 0),
        ("min_version: TLS13", &TLS13, only(all(), None), 200),
        ("max_version: TLS12", &TLS13, only(all(), None), 0),
        ("max_version: TLS12", &TLS12, only(all(), None), 200),
        ("min_version: TLS10", &TLS12, only(all(), None), 200),
        (
            "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]",
            &TLS12,
            only(vec![gcm], None),
            200,
        ),
        (
            "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]",
            &TLS12,
            only(vec![chacha], None),
            0,
        ),
        (
            "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]",
            &TLS13,
            only(all(), None),
            200,
        ),
        (
            "curve_preferences: [CurveP256]",
            &TLS13,
            only(all(), p256),
            200,
        ),
        (
            "curve_preferences: [CurveP384, X25519]",
            &TLS13,
            only(all(), p256),
            0,
        ),
        (
            "curve_preferences: [CurveP521]",
            &TLS13,
            only(all(), p256),
            0,
        ),
    ] {
        let served = house
            .serve(&format!(
                "tls_server_config: {{cert_file: server.crt, key_file: server.key, {written}}}"
            ))
            .await;
        let client = house.client_of(None, &[version], provider);
        assert_eq!(
            served.status(client, "/metrics", "").await,
            wanted,
            "{written} {version:?}"
        );
    }
}

#[tokio::test]
async fn http2_is_agreed_on_unless_it_is_switched_off() {
    let house = House::new();
    for (written, wanted) in [
        ("", &b"h2"[..]),
        ("http_server_config: {http2: false}", b"http/1.1"),
    ] {
        let served = house.serve(&format!("{TLS}{written}")).await;
        let mut client = house.client(None);
        client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = served.tls(client).await.unwrap();
        assert_eq!(
            stream.get_ref().1.alpn_protocol(),
            Some(wanted),
            "{written}"
        );
    }
}
