//! Where lines go: to the standard output, or to the end of a file.

use crate::config::Output;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Who reads a log on behalf of others is in its group.
const MODE: u32 = 0o640;
/// How far back lines are looked for that may stand in the file already.
const LOOK_BACK: u64 = 4 << 20;
/// How each of ours begins.
const OURS: &[u8] = br#"{"time":""#;

pub(super) enum Lines {
    Stdout,
    File(Appended),
}

/// A file that others may rotate away.
pub(super) struct Appended {
    path: PathBuf,
    file: Option<File>,
    /// Whether its end may hold some of the next lines already, or a part of one: at the start, after an attempt that failed.
    in_doubt: bool,
}

impl Lines {
    pub(super) fn to(output: &Output) -> Lines {
        match output {
            Output::Stdout => Lines::Stdout,
            Output::File(path) => Lines::File(Appended {
                path: path.clone(),
                file: None,
                in_doubt: true,
            }),
        }
    }

    /// Appends lines, some of which may be there already where that is `in_doubt`; once it returns, those of a file outlive
    /// a loss of power. How many were not there.
    ///
    /// # Errors
    /// Some may be written, and others not.
    pub(super) fn append(&mut self, lines: &[String], in_doubt: bool) -> io::Result<u64> {
        match self {
            Lines::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(&joined(lines.iter()))?;
                stdout.flush()?;
                Ok(lines.len() as u64)
            }
            Lines::File(file) => {
                file.in_doubt |= in_doubt;
                let written = file.append(lines);
                file.in_doubt |= written.is_err();
                written
            }
        }
    }
}

fn joined<'l>(lines: impl Iterator<Item = &'l String>) -> Vec<u8> {
    lines
        .flat_map(|line| [line.as_bytes(), b"\n"].concat())
        .collect()
}

impl Appended {
    fn append(&mut self, lines: &[String]) -> io::Result<u64> {
        self.reopen_if_rotated();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                self.in_doubt = true;
                none.insert(open(&self.path)?)
            }
        };
        let there = if self.in_doubt {
            settle_end(file, lines)?
        } else {
            HashSet::new()
        };
        let missing = || lines.iter().filter(|line| !there.contains(line.as_str()));
        let text = joined(missing());
        let before = file.metadata()?.len();
        let written = file.write_all(&text).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // They may go elsewhere next. What can't be taken back is looked for when it is tried here again.
            take_back(file, before, &text).ok();
            return Err(error);
        }
        self.in_doubt = false;
        Ok(missing().count() as u64)
    }

    fn reopen_if_rotated(&mut self) {
        let identity = |it: io::Result<std::fs::Metadata>| it.ok().map(|it| (it.dev(), it.ino()));
        let opened = self
            .file
            .as_ref()
            .and_then(|file| identity(file.metadata()));
        if opened.is_some() && identity(std::fs::metadata(&self.path)) != opened {
            self.file = None;
        }
    }
}

/// What keeps lines from being written as things stand, with what to do.
pub fn obstacle(output: &Output) -> Option<String> {
    let Output::File(path) = output else {
        return None;
    };
    let shown = path.display();
    if is_something_else(path) {
        return Some(format!(
            "`events.abandoned` is `{shown}`, which {NO_FILE}; hint: a folder needs a file's name behind it; for a program that \
             reads along, write to `stdout`"
        ));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    (!folder.is_dir()).then(|| {
        format!(
            "`events.abandoned` is `{shown}`, whose folder is not there; hint: make it: until then lines wait in the store"
        )
    })
}

const NO_FILE: &str = "is no regular file";

fn is_something_else(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| !it.is_file())
}

fn open(path: &Path) -> io::Result<File> {
    // A pipe without a reader would be waited for, and what is no file can't be looked into.
    if is_something_else(path) {
        return Err(io::Error::other(format!(
            "it {NO_FILE}; allowed: `stdout`, or a path of a file"
        )));
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(MODE);
    options.open(path)
}

/// Takes away what was written of a text behind `before`, if nobody else has written there.
fn take_back(file: &mut File, before: u64, text: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(before))?;
    let mut end = Vec::new();
    let most = text.len() as u64 + 1;
    Read::by_ref(file).take(most).read_to_end(&mut end)?;
    // Somebody may have made it shorter meanwhile: that is not to be undone.
    if text.starts_with(&end) && file.metadata()?.len() > before {
        file.set_len(before)?;
    }
    Ok(())
}

