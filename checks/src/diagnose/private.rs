//! Private Link: a chain that ends nowhere, and a private address that nobody answers at.

use std::collections::BTreeMap;

use crate::catalogue::Direction;
use crate::outcome::Cause;
use crate::run::Run;

use super::view::{Seen, count, finding, hosts, ids, is_private, is_silence, run_checks, some_of};
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
    by_zone.into_iter().map(|(zone, group)| no_record_finding(&zone, &group)).collect()
}

/// The `privatelink` zone that an alias lies in.
fn zone(alias: &str) -> Option<String> {
    let lower = alias.to_ascii_lowercase();
    lower.find("privatelink.").map(|at| lower[at..].to_owned())
}

fn no_record_finding(zone: &str, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let title = format!("The private DNS zone {zone} has no record for {}.", some_of(&names));
    let detail = format!(
        "{} leads into {zone} and ends there without an address: the zone is linked to this network but lacks the record \
         of a private endpoint. An address at the end of the chain would disprove it.",
        count(names.len(), "name")
    );
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
            remedy::apply_network_configuration(),
        ],
        doc_url: None,
    };
    finding(Code::PrivateLinkNoRecord, Confidence::High, title, detail, ids(group.iter().copied()), fix)
}

fn unreachable(run: &Run) -> Vec<Finding> {
    let mut by_host: BTreeMap<&str, Vec<Seen<'_>>> = BTreeMap::new();
    let silent = |(check, outcome): &Seen<'_>| {
        // The instance's own endpoints have private addresses without being private endpoints.
        check.direction != Direction::Inbound
            && (is_silence(check, outcome) || outcome.cause() == Some(Cause::ConnectNoRoute))
    };
    for seen in run_checks(run).filter(|seen| is_private(seen.1) && silent(seen)) {
        by_host.entry(seen.0.host.as_deref().unwrap_or_default()).or_default().push(seen);
    }
    by_host.into_iter().map(|(host, group)| unreachable_finding(host, &group)).collect()
}

fn unreachable_finding(host: &str, group: &[Seen<'_>]) -> Finding {
    let address = group
        .iter()
        .find_map(|(_, outcome)| {
            outcome.evidence.dns.as_ref()?.addresses.first().map(|address| address.ip.to_string())
        })
        .unwrap_or_default();
    let title = format!("{host} resolves to the private address {address}, where nothing answers.");
    let detail = "A private endpoint that was removed, a stale record, or a network security group between the subnets \
                  looks like this. An answer from the address would disprove it."
        .to_owned();
    let fix = Remedy {
        summary: format!(
            "Check that a private endpoint with the address {address} still exists and is approved, that its subnet lets \
             this one in, and that the record is current."
        ),
        commands: vec![format!(
            "az network private-endpoint list --query \"[?customDnsConfigs[?contains(ipAddresses, '{address}')]].{{name:name,state:provisioningState}}\" --output table"
        )],
        doc_url: None,
    };
    finding(
        Code::PrivateEndpointUnreachable,
        Confidence::High,
        title,
        detail,
        ids(group.iter().copied()),
        fix,
    )
}
