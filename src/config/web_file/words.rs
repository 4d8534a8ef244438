//! Go's words, and what they stand for.

/// What clients have to show; Go's `ClientAuthType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    NoClientCert,
    RequestClientCert,
    RequireAnyClientCert,
    VerifyClientCertIfGiven,
    RequireAndVerifyClientCert,
}

impl ClientAuth {
    /// Whether nobody comes in without a certificate.
    pub fn is_required(self) -> bool {
        matches!(
            self,
            ClientAuth::RequireAnyClientCert | ClientAuth::RequireAndVerifyClientCert
        )
    }

    /// Whether it matters who signed a certificate.
    pub fn is_verified(self) -> bool {
        matches!(
            self,
            ClientAuth::VerifyClientCertIfGiven | ClientAuth::RequireAndVerifyClientCert
        )
    }
}

pub(super) const CLIENT_AUTHS: [(&str, ClientAuth); 6] = [
    ("NoClientCert", ClientAuth::NoClientCert),
    ("RequestClientCert", ClientAuth::RequestClientCert),
    ("RequireAnyClientCert", ClientAuth::RequireAnyClientCert),
    (
        "VerifyClientCertIfGiven",
        ClientAuth::VerifyClientCertIfGiven,
    ),
    (
        "RequireAndVerifyClientCert",
        ClientAuth::RequireAndVerifyClientCert,
    ),
    // The toolkit takes it for an older spelling.
    ("RequireClientCert", ClientAuth::RequireAnyClientCert),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

pub(super) const VERSIONS: [(&str, TlsVersion); 4] = [
    ("TLS10", TlsVersion::Tls10),
    ("TLS11", TlsVersion::Tls11),
    ("TLS12", TlsVersion::Tls12),
    ("TLS13", TlsVersion::Tls13),
];

/// A cipher suite that Go knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    EcdheEcdsaAes128Gcm,
    EcdheEcdsaAes256Gcm,
    EcdheEcdsaChacha20,
    EcdheRsaAes128Gcm,
    EcdheRsaAes256Gcm,
    EcdheRsaChacha20,
    /// Go offers those of TLS 1.3 whatever is listed, and so do we.
    Tls13,
    /// CBC, or without forward secrecy: not offered.
    Obsolete(&'static str),
}

pub(super) const CIPHERS: [(&str, Cipher); 20] = {
    use Cipher::Tls13;
    [
        (
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            Cipher::EcdheEcdsaAes128Gcm,
        ),
        (
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            Cipher::EcdheEcdsaAes256Gcm,
        ),
        (
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            Cipher::EcdheEcdsaChacha20,
        ),
        (
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            Cipher::EcdheRsaAes128Gcm,
        ),
        (
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            Cipher::EcdheRsaAes256Gcm,
        ),
        (
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            Cipher::EcdheRsaChacha20,
        ),
        ("TLS_AES_128_GCM_SHA256", Tls13),
        ("TLS_AES_256_GCM_SHA384", Tls13),
        ("TLS_CHACHA20_POLY1305_SHA256", Tls13),
        // Go's older names.
        (
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
            Cipher::EcdheEcdsaChacha20,
        ),
        (
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
            Cipher::EcdheRsaChacha20,
        ),
        obsolete("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        obsolete("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
        obsolete("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        obsolete("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
        obsolete("TLS_RSA_WITH_AES_128_CBC_SHA"),
        obsolete("TLS_RSA_WITH_AES_256_CBC_SHA"),
        obsolete("TLS_RSA_WITH_AES_128_GCM_SHA256"),
        obsolete("TLS_RSA_WITH_AES_256_GCM_SHA384"),
        obsolete("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    ]
};

const fn obsolete(name: &'static str) -> (&'static str, Cipher) {
    (name, Cipher::Obsolete(name))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
    P521,
    X25519,
    X25519MlKem768,
}

pub(super) const CURVES: [(&str, Curve); 5] = [
    ("CurveP256", Curve::P256),
    ("CurveP384", Curve::P384),
    ("CurveP521", Curve::P521),
    ("X25519", Curve::X25519),
    ("X25519MLKEM768", Curve::X25519MlKem768),
];

/// Headers that may be added, each with its values where not every text is one.
pub(super) const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];
