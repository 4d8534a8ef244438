//! The closed sets: what is counted, how conversations end, what can be refused and why.

/// Declares a closed set whose members are known by a number (in the store) and by a word (in labels and logs).
macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$member_doc:meta])* $member:ident = $number:literal $word:literal,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$member_doc])* $member = $number,)*
        }

        impl $name {
            /// All members, in the order of their numbers.
            pub const ALL: &[$name] = &[$($name::$member,)*];

            /// The member's word: a label value, never changed once published.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$member => $word,)*
                }
            }
        }
    )*};
}

impl Kind {
    /// What *Call Details* v2 alone tells.
    pub fn is_of_v2(self) -> bool {
        matches!(self, Kind::SmartStatus | Kind::Voicemail | Kind::Consult)
    }
}

words! {
    /// What can be counted of a conversation. Each is counted once per (conversation, kind, destination, element).
    Kind {
        Conversation = 0 "conversation",
        SessionDuration = 1 "session_duration",
        FinalStatus = 2 "final_status",
        Disconnect = 3 "disconnect",
        Disposition = 4 "disposition",
        Csat = 5 "csat",
        Nps = 6 "nps",
        LikeDislike = 7 "like_dislike",
        QueueEntry = 8 "queue_entry",
        QueueWait = 9 "queue_wait",
        Transfer = 10 "transfer",
        AgentPickup = 11 "agent_pickup",
        FirstResponse = 12 "first_response",
        Interaction = 13 "interaction",
        AfterCallWork = 14 "after_call_work",
        NonResponse = 15 "agent_nonresponse",
        CallbackRequested = 16 "callback_requested",
        CallbackAccepted = 17 "callback_accepted",
        CallbackWait = 18 "callback_wait",
        /// What the bot handed the conversation over for.
        AgentRequest = 19 "agent_request",
        /// What *Call Details* v2 says of the conversation, where it is another thing than its outcome.
        SmartStatus = 20 "smart_status",
        Voicemail = 21 "voicemail",
        /// Somebody whom an agent asked meanwhile.
        Consult = 22 "consult",
    }

    /// How a conversation, or one entry of a queue, came to its end.
    Outcome {
        Answered = 0 "answered",
        Abandoned = 1 "abandoned",
        AbandonedWithAgent = 2 "abandoned_with_agent",
        Terminated = 3 "terminated",
        Callback = 4 "callback",
        Contained = 5 "contained",
        BotDropped = 6 "bot_dropped",
        Other = 7 "other",
    }

    /// The fields that can be refused, spelled as the vendor spells them.
    Field {
        ConversationId = 0 "conversationId",
        SessionId = 1 "sessionId",
        Channel = 2 "channel",
        SessionStartTime = 3 "sessionStartTime",
        SessionEndTime = 4 "sessionEndTime",
        FinalStatus = 5 "finalStatus",
        DisconnectingEvent = 6 "disconnectingEvent",
        Dispositions = 7 "dispositions",
        CustomerInfo = 8 "customerinfo",
        Direction = 9 "Direction",
        CsatScore = 10 "csatScore",
        NpsScore = 11 "npsScore",
        LikeDislikeScore = 12 "likeDislikeScore",
        Destinations = 13 "destinations",
        DestinationType = 14 "destinationType",
        QueueId = 15 "queueId",
        QueueName = 16 "queueName",
        EnterTime = 17 "EnterTime",
        CallbackOpted = 18 "CallbackOpted",
        CallbackOptedTime = 19 "CallbackOptedTime",
        UserCallbackAcceptTime = 20 "userCallbackAcceptTime",
        RespondingAgent = 21 "respondingAgent",
        NonRespondingAgents = 22 "nonRespondingAgents",
        AgentId = 23 "agentId",
        Status = 24 "status",
        AssignedAt = 25 "assignedAt",
        AcceptedTime = 26 "acceptedTime",
        FirstResponseDuration = 27 "firstResponseDuration",
        InteractionDuration = 28 "interactionDuration",
        InteractionEndTime = 29 "interactionEndTime",
        AfterCallWorkDuration = 30 "afterCallWorkDuration",
        AfterCallWorkEndTime = 31 "afterCallWorkEndTime",
        NonResponseEvent = 32 "nonResponseEvent",
        MetaInfo = 33 "metaInfo",
        AgentTransferConfig = 34 "agentTransferConfig",
        LastIntentName = 35 "lastIntentName",
        SmartStatus = 36 "smartStatus",
        IsVoicemail = 37 "isVoicemail",
        ConsultingAgents = 38 "ConsultingAgents",
    }

    /// Why a value was refused.
    Reason {
        WrongType = 0 "wrong_type",
        Unreadable = 1 "unreadable",
        Negative = 2 "negative",
        OutOfRange = 3 "out_of_range",
        NotWhole = 4 "not_whole",
        TooMany = 5 "too_many",
    }
}
