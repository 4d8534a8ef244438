//! Looking again and again, until what is looked for is there.

use std::thread::sleep;
use std::time::{Duration, Instant};

const LEAST: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_secs(1);

/// Looks until it succeeds; how the last look failed is the error once the time is up.
///
/// To read a large page and to compare it takes long. So there are pauses, three times as long as a look, that leave the
/// machine to the processes that are waited for.
pub fn until<T, E>(within: Duration, mut look: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let deadline = Instant::now() + within;
    loop {
        let began = Instant::now();
        let failed = match look() {
            Ok(found) => return Ok(found),
            Err(failed) => failed,
        };
        if Instant::now() > deadline {
            return Err(failed);
        }
        sleep((began.elapsed() * 3).clamp(LEAST, MOST));
    }
}
