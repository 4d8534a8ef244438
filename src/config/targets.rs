//! Targets: what the account, or one of its queues, wants to reach.

use super::problem::Findings;
use super::section::{Field, Section};
use super::{Targets, TargetsOverride};
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

/// The account's targets; those not written are the defaults.
pub(super) fn read_whole(path: &str, field: Option<Field<'_>>, findings: &mut Findings) -> Targets {
    let written = read(path, field.as_ref(), findings);
    let default = Targets::default();
    Targets {
        abandonment_ratio: written
            .abandonment_ratio
            .unwrap_or(default.abandonment_ratio),
        service_level_within: written
            .service_level_within
            .unwrap_or(default.service_level_within),
        service_level_ratio: written
            .service_level_ratio
            .unwrap_or(default.service_level_ratio),
        speed_of_answer: written.speed_of_answer.unwrap_or(default.speed_of_answer),
    }
}

fn read(path: &str, field: Option<&Field<'_>>, findings: &mut Findings) -> TargetsOverride {
    let section = Section::open(path, field, &KEYS, findings);
    let service_level = Section::open(
        &section.path_of("service_level"),
        section.field("service_level").as_ref(),
        &SERVICE_LEVEL_KEYS,
        findings,
    );
    let mut ratio = |section: &Section<'_>, key| section.field(key)?.ratio(findings);
    let abandonment_ratio = ratio(&section, "abandonment_ratio");
    let service_level_ratio = ratio(&service_level, "ratio");
    let mut duration = |section: &Section<'_>, key| section.field(key)?.duration(LEAST, findings);
    TargetsOverride {
        abandonment_ratio,
        service_level_within: duration(&service_level, "within"),
        service_level_ratio,
        speed_of_answer: duration(&section, "speed_of_answer"),
    }
}

/// Targets by the name of a channel, or by the name or id of a queue; `allowed` says which.
pub(super) fn read_named(
    field: Option<Field<'_>>,
    allowed: &str,
    findings: &mut Findings,
) -> BTreeMap<String, TargetsOverride> {
    let Some(field) = field else {
        return BTreeMap::new();
    };
    let named = Section::open_free(
        &field,
        &format!("a mapping from {allowed} to targets"),
        findings,
    );
    let mut targets = BTreeMap::new();
    for (entry, field) in named.fields() {
        let name = entry.key.trim();
        if name.is_empty() {
            findings.error(
                entry.place,
                format!("`{}` is empty; allowed: {allowed}", field.path),
                None,
            );
        }
        targets.insert(name.to_owned(), read(&field.path, Some(&field), findings));
    }
    targets
}
