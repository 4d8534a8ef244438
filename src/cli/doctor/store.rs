//! Whether the database of `storage.url` can be used. A folder is tried by the exporter alone, which holds it for itself.

use super::form::{Line, State};
use crate::chain::chain;
use crate::config::Storage;
use crate::store::{Place, Reached};

const ID: &str = "store";

pub(super) fn line(storage: &Storage) -> Line {
    let Some(url) = &storage.url else {
        let folder = storage.path.display();
        let text = format!("the folder `{folder}`, which only the exporter itself tries");
        return Line::new(ID, State::Skipped, text).found("folder");
    };
    let reached = Place::of(storage).and_then(|place| place.reach());
    let way = if url.is_encrypted() {
        "encrypted, certificate verified"
    } else {
        "not encrypted"
    };
    match reached {
        Ok(reached) => told(&format!("`{url}` ({way})"), &reached.unwrap_or_default()),
        Err(error) => Line::new(ID, State::Failed, chain(&error)),
    }
}

fn told(place: &str, reached: &Reached) -> Line {
    let Reached {
        version,
        has_store,
        may_make,
        replicas,
    } = reached;
    let version = version / 10_000;
    let (state, found, what) = match (has_store, may_make) {
        (true, _) => (
            State::Ok,
            "there",
            match replicas {
                0 => "no exporter counts in it now".to_owned(),
                1 => "an exporter counts in it now".to_owned(),
                more => format!("{more} exporters count in it now"),
            },
        ),
        (false, true) => (
            State::Ok,
            "empty",
            "the first exporter to start makes its tables".to_owned(),
        ),
        (false, false) => (
            State::Failed,
            "not_allowed",
            "there are no tables yet, and this user may not make them; hint: GRANT CREATE ON DATABASE".to_owned(),
        ),
    };
    Line::new(
        ID,
        state,
        format!("PostgreSQL {version} at {place}: {what}"),
    )
    .found(found)
}
