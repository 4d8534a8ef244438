//! What may befall replicas, and for how long.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::fmt;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Killed,
    StoppedWell,
    /// SIGSTOP, then SIGCONT.
    Asleep,
    /// Its connections to the database are reset, and new ones go on.
    Cut,
    /// Nothing passes between it and the database; what was held arrives in the end.
    Partition,
    /// The same, and what was held is lost.
    PartitionCut,
    /// What it says arrives; the answers are lost.
    AnswersLost,
    ServerCrashes,
    ServerStops,
    /// One more for a while.
    Joins,
    /// One less for a while, told to stop.
    Leaves,
    AccountRemoved,
    AccountRenamed,
}

/// As often as they stand here. All but the reloads in both scenes.
const ALL: [Kind; 17] = [
    Kind::Killed,
    Kind::Killed,
    Kind::StoppedWell,
    Kind::StoppedWell,
    Kind::Asleep,
    Kind::Asleep,
    Kind::Cut,
    Kind::Cut,
    Kind::Partition,
    Kind::PartitionCut,
    Kind::AnswersLost,
    Kind::ServerCrashes,
    Kind::ServerStops,
    Kind::Joins,
    Kind::Leaves,
    Kind::AccountRemoved,
    Kind::AccountRenamed,
];

impl Kind {
    /// How long it may last, in milliseconds: at least, at most.
    fn lasts_ms(self) -> (u64, u64) {
        match self {
            Kind::Killed | Kind::StoppedWell => (0, 3_000),
            Kind::Asleep | Kind::Partition | Kind::PartitionCut => (1_000, 25_000),
            Kind::Cut => (0, 1),
            Kind::AnswersLost => (100, 3_000),
            Kind::ServerCrashes | Kind::ServerStops => (100, 18_000),
            Kind::Joins | Kind::Leaves => (8_000, 20_000),
            Kind::AccountRemoved | Kind::AccountRenamed => (3_000, 8_000),
        }
    }

    /// Whether it befalls one replica that runs.
    pub fn is_of_one(self) -> bool {
        !self.is_of_the_server() && !self.is_of_an_account() && self != Kind::Joins
    }

    pub fn is_of_the_server(self) -> bool {
        matches!(self, Kind::ServerCrashes | Kind::ServerStops)
    }

    pub fn is_of_an_account(self) -> bool {
        matches!(self, Kind::AccountRemoved | Kind::AccountRenamed)
    }

    /// The process goes, and says so.
    pub fn is_clean(self) -> bool {
        matches!(self, Kind::StoppedWell | Kind::Leaves)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    pub kind: Kind,
    /// Of a replica or of an account.
    pub whom: usize,
    /// After the step began.
    pub begins: Duration,
    pub lasts: Duration,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trouble {
            kind, whom, lasts, ..
        } = self;
        write!(f, "{kind:?} {whom} for {:.1} s", lasts.as_secs_f64())
    }
}

/// One trouble, or two at the same time that befall different ones.
pub fn draw(dice: &mut ChaCha8Rng, replicas: usize, accounts: usize) -> Vec<Trouble> {
    let first = one(dice, replicas, accounts);
    if dice.random_bool(0.75) {
        return vec![first];
    }
    loop {
        let mut second = one(dice, replicas, accounts);
        let same = |of: fn(Kind) -> bool| of(first.kind) && of(second.kind);
        let apart = if same(Kind::is_of_one) {
            first.whom != second.whom
        } else {
            first.kind != second.kind
                && !same(Kind::is_of_the_server)
                && !same(Kind::is_of_an_account)
        };
        if apart {
            second.begins = first.lasts.mul_f64(dice.random_range(0.0..1.0));
            return vec![first, second];
        }
    }
}

fn one(dice: &mut ChaCha8Rng, replicas: usize, accounts: usize) -> Trouble {
    let kind = *ALL.choose(dice).unwrap();
    let (least, most) = kind.lasts_ms();
    let whom = if kind.is_of_an_account() {
        accounts
    } else {
        replicas
    };
    Trouble {
        kind,
        whom: dice.random_range(0..whom),
        begins: Duration::ZERO,
        lasts: Duration::from_millis(dice.random_range(least..=most)),
    }
}
