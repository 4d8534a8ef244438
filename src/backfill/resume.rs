//! What a filling was begun with: whoever goes on must ask for the same, or parts would not fit.

use super::span::counts_since;
use super::{Error, Span};
use crate::api::format_utc;
use crate::poller::Reach;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Of what lies in the folder.
const FORM: u32 = 2;

/// What was asked for, by name; and what each account's part came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    form: u32,
    /// In words, as they were said.
    pub asked: BTreeMap<String, String>,
    /// In the order of the accounts.
    pub parts: Vec<Part>,
}

/// What is filled of an account, and the exporter's state that this was planned by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub span: Span,
    /// Told from others by this; `None`: no exporter had the account.
    pub state: Option<String>,
}

/// The exporter's state as it is now.
pub struct Standing<'r> {
    pub state: Option<String>,
    pub reach: Option<&'r Reach>,
    pub now_s: i64,
    pub initial_lookback_s: i64,
}

impl Part {
    /// Whether it still fits what the exporter shows. What was planned by one state meets no other's numbers; what was planned
    /// by none, and ends at 0, may go on beside one that has begun since, as long as that one counts nothing of the same.
    ///
    /// # Errors
    /// What is no more as it was, in words.
    pub fn still_fits(&self, now: &Standing<'_>) -> Result<(), String> {
        if self.state.is_some() && self.state != now.state {
            return Err(match now.state {
                Some(_) => "the exporter's state is another than when this was begun, and so are its numbers".into(),
                None => "the exporter's state, whose numbers this is to meet, is gone".into(),
            });
        }
        let Span { to_s, meets, .. } = self.span;
        let shown = now.reach.and_then(|reach| reach.first_shown);
        if meets.is_some() && meets != shown {
            return Err("the exporter first showed other numbers than when this was begun".into());
        }
        let since_s = counts_since(now.reach, now.now_s, now.initial_lookback_s);
        if meets.is_none() && to_s > since_s {
            return Err(format!(
                "the exporter counts what ended since {} itself by now, and this was to be filled up to {}: that would count twice",
                format_utc(since_s),
                format_utc(to_s)
            ));
        }
        Ok(())
    }
}

/// What only tells the form.
#[derive(Deserialize)]
struct Formed {
    form: u32,
}

impl Settings {
    pub fn new(asked: BTreeMap<String, String>, parts: Vec<Part>) -> Settings {
        Settings {
            form: FORM,
            asked,
            parts,
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
        let Formed { form } = serde_json::from_slice(&bytes).map_err(|_| Error::Damaged)?;
        let hint = format!("hint: ask for the same to go on, or remove `{folder}` to begin anew");
        if form != FORM {
            return Err(Error::BegunOtherwise(format!(
                "`{folder}` was begun by another version; hint: remove it to begin anew"
            )));
        }
        let begun: Settings = serde_json::from_slice(&bytes).map_err(|_| Error::Damaged)?;
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
    use crate::backfill::{Planned, Wanted, plan};
    use crate::poller::FirstShown;
    use proptest::prelude::*;

    fn asked(words: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, said): &(&str, &str)| ((*name).to_owned(), (*said).to_owned());
        words.iter().map(owned).collect()
    }

    fn reach(begun_s: i64, since_s: Option<i64>) -> Reach {
        let shown = since_s.map(|since_s| FirstShown {
            at_s: begun_s + 50,
            since_s,
        });
        Reach {
            floor_s: 0,
            read_to_s: None,
            unread_s: 0,
            read_through: shown.is_some(),
            begun_s,
            first_shown: shown,
        }
    }

    proptest! {
        /// Whatever an exporter was planned by and whatever there is later: a part goes on only where a plan of now would count
        /// the same once.
        #[test]
        fn a_part_goes_on_beside_what_it_was_planned_by_and_nothing_that_counts_the_same(
            before in proptest::option::of((0..3u8, 0..9i64, any::<bool>())),
            later in proptest::option::of((0..3u8, 0..9i64, any::<bool>())),
            (from, now, lookback_s) in (0..5i64, 10..15i64, 0..1_000i64),
        ) {
            const STEP_S: i64 = 1_000;
            // A state that stays has begun when it had, and what it has shown it showed.
            let later = match (before, later) {
                (Some((id, begun, shown)), Some((same, _, shows))) if id == same => Some((id, begun, shown || shows)),
                _ => later,
            };
            let stand = |it: Option<(u8, i64, bool)>| {
                let state = it.map(|it| it.0.to_string());
                (state, it.map(|(id, begun, shown)| {
                    let begun_s = begun * STEP_S + i64::from(id);
                    reach(begun_s, shown.then_some(begun_s - lookback_s))
                }))
            };
            let (state, known) = stand(before);
            let wanted = Wanted { from_s: from * STEP_S, to_s: now * STEP_S };
            let Ok(Planned::Span(span, _)) = plan(wanted, known.as_ref(), now * STEP_S, lookback_s) else {
                return Ok(());
            };
            let (state_later, known_later) = stand(later);
            let part = Part { span, state: state.clone() };
            let fits = part.still_fits(&Standing {
                state: state_later.clone(),
                reach: known_later.as_ref(),
                now_s: (now + 1) * STEP_S,
                initial_lookback_s: lookback_s,
            });
            let counts_twice = known_later.is_some_and(|reach| span.to_s > reach.begun_s - lookback_s);
            let expected = match state {
                Some(state) => state_later == Some(state),
                None => !counts_twice,
            };
            prop_assert_eq!(fits.is_ok(), expected, "{:?}", fits);
        }
    }

    #[test]
    fn parts_of_another_form_are_told() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path().to_owned());
        fs::write(folder.settings(), r#"{"form":1,"asked":{},"spans":[]}"#).unwrap();
        let error = folder.begun(&asked(&[])).unwrap_err().to_string();
        assert!(error.contains("begun by another version"), "{error}");
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
