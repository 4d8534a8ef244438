//! Who may ask: TLS, passwords, and how many requests are answered, as the file of `--web.config.file` says it.
//!
//! Invariant: a file that is damaged after a good one changes nothing, so nobody is let in whom the last good one would
//! not let in. The file, and those it names, are looked at before each handshake and each request, so a new certificate
//! or password holds at once, and a connection begun under old TLS settings ends.
//! Not here: reading the file's text (`config::web_file`), and connections (`web::server`), which asks [`Gate::tls`].

mod ask;
mod bucket;
mod callers;
mod curve;
mod files;
mod guard;
mod passwords;
mod san;
mod standing;
mod tls;
mod told;

pub use ask::Ask;
pub(super) use guard::guarded;
pub(super) use tls::{Shown, Tls};

use crate::config::web_file::{self, RateLimit, WebFile};
use crate::config::{Problem, as_written};
use crate::metrics::Own;
use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bucket::Bucket;
use files::{Digest, Files};
use passwords::{Passwords, Users};
use standing::Standing;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A disk that takes longer to say whether the files changed has the last good ones stand.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no gate.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error(transparent)]
    Invalid(#[from] crate::config::Invalid),
    #[error("`{}` cannot be used: {message}", file.display())]
    Unusable { file: PathBuf, message: String },
}

/// Stands before the router. Without a file it lets everybody pass.
pub struct Gate {
    file: Option<PathBuf>,
    /// Whether health is answered to everybody.
    open_health: bool,
    rules: ArcSwap<Rules>,
    /// What was looked at last, good or bad.
    pub(super) seen: Mutex<Option<Digest>>,
    standing: Standing,
    passwords: Passwords,
}

/// What one state of the files says.
pub(super) struct Rules {
    tls: Option<Arc<Tls>>,
    users: Users,
    headers: HeaderMap,
    limit: Option<Limit>,
    /// Says that whoever asks for health has read the file.
    health: String,
    warnings: Vec<Problem>,
}

struct Limit {
    settings: (Duration, u32),
    bucket: Arc<Bucket>,
}

impl Gate {
    /// Lets everybody pass.
    pub fn open() -> Arc<Gate> {
        Arc::new(Gate {
            file: None,
            open_health: false,
            rules: ArcSwap::from_pointee(Rules::none()),
            seen: Mutex::default(),
            standing: Standing::default(),
            passwords: Passwords::new(),
        })
    }

    /// As the file says, if there is one.
    ///
    /// # Errors
    /// The file, or one that it names, cannot be used.
    pub fn load(file: Option<&Path>, open_health: bool) -> Result<Arc<Gate>, GateError> {
        let Some(path) = file else {
            return Ok(Gate::open());
        };
        let files = Files::read(path);
        let rules = Rules::new(path, &files, open_health, None)?;
        Ok(Arc::new(Gate {
            file: Some(path.to_owned()),
            open_health,
            rules: ArcSwap::from_pointee(rules),
            seen: Mutex::new(Some(files.digest())),
            standing: Standing::default(),
            passwords: Passwords::new(),
        }))
    }

    /// What is probably not meant.
    pub fn warnings(&self) -> Vec<Problem> {
        self.rules.load().warnings.clone()
    }

    /// From now on the metrics say whether the files, as they are, are in force.
    pub fn tells(&self, own: Arc<Own>) {
        self.standing.told_to(own);
    }

    /// Looks at the files now, rather than when somebody asks next; why they are not in force, if they are not.
    pub async fn looked_at(self: &Arc<Gate>) -> Option<String> {
        self.refreshed().await;
        self.trouble()
    }

    /// Why the files, as they were at the last look, are not in force; `None` where they are.
    pub fn trouble(&self) -> Option<String> {
        self.standing.trouble()
    }

    /// TLS as it is to be spoken from now on; `None` for none.
    pub(super) async fn tls(self: &Arc<Gate>) -> Option<Arc<Tls>> {
        self.refreshed().await.tls.clone()
    }