/// Takes away a line that is there in part, and finds out which of `lines` are there as a whole.
fn settle_end<'l>(file: &mut File, lines: &'l [String]) -> io::Result<HashSet<&'l str>> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LOOK_BACK);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    Read::by_ref(file).take(LOOK_BACK).read_to_end(&mut end)?;
    let whole = end
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let (whole, torn) = end.split_at(whole);
    if torn.is_empty() {
        // Nothing is taken away of a file that ends well.
    } else if torn.starts_with(OURS) || OURS.starts_with(torn) {
        file.set_len(length - torn.len() as u64)?;
    } else {
        file.write_all(b"\n")?;
    }
    let there: HashSet<&[u8]> = whole.split(|byte| *byte == b'\n').collect();
    let is_there = |line: &&str| there.contains(line.as_bytes());
    Ok(lines.iter().map(String::as_str).filter(is_there).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::call::call;
    use std::fs;

    fn lines(numbers: std::ops::Range<i64>) -> Vec<String> {
        numbers
            .map(|number| call(number).line("acme", number))
            .collect()
    }

    fn text(lines: &[String]) -> String {
        String::from_utf8(joined(lines.iter())).unwrap()
    }

    fn to(path: &Path) -> Lines {
        Lines::to(&Output::File(path.to_owned()))
    }

    /// However much of them a process wrote before it died, a next one that writes them all leaves each once.
    #[test]
    fn what_is_there_already_is_not_repeated_and_a_torn_line_is_made_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (before, all) = (text(&lines(0..3)), lines(3..6));
        let whole = before.clone() + &text(&all);
        for cut in before.len()..=whole.len() {
            let path = folder.path().join("abandoned.jsonl");
            fs::write(&path, &whole[..cut]).unwrap();
            let mut next = to(&path);
            let there = whole[before.len()..cut].matches('\n').count();
            assert_eq!(next.append(&all, false).unwrap(), (3 - there) as u64);
            assert_eq!(fs::read_to_string(&path).unwrap(), whole, "cut at {cut}");
            assert_eq!(next.append(&lines(6..7), false).unwrap(), 1);
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                whole.clone() + &text(&lines(6..7))
            );
        }
    }

    #[test]
    fn what_could_be_written_in_part_is_taken_back_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let (before, next) = (text(&lines(0..2)), text(&lines(2..4)));
        for (there, left) in [
            (&next[..0], ""),
            (&next[..30], ""),
            (&next[..], ""),
            (&format!("{}notes", &next[..30]), "it stays"),
            (&format!("{next}notes"), "it stays"),
        ] {
            fs::write(&path, format!("{before}{there}")).unwrap();
            let mut file = open(&path).unwrap();
            take_back(&mut file, before.len() as u64, next.as_bytes()).unwrap();
            let stays = if left.is_empty() { "" } else { there };
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                format!("{before}{stays}")
            );
        }
    }

    #[test]
    fn what_somebody_else_wrote_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes");
        fs::write(&path, "first\nno end").unwrap();
        to(&path).append(&lines(0..1), false).unwrap();
        let wanted = format!("first\nno end\n{}", text(&lines(0..1)));
        assert_eq!(fs::read_to_string(&path).unwrap(), wanted);
    }

    #[test]
    fn a_file_that_was_rotated_away_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abandoned.jsonl");
        let mut open = to(&path);
        open.append(&lines(0..1), false).unwrap();
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o007, 0, "nobody else may read it: {mode:o}");
        fs::rename(&path, folder.path().join("abandoned.1")).unwrap();
        open.append(&lines(1..2), false).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text(&lines(1..2)));
    }

    #[test]
    fn what_keeps_lines_from_their_file_is_told_before_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let found = |path: &Path| obstacle(&Output::File(path.to_owned()));
        assert_eq!(obstacle(&Output::Stdout), None);
        assert_eq!(found(&folder.path().join("lines")), None);
        assert_eq!(found(Path::new("lines.jsonl")), None);
        let there = found(folder.path()).unwrap();
        assert!(there.contains("no regular file; hint: a folder"), "{there}");
        let missing = found(&folder.path().join("no/lines")).unwrap();
        assert!(missing.contains("whose folder is not there"), "{missing}");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success() && found(&pipe).is_some());
    }

    #[test]
    fn what_is_no_file_is_refused_with_what_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let refused = to(folder.path()).append(&lines(0..1), false).unwrap_err();
        assert!(refused.to_string().contains("`stdout`"), "{refused}");
        let missing = to(&folder.path().join("no/such/file")).append(&lines(0..1), false);
        assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
