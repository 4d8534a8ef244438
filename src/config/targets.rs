//! Targets: what the account, or one of its queues, wants to reach.

use super::Targets;
use super::problem::Findings;
use super::section::{Field, Section};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const KEYS: [&str; 3] = ["abandonment_ratio", "service_level", "speed_of_answer"];
pub(super) const SERVICE_LEVEL_KEYS: [&str; 2] = ["within", "ratio"];

/// A target of no time at all cannot be met.
const LEAST: Duration = Duration::from_millis(1);

impl Default for Targets {
    fn default() -> Self {
        Targets {
            abandonment_ratio: 0.05,
            service_level_within: Duration::from_secs(20),
            service_level_ratio: 0.8,
            speed_of_answer: Duration::from_secs(30),
        }
    }
}

/// The targets written at `path`; those not written are the base's.
pub(super) fn read(
    path: &str,
    field: Option<&Field<'_>>,
    base: Targets,
    findings: &mut Findings,
) -> Targets {
    let section = Section::open(path, field, &KEYS, findings);
    let service_level = Section::open(
        &section.path_of("service_level"),
        section.field("service_level").as_ref(),
        &SERVICE_LEVEL_KEYS,
        findings,
    );
    Targets {
        abandonment_ratio: section.ratio("abandonment_ratio", base.abandonment_ratio, findings),
        service_level_within: service_level.duration(
            "within",
            base.service_level_within,
            LEAST,
            findings,
        ),
        service_level_ratio: service_level.ratio("ratio", base.service_level_ratio, findings),
        speed_of_answer: section.duration("speed_of_answer", base.speed_of_answer, LEAST, findings),
    }
}

/// Targets by queue name or id, each filled up from the account's.
pub(super) fn read_queues(
    field: Option<&Field<'_>>,
    base: Targets,
    findings: &mut Findings,
) -> BTreeMap<String, Targets> {
    let Some(field) = field else {
        return BTreeMap::new();
    };
    let queues = Section::open_free(
        field,
        "a mapping from queue names or ids to targets",
        findings,
    );
    let mut targets = BTreeMap::new();
    for (entry, field) in queues.fields() {
        if entry.key.trim().is_empty() {
            findings.error(
                entry.place,
                format!("`{}` is empty; allowed: a queue's name or id", field.path),
                None,
            );
        }
        targets.insert(
            entry.key.clone(),
            read(&field.path, Some(&field), base, findings),
        );
    }
    targets
}