    /// The rules of the files as they are now.
    pub(super) async fn refreshed(self: &Arc<Gate>) -> Arc<Rules> {
        if self.file.is_some() {
            let gate = Arc::clone(self);
            // A task, so that whoever gives up leaves no look half done.
            let look = tokio::spawn(async move { gate.look().await });
            let looked = tokio::time::timeout(PATIENCE, look).await;
            if !matches!(looked, Ok(Ok(Some(())))) {
                self.standing.is_unanswered(&format!(
                    "it could not be read within {}; hint: is its disk there?",
                    as_written(PATIENCE)
                ));
            }
        }
        self.rules.load_full()
    }

    /// `None` where that could not be done.
    async fn look(self: Arc<Gate>) -> Option<()> {
        let path = self.file.clone()?;
        // Whoever waits for a disk that hangs gives up, so that those who ask meanwhile do not pile up.
        let mut seen = tokio::time::timeout(PATIENCE, self.seen.lock())
            .await
            .ok()?;
        let read = tokio::task::spawn_blocking(move || (Files::read(&path), path)).await;
        let (files, path) = read.ok()?;
        let digest = files.digest();
        if seen.as_ref() == Some(&digest) {
            self.standing.is_as_before();
            return Some(());
        }
        *seen = Some(digest);
        let before = self.rules.load_full();
        match Rules::new(&path, &files, self.open_health, Some(&before)) {
            Ok(rules) => {
                for warning in &rules.warnings {
                    tracing::warn!("{}", warning.in_a_line());
                }
                let ended = before.tls.as_ref().filter(|old| {
                    let kept = rules.tls.as_ref();
                    kept.is_none_or(|new| !Arc::ptr_eq(old, new))
                });
                if let Some(old) = ended {
                    old.end();
                }
                self.rules.store(Arc::new(rules));
                self.standing.is_in_force(&path);
            }
            Err(error) => self.standing.is_unusable(&error.to_string()),
        }
        Some(())
    }
}

impl Rules {
    fn none() -> Rules {
        Rules {
            tls: None,
            users: Users::new(),
            headers: HeaderMap::new(),
            limit: None,
            health: String::new(),
            warnings: Vec::new(),
        }
    }

    /// What did not change is taken over from the rules before: connections go on, and the bucket stays as full as it is.
    fn new(
        path: &Path,
        files: &Files,
        open_health: bool,
        before: Option<&Rules>,
    ) -> Result<Rules, GateError> {
        let unusable = |message: String| GateError::Unusable {
            file: path.to_owned(),
            message,
        };
        let text = files.text().map_err(unusable)?;
        let (file, mut warnings) = web_file::parse(path, text)?;
        let before_tls = before.and_then(|before| before.tls.as_ref());
        let tls = Tls::new(&file, files, open_health, before_tls).map_err(unusable)?;
        warnings.extend(tls.as_ref().and_then(|tls| told::of_certificate(tls.own())));
        let before_limit = before.and_then(|before| before.limit.as_ref());
        Ok(Rules {
            tls,
            headers: headers(&file),
            limit: limit(&file.rate_limit, before_limit),
            health: ask::word(files),
            users: file.basic_auth_users,
            warnings,
        })
    }
}

fn headers(file: &WebFile) -> HeaderMap {
    let headers = file.http_server_config.headers.iter();
    let pair = |(name, value): &(&'static str, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    headers.filter_map(pair).collect()
}

fn limit(written: &RateLimit, before: Option<&Limit>) -> Option<Limit> {
    let settings = (written.interval, written.burst);
    let bucket = before.filter(|before| before.settings == settings);
    (!written.interval.is_zero()).then(|| Limit {
        settings,
        bucket: bucket.map_or_else(
            || Arc::new(Bucket::new(written.interval, written.burst)),
            |before| Arc::clone(&before.bucket),
        ),
    })
}
