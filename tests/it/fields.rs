//! `docs/fields.md` tells what is read of the vendor's page: neither more nor less than the parser reads.

use smartassist_exporter::api::{
    Agent, AgentTransfer, ConsultingAgent, Customer, Destination, MetaInfo, NonRespondingAgent,
    Record,
};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../docs/fields.md");

/// The fields named in the first column of the table under a heading.
fn fields(heading: &str) -> BTreeSet<String> {
    let (_, rest) = PAGE.split_once(heading).unwrap();
    let table = rest.lines().skip_while(|line| !line.starts_with("| ---"));
    let rows = table.skip(1).take_while(|line| line.starts_with("| "));
    let first = |row: &str| row.split('|').nth(1).unwrap().trim().to_owned();
    rows.map(first).collect()
}

#[test]
fn every_field_that_is_read_is_told_and_no_other() {
    let under = |place: &'static str, keys: &'static [&'static str]| {
        keys.iter().map(move |key| format!("`{place}{key}`"))
    };
    let read: BTreeSet<String> = under("", Record::KEYS)
        .chain(under("customerinfo.", Customer::KEYS))
        .chain(under("metaInfo.", MetaInfo::KEYS))
        .chain(under("metaInfo.agentTransferConfig.", AgentTransfer::KEYS))
        .chain(under("destinations[].", Destination::KEYS))
        .chain(under("destinations[].respondingAgent.", Agent::KEYS))
        .chain(under(
            "destinations[].respondingAgent.ConsultingAgents[].",
            ConsultingAgent::KEYS,
        ))
        .chain(under(
            "destinations[].nonRespondingAgents[].",
            NonRespondingAgent::KEYS,
        ))
        .collect();
    assert_eq!(fields("## Read"), read);
}

#[test]
fn what_is_left_alone_is_not_read() {
    let left = fields("## Left alone");
    assert!(left.len() > 10, "{left:?}");
    let read = fields("## Read");
    assert!(left.is_disjoint(&read));
}
