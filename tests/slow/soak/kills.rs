//! Killed, at any moment and in the middle of a commit; stopped and started.

use super::life::Life;
use super::step::{Shows, Step};
use std::time::{Duration, Instant};

const RESTARTED: Shows = Shows::Later("process_start_time_seconds");

pub fn steps() -> Vec<Step> {
    vec![
        Step::new(
            "killed ten times, at random",
            RESTARTED,
            &["msg=starting"],
            |life| {
                for _ in 0..10 {
                    life.kill();
                    life.spawn(&[]);
                    let lives_ms = life.between(0, 1_200);
                    life.goes_on(Duration::from_millis(lives_ms));
                }
                life.kill();
                life.serve();
                life.is_told();
            },
        ),
        Step::new(
            "killed five times as it commits",
            RESTARTED,
            &["msg=starting"],
            |life| {
                for _ in 0..5 {
                    begins_to_commit(life);
                    let micros = life.between(0, 3_000);
                    std::thread::sleep(Duration::from_micros(micros));
                    life.kill();
                    life.serve();
                }
                life.is_told();
            },
        ),
        Step::new("stopped and started", RESTARTED, &["msg=stopped"], |life| {
            life.stop();
            life.serve();
            life.is_told();
        }),
    ]
}

/// Waits until the write-ahead log is written to.
fn begins_to_commit(life: &Life) {
    let written = || std::fs::metadata(life.database("-wal")).and_then(|it| it.modified());
    let before = written().ok();
    let deadline = Instant::now() + Duration::from_secs(20);
    while written().ok() == before {
        assert!(Instant::now() < deadline, "no commit");
        std::thread::sleep(Duration::from_micros(200));
    }
}
