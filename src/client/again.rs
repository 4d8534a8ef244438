//! What is from a file and is read again when it is needed: what it held last holds on until it holds something better.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A disk that does not answer is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something made of a file.
pub(super) struct Again<T> {
    account: String,
    /// The key that names the file.
    key: &'static str,
    read: Arc<Read<T>>,
    state: Mutex<State<T>>,
    patience: Duration,
    /// It changes so often that it is no news.
    often: bool,
    /// A look that hangs is not followed by another.
    looking: Arc<AtomicBool>,
}

/// Makes it of what the file holds now; `None` where that is as it was. What is wrong is said without what was found.
type Read<T> = dyn Fn(&T) -> Result<Option<T>, String> + Send + Sync;

struct State<T> {
    value: Arc<T>,
    looked: Instant,
    /// It was told that the file can't be used.
    troubled: bool,
}

impl<T: Send + Sync + 'static> Again<T> {
    pub(super) fn new(
        account: &str,
        key: &'static str,
        value: T,
        read: impl Fn(&T) -> Result<Option<T>, String> + Send + Sync + 'static,
    ) -> Again<T> {
        Again {
            account: account.to_owned(),
            key,
            read: Arc::new(read),
            state: Mutex::new(State {
                value: Arc::new(value),
                looked: Instant::now(),
                troubled: false,
            }),
            patience: PATIENCE,
            often: false,
            looking: Arc::default(),
        }
    }

    /// It is another one every few minutes, as a matter of course.
    pub(super) fn often(self) -> Again<T> {
        Again {
            often: true,
            ..self
        }
    }

    /// As it is known.
    pub(super) fn get(&self) -> Arc<T> {
        Arc::clone(&self.state().value)
    }

    /// It is this from now on.
    pub(super) fn put(&self, value: T) {
        self.state().value = Arc::new(value);
    }

    /// Looks again, if the last look is so long ago.
    pub(super) async fn look_after(&self, pause: Duration) -> bool {
        let due = self.state().looked.elapsed() >= pause;
        due && self.look().await
    }

    /// Looks whether the file holds something else; true if it is something else from now on.
    pub(super) async fn look(&self) -> bool {
        if self.looking.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.state().looked = Instant::now();
        let (read, value, looking) = (
            Arc::clone(&self.read),
            self.get(),
            Arc::clone(&self.looking),
        );
        let reading = tokio::task::spawn_blocking(move || {
            let found = read(&value);
            looking.store(false, Ordering::Release);
            found
        });
        let found = match tokio::time::timeout(self.patience, reading).await {
            Ok(Ok(found)) => found,
            Ok(Err(ended)) => {
                self.looking.store(false, Ordering::Release);
                Err(ended.to_string())
            }
            Err(_) => Err("names a file on a disk that does not answer".to_owned()),
        };
        self.take(found)
    }

    fn take(&self, found: Result<Option<T>, String>) -> bool {
        let (account, key) = (&self.account, self.key);
        let mut state = self.state();
        let before = std::mem::replace(&mut state.troubled, found.is_err());
        match found {
            Ok(None) => {
                if before {
                    tracing::info!(
                        account,
                        key,
                        "the file can be used again, and holds what it held"
                    );
                }
                false
            }
            Ok(Some(value)) => {
                state.value = Arc::new(value);
                const NEWS: &str = "the file holds something else: used from now on";
                if self.often {
                    tracing::debug!(account, key, "{NEWS}");
                } else {
                    tracing::info!(account, key, "{NEWS}");
                }
                true
            }
            Err(error) => {
                if !before {
                    tracing::warn!(
                        account,
                        key,
                        error,
                        "the file can't be used: what it held before is used on"
                    );
                }
                false
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(holds: &Arc<Mutex<Result<u32, String>>>) -> Again<u32> {
        let holds = Arc::clone(holds);
        Again::new("acme", "x_file", 1, move |before| {
            let now = holds.lock().unwrap().clone()?;
            Ok((now != *before).then_some(now))
        })
    }

    #[tokio::test]
    async fn what_held_last_holds_on_until_the_file_holds_something_better() {
        let file = Arc::new(Mutex::new(Ok(1)));
        let again = of(&file);
        let holds = |now: Result<u32, &str>| *file.lock().unwrap() = now.map_err(str::to_owned);
        assert!(!again.look().await);
        holds(Err("is gone"));
        assert!(!again.look().await && again.state().troubled);
        assert_eq!(*again.get(), 1);
        holds(Ok(2));
        assert!(again.look().await && !again.state().troubled);
        assert_eq!(*again.get(), 2);
        assert!(!again.look().await);
        holds(Ok(3));
        assert!(!again.look_after(Duration::from_mins(1)).await);
        assert!(again.look_after(Duration::ZERO).await);
    }

    #[tokio::test]
    async fn a_disk_that_hangs_is_waited_for_once() {
        let (hang, hung) = std::sync::mpsc::channel::<()>();
        let hung = Mutex::new(hung);
        let mut again = Again::new("acme", "x_file", 1, move |_| {
            hung.lock().unwrap().recv().ok();
            Ok(Some(2))
        });
        again.patience = Duration::from_millis(5);
        assert!(!again.look().await && again.state().troubled);
        again.patience = Duration::from_hours(1);
        assert!(
            !again.look().await,
            "it hangs still, and is not asked again"
        );
        assert_eq!(*again.get(), 1);
        drop(hang);
    }
}
