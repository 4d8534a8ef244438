//! `ca_file`: authorities to trust beside the system's, as a bundle of certificates in PEM.

use super::kind::{Kind, Refused, path};
use super::secret::read_bytes;
use reqwest::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The bundle of all public authorities has a quarter of it.
const LARGEST: u64 = 1024 * 1024;
const ALLOWED: &str = "a readable file of certificates in PEM";

/// Authorities, and the file that they are from.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorities {
    file: PathBuf,
    /// Handed on to whoever needs it, not copied: it may be large, and accounts many.
    pem: Arc<[u8]>,
}

impl Authorities {
    fn read(file: PathBuf) -> Result<Authorities, Refused> {
        let pem = read_bytes(&file, LARGEST)?.as_slice().into();
        Authorities { file, pem }.checked()
    }

    fn checked(self) -> Result<Authorities, Refused> {
        let certificates = self.certificates();
        let flaw = if certificates.is_empty() {
            Some("holds no certificate in PEM")
        } else {
            // What is in a certificate shows once somebody is to be trusted by it.
            let client = reqwest::Client::builder().tls_certs_only(certificates);
            client.build().err().map(|_| "holds a damaged certificate")
        };
        match flaw {
            None => Ok(self),
            Some(flaw) => {
                let shown = self.file.display();
                Err(Refused::because(format!("names `{shown}`, which {flaw}")))
            }
        }
    }

    /// What the file holds now; `None` if that is the same.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read_again(&self) -> Result<Option<Authorities>, String> {
        let pem = read_bytes(&self.file, LARGEST).map_err(Refused::words)?;
        if **pem == *self.pem {
            return Ok(None);
        }
        let (file, pem) = (self.file.clone(), pem.as_slice().into());
        let now = Authorities { file, pem }.checked();
        now.map(Some).map_err(Refused::words)
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// As they stand in the file.
    pub fn ders(&self) -> Vec<CertificateDer<'static>> {
        let all = CertificateDer::pem_slice_iter(&self.pem);
        all.filter_map(Result::ok).collect()
    }

    /// None of them is damaged.
    pub fn certificates(&self) -> Vec<Certificate> {
        Certificate::from_pem_bundle(&self.pem).unwrap_or_default()
    }
}

impl std::fmt::Debug for Authorities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Authorities").field(&self.file).finish()
    }
}

pub(super) fn kind() -> Kind<Authorities> {
    Kind::new(ALLOWED, |text| Authorities::read(path().parse(text)?))
}
