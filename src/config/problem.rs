//! What is wrong with a configuration, in words for the person who wrote it.

use serde_saphyr::Location;
use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Unknown,
    /// In the file; both from 1.
    File {
        line: u64,
        column: u64,
    },
    /// An environment variable.
    Variable(&'static str),
}

impl Place {
    pub(super) fn of(location: Location) -> Self {
        match location.line() {
            0 => Place::Unknown,
            line => Place::File {
                line,
                column: location.column(),
            },
        }
    }
}

/// One thing that is wrong, or, as a warning, that is probably not meant. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// What was found and what is allowed.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Place::File { line, .. } = self.place {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl Problem {
    /// As the log has it: a line.
    pub fn in_a_line(&self) -> String {
        one_line(&self.to_string())
    }
}

/// What is written for people in several lines, as the log has it.
pub fn one_line(said: &str) -> String {
    said.replace("\n  hint: ", "; hint: ").replace('\n', " ")
}

/// Everything found in one reading; whoever reads a value adds to it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl Findings {
    pub(super) fn error(&self, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.errors.borrow_mut().push(Problem {
            place,
            message: message.into(),
            hint,
        });
    }

    pub(super) fn warning(&self, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.warnings.borrow_mut().push(Problem {
            place,
            message: message.into(),
            hint,
        });
    }

    pub(super) fn are_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// Errors and warnings, each in the order of the file.
    pub(super) fn in_order(self) -> (Vec<Problem>, Vec<Problem>) {
        let sorted = |problems: RefCell<Vec<Problem>>| {
            let mut problems = problems.into_inner();
            problems.sort_by_key(|problem| problem.place);
            problems
        };
        (sorted(self.errors), sorted(self.warnings))
    }
}

/// Why there is no [`Config`](super::Config): all problems of it, in the order of the file.
#[derive(Debug)]
pub struct Invalid {
    /// The file they were found in, if there was one.
    pub file: Option<PathBuf>,
    /// At least one.
    pub problems: Vec<Problem>,
    /// What else was noticed.
    pub warnings: Vec<Problem>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.file.as_ref().map_or("the environment".into(), |file| {
            format!("`{}`", file.display())
        });
        match self.problems.len() {
            1 => write!(f, "{source} cannot be used:")?,
            count => write!(f, "{source} cannot be used, {count} problems:")?,
        }
        for problem in &self.problems {
            write!(f, "\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_with_its_hint_is_one_line_in_the_log() {
        let problem = Problem {
            place: Place::File { line: 3, column: 1 },
            message: "`x` is `1`".to_owned(),
            hint: Some("try 2".to_owned()),
        };
        assert_eq!(problem.to_string(), "line 3: `x` is `1`\n  hint: try 2");
        assert_eq!(problem.in_a_line(), "line 3: `x` is `1`; hint: try 2");
    }
}
