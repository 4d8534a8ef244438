//! By whom a collector is known, and what is shown to it: the files that the environment names.

use super::environment::{Given, Settings, Unusable};
use reqwest::{Certificate, ClientBuilder, Identity};
use secrecy::zeroize::Zeroizing;
use std::fs::File;
use std::io::Read;

/// The bundle of all public authorities has a quarter of it.
const LARGEST: u64 = 1024 * 1024;

/// With the authorities alone that are named, where some are; and with our own certificate, where there is one.
pub(super) fn with(settings: &Settings, builder: ClientBuilder) -> Result<ClientBuilder, Unusable> {
    if settings.endpoint.scheme() == "http" {
        // Without TLS there is no need for the system's certificates, which a small container may lack.
        return Ok(builder.tls_certs_only([]));
    }
    let mut builder = builder;
    if let Some((variable, pem)) = read(&settings.certificate)? {
        let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(holds_no(variable, "certificate"));
        }
        // What is in them shows once somebody is to be trusted by them.
        let trusting = reqwest::Client::builder().tls_certs_only(certificates.clone());
        trusting
            .build()
            .map_err(|_| holds_no(variable, "sound certificate"))?;
        builder = builder.tls_certs_only(certificates);
    }
    let own = (
        read(&settings.client_certificate)?,
        read(&settings.client_key)?,
    );
    if let (Some((variable, certificate)), Some((_, key))) = own {
        let both = Zeroizing::new([&certificate[..], b"\n", &key[..]].concat());
        let what = "client certificate, or the key does not belong to it";
        let identity = Identity::from_pem(&both).map_err(|_| holds_no(variable, what))?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

type Named = Option<(&'static str, Zeroizing<Vec<u8>>)>;

fn read(given: &Given) -> Result<Named, Unusable> {
    let Some((variable, path)) = given else {
        return Ok(None);
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST as usize));
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|source| Unusable::File { variable, source })?;
    Ok(Some((variable, bytes)))
}

fn holds_no(variable: &'static str, what: &'static str) -> Unusable {
    Unusable::Content { variable, what }
}
