//! `storage`: a folder of this machine's, or a database that several share.

use super::authority::Authorities;
use super::database_url::DatabaseUrl;
use super::field::{Field, listed};
use super::keys::StorageKeys;
use super::secret::Secret;
use super::table::{Makes, Table};
use std::path::PathBuf;

/// Where the state is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// The folder, where there is no `url`.
    pub path: PathBuf,
    pub url: Option<DatabaseUrl>,
    /// Of the database's user.
    pub password: Option<Secret>,
    /// Whom to trust beside the system's authorities when the database shows its certificate.
    pub ca_file: Option<Authorities>,
}

impl Storage {
    /// Where it is, for people.
    pub fn place(&self) -> String {
        match &self.url {
            None => self.path.display().to_string(),
            Some(url) => url.to_string(),
        }
    }
}

impl Makes<Storage> for StorageKeys {
    fn make(field: &Field<'_>) -> Option<Storage> {
        let written = StorageKeys::read(field)?;
        let (path, url) = (field.at("path"), field.at("url"));
        if path.is_written() && url.is_written() {
            let hint = "a folder is for one exporter, a database for several that take turns";
            let allowed = "one of the two";
            field.refuse("has `path` and `url`", allowed, Some(hint.to_owned()));
            return None;
        }
        let passwords = ["password_file", "password"].map(|key| field.at(key));
        if passwords.iter().all(Field::is_written) {
            let allowed = listed(["password_file", "password"]);
            field.refuse("has both passwords", &format!("one of {allowed}"), None);
            return None;
        }
        for (key, secret) in passwords
            .iter()
            .zip([&written.password_file, &written.password])
        {
            if let Some(secret) = secret {
                secret.warn_of_oddities(key);
            }
        }
        let authorities = field.at("ca_file");
        if !url.is_written() {
            for key in passwords.iter().chain([&authorities]) {
                if key.is_written() {
                    let message = format!("{} has no effect without `storage.url`", key.name());
                    key.warning(message, None);
                }
            }
        }
        if let Some(address) = &written.url
            && !address.is_encrypted()
        {
            if !address.is_loopback() {
                let message = format!(
                    "{} is {}: what is stored passes the network unencrypted",
                    url.name(),
                    url.found()
                );
                url.warning(message, Some("leave `sslmode=disable` away"));
            }
            if authorities.is_written() {
                let message = format!("{} has no effect without TLS", authorities.name());
                authorities.warning(message, Some("add `sslmode=verify-full` to `storage.url`"));
            }
        }
        Some(Storage {
            path: written.path,
            url: written.url,
            password: written.password_file.or(written.password),
            ca_file: written.ca_file,
        })
    }
}
