//! Where a store is.

use super::engine::Engine;
use super::postgres::{self, Postgres, Server};
use super::sql::Reading;
use super::sqlite::{self, Sqlite};
use super::{FILE, Replica, StoreError, transfer};
use crate::config::Storage;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder with a SQLite file in it.
    Folder(PathBuf),
    /// A database of PostgreSQL's.
    Server(Server),
}

/// What is known of a database that was reached, before anything is stored in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// As PostgreSQL numbers it: 150018 is 15.18.
    pub version: i64,
    pub has_store: bool,
    /// Whether this user may make one.
    pub may_make: bool,
    /// Exporters that count in it now.
    pub replicas: usize,
}

impl Place {
    /// Tries to reach a database, and changes nothing in it; `None` for a folder.
    ///
    /// # Errors
    /// It cannot be reached or used.
    pub fn reach(&self) -> Result<Option<Reached>, StoreError> {
        match self {
            Place::Folder(_) => Ok(None),
            Place::Server(server) => postgres::upkeep::reach(server).map(Some),
        }
    }

    /// # Errors
    /// A thread to reach a database with cannot be had.
    pub fn of(storage: &Storage) -> Result<Place, StoreError> {
        match &storage.url {
            None => Ok(Place::Folder(storage.path.clone())),
            Some(url) => Server::new(url, storage).map(Place::Server),
        }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Engine>, StoreError> {
        match self {
            Place::Folder(folder) => Ok(Box::new(Sqlite::open(folder)?)),
            Place::Server(server) => Ok(Box::new(Postgres::open(server)?)),
        }
    }

    /// To read all of it, as it stands at one instant, while exporters may run on it.
    ///
    /// # Errors
    /// There is no store, it is of another version, or it cannot be read.
    pub(super) fn look(&self) -> Result<Box<dyn Reading>, StoreError> {
        match self {
            Place::Folder(folder) => sqlite::upkeep::look(folder),
            Place::Server(server) => postgres::upkeep::look(server),
        }
    }

    /// Reads what no row tells: whether pages and indexes are sound.
    ///
    /// # Errors
    /// As [`look`](Place::look), or damage.
    pub(super) fn check_pages(&self) -> Result<(), StoreError> {
        match self {
            Place::Folder(folder) => sqlite::upkeep::check_pages(folder),
            // It checks pages itself as it reads them, where it was made with checksums.
            Place::Server(_) => Ok(()),
        }
    }

    /// Bytes that it takes, and who runs on it.
    pub(super) fn size(&self) -> Result<(u64, Vec<Replica>), StoreError> {
        match self {
            Place::Folder(folder) => {
                let (bytes, in_use) = sqlite::upkeep::size(folder);
                Ok((bytes, in_use.then(Replica::default).into_iter().collect()))
            }
            Place::Server(server) => postgres::upkeep::size(server),
        }
    }

    /// Moves all that is stored away, under a name with `mark` in it, which is returned.
    ///
    /// # Errors
    /// An exporter runs on the store, or it cannot be moved.
    pub fn set_aside(&self, mark: &str) -> Result<String, StoreError> {
        match self {
            Place::Folder(folder) => {
                let aside = sqlite::upkeep::set_aside(folder, mark)?;
                Ok(aside.display().to_string())
            }
            Place::Server(server) => postgres::upkeep::set_aside(server, mark),
        }
    }

    /// Writes one whole database to `to`, as it stood at the last commit. Returns its size in bytes.
    ///
    /// # Errors
    /// There is no store, it is of another version; or `to` is there already or cannot be written: then nothing is left of it.
    pub fn backup(&self, to: &Path) -> Result<u64, StoreError> {
        match self {
            Place::Folder(folder) => sqlite::upkeep::backup(folder, to),
            Place::Server(server) => backup(server, to),
        }
    }
}

/// What the database holds as a file of SQLite's, which is made in a folder beside it.
fn backup(server: &Server, to: &Path) -> Result<u64, StoreError> {
    let mut reading = postgres::upkeep::look(server)?;
    if to.exists() {
        return Err(StoreError::Exists { path: to.into() });
    }
    let mut folder = to.as_os_str().to_owned();
    folder.push(".parts");
    let folder = PathBuf::from(folder);
    if folder.exists() {
        return Err(StoreError::Exists { path: folder });
    }
    let made = Sqlite::open(&folder).and_then(|engine| {
        let mut writing = engine.writing()?;
        transfer::copy(&mut *reading, &mut *writing)?;
        writing.commit()
    });
    let bytes = made.and_then(|()| sqlite::upkeep::backup(&folder, to));
    std::fs::remove_dir_all(&folder).ok();
    bytes
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Place {
        Place::Folder(folder.to_owned())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "{}", folder.join(FILE).display()),
            Place::Server(server) => server.fmt(f),
        }
    }
}
