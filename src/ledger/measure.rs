//! The closed set of business measures. Their names, labels and help stand in the metrics table.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Measure {
    Conversations = 0,
    Offered = 1,
    AnsweredWithinTarget = 2,
    SessionDuration = 3,
    FinalStatus = 4,
    Disconnects = 5,
    Dispositions = 6,
    QueueEntries = 7,
    QueueWait = 8,
    Transfers = 9,
    AgentPickup = 10,
    FirstResponse = 11,
    Interaction = 12,
    AfterCallWork = 13,
    AgentNonresponses = 14,
    Callbacks = 15,
    CallbackWait = 16,
    Csat = 17,
    Nps = 18,
    LikeDislike = 19,
    // Gauges: computed at publication, never stored.
    QueueInfo = 64,
    AbandonmentTargetRatio = 65,
    ServiceLevelTargetSeconds = 66,
    ServiceLevelTargetRatio = 67,
    SpeedOfAnswerTargetSeconds = 68,
    RecentConversations = 80,
    RecentOffered = 81,
    RecentAbandoned = 82,
    RecentAnsweredWithinTarget = 83,
    RecentAbandonmentRatio = 84,
    RecentServiceLevelRatio = 85,
    RecentSpeedOfAnswer = 86,
    RecentCsatMean = 87,
    RecentCsatRatio = 88,
    RecentNps = 89,
}

/// Upper bounds of waits, pick-up, first response and callback wait, in seconds.
pub const WAIT_BOUNDS_S: [u64; 17] = [
    1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600,
];

/// Upper bounds of session, interaction and after-call work, in seconds.
pub const DURATION_BOUNDS_S: [u64; 14] = [
    5, 10, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 5400, 7200, 14400,
];

impl Measure {
    /// The histogram's upper bounds in seconds; `None` for counters and gauges. A change needs a migration of the store.
    pub fn bounds_s(self) -> Option<&'static [u64]> {
        match self {
            Measure::QueueWait
            | Measure::AgentPickup
            | Measure::FirstResponse
            | Measure::CallbackWait => Some(&WAIT_BOUNDS_S),
            Measure::SessionDuration | Measure::Interaction | Measure::AfterCallWork => {
                Some(&DURATION_BOUNDS_S)
            }
            _ => None,
        }
    }
}

/// Which labels a stored measure has beside `account` and `channel`, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub queue: bool,
    /// How many labels of its own follow: direction, outcome, event and the like.
    pub own: usize,
    /// Whether `metrics.per_agent` adds the agent.
    pub agent: bool,
}

impl Measure {
    /// The counters and histograms: what is stored.
    pub const SUMS: [Measure; 20] = [
        Measure::Conversations,
        Measure::Offered,
        Measure::AnsweredWithinTarget,
        Measure::SessionDuration,
        Measure::FinalStatus,
        Measure::Disconnects,
        Measure::Dispositions,
        Measure::QueueEntries,
        Measure::QueueWait,
        Measure::Transfers,
        Measure::AgentPickup,
        Measure::FirstResponse,
        Measure::Interaction,
        Measure::AfterCallWork,
        Measure::AgentNonresponses,
        Measure::Callbacks,
        Measure::CallbackWait,
        Measure::Csat,
        Measure::Nps,
        Measure::LikeDislike,
    ];

    /// The stored measure of a number.
    pub fn from_u8(number: u8) -> Option<Measure> {
        Measure::SUMS.get(usize::from(number)).copied()
    }

    pub fn shape(self) -> Shape {
        let (queue, own, agent) = match self {
            Measure::Conversations | Measure::QueueEntries => (true, 2, false),
            Measure::FinalStatus => (false, 1, false),
            Measure::SessionDuration
            | Measure::Disconnects
            | Measure::Dispositions
            | Measure::QueueWait
            | Measure::Callbacks
            | Measure::Csat
            | Measure::Nps
            | Measure::LikeDislike => (true, 1, false),
            Measure::Interaction | Measure::AgentNonresponses => (true, 1, true),
            Measure::AgentPickup | Measure::FirstResponse | Measure::AfterCallWork => {
                (true, 0, true)
            }
            _ => (true, 0, false),
        };
        Shape { queue, own, agent }
    }
}
