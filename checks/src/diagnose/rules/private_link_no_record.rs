//! Private Link: a chain of aliases that ends without an address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::azure;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::name_servers::{is_negative_answer, look_at_both};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, DnsQuestion, Look, change, look};
use crate::outcome::Scope;
use crate::server::Server;

/// The name goes through `privatelink` and has no address.
pub(crate) const RULE: Rule =
    Rule { code: Code::PrivateLinkNoRecord, needs: &[Source::Run], find: no_record };

fn no_record(facts: &Facts<'_>) -> Vec<Finding> {
    let mut by_zone: BTreeMap<(String, bool), Group<'_>> = BTreeMap::new();
    for seen in facts.ended().filter(|seen| seen.is_absence()) {
        let alias = seen.dns().and_then(|dns| dns.cnames.iter().rev().find_map(|alias| zone(alias)));
        if let Some(zone) = alias {
            by_zone.entry((zone, azure(seen).is_some())).or_default().push(seen);
        }
    }
    let finding = |((zone, _), group): ((String, bool), Group<'_>)| {
        let known = group.each().find_map(|seen| azure(seen).zip(refusing(seen)));
        match known {
            Some((address, server)) => unasked_finding(facts, &zone, &group, (server, address)),
            None => no_record_finding(facts, &zone, &group),
        }
    };
    by_zone.into_iter().map(finding).collect()
}

/// The private address at the end of the chain, where 168.63.129.16 finds one.
fn azure(seen: Seen<'_>) -> Option<IpAddr> {
    let azure =
        seen.answers().filter(|answer| answer.server == azure::DNS).flat_map(|answer| &answer.addresses);
    azure.copied().find(|ip| Scope::of(*ip) == Scope::Private)
}

/// The first of the network's own servers that finds no address.
fn refusing(seen: Seen<'_>) -> Option<Server> {
    let own = seen.answers().find(|answer| answer.server != azure::DNS && is_negative_answer(answer.cause));
    own.map(|answer| answer.server)
}

/// The `privatelink` zone that an alias lies in.
fn zone(alias: &str) -> Option<String> {
    let lower = alias.to_ascii_lowercase();
    lower.find("privatelink.").map(|at| lower[at..].to_owned())
}

/// The zone has its record, and the network's server does not ask where the zone is.
fn unasked_finding(facts: &Facts<'_>, zone: &str, group: &Group<'_>, known: (Server, IpAddr)) -> Finding {
    let names = group.hosts();
    let (server, address) = known;
    let title = format!("DNS server {server} does not find the record of {} in {zone}.", some_of(&names));
    let detail = format!(
        "The CNAME chain leads into the zone, where {server} finds nothing, while 168.63.129.16 gives the private address {address}: \
         the zone and its record exist, and {server} does not ask there."
    );
    let summary = format!(
        "Let {server} forward the domain and its privatelink zone to 168.63.129.16 (from inside Azure; from elsewhere \
         through a DNS Private Resolver), or remove its own copy of the zone; then apply the network configuration of \
         existing instances."
    );
    let mut steps = look_at_both(Some(server), names.first().copied());
    steps.push(remedy::apply_network_configuration());
    let fix = remedy::advise(facts, summary, steps);
    Finding::new(Code::PrivateLinkNoRecord, Confidence::High, title, detail, group.ids(), fix)
}

fn no_record_finding(facts: &Facts<'_>, zone: &str, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let title = format!("The private DNS zone {zone} has no record for {}.", some_of(&names));
    let detail = "The CNAME chain ends in the zone without an A record: the zone is linked to this network, and the record of the \
                  private endpoint is missing."
        .to_owned();
    let name = names.first().copied().unwrap_or_default();
    let record = name.split('.').next().unwrap_or_default().to_owned();
    let steps = vec![
        remedy::ask_azure(name, DnsQuestion::Whole),
        look(Look::ZoneLinks(zone.to_owned())),
        change(Change::ZoneRecord { zone: zone.to_owned(), group: None, name: record, address: None }),
        remedy::apply_network_configuration(),
    ];
    let summary = "Add the private endpoint's record to the zone, or unlink the zone from this network so that the public address is \
                   used; then apply the network configuration of existing instances.";
    let fix = remedy::advise(facts, summary, steps);
    Finding::new(Code::PrivateLinkNoRecord, Confidence::High, title, detail, group.ids(), fix)
}
