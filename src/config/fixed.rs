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
        let address = |config: &Config| config.web.listen_address.to_string();
        note("web.listen_address", address(self), address(wanted));
        wanted.storage = self.storage.clone();
        wanted.web = self.web.clone();
        fixed
    }
}
