//! What the bot handed a conversation over for.

use super::reading::Reading;
use super::{Fact, Field, Kind, Rule};
use crate::api::{AgentTransfer, MetaInfo, Record, Sent};

/// Stands for the intent of a conversation that names none. One that really has this name cannot be told from none.
const NO_INTENT: &str = "none";

/// One fact for each conversation that was meant for an agent, whether or not one took it.
pub(super) fn collect<'r>(
    record: &'r Record<'r>,
    rule: Rule,
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    let intent = last_intent(&record.meta_info, reading);
    if rule.meant_for_agent() {
        let intent = intent.unwrap_or(NO_INTENT);
        facts.push(Fact::of_conversation(Kind::AgentRequest, intent));
    }
}

fn last_intent<'r>(sent: &'r Sent<MetaInfo<'r>>, reading: &mut Reading) -> Option<&'r str> {
    let MetaInfo { agent_transfer } = reading.value(Field::MetaInfo, sent)?;
    let AgentTransfer { last_intent } =
        reading.value(Field::AgentTransferConfig, agent_transfer)?;
    reading.text(Field::LastIntentName, last_intent)
}
