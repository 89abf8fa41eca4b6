//! Remedies: looks and changes as data, what rules say of them again and again, and their rendering as commands.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use crate::azure;
use crate::catalogue::Transport;
use crate::diagnose::configured::{judgement, routes_scope, rules_scope, subnet_scope};
use crate::diagnose::finding::{Instruction, Remedy, StepKind};
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::fix::step::{Action, Change, DnsQuestion, FlowEnds, Look, Owner, Peer, Proposal, change, look};
use crate::fix::{End, Fix, Hop, Route, Scope, SecurityRule, az};
use crate::network::{Access, DocumentKind, PortRange, RuleProtocol, Way};
use crate::outcome::Stage;
use crate::plan::flow::Carrier;
use crate::server::Server;

mod firewall;

pub(crate) use firewall::{Prefer, firewall, rules_command};

/// What to do, in words and in steps; each step with the names that the facts have.
pub(crate) fn advise(facts: &Facts<'_>, summary: impl Into<String>, proposals: Vec<Proposal>) -> Remedy {
    let mut steps = Vec::new();
    for proposal in proposals {
        self::steps(facts, proposal, &mut steps);
    }
    Remedy { summary: summary.into(), steps, doc_url: None }
}

/// Adds the commands of one step; words stand at the first of them.
fn steps(facts: &Facts<'_>, proposal: Proposal, to: &mut Vec<Instruction>) {
    let Proposal { when, mut text, action } = proposal;
    let kind = if matches!(action, Action::Look(_)) { StepKind::Look } else { StepKind::Change };
    for command in az::step(&action, &scope(facts, action.owner())) {
        to.push(Instruction { kind, when: when.clone(), text: text.take(), command });
    }
}

/// Names of the resources that a step speaks of, as far as documents, options and the metadata service give them.
fn scope(facts: &Facts<'_>, owner: Owner) -> Scope {
    let names = judgement(facts).map(|network| &network.names);
    let metadata = &facts.host.azure.metadata;
    match owner {
        Owner::Rules => names.map(rules_scope),
        Owner::Routes => names.map(routes_scope),
        Owner::Subnet => names.map(subnet_scope),
        Owner::Machine => Some(Scope {
            resource_group: metadata
                .resource_group
                .clone()
                .or_else(|| names?.interface_resource_group.clone()),
            machine: metadata.vm_name.clone(),
            interface: interface(facts),
            ..Scope::default()
        }),
        Owner::Instance => Some(Scope {
            resource_group: names.and_then(|names| names.service_resource_group.clone()),
            service: names
                .and_then(|names| names.service.clone())
                .or_else(|| facts.plan.instance.service.clone()),
            ..Scope::default()
        }),
        Owner::Other => facts.network.map(|network| Scope {
            subnet_prefix: network.basis.subnet.iter().find_map(|it| it.prefixes.first()?.parse().ok()),
            ..Scope::default()
        }),
    }
    .unwrap_or_default()
}

/// The interface of this machine, where the documents hold no other.
fn interface(facts: &Facts<'_>) -> Option<String> {
    let documents = facts.network.into_iter().flat_map(|network| &network.basis.documents);
    let mut names = documents.filter(|it| it.kind == DocumentKind::NetworkInterface).map(|it| &it.name);
    names.next().filter(|name| names.all(|other| other == *name)).cloned()
}

/// A rule of the subnet's group that lets it reach a service tag on these ports.
#[must_use]
pub fn outbound_rule(tag: &str, ports: &[u16], transport: Transport) -> SecurityRule {
    let numbers: Vec<String> = ports.iter().map(u16::to_string).collect();
    SecurityRule {
        name: format!("Allow-{}-{}-Outbound", tag.replace('.', "-"), numbers.join("-")),
        description: String::new(),
        direction: Way::Outbound,
        priority: None,
        access: Access::Allow,
        protocol: if transport == Transport::Udp { RuleProtocol::Udp } else { RuleProtocol::Tcp },
        source: End::network(),
        destination: End::Tag(tag.to_owned()),
        ports: ports.iter().copied().map(PortRange::one).collect(),
    }
}

/// The same for one address that no tag covers.
pub(crate) fn address_rule(address: IpAddr, port: u16, transport: Transport) -> SecurityRule {
    let named = outbound_rule(&address.to_string().replace([':', '.'], "-"), &[port], transport);
    SecurityRule { destination: End::Prefixes(vec![address.into()]), ..named }
}

/// A rule of the subnet's group that lets a service tag in on these TCP ports.
#[must_use]
pub fn inbound_rule(source: &str, ports: &[u16]) -> SecurityRule {
    let numbers: Vec<String> = ports.iter().map(u16::to_string).collect();
    SecurityRule {
        name: format!("Allow-{}-{}-Inbound", source.replace('.', "-"), numbers.join("-")),
        direction: Way::Inbound,
        source: End::Tag(source.to_owned()),
        destination: End::network(),
        ..outbound_rule(source, ports, Transport::Tcp)
    }
}

