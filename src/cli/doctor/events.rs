//! Whether lines of abandoned conversations can be written where they are to go.

use super::form::{Line, State};
use crate::config::{Events, Output};
use crate::events::obstacle;

const ID: &str = "events";

pub(super) fn line(events: &Events) -> Line {
    let Some(output) = &events.abandoned else {
        return Line::new(ID, State::Skipped, "`events.abandoned` is `off`".to_owned())
            .found("off");
    };
    if let Some(obstacle) = obstacle(output) {
        return Line::new(ID, State::Warning, obstacle).found("obstacle");
    }
    let text = format!("lines of abandoned conversations go to `{output}`");
    let found = match output {
        Output::Stdout => "stdout",
        Output::File(_) => "file",
    };
    Line::new(ID, State::Ok, text).found(found)
}
