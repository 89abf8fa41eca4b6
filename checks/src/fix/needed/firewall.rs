//! Rules of a firewall that the traffic of the subnet is routed through: by name what speaks HTTP, by service tag the rest.
//!
//! Inbound traffic has no rule here: a firewall takes no service tag as a source, and the control plane's replies go around it
//! by a route.

use std::collections::{BTreeMap, BTreeSet};

use crate::arrange;
use crate::catalogue::{Catalogue, Direction, Endpoint, Protocol, Transport};
use crate::fix::{Allowance, End, FirewallRule, description};
use crate::instance::Instance;
use crate::network::{PortRange, RuleProtocol};
use crate::plan::Plan;

/// The rules for these rows, in their order: names first, then tags.
pub fn rules(catalogue: &Catalogue, instance: &Instance, rows: &[&Endpoint]) -> Vec<FirewallRule> {
    let outbound = || rows.iter().copied().filter(|row| row.direction == Direction::Outbound);
    let mut rules = Vec::new();
    for row in outbound() {
        rules.extend(by_name(catalogue, instance, row));
    }
    rules.extend(by_tag(outbound()));
    rules
}

fn by_name(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> Vec<FirewallRule> {
    let hosts = hosts(catalogue, instance, row);
    let ports = row.ports.iter().filter(|port| port.protocol.is_http() && !is_platform(row));
    let of_port = |port: &crate::catalogue::Port| FirewallRule {
        name: if row.ports.len() > 1 { format!("{}-{}", row.id, port.number) } else { row.id.clone() },
        description: description(&format!("{} Source: {}", row.purpose, row.sources.join(" "))),
        allows: Allowance::Names {
            protocol: if port.protocol == Protocol::Https { "Https" } else { "Http" },
            port: port.number,
            hosts: hosts.clone(),
        },
    };
    if hosts.is_empty() { Vec::new() } else { ports.map(of_port).collect() }
}

/// The platform's own addresses never reach a firewall.
fn is_platform(row: &Endpoint) -> bool {
    row.rule_tags().any(|tag| tag.starts_with(super::PLATFORM))
}

/// The hosts of a row: those of this instance, and `*.` in front of the rest of the name where its own part is not known.
fn hosts(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> Vec<String> {
    let known = Plan::new(catalogue, instance).map(|plan| plan.checks).unwrap_or_default();
    let mut hosts: BTreeSet<String> = known
        .into_iter()
        .filter(|check| check.endpoint == row.id)
        .filter_map(|check| check.host().map(str::to_owned))
        .collect();
    if hosts.is_empty() {
        let cloud = &catalogue.clouds[&instance.cloud];
        let own = cloud.hosts.get(&row.id).unwrap_or(&row.hosts);
        let suffixes = cloud.suffixes.iter();
        let filled = own.iter().map(|host| {
            suffixes
                .clone()
                .fold(host.clone(), |host, (key, suffix)| host.replace(&format!("{{suffix.{key}}}"), suffix))
        });
        hosts.extend(filled.filter_map(|host| wildcard(&host)));
    }
    hosts.into_iter().filter(|host| host.contains('.') && host.parse::<std::net::IpAddr>().is_err()).collect()
}

/// `{storage}.blob.core.windows.net` is `*.blob.core.windows.net`; a name that is not known to its last label is none.
fn wildcard(template: &str) -> Option<String> {
    let Some((_, rest)) = template.rsplit_once(['}', '*']) else { return Some(template.to_owned()) };
    let (_, rest) = rest.split_once('.')?;
    (rest.split('.').count() >= 2).then(|| format!("*.{rest}"))
}

/// What no name can tell, by tag: SQL, AMQP, SMB, time.
fn by_tag<'a>(rows: impl Iterator<Item = &'a Endpoint>) -> Vec<FirewallRule> {
    type Ports<'a> = (Vec<PortRange>, Vec<&'a str>);
    let mut groups: BTreeMap<(String, RuleProtocol), Ports<'a>> = BTreeMap::new();
    for row in rows.filter(|row| !is_platform(row)) {
        let protocol = if row.transport == Transport::Udp { RuleProtocol::Udp } else { RuleProtocol::Tcp };
        let others =
            row.ports.iter().filter(|port| !port.protocol.is_http() && port.protocol != Protocol::Dns);
        let printed =
            row.documented_ports.as_deref().unwrap_or_default().split(',').filter_map(PortRange::read);
        let ports: Vec<PortRange> = others.map(|port| PortRange::one(port.number)).chain(printed).collect();
        if ports.is_empty() {
            continue;
        }
        for tag in row.rule_tags() {
            let group = groups.entry((tag.to_owned(), protocol)).or_default();
            group.0.extend(&ports);
            group.1.push(&row.name);
        }
    }
    groups
        .into_iter()
        .map(|((tag, protocol), (mut ports, names))| {
            arrange::by(&mut ports, Ord::cmp);
            ports.dedup();
            let udp = if protocol == RuleProtocol::Udp { "-udp" } else { "" };
            FirewallRule {
                name: format!("{}{udp}", tag.to_ascii_lowercase()),
                description: description(&names.join(", ")),
                // The firewall knows no tag for the internet, nor one for the network.
                allows: Allowance::Addresses {
                    protocol,
                    ports,
                    to: if tag == "Internet" { End::Any } else { End::Tag(tag) },
                },
            }
        })
        .collect()
}
