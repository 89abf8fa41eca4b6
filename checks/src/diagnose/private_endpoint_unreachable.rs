//! A private address that nobody answers at.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Direction;
use crate::run::Run;

use super::view::{Seen, finding, ids, is_lost, is_private, run_checks};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// The name has a private address that is silent.
pub const RULE: Rule = Rule { code: Code::PrivateEndpointUnreachable, find: unreachable };

fn unreachable(run: &Run) -> Vec<Finding> {
    let mut by_host: BTreeMap<&str, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run_checks(run).filter(|(check, outcome)| is_private(outcome) && is_lost(check, outcome)) {
        by_host.entry(seen.0.host.as_deref().unwrap_or_default()).or_default().push(seen);
    }
    by_host.into_iter().map(|(host, group)| unreachable_finding(run, host, &group)).collect()
}

fn unreachable_finding(run: &Run, host: &str, group: &[Seen<'_>]) -> Finding {
    let address = group
        .iter()
        .find_map(|(_, outcome)| {
            outcome.evidence.dns.as_ref()?.addresses.first().map(|address| address.ip.to_string())
        })
        .unwrap_or_default();
    let own = group.iter().all(|(check, _)| check.direction == Direction::Inbound);
    let ports: BTreeSet<u16> = group.iter().filter_map(|(check, _)| check.port).collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let title = format!(
        "{host} resolves to the private address {address}, where nothing answers on TCP {}.",
        ports.join(" and ")
    );
    let (detail, fix) = if own { own_silent(run, &address, &ports) } else { endpoint_silent(&address) };
    let confidence = if own { Confidence::Medium } else { Confidence::High };
    finding(Code::PrivateEndpointUnreachable, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn endpoint_silent(address: &str) -> (String, Remedy) {
    let detail = "A private endpoint that was removed, a stale record, or a network security group between the subnets \
                  looks like this. An answer from the address would disprove it.";
    let fix = Remedy {
        summary: format!(
            "Check that a private endpoint with the address {address} still exists and is approved, that its subnet lets \
             this one in, and that the record is current."
        ),
        commands: vec![remedy::private_endpoint_of(address)],
        doc_url: None,
    };
    (detail.to_owned(), fix)
}

/// The instance itself: its private address is a load balancer's in its own subnet.
fn own_silent(run: &Run, address: &str, ports: &[String]) -> (String, Remedy) {
    let detail = format!(
        "{address} is the instance's own: it is still being deployed, or a rule between this machine and its subnet drops \
         the packets. An answer from the address would disprove it."
    );
    let fix = Remedy {
        summary: "See that the instance has been provisioned, and that the network security group of its subnet lets the \
                  network in."
            .to_owned(),
        commands: vec![
            remedy::provisioning_state(run),
            remedy::allow_inbound("VirtualNetwork", ports),
        ],
        doc_url: None,
    };
    (detail, fix)
}
