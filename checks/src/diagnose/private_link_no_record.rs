//! Private Link: a chain of aliases that ends without an address.

use std::collections::BTreeMap;

use crate::outcome::Cause;
use crate::run::Run;

use super::view::{Seen, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// The name goes through `privatelink` and has no address.
pub const RULE: Rule = Rule { code: Code::PrivateLinkNoRecord, find: no_record };

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
