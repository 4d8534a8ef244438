//! Which certificates of clients are taken: Go's five ways, and the names that they must have.

use super::san;
use crate::config::web_file::ClientAuth;
use jiff::Timestamp;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Callers {
    pub policy: ClientAuth,
    /// Those who sign clients' certificates; `None` where there are none.
    pub authorities: Option<Arc<dyn ClientCertVerifier>>,
    /// The same, as certificates: one of them is taken as a client's, too, as Go does.
    pub listed: Vec<CertificateDer<'static>>,
    /// This server's: whoever has its key is of the house. See `ask`.
    pub own: CertificateDer<'static>,
    pub names: Option<Vec<String>>,
    /// Whether the handshake fails without one; else each request is judged.
    pub mandatory: bool,
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl Callers {
    fn is_signed(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        if self.listed.contains(certificate) {
            return holds(certificate, now);
        }
        match &self.authorities {
            Some(authorities) => authorities
                .verify_client_cert(certificate, intermediates, now)
                .map(|_| ()),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

fn holds(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let now = i64::try_from(now.as_secs()).ok();
    let now = now.and_then(|now| Timestamp::from_second(now).ok());
    let now = now.map(|now| now.strftime("%Y%m%d%H%M%SZ").to_string());
    match (san::validity(certificate), now) {
        (Some((_, last)), Some(now)) if now > last => Err(CertificateError::Expired.into()),
        (Some((first, _)), Some(now)) if now < first => Err(CertificateError::NotValidYet.into()),
        (Some(_), Some(_)) => Ok(()),
        _ => Err(CertificateError::BadEncoding.into()),
    }
}

impl ClientCertVerifier for Callers {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Without hints a client sends what it has, this program's own certificate too.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.own {
            return Ok(ClientCertVerified::assertion());
        }
        if self.policy.is_verified() {
            self.is_signed(end_entity, intermediates, now)?;
        }
        match &self.names {
            Some(names) if !san::has_one_of(end_entity, names) => {
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ClientCertVerified::assertion()),
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
