//! Keys that a running process cannot follow: what they name is held open from the start to the end.

use super::keys::Config;

/// A key that says something else by now than what the process runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    pub key: &'static str,
    pub runs_with: String,
    pub says: String,
}

impl Config {
    /// What of `wanted` needs a restart; taken back to what this process runs with.
    pub fn hold_fixed(&self, wanted: &mut Config) -> Vec<Fixed> {
        let mut fixed = Vec::new();
        let mut note = |key, runs_with: String, says: String| {
            if runs_with != says {
                fixed.push(Fixed {
                    key,
                    runs_with,
                    says,
                });
            }
        };
        let path = |config: &Config| config.storage.path.display().to_string();
        note("storage.path", path(self), path(wanted));
        let url = |config: &Config| match &config.storage.url {
            Some(url) => url.to_string(),
            None => "nothing".to_owned(),
        };
        note("storage.url", url(self), url(wanted));
        if self.storage.password != wanted.storage.password {
            let [runs_with, says] = ["the one from its start", "another"].map(str::to_owned);
            note("storage.password", runs_with, says);
        }
        let authorities = |config: &Config| match &config.storage.ca_file {
            Some(authorities) => authorities.file().display().to_string(),
            None => "nothing".to_owned(),
        };
        note("storage.ca_file", authorities(self), authorities(wanted));
        let address = |config: &Config| config.web.listen_address.to_string();
        note("web.listen_address", address(self), address(wanted));
        wanted.storage = self.storage.clone();
        wanted.web = self.web.clone();
        fixed
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Flags, load};
    use std::net::SocketAddr;

    fn config(storage: &str, address: SocketAddr) -> Config {
        let flags = Flags {
            file: None,
            listen_address: Some(address),
        };
        let environment = |name: &str| match name {
            "SMARTASSIST_URL" => Some("https://x".into()),
            "SMARTASSIST_STORAGE_URL" if storage.is_empty() => {
                Some("postgres://u@localhost".into())
            }
            _ if name.contains("STORAGE") || name.ends_with("_FILE") => None,
            _ if name.starts_with("SMARTASSIST_") => Some("x".into()),
            _ => None,
        };
        let (mut config, _) = load(&flags, environment).unwrap();
        config.storage.path = storage.into();
        config
    }

    #[test]
    fn what_needs_a_restart_is_told_and_taken_back_and_nothing_else() {
        let (here, there) = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
        let running = config("a", here);
        let mut wanted = config("b", there);
        wanted.metrics.per_agent = true;
        let told: Vec<_> = running
            .hold_fixed(&mut wanted)
            .iter()
            .map(|it| it.key)
            .collect();
        assert_eq!(told, ["storage.path", "web.listen_address"]);
        assert_ne!(wanted, running);
        wanted.metrics.per_agent = false;
        assert_eq!(wanted, running);
        assert_eq!(running.hold_fixed(&mut wanted), []);
    }

    #[test]
    fn another_database_needs_a_restart_and_its_password_is_not_told() {
        let here = ([127, 0, 0, 1], 1).into();
        let running = config("", here);
        let mut wanted = config("", here);
        wanted.storage.url = None;
        wanted.storage.password = Some("squeamish-ossifrage".into());
        let told = running.hold_fixed(&mut wanted);
        let keys: Vec<_> = told.iter().map(|it| it.key).collect();
        assert_eq!(keys, ["storage.url", "storage.password"]);
        assert_eq!(told[0].runs_with, "postgres://u@localhost");
        assert!(!format!("{told:?}").contains("ossifrage"));
        assert_eq!(wanted, running);
    }
}
