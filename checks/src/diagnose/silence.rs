//! Silence, by tag and port: what the rules about dropped packets share.

use std::collections::BTreeMap;

use crate::outcome::{Cause, Stage};
use crate::run::Run;

use super::view::{Seen, got_through, is_lost, outbound};

/// True when the check got beyond its name.
pub fn was_tried(outcome: &crate::outcome::Outcome) -> bool {
    outcome
        .failure()
        .is_none_or(|failure| failure.stage != Stage::Resolve && failure.cause != Cause::LocalResource)
}

/// Checks by what `key` says of them.
pub fn grouped<'a, K: Ord>(run: &'a Run, key: impl Fn(Seen<'a>) -> Option<K>) -> BTreeMap<K, Vec<Seen<'a>>> {
    let mut groups: BTreeMap<K, Vec<Seen<'a>>> = BTreeMap::new();
    for seen in outbound(run).filter(|(_, outcome)| was_tried(outcome)) {
        if let Some(key) = key(seen) {
            groups.entry(key).or_default().push(seen);
        }
    }
    groups
}

/// Nothing came back from any of them.
pub fn all_lost(group: &[Seen<'_>]) -> bool {
    group.iter().all(|(check, outcome)| is_lost(check, outcome))
}

/// Some connection out of the subnet was opened.
pub fn something_passes(run: &Run) -> bool {
    outbound(run).any(|(_, outcome)| got_through(outcome))
}

/// The protocol as a network security group writes it.
pub fn protocol(transport: &str) -> &'static str {
    if transport == "udp" { "Udp" } else { "Tcp" }
}
