//! Private Link: a chain that ends nowhere, and a private address that nobody answers at.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Direction;
use crate::outcome::Cause;
use crate::run::Run;

use super::view::{Seen, finding, hosts, ids, is_lost, is_private, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// The name goes through `privatelink` and has no address.
pub const NO_RECORD: Rule = Rule { code: Code::PrivateLinkNoRecord, find: no_record };
/// The name has a private address that is silent.
pub const UNREACHABLE: Rule = Rule { code: Code::PrivateEndpointUnreachable, find: unreachable };

fn no_record(run: &Run) -> Vec<Finding> {
    let mut by_zone: BTreeMap<String, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run_checks(run)
        .filter(|(_, outcome)| matches!(outcome.cause(), Some(Cause::DnsNxdomain | Cause::DnsNoRecords)))
    {
        let alias = seen
            .1
            .evidence
            .dns
            .as_ref()
            .and_then(|dns| dns.cnames.iter().rev().find_map(|alias| zone(alias)));
        if let Some(zone) = alias {
            by_zone.entry(zone).or_default().push(seen);
        }
    }
    by_zone.into_iter().map(|(zone, group)| no_record_finding(run, &zone, &group)).collect()
}

/// The `privatelink` zone that an alias lies in.
fn zone(alias: &str) -> Option<String> {
    let lower = alias.to_ascii_lowercase();
    lower.find("privatelink.").map(|at| lower[at..].to_owned())
}

fn no_record_finding(run: &Run, zone: &str, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let title = format!("The private DNS zone {zone} has no record for {}.", some_of(&names));
    let detail = "The aliases lead into the zone and end there without an address: it is linked to this network, and the \
                  record of the private endpoint is missing. An address at the end would disprove it."
        .to_owned();
    let record = remedy::host(names.first().and_then(|name| name.split('.').next()));
    let zone_word = remedy::host(Some(zone));
    let fix = Remedy {
        summary: "Add the private endpoint's record to the zone, or unlink the zone from this network so that the public \
                  address is used; then apply the network configuration of existing instances."
            .to_owned(),
        commands: vec![
            format!(
                "az network private-dns record-set a add-record --resource-group <RESOURCE_GROUP> --zone-name {zone_word} \
                 --record-set-name {record} --ipv4-address <PRIVATE_ENDPOINT_IP>"
            ),
            format!("az network private-dns link vnet list --resource-group <RESOURCE_GROUP> --zone-name {zone_word} --output table"),
            remedy::apply_network_configuration(run),
        ],
        doc_url: None,
    };
    finding(Code::PrivateLinkNoRecord, Confidence::High, title, detail, ids(group.iter().copied()), fix)
}

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
