//! Silence, by tag and port: what the rules about dropped packets share.

use std::collections::BTreeMap;

use crate::catalogue::Transport;
use crate::outcome::{Cause, Outcome, Stage};
use crate::plan::Check;
use crate::run::Run;

use super::view::{Seen, got_through, is_lost, outbound, tag};

/// True when the check got beyond its name.
pub fn was_tried(outcome: &Outcome) -> bool {
    outcome
        .failure()
        .is_none_or(|failure| failure.stage != Stage::Resolve && failure.cause != Cause::LocalResource)
}

/// What a rule lets through: service tag, port and transport.
pub type Allowance<'a> = (&'a str, u16, Transport);

/// The rule that a check needs.
pub fn rule_for(check: &Check) -> Option<Allowance<'_>> {
    Some((tag(check), check.port?, check.transport))
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
