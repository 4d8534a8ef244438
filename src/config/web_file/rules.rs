//! What must hold between keys, and what is allowed but probably not meant.

use super::super::field::{Field, listed};
use super::super::table::Held;
use super::{Cipher, ClientAuth, RateLimit, TlsServer, TlsVersion, WebFile};
use secrecy::ExposeSecret;

impl Held for TlsServer {
    fn hold(&mut self, field: &Field<'_>) {
        let tls = self;
        tls.cert.take_if(|text| text.is_empty());
        tls.client_ca.take_if(|text| text.is_empty());
        tls.key.take_if(|text| text.expose_secret().is_empty());
        for file in [
            &mut tls.cert_file,
            &mut tls.key_file,
            &mut tls.client_ca_file,
        ] {
            file.take_if(|path| path.as_os_str().is_empty());
        }
        if !tls.is_enabled() {
            return;
        }
        for (name, inline, file) in [
            ("cert", tls.cert.is_some(), tls.cert_file.is_some()),
            ("key", tls.key.is_some(), tls.key_file.is_some()),
        ] {
            if !inline && !file {
                let message = format!(
                    "missing one of `{name}` and `{name}_file` in {}",
                    field.name()
                );
                field.error(message, None);
            }
        }
        for (name, inline, file) in [
            ("cert", tls.cert.is_some(), tls.cert_file.is_some()),
            ("key", tls.key.is_some(), tls.key_file.is_some()),
            (
                "client_ca",
                tls.client_ca.is_some(),
                tls.client_ca_file.is_some(),
            ),
        ] {
            if inline && file {
                let message =
                    format!("`{name}` and `{name}_file` are both there; allowed: one of them");
                field.at(name).error(message, None);
            }
        }
        tls.hold_clients(field);
        tls.hold_versions(field);
    }
}

impl TlsServer {
    fn hold_clients(&self, field: &Field<'_>) {
        let policy = self.client_auth();
        let authorities = self.client_ca.is_some() || self.client_ca_file.is_some();
        let kind = field.at("client_auth_type");
        if authorities && policy == ClientAuth::NoClientCert {
            let message = "client CAs are configured without a `client_auth_type`: nobody would be asked for a certificate";
            let hint =
                "`client_auth_type: RequireAndVerifyClientCert` lets in only whom they signed";
            field.error(message.to_owned(), Some(hint.to_owned()));
        }
        if !authorities && policy == ClientAuth::RequireAndVerifyClientCert {
            let message = "`RequireAndVerifyClientCert` without client CAs would let nobody in";
            let hint = "name the certificate of who signs your clients' in `client_ca_file`";
            kind.error(message.to_owned(), Some(hint.to_owned()));
        }
        if !authorities && policy == ClientAuth::VerifyClientCertIfGiven {
            let message = "`VerifyClientCertIfGiven` without client CAs: a client that shows a certificate is refused, one without comes in";
            kind.warning(
                message.to_owned(),
                Some("name CAs in `client_ca_file`, or leave it out"),
            );
        }
        if self.client_allowed_sans.is_some() && !policy.is_required() {
            let allowed =
                "`RequireAnyClientCert` or `RequireAndVerifyClientCert` as `client_auth_type`";
            let message = format!(
                "`client_allowed_sans` has no effect where clients may come without a certificate; allowed with it: {allowed}"
            );
            field.at("client_allowed_sans").error(message, None);
        }
    }

    fn hold_versions(&self, field: &Field<'_>) {
        let (least, most) = (field.at("min_version"), field.at("max_version"));
        if self.max_version < TlsVersion::Tls12 {
            most.refuse(&format!("is {}", most.found()), "`TLS12`, `TLS13`", None);
        } else if self.min_version > self.max_version {
            let message = "`min_version` is above `max_version`: no version is left";
            least.error(message.to_owned(), None);
        } else if self.min_version < TlsVersion::Tls12 {
            let message = format!(
                "{} is {}, which nobody should speak: TLS 1.2 is the lowest that is offered",
                least.name(),
                least.found()
            );
            least.warning(message, Some("`TLS12`"));
        }
        let suites = field.at("cipher_suites");
        let obsolete: Vec<&str> = self
            .cipher_suites
            .iter()
            .filter_map(|suite| match suite {
                Cipher::Obsolete(name) => Some(*name),
                _ => None,
            })
            .collect();
        if self.max_version == TlsVersion::Tls12 && self.has_no_suite_of_tls12() {
            let allowed =
                "at least one with `ECDHE` and `GCM` or `CHACHA20`, or `max_version: TLS13`";
            suites.refuse("leaves nothing to offer", allowed, None);
        } else if !obsolete.is_empty() {
            let message = format!(
                "of `cipher_suites` these are obsolete and not offered: {}",
                listed(obsolete)
            );
            suites.warning(message, None);
        }
    }

    fn has_no_suite_of_tls12(&self) -> bool {
        !self.cipher_suites.is_empty()
            && self
                .cipher_suites
                .iter()
                .all(|suite| matches!(suite, Cipher::Tls13 | Cipher::Obsolete(_)))
    }
}

impl Held for WebFile {
    /// HTTP/2 demands a cipher suite (RFC 9113, 9.2.2).
    fn hold(&mut self, field: &Field<'_>) {
        let tls = &self.tls_server_config;
        let asked = tls.is_enabled() && self.http_server_config.http2;
        let demanded = [Cipher::EcdheRsaAes128Gcm, Cipher::EcdheEcdsaAes128Gcm];
        let has = tls
            .cipher_suites
            .iter()
            .any(|suite| demanded.contains(suite));
        if asked && !tls.cipher_suites.is_empty() && tls.min_version < TlsVersion::Tls13 && !has {
            let message = "`tls_server_config.cipher_suites` lacks what HTTP/2 requires, `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` or `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`";
            let hint = "add one, or switch HTTP/2 off with `http_server_config: {http2: false}`";
            field
                .at("tls_server_config.cipher_suites")
                .error(message.to_owned(), Some(hint.to_owned()));
        }
    }
}

impl Held for RateLimit {
    fn hold(&mut self, field: &Field<'_>) {
        if !self.interval.is_zero() && self.burst == 0 {
            let burst = field.at("burst");
            burst.refuse(
                "is 0, with which no request would ever be answered",
                "a whole number, at least 1",
                None,
            );
        }
    }
}
