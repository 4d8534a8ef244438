//! What is said afterwards: surveys of the customer, dispositions of the agent or supervisor.

use super::reading::Reading;
use super::{Fact, Field, Kind, short_hash};
use crate::api::Record;

/// Scores as label values.
const SCORES: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// Scores count wherever they stand, whatever `surveyType` says and whether or not an agent answered.
pub(super) fn collect<'r>(
    record: &'r Record<'r>,
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    let mut score = |kind, words: &'static [&'static str], score: Option<u8>| {
        if let Some(word) = score.and_then(|score| words.get(usize::from(score))) {
            facts.push(Fact::of_conversation(kind, word));
        }
    };
    score(
        Kind::Csat,
        &SCORES,
        reading.score(Field::CsatScore, &record.csat_score, 1..=5),
    );
    score(
        Kind::Nps,
        &SCORES,
        reading.score(Field::NpsScore, &record.nps_score, 0..=10),
    );
    let like = reading.score(Field::LikeDislikeScore, &record.like_dislike_score, 0..=1);
    score(Kind::LikeDislike, &["dislike", "like"], like);
    collect_dispositions(record, reading, facts);
}

/// Each distinct one counts. Compared without case, so the element is in lower case; shown as it stands.
fn collect_dispositions<'r>(
    record: &'r Record<'r>,
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    let first = facts.len();
    for disposition in reading.list(Field::Dispositions, &record.dispositions) {
        let element = Some(short_hash(&disposition.to_lowercase()));
        if facts
            .iter()
            .skip(first)
            .all(|earlier| earlier.element != element)
        {
            facts.push(Fact {
                element,
                ..Fact::of_conversation(Kind::Disposition, disposition)
            });
        }
    }
}
