//! The faces over HTTP: `/`, `/wall`, `/abandoned`, `/runbooks`, `/metrics`, `/-/healthy`, `/-/ready`, `/-/reload`, `/-/log-level`,
//! and the manual and boards that the page at `/` links to.
//!
//! Invariant: a scrape renders no business metric and waits for nothing; it gets what was made at publication.
//! Not here: polling, and opinions on the vendor's health. Called by `serve`, which implements
//! [`Source`] and hands it in.

mod abandoned;
mod accept;
mod gate;
mod html;
mod landing;
mod lifecycle;
mod router;
mod runbooks;
mod scrape;
mod server;
mod shelf;
mod status;
#[cfg(test)]
mod tests;
mod wall;

pub use abandoned::Listed;
pub use gate::{Ask, Gate, GateError};
pub use lifecycle::{Lifecycle, Reloaded, Reloading};
pub use router::router;
pub use server::{BindError, bind, serve};
pub use status::{AccountStatus, ready};
pub use wall::{Figure, Wall, WallAccount, WallNumbers, WallQueue, WallWindow};

use crate::metrics::{Encoding, Scrape};
use std::sync::Arc;

/// What is served. Asked anew for every request, so each answer must be at hand.
pub trait Source: Send + Sync + 'static {
    /// The page as last published.
    fn metrics(&self, encoding: Encoding) -> Scrape;
    /// Every configured account that is counted here, in the order of the configuration.
    fn accounts(&self) -> Vec<AccountStatus>;
    /// Configured accounts that another process counts; each with what that one calls itself, if there is one.
    fn elsewhere(&self) -> Vec<(Arc<str>, Option<Arc<str>>)> {
        Vec::new()
    }
    /// What the page for the wall shows.
    fn wall(&self) -> Wall;
    /// The accounts that are counted here, with their abandoned conversations where they are asked for.
    fn abandoned(&self) -> Vec<Listed> {
        Vec::new()
    }
    /// What is amiss with the exporter itself, and not with an account.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether the loops are alive; says nothing about the vendor.
    fn healthy(&self) -> bool;
    /// Whether all accounts show what they can.
    ///
    /// # Errors
    /// Who waits for what, a line each.
    fn ready(&self) -> Result<(), String> {
        ready(&self.accounts())
    }
    /// What may be changed from here; `None` where nothing may.
    fn lifecycle(&self) -> Option<&dyn Lifecycle> {
        None
    }
}
