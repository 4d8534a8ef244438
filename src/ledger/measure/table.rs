//! The one table of measures: everything that is known of each, in the order of pages and documentation.
//!
//! A row is: what it is, which a scrape says as HELP; name and stored number; kind (`waits` and `durations` are
//! histograms with the bounds of those names, `seconds` is a counter of time); metric; labels beside `account`; unit. To add a measure, add a row here
//! and say in `increments` which fact moves it, or in `publish` what a gauge shows.

use super::{Bounds, Metric, MetricKind, Scope, Shape};

macro_rules! measures {
    ($($group:ident { $(
        $(#[doc = $help:literal])+
        $name:ident = $number:literal $kind:ident $metric:literal [$($label:ident)*] $unit:literal,
    )* })*) => {
        /// A business measure. Its number is what the store knows it by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Measure {
            $($($(#[doc = $help])+ $name = $number,)*)*
        }

        $(pub const $group: &[Metric] = &[$($name,)*];)*

        // The names of the members, so that a row is written once and used twice.
        $($(
            #[allow(non_upper_case_globals, reason = "named as its measure")]
            const $name: Metric = Metric {
                name: $metric,
                kind: kind!($kind),
                scope: Scope::Account,
                labels: &[$(stringify!($label)),*],
                unit: $unit,
                help: concat!($($help),+).trim_ascii_start(),
            };
        )*)*

        impl Measure {
            /// In the order of a page.
            pub const ALL: &[Measure] = &[$($(Measure::$name,)*)*];

            pub fn metric(self) -> &'static Metric {
                match self {
                    $($(Measure::$name => &$name,)*)*
                }
            }

            /// Which labels its stored series have.
            pub fn shape(self) -> Shape {
                match self {
                    $($(Measure::$name => const { Shape::of(&$name) },)*)*
                }
            }

            /// Whether it is a counter of time, kept in milliseconds.
            pub fn counts_time(self) -> bool {
                match self {
                    $($(Measure::$name => counts_time!($kind),)*)*
                }
            }

            pub(super) fn bounds(self) -> Option<Bounds> {
                match self {
                    $($(Measure::$name => bounds!($kind),)*)*
                }
            }
        }
    };
}

macro_rules! kind {
    (counter) => {
        MetricKind::Counter
    };
    (seconds) => {
        MetricKind::Counter
    };
    (gauge) => {
        MetricKind::Gauge
    };
    ($histogram:ident) => {
        MetricKind::Histogram
    };
}

macro_rules! bounds {
    (waits) => {
        Some(Bounds::Waits)
    };
    (durations) => {
        Some(Bounds::Durations)
    };
    ($other:ident) => {
        None
    };
}

macro_rules! counts_time {
    (seconds) => {
        true
    };
    ($other:ident) => {
        false
    };
}

measures! {
    COUNTERS {
        /// Ended conversations by outcome: answered, abandoned (the user left unanswered), abandoned_with_agent, terminated
        /// (ended unanswered, not by the user), callback, contained (stayed with the bot), bot_dropped, other. One that no
        /// agent answered counts only after poll.settle. The queue is that of its last destination that has one, none
        /// without any.
        Conversations = 0 counter "smartassist_conversations_total" [channel queue direction outcome] "conversations",
        /// Conversations offered to agents: inbound, and answered, abandoned, abandoned_with_agent, terminated or callback.
        /// The denominator of abandonment ratio and service level.
        Offered = 1 counter "smartassist_offered_total" [channel queue] "conversations",
        /// Offered conversations whose first answered queue entry waited no longer than the service level target of its
        /// channel and that queue, as configured when counted. Divided by smartassist_offered_total it is the service level.
        AnsweredWithinTarget = 2 counter "smartassist_answered_within_target_total" [channel queue] "conversations",
        /// Ended conversations by final status, in the vendor's words.
        FinalStatus = 4 counter "smartassist_final_status_total" [channel status] "conversations",
        /// Ended conversations that name a disconnecting event, by that event: who or what hung up, in the vendor's words.
        Disconnects = 5 counter "smartassist_disconnects_total" [channel queue event] "conversations",
        /// Dispositions, each distinct one of a conversation once. One that is edited later counts beside the earlier one.
        Dispositions = 6 counter "smartassist_dispositions_total" [channel queue disposition] "dispositions",
        /// Entries into a queue, by what became of each: answered, transferred (another destination followed), abandoned,
        /// terminated, callback. A conversation that visits two queues has two entries.
        QueueEntries = 7 counter "smartassist_queue_entries_total" [channel queue direction outcome] "queue entries",
        /// Destinations after a conversation's first: transfers and overflows, by the queue that was left.
        Transfers = 9 counter "smartassist_transfers_total" [channel queue] "transfers",
        /// Offers that an agent did not take up, by event in the vendor's words, unknown where none is given.
        AgentNonresponses = 14 counter "smartassist_agent_nonresponses_total" [channel queue event] "offers",
        /// Callbacks by stage: requested (the user chose to be called back), accepted (the user took the call).
        Callbacks = 15 counter "smartassist_callbacks_total" [channel queue stage] "callbacks",
        /// Customer satisfaction survey responses by score, 1 to 5. Counted when answered, which may be long after the
        /// conversation.
        Csat = 17 counter "smartassist_csat_responses_total" [channel queue score] "responses",
        /// Net promoter survey responses by score, 0 to 10: detractors 0 to 6, passives 7 and 8, promoters 9 and 10.
        Nps = 18 counter "smartassist_nps_responses_total" [channel queue score] "responses",
        /// Like or dislike survey responses, by response: like, dislike.
        LikeDislike = 19 counter "smartassist_like_dislike_responses_total" [channel queue response] "responses",
        /// Conversations that were meant for an agent, by the last intent of the bot before it handed over: answered,
        /// abandoned, abandoned_with_agent, terminated or callback, in both directions. intent is none where no intent is
        /// told, as of mail and of calls out. A bot's intent that is really called none cannot be told from it.
        AgentRequests = 25 counter "smartassist_agent_requests_total" [channel queue intent] "conversations",
        /// Those of smartassist_agent_requests_total whose outcome is abandoned: the user left unanswered. Divided by it:
        /// which intents wait in vain.
        AbandonedAgentRequests = 26 counter "smartassist_abandoned_agent_requests_total" [channel queue intent] "conversations",
        /// Conversations that the vendor marks as voicemail, by outcome: who left a message instead of waiting is abandoned
        /// or terminated here. Of accounts that are read by call_details: v2, in conversations that were first counted from
        /// it.
        Voicemails = 29 counter "smartassist_voicemails_total" [channel queue outcome] "conversations",
        /// Times that an agent consulted somebody while the customer waited, by the agent's queue. Of accounts that are read
        /// by call_details: v2, in conversations that were first counted from it.
        Consults = 30 counter "smartassist_consults_total" [channel queue] "consults",
        /// Conversations whose outcome, by the rules here, does not fit the vendor's smartStatus when they are first
        /// counted: CLOSED AT BOT, CLOSED, TERMINATED, ABANDONED WITH AGENT, ABANDONED (any other word of abandonment),
        /// running (a live state beside an end), other (a word that is not known here). Of accounts that are read by
        /// call_details: v2; each conversation once.
        OutcomeDisagreements = 31 counter "smartassist_exporter_outcome_disagreements_total" [outcome smart_status] "conversations",
        /// Counted facts that read differently later, or are gone: from what to what. Counts never fall, so what was counted
        /// stays counted as it first read; a count, less the corrections from it, and with those to it, is what the records
        /// say now. Empty from or to: the fact was gone. counted: facts that have no word of their own.
        Corrections = 27 counter "smartassist_corrections_total" [fact from to] "facts",
        /// Seconds by which durations that were counted read longer (up) or shorter (down) later; all of one that is gone. A
        /// histogram's sum, with up and less down, is what the records say now.
        CorrectionSeconds = 28 seconds "smartassist_correction_seconds_total" [fact direction] "seconds",
    }

    HISTOGRAMS {
        /// Length of ended sessions, from session start to session end. An agent's interaction may end a little later than
        /// the session.
        SessionDuration = 3 durations "smartassist_session_duration_seconds" [channel queue outcome] "seconds",
        /// Wait of each queue entry since it was entered: answered until an agent accepted (speed of answer), transferred
        /// until the next destination, otherwise until the session ended.
        QueueWait = 8 waits "smartassist_queue_wait_seconds" [channel queue outcome] "seconds",
        /// Time from assignment to an agent until that agent accepted.
        AgentPickup = 10 waits "smartassist_agent_pickup_seconds" [channel queue] "seconds",
        /// Time from an agent's acceptance to that agent's first message. Not every answered conversation has one.
        FirstResponse = 11 waits "smartassist_first_response_duration_seconds" [channel queue] "seconds",
        /// Time from an agent's acceptance to the end of the interaction. Handle time is this and after-call work.
        Interaction = 12 durations "smartassist_interaction_duration_seconds" [channel queue direction] "seconds",
        /// Time from the end of the interaction to the end of after-call work. Counted when that has ended, after the
        /// conversation.
        AfterCallWork = 13 durations "smartassist_after_call_work_duration_seconds" [channel queue] "seconds",
        /// Time from choosing a callback until the user took the call.
        CallbackWait = 16 waits "smartassist_callback_wait_seconds" [channel queue] "seconds",
    }

    BY_AGENT {
        /// Time from assignment to an agent until that agent accepted, by agent.
        ByAgentPickup = 20 waits "smartassist_by_agent_pickup_seconds" [channel queue agent] "seconds",
        /// Time from an agent's acceptance to that agent's first message, by agent. Not every answered conversation has
        /// one.
        ByAgentFirstResponse = 21 waits "smartassist_by_agent_first_response_duration_seconds" [channel queue agent] "seconds",
        /// Time from an agent's acceptance to the end of the interaction, by agent. Handle time is this and after-call
        /// work.
        ByAgentInteraction = 22 durations "smartassist_by_agent_interaction_duration_seconds" [channel queue agent] "seconds",
        /// Time from the end of the interaction to the end of after-call work, by agent. Counted when that has ended, after
        /// the conversation.
        ByAgentAfterCallWork = 23 durations "smartassist_by_agent_after_call_work_duration_seconds" [channel queue agent] "seconds",
        /// Offers that an agent did not take up, by agent.
        ByAgentNonresponses = 24 counter "smartassist_by_agent_nonresponses_total" [channel queue agent] "offers",
    }

    // Gauges are computed at publication and never stored.
    RECENT {
        /// Conversations that ended within the window, by outcome. Long conversations are seen later than short ones, so
        /// the newest minutes lean towards the short.
        RecentConversations = 80 gauge "smartassist_recent_conversations" [window channel queue direction outcome] "conversations",
        /// Offered conversations that ended within the window. Long conversations are seen later, so it is low at first.
        RecentOffered = 81 gauge "smartassist_recent_offered" [window channel queue] "conversations",
        /// Offered conversations that ended within the window and were abandoned: the user left unanswered. Add queue none
        /// for all of an account.
        RecentAbandoned = 82 gauge "smartassist_recent_abandoned" [window channel queue] "conversations",
        /// Offered conversations that ended within the window and were answered within their target. Long
        /// conversations are seen later, so it is low at first.
        RecentAnsweredWithinTarget = 83 gauge "smartassist_recent_answered_within_target" [window channel queue] "conversations",
        /// Abandoned divided by offered, of the window. It leans upwards: long conversations are seen later, those
        /// abandoned are short.
        RecentAbandonmentRatio = 84 gauge "smartassist_recent_abandonment_ratio" [window channel queue] "ratio 0–1",
        /// Answered within target divided by offered, of the window. It leans downwards: long conversations, which were
        /// answered, are seen later.
        RecentServiceLevelRatio = 85 gauge "smartassist_recent_service_level_ratio" [window channel queue] "ratio 0–1",
        /// Mean wait of the first answered queue entry, of offered conversations that ended within the window. Long
        /// conversations are seen later.
        RecentSpeedOfAnswer = 86 gauge "smartassist_recent_speed_of_answer_seconds" [window channel queue] "seconds",
        /// Mean customer satisfaction score, of conversations that ended within the window. Surveys are answered later: the
        /// newest conversations have few; long conversations are seen later.
        RecentCsatMean = 87 gauge "smartassist_recent_csat_mean" [window channel queue] "score 1–5",
        /// Share of customer satisfaction scores 4 and 5, of conversations that ended within the window. Surveys are
        /// answered later: the newest conversations have few; long conversations are seen later.
        RecentCsatRatio = 88 gauge "smartassist_recent_csat_ratio" [window channel queue] "ratio 0–1",
        /// Net promoter score: percentage of promoters less that of detractors, of conversations that ended within the
        /// window. Surveys are answered later: the newest conversations have few; long conversations are seen later.
        RecentNps = 89 gauge "smartassist_recent_nps" [window channel queue] "score −100–100",
    }

    // What one label set is about stands in `scope`; those of the other labels that it does not name are empty.
    EVIDENCE {
        /// How strongly the newest offered conversations speak for a spike of abandonment: the sum of what each of them
        /// says, never below 0. At or above smartassist_abandonment_evidence_limit it pages.
        AbandonmentEvidence = 70 gauge "smartassist_abandonment_evidence" [scope channel queue] "nats",
        /// The evidence that pages, so that an account does so falsely no more often than alerts.false_pages_per_month.
        /// Learnt from the quiet past of the scope.
        AbandonmentEvidenceLimit = 71 gauge "smartassist_abandonment_evidence_limit" [scope channel queue] "nats",
        /// The abandonment ratio that is usual at this hour, by the past of the scope; at least its target.
        AbandonmentUsualRatio = 72 gauge "smartassist_abandonment_usual_ratio" [scope channel queue] "ratio 0–1",
    }

    QUEUES {
        /// Every queue id seen, with its latest name. A renamed queue starts new series; this one tells which belong
        /// together.
        QueueInfo = 64 gauge "smartassist_queue_info" [queue_id queue] "always 1",
        /// Abandonment ratio not to exceed: the queue's, else the channel's, else the account's. channel is empty where it
        /// holds for all channels; one that differs has a series of its own, which a rule joins first.
        AbandonmentTargetRatio = 65 gauge "smartassist_abandonment_target_ratio" [channel queue] "ratio 0–1",
        /// Wait within which a conversation is to be answered: the queue's, else the channel's, else the account's. channel
        /// is empty where it holds for all channels; one that differs has a series of its own, which a rule joins first.
        ServiceLevelTargetSeconds = 66 gauge "smartassist_service_level_target_seconds" [channel queue] "seconds",
        /// Share of offered conversations to be answered within smartassist_service_level_target_seconds: the queue's, else
        /// the channel's, else the account's. channel is empty where it holds for all channels; one that differs has a
        /// series of its own, which a rule joins first.
        ServiceLevelTargetRatio = 67 gauge "smartassist_service_level_target_ratio" [channel queue] "ratio 0–1",
        /// Mean speed of answer not to exceed: the queue's, else the channel's, else the account's. channel is empty where
        /// it holds for all channels; one that differs has a series of its own, which a rule joins first.
        SpeedOfAnswerTargetSeconds = 68 gauge "smartassist_speed_of_answer_target_seconds" [channel queue] "seconds",
        /// How long nobody is to wait for an agent at any instant: the queue's, else the channel's, else the account's.
        /// channel is empty where it holds for all channels; one that differs has a series of its own, which a rule joins
        /// first.
        LongestWaitTargetSeconds = 69 gauge "smartassist_longest_wait_target_seconds" [channel queue] "seconds",
    }
}
