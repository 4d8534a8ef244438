//! Where a store is that is kept in a test's database: for tests and benches.

use super::postgres::Database;
use smartassist_exporter::config::{self, Flags};
use smartassist_exporter::store::Place;

/// Where a store is that is kept in this database.
#[allow(unreachable_pub, reason = "tests re-export it")]
pub fn place_of(database: &Database) -> Place {
    let environment = |name: &str| match name {
        "SMARTASSIST_STORAGE_URL" => Some(database.url().into()),
        "SMARTASSIST_STORAGE_PASSWORD" => Some(database.password().into()),
        "SMARTASSIST_URL" => Some("http://127.0.0.1:9".into()),
        _ if name.starts_with("SMARTASSIST_") && !name.ends_with("_FILE") => Some("x".into()),
        _ => None,
    };
    let flags = Flags {
        file: None,
        listen_address: None,
    };
    let (config, _) = config::load(&flags, environment).unwrap();
    Place::of(&config.storage).unwrap()
}
