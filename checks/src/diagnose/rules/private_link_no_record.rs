//! Private Link: a chain of aliases that ends without an address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::outcome::{Outcome, Scope};
use crate::run::Run;

use crate::diagnose::name_servers::{AZURE, is_absence, look, says_no, short, told};
use crate::diagnose::view::{Seen, finding, hosts, ids, run_checks, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// The name goes through `privatelink` and has no address.
pub const RULE: Rule = Rule { code: Code::PrivateLinkNoRecord, find: no_record };

fn no_record(run: &Run) -> Vec<Finding> {
    let mut by_zone: BTreeMap<(String, bool), Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run_checks(run).filter(|(_, outcome)| is_absence(outcome)) {
        let alias = seen
            .1
            .evidence
            .dns
            .as_ref()
            .and_then(|dns| dns.cnames.iter().rev().find_map(|alias| zone(alias)));
        if let Some(zone) = alias {
            by_zone.entry((zone, azure(seen.1).is_some())).or_default().push(seen);
        }
    }
    let finding = |((zone, _), group): ((String, bool), Vec<Seen<'_>>)| {
        let known = group.iter().find_map(|(_, outcome)| azure(outcome).zip(refusing(outcome)));
        match known {
            Some((address, server)) => unasked_finding(run, &zone, &group, (server, address)),
            None => no_record_finding(run, &zone, &group),
        }
    };
    by_zone.into_iter().map(finding).collect()
}

/// The private address at the end of the chain, where 168.63.129.16 finds one.
fn azure(outcome: &Outcome) -> Option<IpAddr> {
    let azure = told(outcome).filter(|answer| answer.server == AZURE).flat_map(|answer| &answer.addresses);
    azure.copied().find(|ip| Scope::of(*ip) == Scope::Private)
}

/// The first of the network's own servers that finds no address.
fn refusing(outcome: &Outcome) -> Option<&str> {
    let own = told(outcome).find(|answer| answer.server != AZURE && says_no(answer.cause));
    own.map(|answer| answer.server.as_str())
}

/// The `privatelink` zone that an alias lies in.
fn zone(alias: &str) -> Option<String> {
    let lower = alias.to_ascii_lowercase();
    lower.find("privatelink.").map(|at| lower[at..].to_owned())
}

/// The zone has its record, and the network's server does not ask where the zone is.
fn unasked_finding(run: &Run, zone: &str, group: &[Seen<'_>], known: (&str, IpAddr)) -> Finding {
    let names = hosts(group.iter().copied());
    let (server, address) = known;
    let short = short(server);
    let title = format!("DNS server {short} does not find the record of {} in {zone}.", some_of(&names));
    let detail = format!(
        "The aliases lead into the zone, where {short} finds nothing, while 168.63.129.16 gives the private address {address}: \
         the zone and its record exist, and {short} does not ask there. An address from {short} would disprove it."
    );
    let summary = format!(
        "Let {short} forward the domain and its privatelink zone to 168.63.129.16 (from inside Azure; from elsewhere \
         through a DNS Private Resolver), or remove its own copy of the zone; then apply the network configuration of \
         existing instances."
    );
    let asked = look(server, names.first().copied(), &summary);
    let fix = remedy::and(asked, remedy::apply_network_configuration(run));
    finding(Code::PrivateLinkNoRecord, Confidence::High, title, detail, ids(group.iter().copied()), fix)
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
