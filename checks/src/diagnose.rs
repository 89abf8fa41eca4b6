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
pub use rules::portal_disagrees::side_by_side;
pub use seen::{Group, Seen};

/// The rules, from causes to consequences: an earlier finding accounts for what a later one says of the same checks.
pub const RULES: &[Rule] = &[
    rules::local_limit::RULE,
    rules::admin_rule_denies::RULE,
    rules::nsg_rule_denies::RULE,
    rules::nsg_rule_missing::RULE,
    rules::nic_rule_denies::RULE,
    rules::route_drops::RULE,
    rules::dns_server_silent::RULE,
    rules::private_link_no_record::RULE,
    rules::dns_not_forwarding::RULE,
    rules::clock_skew::RULE,
    // A portal that answers TLS with its own certificate as well is one device; one that inspects TLS accounts for its pages.
    rules::captive_proxy::RULE,
    rules::tls_interception::RULE,
    rules::captive_proxy::INSPECTED,
    rules::gateway_unfit::SEEN,
    rules::own_endpoint_public_answer::RULE,
    rules::own_endpoint_wrong_address::RULE,
    rules::rate_limited::RULE,
    rules::mtu_black_hole::RULE,
    rules::route_to_appliance::RULE,
    rules::no_outbound_path::RULE,
    rules::outbound_all_blocked::RULE,
    rules::private_endpoint_unreachable::RULE,
    rules::flaky::RULE,
    rules::port_blocked::RULE,
    rules::firewall_list_outdated::RULE,
    rules::host_blocked::RULE,
    rules::service_tag_blocked::RULE,
    rules::firewall_rejects::RULE,
    rules::address_refuses::RULE,
    rules::firewall_answers_for_target::RULE,
    rules::dns_servers_disagree::RULE,
    rules::address_partial::RULE,
    rules::slow::RULE,
    rules::portal_disagrees::RULE,
    rules::outside_azure::RULE,
    rules::names_missing::RULE,
    rules::nsg_missing::RULE,
    rules::subnet_unfit::RULE,
    rules::deployment_unfit::RULE,
    rules::instance_state::RULE,
    rules::management_route_missing::RULE,
    rules::service_endpoint_missing::RULE,
    rules::dns_configuration::RULE,
    rules::gateway_unfit::RULE,
    rules::gateway_backend_unhealthy::RULE,
    rules::control_plane_unreachable::RULE,
    rules::configuration_disagrees::RULE,
];

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
