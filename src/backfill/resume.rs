//! What a filling was begun with: whoever goes on must ask for the same, or parts would not fit.

use super::{Error, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Of what lies in the folder.
const FORM: u32 = 1;

/// What was asked for, by name; and what each account's part came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    form: u32,
    /// In words, as they were said.
    pub asked: BTreeMap<String, String>,
    /// In the order of the accounts.
    pub spans: Vec<Span>,
}

impl Settings {
    pub fn new(asked: BTreeMap<String, String>, spans: Vec<Span>) -> Settings {
        Settings {
            form: FORM,
            asked,
            spans,
        }
    }
}

/// The folder in which parts are gathered.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: PathBuf) -> Folder {
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where an account's part is.
    pub fn account(&self, place: usize) -> PathBuf {
        self.0.join(format!("account-{place}"))
    }

    /// What was begun here, if anything was; it must have been asked for in the same words.
    ///
    /// # Errors
    /// It was begun otherwise, or cannot be read.
    pub fn begun(&self, asked: &BTreeMap<String, String>) -> Result<Option<Settings>, Error> {
        let path = self.settings();
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|cause| Error::io(&path, cause))?,
        };
        let folder = self.0.display();
        let begun: Settings = serde_json::from_slice(&bytes).map_err(|_| Error::Damaged)?;
        let hint = format!("hint: ask for the same to go on, or remove `{folder}` to begin anew");
        if begun.form != FORM {
            return Err(Error::BegunOtherwise(format!(
                "`{folder}` was begun by another version; {hint}"
            )));
        }
        let names = begun.asked.keys().chain(asked.keys());
        let mut differences: Vec<String> = names
            .filter(|name| begun.asked.get(*name) != asked.get(*name))
            .map(|name| {
                let said = |words: Option<&String>| {
                    words.map_or("not said".to_owned(), |words| format!("`{words}`"))
                };
                format!(
                    "`{name}` is {}, and was {}",
                    said(asked.get(name)),
                    said(begun.asked.get(name))
                )
            })
            .collect();
        differences.sort();
        differences.dedup();
        if differences.is_empty() {
            return Ok(Some(begun));
        }
        Err(Error::BegunOtherwise(format!(
            "`{folder}` was begun otherwise: {}; {hint}",
            differences.join("; ")
        )))
    }

    /// Begins. Whatever happens, the settings are whole afterwards, or not there.
    ///
    /// # Errors
    /// The folder cannot be made or written.
    pub fn begin(&self, settings: &Settings) -> Result<(), Error> {
        let path = self.settings();
        let next = path.with_extension("next");
        let bytes = serde_json::to_vec(settings).map_err(|_| Error::Damaged)?;
        fs::create_dir_all(&self.0)
            .and_then(|()| {
                let mut file = File::create(&next)?;
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&next, &path))
            .and_then(|()| File::open(&self.0)?.sync_all())
            .map_err(|cause| Error::io(&path, cause))
    }

    fn settings(&self) -> PathBuf {
        self.0.join("settings.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, said): &(&str, &str)| ((*name).to_owned(), (*said).to_owned());
        words.iter().map(owned).collect()
    }

    #[test]
    fn the_same_goes_on_and_another_is_told_in_what_it_differs() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path().join("out.parts"));
        let first = asked(&[("--from", "7d"), ("targets of acme", "20s")]);
        assert_eq!(folder.begun(&first).unwrap(), None);
        let settings = Settings::new(first.clone(), Vec::new());
        folder.begin(&settings).unwrap();
        assert_eq!(folder.begun(&first).unwrap(), Some(settings));
        let other = asked(&[("--from", "8d"), ("targets of acme", "20s"), ("x", "y")]);
        let error = folder.begun(&other).unwrap_err().to_string();
        for words in [
            "`--from` is `8d`, and was `7d`",
            "`x` is `y`, and was not said",
            "hint: ask for the same to go on, or remove `",
        ] {
            assert!(error.contains(words), "{error}");
        }
        assert!(!error.contains("targets"), "{error}");
    }
}
