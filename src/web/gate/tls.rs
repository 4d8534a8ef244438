//! TLS as the file has it: certificate, versions, cipher suites, curves, and whom it asks for a certificate.

use super::callers::Callers;
use super::curve::P521;
use super::files::{Digest, Files};
use crate::config::web_file::{Cipher, Curve, TlsServer, TlsVersion, WebFile};
use aws_lc_rs::digest::{Context, SHA256};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use rustls::crypto::{
    CryptoProvider, SupportedKxGroup, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion, version,
};
use secrecy::ExposeSecret;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// What a client showed of itself in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Shown {
    Nothing,
    /// A certificate that is taken.
    Certificate,
    /// This server's own: see `ask`.
    Own,
}

/// How TLS is spoken, as long as the files stay as they are.
pub(in crate::web) struct Tls {
    config: Arc<ServerConfig>,
    /// Whether nobody is answered without one.
    required: bool,
    /// Whether it matters who signed it.
    verified: bool,
    own: CertificateDer<'static>,
    made_of: Digest,
    ended: CancellationToken,
}

/// The certificate with those that lead to its authority, and its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Tls {
    /// `None` where no TLS is asked for. The same as before if nothing changed that it is made of.
    pub(super) fn new(
        file: &WebFile,
        files: &Files,
        open_health: bool,
        before: Option<&Arc<Tls>>,
    ) -> Result<Option<Arc<Tls>>, String> {
        let written = &file.tls_server_config;
        if !written.is_enabled() {
            return Ok(None);
        }
        let made_of = made_of(file, files)?;
        if let Some(before) = before.filter(|before| before.made_of == made_of) {
            return Ok(Some(Arc::clone(before)));
        }
        let identity = Identity::of(written, files)?;
        let own = identity.chain[0].clone();
        let required = written.client_auth().is_required();
        let provider = Arc::new(provider(written));
        let callers = callers(written, files, &own, required && !open_health, &provider)?;
        let mismatch = |error: Error| match error {
            Error::InconsistentKeys(_) => "the key does not belong to the certificate".to_owned(),
            error => format!("the certificate and its key cannot be used: {error}"),
        };
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions(written))
            .map_err(|error| format!("TLS cannot be spoken so: {error}"))?;
        let builder = match callers {
            Some(callers) => builder.with_client_cert_verifier(callers),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(identity.chain, identity.key)
            .map_err(mismatch)?;
        config.ignore_client_order = written.prefer_server_cipher_suites;
        config.alpn_protocols = vec![HTTP1.to_vec()];
        if file.http_server_config.http2 {
            config.alpn_protocols.insert(0, HTTP2.to_vec());
        }
        Ok(Some(Arc::new(Tls {
            config: Arc::new(config),
            required,
            verified: written.client_auth().is_verified(),
            own,
            made_of,
            ended: CancellationToken::new(),
        })))
    }

    pub(in crate::web) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// What was shown, and whether HTTP/2 was agreed on.
    pub(in crate::web) fn agreed(&self, session: &ServerConnection) -> (Shown, bool) {
        let shown = match session.peer_certificates().and_then(|chain| chain.first()) {
            None => Shown::Nothing,
            Some(leaf) if *leaf == self.own => Shown::Own,
            Some(_) => Shown::Certificate,
        };
        (shown, session.alpn_protocol() == Some(HTTP2))
    }

    pub(super) fn is_refused(&self, shown: Option<Shown>) -> bool {
        self.required && shown != Some(Shown::Certificate)
    }

    pub(super) fn own(&self) -> &[u8] {
        &self.own
    }

    /// Whether nobody is answered without a certificate that an authority signed: one of their own anybody can make.
    pub(super) fn admits_no_stranger(&self) -> bool {
        self.required && self.verified
    }

    /// Other files hold now.
    pub(super) fn end(&self) {
        self.ended.cancel();
    }

    /// Ends once other files hold.
    pub(in crate::web) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Identity {
    fn of(written: &TlsServer, files: &Files) -> Result<Identity, String> {
        let (name, pem) = match (&written.cert_file, &written.cert) {
            (Some(path), _) => ("cert_file", files.named("cert_file", path)?),
            (_, inline) => ("cert", inline.as_deref().unwrap_or_default().as_bytes()),
        };
        let chain = certificates(name, pem)?;
        let (name, pem) = match (&written.key_file, &written.key) {
            (Some(path), _) => ("key_file", files.named("key_file", path)?),
            (_, inline) => {
                let inline = inline.as_ref().map(|key| key.expose_secret());
                ("key", inline.unwrap_or_default().as_bytes())
            }
        };
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            let locked = pem.windows(9).any(|word| word == b"ENCRYPTED");
            if locked {
                format!(
                    "`{name}` holds a key that is locked with a password; allowed: one that is not"
                )
            } else {
                format!("`{name}` holds no private key in PEM")
            }
        })?;
        Ok(Identity { chain, key })
    }
}

/// At least one.
fn certificates(key: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(format!("`{key}` holds no certificate in PEM")),
    }
}

