//! A private address that nobody answers at.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::catalogue::Direction;
use crate::run::Run;

use crate::diagnose::view::{
    Seen, finding, hosts, ids, is_lost, is_platform, is_private, listed, literal, run_checks, some_of,
};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// The name has a private address that is silent.
pub const RULE: Rule = Rule { code: Code::PrivateEndpointUnreachable, find: unreachable };

fn unreachable(run: &Run) -> Vec<Finding> {
    // One address is one place, whatever the names that lead to it.
    let mut by_address: BTreeMap<IpAddr, Vec<Seen<'_>>> = BTreeMap::new();
    let silent = run_checks(run).filter(|(check, outcome)| !is_platform(check) && is_lost(check, outcome));
    for seen in silent {
        if let Some(address) = private_address(seen) {
            by_address.entry(address).or_default().push(seen);
        }
    }
    by_address.into_iter().map(|(address, group)| unreachable_finding(run, address, &group)).collect()
}

/// The private address that a check went to, by name or as it was given.
fn private_address((check, outcome): Seen<'_>) -> Option<IpAddr> {
    let resolved =
        outcome.evidence.dns.iter().flat_map(|dns| &dns.addresses).map(|address| address.ip).next();
    resolved.filter(|_| is_private(outcome)).or_else(|| literal(check))
}

fn unreachable_finding(run: &Run, address: IpAddr, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let address = address.to_string();
    let own = group.iter().all(|(check, _)| check.direction == Direction::Inbound);
    let ports: BTreeSet<u16> = group.iter().filter_map(|(check, _)| check.port).collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let on = listed(&ports);
    let title = match &names[..] {
        [name] if *name == address => {
            format!("Nothing answers at the private address {address} on TCP {on}.")
        }
        names => format!(
            "{} {} to the private address {address}, where nothing answers on TCP {on}.",
            some_of(names),
            if names.len() == 1 { "resolves" } else { "resolve" },
        ),
    };
    let (detail, fix) = if own { own_silent(run, &address, &ports) } else { endpoint_silent(&address) };
    let confidence = if own { Confidence::Medium } else { Confidence::High };
    finding(Code::PrivateEndpointUnreachable, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn endpoint_silent(address: &str) -> (String, Remedy) {
    let detail = "A private endpoint that was removed, a stale record, or a network security group between the subnets \
                  looks like this. An answer from the address would disprove it.";
    let fix = Remedy {
        summary: format!(
            "See what has the address {address} now. If it is the private endpoint, see that it is approved and that its \
             subnet lets this one in; if it is not, correct the record."
        ),
        commands: vec![remedy::owner_of(address)],
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
        summary: format!(
            "See that the instance has been provisioned, and that the network security group of its subnet lets the network \
             in{}.",
            remedy::control_plane_words(ports)
        ),
        commands: remedy::allow_in(run, "VirtualNetwork", ports),
        doc_url: None,
    };
    (detail, fix)
}
