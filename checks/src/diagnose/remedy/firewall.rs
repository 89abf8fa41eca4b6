//! The rules of a firewall that let checks through: one a service tag, or by name, or by address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{host, remote, tags};
use crate::catalogue::Transport;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::fix::step::{Change, Look, Proposal, change, look};
use crate::fix::{Allowance, End, FirewallRule, Fix};
use crate::network::{PortRange, RuleProtocol};
use crate::plan::Check;

/// Names that one rule lists; of more, those that a service tag covers are allowed by their tag.
const MAX_LISTED: usize = 8;

/// Rules that a remedy lists; of more, `rules` writes them all.
const RULES: usize = 4;

/// Which rules of a firewall come first, where both can let a host through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefer {
    /// By name what speaks HTTP, since the firewall shows that it looks at names.
    Names,
    /// By service tag.
    Tags,
}

/// The rules of an Azure Firewall policy that let these checks through; of many, the command that writes them all.
pub(crate) fn firewall(facts: &Facts<'_>, group: &Group<'_>, prefer: Prefer) -> Vec<Proposal> {
    let rules = firewall_rules(group, prefer);
    if rules.len() > RULES {
        let text = "the rules of the whole instance, for an Azure Firewall policy (any other firewall needs the same)";
        return vec![look(Look::Probe(rules_command(facts, "azure-firewall"))).saying(text)];
    }
    let add = |rule| change(Change::Add(Fix::Firewall(rule)));
    rules.into_iter().map(add).collect()
}

/// What writes the rules of such an instance in a language of `rules`. Names of its resources are left out: a saved report does not
/// say how they were typed, and its judgement must be the same.
pub(crate) fn rules_command(facts: &Facts<'_>, language: &str) -> Vec<String> {
    let instance = &facts.plan.instance;
    let mut args = vec!["rules".to_owned(), "--as".to_owned(), language.to_owned()];
    let mut give = |option: &str, value: &str| args.extend([option.to_owned(), host(value).to_owned()]);
    if instance.cloud != "public" {
        give("--cloud", &instance.cloud);
    }
    instance.region.iter().for_each(|region| give("--region", region));
    args
}

/// By name what speaks HTTP where that was asked for or no tag covers it, by tag what has one, by address the rest: one rule a tag.
fn firewall_rules(group: &Group<'_>, prefer: Prefer) -> Vec<FirewallRule> {
    let names = group.hosts().len();
    let is_public_tag = |check: &Check| !matches!(check.tag_or_internet(), "Internet" | "VirtualNetwork");
    let by_name = |seen: &Seen<'_>| {
        let wanted = prefer == Prefer::Names && names <= MAX_LISTED;
        seen.check.protocol.is_http() && seen.host().is_some() && (wanted || !is_public_tag(seen.check))
    };
    let (named, others): (Vec<Seen<'_>>, Vec<Seen<'_>>) = group.each().partition(by_name);
    let (tagged, bare): (Vec<Seen<'_>>, Vec<Seen<'_>>) =
        others.into_iter().partition(|seen| is_public_tag(seen.check));
    let mut rules = tag_rules(&tagged);
    rules.extend(address_rules(&bare));
    rules.extend(name_rules(&named));
    rules
}

fn protocol(transport: Transport) -> RuleProtocol {
    if transport == Transport::Udp { RuleProtocol::Udp } else { RuleProtocol::Tcp }
}

/// Ports and addresses by what is at the other end; without addresses it is a service tag.
type Ends<'a> = BTreeMap<(&'a str, RuleProtocol), (BTreeSet<u16>, BTreeSet<IpAddr>)>;

fn tag_rules(checks: &[Seen<'_>]) -> Vec<FirewallRule> {
    let mut ends = Ends::new();
    for seen in checks {
        for tag in tags(seen.tag()) {
            ends.entry((tag, protocol(seen.check.transport))).or_default().0.extend(seen.check.port());
        }
    }
    rules_to(ends)
}

/// What neither a tag nor a name can stand for, by the addresses that it has today.
fn address_rules(checks: &[Seen<'_>]) -> Vec<FirewallRule> {
    let mut ends = Ends::new();
    for seen in checks {
        let Some(remote) = remote(*seen) else { continue };
        let host = seen.host().map_or("address", host);
        let (ports, addresses) = ends.entry((host, protocol(seen.check.transport))).or_default();
        ports.insert(remote.port());
        addresses.insert(remote.ip());
    }
    rules_to(ends)
}

fn rules_to(ends: Ends<'_>) -> Vec<FirewallRule> {
    let rule = |((name, protocol), (ports, addresses)): ((&str, _), (_, BTreeSet<IpAddr>))| {
        if addresses.is_empty() {
            return address_rule(&name.replace('.', "-"), protocol, &ports, End::Tag(name.to_owned()));
        }
        let prefixes = addresses.into_iter().map(ipnet::IpNet::from).collect();
        let label = name.split('.').next().unwrap_or(name);
        address_rule(label, protocol, &ports, End::Prefixes(prefixes))
    };
    ends.into_iter().map(rule).collect()
}

fn address_rule(label: &str, protocol: RuleProtocol, ports: &BTreeSet<u16>, to: End) -> FirewallRule {
    let udp = if protocol == RuleProtocol::Udp { "-udp" } else { "" };
    FirewallRule {
        name: format!("apim-{}{udp}", label.to_ascii_lowercase()),
        description: String::new(),
        allows: Allowance::Addresses {
            protocol,
            ports: ports.iter().copied().map(PortRange::one).collect(),
            to,
        },
    }
}

fn name_rules(checks: &[Seen<'_>]) -> Vec<FirewallRule> {
    let mut by_port: BTreeMap<(u16, bool), Vec<String>> = BTreeMap::new();
    for seen in checks {
        let name = seen.host().map_or("<HOST>", host).to_owned();
        let hosts = by_port.entry((seen.port(), seen.check.protocol.is_plain_http())).or_default();
        if name != "<HOST>" && !hosts.contains(&name) {
            hosts.push(name);
        }
    }
    by_port.retain(|_, hosts| !hosts.is_empty());
    let rule = |((port, plain), hosts)| FirewallRule {
        name: format!("apim-names-{port}"),
        description: String::new(),
        allows: Allowance::Names { protocol: if plain { "Http" } else { "Https" }, port, hosts },
    };
    by_port.into_iter().map(rule).collect()
}
