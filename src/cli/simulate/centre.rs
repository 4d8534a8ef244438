//! The centre to simulate: what `simulate` and `demo` let one choose.

use super::values;
use crate::clock;
use crate::simulator::scenario::{Name, STAYING};
use crate::simulator::{Aim, Contract, Faults, Plan, Scenario, Simulator};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "The simulated centre")]
pub(crate) struct Centre {
    /// Seed of everything that chance decides.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How long the centre has been open when the simulator starts.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = values::history)]
    pub history: Duration,

    /// Conversations an hour, on average over a day.
    #[arg(long, value_name = "NUMBER", default_value = "400", value_parser = values::rate)]
    pub rate: f64,

    /// What the clock on the centre's wall shows at the start; how busy it is follows from it.
    #[arg(long, value_name = "HH:MM", default_value = "10:30", value_parser = values::wall_clock)]
    pub local_time: jiff::civil::Time,

    /// Course of events.
    #[arg(long, value_name = "NAME", default_value = "steady", value_parser = values::named(values::SCENARIOS))]
    pub scenario: Name,

    /// When it begins, counted from the start; before it with a minus sign, as in `-2h`.
    #[arg(long, value_name = "DURATION", default_value = "5m", allow_hyphen_values = true, value_parser = values::signed_ms)]
    pub scenario_start: i64,

    /// How long it lasts.
    #[arg(long, value_name = "DURATION", default_value = "20m", value_parser = humantime::parse_duration)]
    pub scenario_duration: Duration,

    /// The only queue whose staff walks out in an abandonment spike [default: all queues].
    #[arg(long, value_name = "QUEUE", value_parser = Scenario::queue_named)]
    pub scenario_queue: Option<usize>,

    /// The part of the staff that stays in an abandonment spike.
    #[arg(long, value_name = "PART", default_value_t = STAYING, value_parser = values::part)]
    pub scenario_staying: f64,

    /// A fault, and the part of the requests that it strikes: of all interfaces, or of one, as in
    /// `queue-performance:429=0.1`; may be repeated.
    #[arg(long = "fault", value_name = "[INTERFACE:]NAME=RATE", value_parser = Faults::parse)]
    pub faults: Vec<(Aim, f64)>,

    /// Part of the late disposition edits that replace a disposition, instead of adding one.
    #[arg(long, value_name = "PART", default_value = "0", value_parser = values::part)]
    pub replaced_dispositions: f64,
}

impl Centre {
    /// The world, opened at `now_ms` (UTC milliseconds).
    pub(crate) fn plan(&self, now_ms: i64) -> Plan {
        let history_ms = self.history.as_millis() as i64;
        let scenario = Scenario {
            name: self.scenario,
            start_ms: now_ms.saturating_add(self.scenario_start),
            duration_ms: i64::try_from(self.scenario_duration.as_millis()).unwrap_or(i64::MAX),
            queue: self.scenario_queue,
            staying: self.scenario_staying,
        };
        Plan {
            seed: self.seed,
            start_ms: now_ms - history_ms,
            rate_per_hour: self.rate,
            local_offset_minutes: values::wall_offset_minutes(self.local_time, now_ms),
            scenario,
            late_segments: true,
            replaced_dispositions: self.replaced_dispositions,
        }
    }

    /// The centre with its interface, its history lived through, in real time from here on.
    pub(crate) fn simulator(&self, contract: Contract) -> Result<Arc<Simulator>, anyhow::Error> {
        let faults = Faults::new(self.faults.iter().copied()).map_err(anyhow::Error::msg)?;
        let plan = self.plan(clock::now_ms());
        let simulator = Simulator::new(plan, contract, faults, Box::new(clock::now_ms));
        simulator.live();
        Ok(simulator)
    }
}
