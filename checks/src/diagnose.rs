//! Judgement: pure rules over the facts, and the folding of consequences under their causes.

use crate::facts::Facts;
use crate::portal::Portal;

mod access_path;
mod arrivals;
mod catch_all;
pub mod classify;
mod configured;
pub mod finding;
mod fold;
mod gateway_seen;
mod gateway_steps;
mod inferred_rejections;
mod machine;
mod name_servers;
mod own_endpoints;
mod pages;
mod phrases;
mod public_issuers;
mod reach;
pub mod rejected_by;
mod remedy;
pub mod rule;
mod rules;
pub mod seen;
mod setting;

pub use access_path::{AccessPath, access_path};
pub use finding::{Code, Confidence, Diagnosis, Finding, Instruction, Reason, Remedy, Severity, StepKind};
pub use machine::{hosts_file_note, is_proxied_elsewhere, proxy_note};
pub use pages::{explain, explain_cause};
pub use remedy::{inbound_rule, outbound_rule};
pub use rule::Rule;
pub use rules::RULES;
pub use rules::portal_disagrees::side_by_side;
pub use seen::{Group, Seen};

/// What else can be said of one check: the path to it, and the portal's word beside this run's.
#[must_use]
pub fn notes(seen: Seen<'_>, portal: Option<&Portal>) -> Vec<String> {
    access_path(seen).into_iter().chain(portal.and_then(|portal| side_by_side(seen, portal))).collect()
}

/// Judges what is known. Pure and total: any facts, however odd, have a diagnosis, and always the same one.
#[must_use]
pub fn diagnose(facts: &Facts<'_>) -> Diagnosis {
    let able = RULES.iter().filter(|rule| rule.needs.iter().all(|source| facts.has(*source)));
    let mut found: Vec<Finding> = able.flat_map(|rule| (rule.find)(facts)).collect();
    found.extend(catch_all::unexplained(facts, &found));
    for finding in &mut found {
        configured::clear_of_blame(facts, finding);
    }
    Diagnosis { findings: fold::fold(facts, found) }
}
