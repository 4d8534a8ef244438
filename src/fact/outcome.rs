//! How a conversation came to its end: the rules, first that fits.

use super::Outcome;

/// The rule that decided an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    // Rule 1: an agent answered.
    AgentAnswered,
    UserLeftAgent,
    // Rule 2: nobody answered, but somebody should have.
    CallbackOpted,
    UserAbandoned,
    UserHungUp,
    EndedForUser,
    // Rule 3: the bot's own.
    BotResolved,
    BotDropped,
    NoneOfThese,
}

impl Rule {
    pub fn outcome(self) -> Outcome {
        match self {
            Rule::AgentAnswered => Outcome::Answered,
            Rule::UserLeftAgent => Outcome::AbandonedWithAgent,
            Rule::CallbackOpted => Outcome::Callback,
            Rule::UserAbandoned | Rule::UserHungUp => Outcome::Abandoned,
            Rule::EndedForUser => Outcome::Terminated,
            Rule::BotResolved => Outcome::Contained,
            Rule::BotDropped => Outcome::BotDropped,
            Rule::NoneOfThese => Outcome::Other,
        }
    }

    /// Whether an agent took the conversation.
    pub fn answered(self) -> bool {
        matches!(self, Rule::AgentAnswered | Rule::UserLeftAgent)
    }

    /// Whether it was more than the bot's own: an agent took it, or somebody should have.
    pub fn meant_for_agent(self) -> bool {
        !matches!(
            self,
            Rule::BotResolved | Rule::BotDropped | Rule::NoneOfThese
        )
    }

    /// The rule in words, for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::AgentAnswered => "rule 1: an agent answered",
            Rule::UserLeftAgent => "rule 1: an agent answered, `finalStatus` is `USER ABANDONED`",
            Rule::CallbackOpted => "rule 2: no agent answered, `CallbackOpted`",
            Rule::UserAbandoned => "rule 2: no agent answered, `finalStatus` is `USER ABANDONED`",
            Rule::UserHungUp => "rule 2: no agent answered, `disconnectingEvent` is `User Hangup`",
            Rule::EndedForUser => "rule 2: no agent answered, and the user did not hang up",
            Rule::BotResolved => "rule 3: bot only, `finalStatus` is `BotResolved`",
            Rule::BotDropped => "rule 3: bot only, `finalStatus` is `Dropped`",
            Rule::NoneOfThese => "rule 3: bot only, another `finalStatus`",
        }
    }
}