fn callers(
    written: &TlsServer,
    files: &Files,
    own: &CertificateDer<'static>,
    mandatory: bool,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<Callers>>, String> {
    let policy = written.client_auth();
    if policy == crate::config::web_file::ClientAuth::NoClientCert {
        return Ok(None);
    }
    let (name, pem) = match (&written.client_ca_file, &written.client_ca) {
        (Some(path), _) => ("client_ca_file", Some(files.named("client_ca_file", path)?)),
        (_, inline) => ("client_ca", inline.as_ref().map(|text| text.as_bytes())),
    };
    let listed = pem.map(|pem| certificates(name, pem)).transpose()?;
    let listed = listed.unwrap_or_default();
    let mut roots = RootCertStore::empty();
    for certificate in &listed {
        let unusable = |error| format!("`{name}` holds a certificate that cannot be used: {error}");
        roots.add(certificate.clone()).map_err(unusable)?;
    }
    let authorities = (!listed.is_empty()).then(|| {
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build()
    });
    let authorities = authorities
        .transpose()
        .map_err(|error| format!("`{name}` cannot be used: {error}"))?;
    Ok(Some(Arc::new(Callers {
        policy,
        authorities,
        listed,
        own: own.clone(),
        names: written.client_allowed_sans.clone(),
        mandatory,
        algorithms: provider.signature_verification_algorithms,
    })))
}

fn made_of(file: &WebFile, files: &Files) -> Result<Digest, String> {
    let written = &file.tls_server_config;
    let mut context = Context::new(&SHA256);
    // Secrets do not show in it; they are added.
    context.update(format!("{written:?} {}", file.http_server_config.http2).as_bytes());
    let inline = written.key.as_ref().map(|key| key.expose_secret());
    context.update(inline.unwrap_or_default().as_bytes());
    for (key, path) in [
        ("cert_file", &written.cert_file),
        ("key_file", &written.key_file),
        ("client_ca_file", &written.client_ca_file),
    ] {
        if let Some(path) = path {
            let bytes = files.named(key, path)?;
            context.update(&(bytes.len() as u64).to_le_bytes());
            context.update(bytes);
        }
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(context.finish().as_ref());
    Ok(digest)
}

static BOTH: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];

fn versions(written: &TlsServer) -> &'static [&'static SupportedProtocolVersion] {
    match (written.min_version, written.max_version) {
        (TlsVersion::Tls13, _) => &BOTH[..1],
        (_, TlsVersion::Tls13) => &BOTH,
        _ => &BOTH[1..],
    }
}

fn provider(written: &TlsServer) -> CryptoProvider {
    let mut provider = default_provider();
    if !written.cipher_suites.is_empty() {
        let suites = provider.cipher_suites.iter();
        let tls13 = suites.filter(|suite| suite.tls13().is_some()).copied();
        let listed = written
            .cipher_suites
            .iter()
            .filter_map(|suite| offered(*suite));
        provider.cipher_suites = tls13.chain(listed).collect();
    }
    if !written.curve_preferences.is_empty() {
        let groups = written.curve_preferences.iter();
        provider.kx_groups = groups.map(|curve| group(*curve)).collect();
    }
    provider
}

fn offered(suite: Cipher) -> Option<SupportedCipherSuite> {
    use cipher_suite as known;
    Some(match suite {
        Cipher::EcdheEcdsaAes128Gcm => known::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        Cipher::EcdheEcdsaAes256Gcm => known::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        Cipher::EcdheEcdsaChacha20 => known::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        Cipher::EcdheRsaAes128Gcm => known::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        Cipher::EcdheRsaAes256Gcm => known::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        Cipher::EcdheRsaChacha20 => known::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        Cipher::Tls13 | Cipher::Obsolete(_) => return None,
    })
}

fn group(curve: Curve) -> &'static dyn SupportedKxGroup {
    match curve {
        Curve::P256 => kx_group::SECP256R1,
        Curve::P384 => kx_group::SECP384R1,
        Curve::P521 => &P521,
        Curve::X25519 => kx_group::X25519,
        Curve::X25519MlKem768 => kx_group::X25519MLKEM768,
    }
}

/// How this program speaks to itself: see `ask`.
pub(super) fn client(file: &WebFile, files: &Files) -> Result<ClientConfig, String> {
    let written = &file.tls_server_config;
    let Identity { chain, key } = Identity::of(written, files)?;
    let provider = Arc::new(provider(written));
    let only = Only {
        certificate: chain[0].clone(),
        algorithms: provider.signature_verification_algorithms,
    };
    let cannot = |error: Error| format!("TLS cannot be spoken so: {error}");
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions(written))
        .map_err(cannot)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(only))
        .with_client_auth_cert(chain, key)
        .map_err(cannot)
}

/// Takes one certificate, whatever it is for, and no other.
#[derive(Debug)]
struct Only {
    certificate: CertificateDer<'static>,
    algorithms: rustls::crypto::WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Only {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