/// The port on which the control plane comes in, from its own service tag.
const CONTROL_PLANE: u16 = 3443;

/// Who must be let in on the control plane's port, where it is among `ports`; else nothing.
pub(crate) fn control_plane_words(ports: &BTreeSet<u16>) -> &'static str {
    if ports.contains(&CONTROL_PLANE) {
        "; 3443 is the control plane's and must be open to the tag ApiManagement"
    } else {
        ""
    }
}

/// How far the instance is, and the rules that let `source` in on its ports, and the control plane on its own.
pub(crate) fn allow_in(facts: &Facts<'_>, source: &str, ports: &BTreeSet<u16>) -> Vec<Proposal> {
    let others: Vec<u16> = ports.iter().copied().filter(|port| *port != CONTROL_PLANE).collect();
    let control: Vec<u16> = ports.iter().copied().filter(|port| *port == CONTROL_PLANE).collect();
    let rule = |source: &str, ports: &[u16]| (!ports.is_empty()).then(|| inbound_rule(source, ports));
    let rules = [rule(source, &others), rule("ApiManagement", &control)].into_iter().flatten();
    let rules = new_rules(facts, rules.collect()).into_iter();
    let rules = rules.map(|rule| rule.when("If no rule of the group lets it in"));
    [look(Look::Instance), look(Look::Rules)].into_iter().chain(rules).collect()
}

/// Rules of the subnet's group, at the first priorities that are free where documents tell: packets do not tell what they must
/// stand ahead of.
fn new_rules(facts: &Facts<'_>, rules: Vec<SecurityRule>) -> Vec<Proposal> {
    let names = judgement(facts).map(|network| &network.names);
    let mut proposals = Vec::new();
    for mut rule in rules {
        rule.priority = names.and_then(|names| names.first_free_priority(rule.direction, proposals.len()));
        proposals.push(change(Change::Add(Fix::SecurityRule(rule))));
    }
    proposals
}

/// The tags of what a source prints: `Storage, AzureMonitor (2021 docs: …)` are two.
pub(crate) fn tags(printed: &str) -> impl Iterator<Item = &str> {
    printed.split(',').map(str::trim).filter_map(tag_word)
}

/// The tag itself of what a source prints: `Storage (2021-2024 docs: …)` is `Storage`.
fn tag_word(printed: &str) -> Option<&str> {
    printed.split([' ', '(', '/', ';', ':']).next().filter(|word| !word.is_empty())
}

/// Both ends of the flow of a check as its packets had them.
fn ends(facts: &Facts<'_>, seen: Seen<'_>) -> FlowEnds {
    let remote = remote(seen);
    FlowEnds {
        direction: Way::Outbound,
        transport: if seen.check.transport == Transport::Tcp { Carrier::Tcp } else { Carrier::Udp },
        local: local(facts, remote.map(|remote| remote.ip())),
        remote,
    }
}

/// Where the packets of a check went: the address that failed, else the one in use, else the first of the name.
pub(super) fn remote(seen: Seen<'_>) -> Option<SocketAddr> {
    let failed = || seen.outcome.steps.iter().filter(|step| step.stage != Stage::Resolve);
    let failed = || failed().find_map(|step| step.address.filter(|_| step.cause.is_some()));
    let used = || seen.outcome.evidence.peer.as_ref().map(|peer| peer.address);
    let given = || seen.host()?.parse().ok();
    let address = failed().or_else(used).or_else(|| seen.addresses().next()).or_else(given)?;
    Some(SocketAddr::new(address, seen.check.port()?))
}

/// This machine's address towards `remote`.
pub(crate) fn local(facts: &Facts<'_>, remote: Option<IpAddr>) -> Option<IpAddr> {
    let metadata = &facts.host.azure.metadata;
    let own = metadata.private_addresses.iter().chain(&facts.host.addresses);
    let own = own.filter_map(|address| address.parse::<IpAddr>().ok());
    let peers = facts.seen().filter_map(|seen| seen.outcome.evidence.peer.as_ref()?.local_address.clone());
    let used = peers.filter_map(|address| address.parse::<SocketAddr>().ok()).map(|address| address.ip());
    own.chain(used).find(|address| remote.is_none_or(|remote| remote.is_ipv4() == address.is_ipv4()))
}

