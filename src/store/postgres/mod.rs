//! The shared engine: a PostgreSQL database in which several processes count, each other accounts.
//!
//! Invariants: who counts an account holds a lock of PostgreSQL's on it, which ends with the connection it was taken on; a
//! commit of whoever lost the lock without knowing is refused by its number. Nothing here waits without a limit.
//! Not here: what is stored, and who is to count what.

mod claims;
mod driver;
pub(super) mod error;
mod pool;
mod row;
mod schema;
mod server;
mod session;
pub(super) mod upkeep;
mod write;

pub use claims::{Claims, Picture, Replica};
pub use error::Failure;
pub use server::Server;

use super::StoreError;
use super::engine::Engine;
use super::sql::{Reading, Writing};
use error::doing;
use pool::Pool;
use write::Write;

/// An open database.
#[derive(Debug)]
pub(super) struct Postgres {
    server: Server,
    pool: Pool,
    was_there: bool,
}

impl Postgres {
    /// Connects, and makes what is stored in if it is not there.
    ///
    /// # Errors
    /// The database cannot be reached or used, or was written by another version.
    pub(super) fn open(server: &Server) -> Result<Postgres, StoreError> {
        let pool = Pool::new(server.clone());
        let mut session = pool.take().map_err(doing("open the database"))?;
        let was_there = schema::prepare(&mut session, server)?;
        drop(session);
        Ok(Postgres {
            server: server.clone(),
            pool,
            was_there,
        })
    }
}

impl Engine for Postgres {
    fn reading(&self) -> Result<Box<dyn Reading + '_>, StoreError> {
        let session = self.pool.take();
        Ok(Box::new(session.map_err(doing("read the database"))?))
    }

    fn looking(&self) -> Result<Box<dyn Reading>, StoreError> {
        upkeep::look(&self.server)
    }

    fn writing(&self) -> Result<Box<dyn Writing + '_>, StoreError> {
        let session = self.pool.take().map_err(doing("write to the database"))?;
        Ok(Box::new(Write::begin(session)?))
    }

    fn claims(&self) -> Option<Claims> {
        Some(Claims::new(self.server.clone()))
    }

    fn was_there(&self) -> bool {
        self.was_there
    }

    fn place(&self) -> String {
        self.server.to_string()
    }
}
