//! Files of the state that are cut, overwritten, emptied or gone, after a kill.

use super::life::Life;
use super::step::{Shows, Step};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

const ANEW: &str = "the store was damaged and is begun anew";
const OLDER: Shows = Shows::Rises("smartassist_exporter_lost_commits", "", "");

pub fn steps() -> Vec<Step> {
    vec![
        is_refused("state: database cut in the middle", |life| {
            cut(&life.database(""), 2);
        }),
        is_refused("state: head of the database overwritten", |life| {
            overwrite(life, "", 0, 1);
        }),
        is_refused("state: pages overwritten", |life| {
            overwrite(life, "", 1, 20);
        }),
        begins_anew("state: database of zero length, no log", |life| {
            life.stop();
            File::create(life.database("")).unwrap();
        }),
        begins_anew("state: database of zero length beside its log", |life| {
            life.kill();
            File::create(life.database("")).unwrap();
        }),
        is_older("state: write-ahead log removed", |life| {
            fs::remove_file(life.database("-wal")).unwrap();
        }),
        is_older("state: write-ahead log of zero length", |life| {
            File::create(life.database("-wal")).unwrap();
        }),
        is_older("state: write-ahead log cut", |life| {
            cut(&life.database("-wal"), 3);
        }),
        is_older("state: write-ahead log overwritten", |life| {
            overwrite(life, "-wal", 0, 2);
        }),
    ]
}

/// Found at the start, which is refused and says what to do; and that is done.
fn is_refused(name: &str, damage: impl Fn(&mut Life) + 'static) -> Step {
    let line = &["hint: ", "--storage.rebuild", "Counters then begin at 0"];
    Step::new(name, Shows::Nobody, line, move |life| {
        // All is in the database, and no write-ahead log hides what happens to it.
        life.stop();
        damage(life);
        life.is_refused();
        rebuilds(life);
    })
}

/// Told as a loss, and begun anew.
fn begins_anew(name: &str, damage: impl Fn(&mut Life) + 'static) -> Step {
    let shows = Shows::Later("smartassist_exporter_counting_since_timestamp_seconds");
    let line = &[
        "the database is missing or empty",
        "restore the database with its `-wal`",
    ];
    Step::new(name, shows, line, move |life| {
        damage(life);
        life.begins_anew();
        life.serve();
        life.is_told();
    })
}

/// What the log held and the database did not yet is lost. It is whole without, only older: so it is used, and what is
/// missing is read again.
fn is_older(name: &str, damage: impl Fn(&mut Life) + 'static) -> Step {
    let line = &["the database is older than it was", "hint: "];
    Step::new(name, OLDER, line, move |life| {
        // The log begins anew, so that it holds more than the database.
        life.stop();
        life.serve();
        life.polls(2.0);
        life.kill();
        damage(life);
        life.begins_anew();
        life.spawn(&[]);
        life.is_told();
    })
}

fn rebuilds(life: &mut Life) {
    life.begins_anew();
    life.serve_as(&["--storage.rebuild"]);
    let told = life.said();
    let in_a_line = told.lines().find(|line| line.contains(ANEW));
    let kept = in_a_line.is_some_and(|line| {
        [
            "from=",
            "kept=",
            "poll.initial_lookback",
            "in no count any more",
        ]
        .iter()
        .all(|it| line.contains(it))
    });
    assert!(kept, "{told}");
}

fn cut(file: &Path, parts: u64) {
    let length = fs::metadata(file).unwrap().len();
    let file = File::options().write(true).open(file).unwrap();
    file.set_len(length / parts).unwrap();
}

/// Pages with noise in them, from a page on.
fn overwrite(life: &mut Life, ending: &str, from: u64, pages: u64) {
    let file = life.database(ending);
    let there = fs::metadata(&file).unwrap().len() / 4_096;
    let file = File::options().write(true).open(file).unwrap();
    for _ in 0..pages {
        let page = if pages == 1 {
            from
        } else {
            life.between(from, there)
        };
        let noise: Vec<u8> = (0..4_096).map(|_| life.between(0, 256) as u8).collect();
        file.write_all_at(&noise, page * 4_096).unwrap();
    }
}