/// Which security rule decides a flow; Azure tells it of IPv4 alone, and the rules in force of the rest.
pub(crate) fn deciding_rule(facts: &Facts<'_>, seen: Option<Seen<'_>>) -> Proposal {
    let ends = seen.map(|seen| ends(facts, seen));
    let is_v6 = ends.as_ref().and_then(|ends| ends.remote).is_some_and(|remote| remote.is_ipv6());
    match ends {
        Some(ends) if !is_v6 => look(Look::IpFlow(ends)),
        _ => look(Look::EffectiveRules),
    }
}

/// Where the route of a flow leads; Azure tells it of IPv4 alone, and the routes in force of the rest.
pub(crate) fn next_hop(facts: &Facts<'_>, seen: Option<Seen<'_>>) -> Proposal {
    let to = seen.and_then(remote).map(|remote| remote.ip());
    match to {
        Some(to) if to.is_ipv6() => look(Look::EffectiveRoutes),
        to => look(Look::NextHop { from: local(facts, to), to }),
    }
}

/// The rule that decides, the rules to put ahead of it where it denies, and where the route leads where it allows.
pub(crate) fn let_out(facts: &Facts<'_>, group: &Group<'_>, rules: Vec<SecurityRule>) -> Vec<Proposal> {
    let first = group.first().copied();
    let mut steps = vec![deciding_rule(facts, first)];
    steps.extend(new_rules(facts, rules).into_iter().map(|rule| rule.when("If it says Deny")));
    steps.push(next_hop(facts, first).when("If it says Allow").saying("which device on the route drops it"));
    steps
}

/// A host name that may stand in a command line; a placeholder for anything else, whoever wrote it.
pub(crate) use crate::fix::shell::host;

/// The first host and port of a group, for a look; the placeholder where it has none.
pub(crate) fn first_peer(group: &Group<'_>) -> Peer {
    let first = group.first();
    let host = first.and_then(|seen| seen.host()).unwrap_or("<HOST>");
    Peer { host: host.to_owned(), port: first.map_or(0, |seen| seen.port()) }
}

/// What the configured servers answer for a name, asked in some way.
pub(crate) fn dig(name: &str, how: DnsQuestion) -> Proposal {
    look(Look::Dns { server: None, name: name.to_owned(), how }).saying("what the configured servers answer")
}

/// What one server answers for a name.
pub(crate) fn ask(server: Server, name: &str, how: DnsQuestion) -> Proposal {
    let text = format!("what {server} answers");
    look(Look::Dns { server: Some(server), name: name.to_owned(), how }).saying(text)
}

/// What Azure's own resolver answers for a name.
pub(crate) fn ask_azure(name: &str, how: DnsQuestion) -> Proposal {
    ask(azure::DNS, name, how)
}

/// The addresses of a name as this machine sees them, and as 168.63.129.16 does.
pub(crate) fn compare_addresses(name: &str) -> Vec<Proposal> {
    vec![dig(name, DnsQuestion::Addresses), ask_azure(name, DnsQuestion::Addresses)]
}

/// For packets that go round in a circle, as `device` says: no rule is to be changed.
pub(crate) fn loop_route(facts: &Facts<'_>, device: IpAddr, group: &Group<'_>) -> Remedy {
    let summary =
        format!("Correct the routes on {device} and behind it: they lead these packets in a circle.");
    let first = next_hop(facts, group.first().copied()).saying("where the route leads");
    advise(facts, summary, vec![first, look(Look::EffectiveRoutes)])
}

/// For what this machine's own routing table keeps from leaving.
pub(crate) fn own_route(facts: &Facts<'_>) -> Remedy {
    let summary = "Remove the unreachable or prohibiting route on this machine, or add a default route.";
    advise(facts, summary, vec![look(Look::LocalRoutes)])
}

/// Words for steps that belong to forced tunneling alone.
pub(crate) const TUNNELED: &str = "Under forced tunneling only";

/// All service endpoints that API Management can use, beside those that the subnet has.
pub(crate) fn service_endpoints() -> Proposal {
    let all = ["Microsoft.Storage", "Microsoft.Sql", "Microsoft.KeyVault", "Microsoft.EventHub"];
    change(Change::AddServiceEndpoints(all.map(str::to_owned).to_vec())).when(TUNNELED)
}

/// The route that keeps the management traffic of API Management off a forced tunnel.
pub(crate) fn management_route() -> Proposal {
    let route = Route {
        name: "ApiManagement".to_owned(),
        description: String::new(),
        prefix: "ApiManagement".to_owned(),
        hop: Hop::Internet,
    };
    change(Change::Add(Fix::Route(route)))
}

/// What must follow a change of the network's DNS servers, for instances that exist already.
pub(crate) fn apply_network_configuration() -> Proposal {
    change(Change::ApplyNetworkConfiguration).when("After the change, for an instance that exists")
}

/// The portal's own view, as a file that `--from-network-status` reads.
pub(crate) fn network_status() -> Proposal {
    look(Look::NetworkStatus)
}
