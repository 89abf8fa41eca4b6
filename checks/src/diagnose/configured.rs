//! What the configuration says of the checks: its flows as rules see them, and the changes that findings propose.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::diagnose::finding::Finding;
use crate::diagnose::phrases::listed;
use crate::diagnose::seen::Seen;
use crate::facts::Facts;
use crate::fix::step::{Change, Proposal, change};
use crate::fix::{End, Existing, Fix, RuleChange, RuleField, Scope, SecurityRule, description};
use crate::network::decision::{Decision, Field, NearMiss, Ruling};
use crate::network::judgement::{Judgement, Names};
use crate::network::{Access, PortRange, RuleProtocol, Way};
use crate::outcome::Scope as AddressScope;
use crate::plan::CheckId;
use crate::plan::flow::{Carrier, Flow, OtherEnd};

/// The judgement of the configuration, where one was given.
pub(super) fn judgement<'a>(facts: &Facts<'a>) -> Option<&'a Judgement> {
    facts.network.map(|network| &network.judgement)
}

/// One flow of a check, with what the configuration says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    /// The check.
    pub seen: Seen<'a>,
    /// The flow.
    pub flow: &'a Flow,
    /// The decision.
    pub decision: &'a Decision,
}

/// Every flow that was judged, in the order of the plan.
pub(super) fn judged<'a>(facts: &Facts<'a>) -> impl Iterator<Item = Judged<'a>> + use<'a> {
    let network = judgement(facts);
    let of = move |seen: Seen<'a>| network.and_then(|network| network.judged.get(&seen.check.id));
    facts.seen().flat_map(move |seen| {
        let flows = of(seen).map(Vec::as_slice).unwrap_or_default();
        flows.iter().map(move |(flow, decision)| Judged { seen, flow, decision })
    })
}

/// Flows that one rule or route decides, in the order in which they were first seen.
pub(super) fn grouped<'a, K: Ord + Clone>(
    flows: impl Iterator<Item = Judged<'a>>,
    key: impl Fn(&Judged<'a>) -> Option<K>,
) -> Vec<(K, Vec<Judged<'a>>)> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut groups: Vec<(K, Vec<Judged<'a>>)> = Vec::new();
    for flow in flows {
        let Some(key) = key(&flow) else { continue };
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(flow),
            None => groups.push((key, vec![flow])),
        }
    }
    groups
}

/// The checks of flows, each once, without those that packets have shown to pass.
pub(super) fn affected(flows: &[Judged<'_>]) -> Vec<CheckId> {
    let mut ids: Vec<CheckId> = Vec::new();
    for judged in flows.iter().filter(|judged| !judged.seen.is_success()) {
        if !ids.contains(&judged.seen.check.id) {
            ids.push(judged.seen.check.id.clone());
        }
    }
    ids
}

/// What several flows ask for together: one direction, transport and other end, and their ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Need {
    /// Direction.
    pub direction: Way,
    /// Transport.
    pub transport: Carrier,
    /// The other end.
    pub other: OtherEnd,
    /// Its ports, each once.
    pub ports: Vec<PortRange>,
}

/// The needs of flows, in order: the hosts of a service tag are one need, as a rule names them.
pub(super) fn needs<'a>(flows: impl IntoIterator<Item = &'a Flow>) -> Vec<Need> {
    type Ends = (BTreeSet<PortRange>, BTreeSet<IpAddr>, bool);
    let mut found: BTreeMap<(Way, Carrier, OtherEnd), Ends> = BTreeMap::new();
    for flow in flows {
        let key = (flow.direction, flow.transport, rule_end(&flow.other));
        let (ports, addresses, is_whole) = found.entry(key).or_default();
        ports.insert(flow.ports);
        match &flow.other {
            OtherEnd::Addresses(own, _) => addresses.extend(own),
            OtherEnd::Tag(_) | OtherEnd::Peers | OtherEnd::Internet | OtherEnd::Anywhere => *is_whole = true,
        }
    }
    let need =
        |((direction, transport, other), (ports, addresses, is_whole)): ((Way, Carrier, OtherEnd), Ends)| {
            // One host of a tag is named with its address: a prefix may be what denies it.
            let other = match other {
                OtherEnd::Tag(tag) if addresses.len() == 1 && !is_whole => {
                    OtherEnd::Addresses(addresses.into_iter().collect(), Some(tag))
                }
                other => other,
            };
            Need { direction, transport, other, ports: ports.into_iter().collect() }
        };
    found.into_iter().map(need).collect()
}

/// The other end as a rule would name it. A private address (a private endpoint) is in no service tag.
fn rule_end(other: &OtherEnd) -> OtherEnd {
    match other {
        OtherEnd::Addresses(addresses, Some(tag))
            if addresses.iter().any(|ip| AddressScope::of(*ip) != AddressScope::Private) =>
        {
            OtherEnd::Tag(tag.clone())
        }
        OtherEnd::Addresses(addresses, _) => OtherEnd::Addresses(addresses.clone(), None),
        OtherEnd::Tag(_) | OtherEnd::Peers | OtherEnd::Internet | OtherEnd::Anywhere => other.clone(),
    }
}

impl Need {
    /// `TCP 1433 to Sql`, `TCP 3443 from ApiManagement`, `UDP 4290 between the units`.
    #[must_use]
    pub(super) fn shown(&self) -> String {
        let protocol = self.transport.name();
        let word = if self.direction == Way::Inbound { "from" } else { "to" };
        let other = match &self.other {
            OtherEnd::Addresses(addresses, tag) => {
                let shown = listed(addresses);
                tag.as_ref().map_or(shown.clone(), |tag| format!("{tag} ({shown})"))
            }
            OtherEnd::Tag(tag) => tag.clone(),
            OtherEnd::Peers => "the other units".to_owned(),
            OtherEnd::Internet => "Internet".to_owned(),
            OtherEnd::Anywhere => "its host".to_owned(),
        };
        format!("{protocol} {} {word} {other}", listed(&self.ports))
    }

    /// The other end as a rule names it: its tag, else its addresses.
    fn end(&self) -> End {
        match &self.other {
            OtherEnd::Addresses(_, Some(tag)) | OtherEnd::Tag(tag) => End::Tag(tag.clone()),
            OtherEnd::Addresses(addresses, None) => {
                End::Prefixes(addresses.iter().map(|address| ipnet::IpNet::from(*address)).collect())
            }
            OtherEnd::Peers => End::network(),
            OtherEnd::Internet | OtherEnd::Anywhere => End::Tag("Internet".to_owned()),
        }
    }

    /// The rule that allows it.
    fn rule(&self, name: String, priority: Option<u16>) -> SecurityRule {
        let (source, destination) = match self.direction {
            Way::Inbound => (self.end(), End::network()),
            Way::Outbound => (End::network(), self.end()),
        };
        SecurityRule {
            name,
            description: description(&format!("API Management needs {}.", self.shown())),
            direction: self.direction,
            priority,
            access: Access::Allow,
            protocol: self.transport.protocol(),
            source,
            destination,
            ports: self.ports.clone(),
        }
    }
}

/// The needs as a clause: `TCP 1433 to Sql and TCP 443 to Storage`.
pub(super) fn shown(needs: &[Need]) -> String {
    listed(needs.iter().map(Need::shown))
}

/// The near misses of flows, as sentences: a rule that several flows miss by one field is one.
pub(super) fn near_sentences(flows: &[Judged<'_>]) -> String {
    let mut merged: Vec<NearMiss> = Vec::new();
    let near: BTreeSet<&NearMiss> =
        flows.iter().filter_map(|judged| judged.decision.near_miss.as_ref()).collect();
    for near in near {
        let same = |known: &&mut NearMiss| {
            (&known.name, &known.group, known.field, &known.has)
                == (&near.name, &near.group, near.field, &near.has)
        };
        match merged.iter_mut().find(same) {
            Some(known) => known.needs = format!("{}, {}", known.needs, near.needs),
            None => merged.push(near.clone()),
        }
    }
    merged.into_iter().map(|near| format!(" {near}.")).collect()
}

/// Names for commands about the subnet's rules.
pub(super) fn rules_scope(names: &Names) -> Scope {
    Scope {
        resource_group: names.security_resource_group.clone(),
        security_group: names.security_group.clone(),
        exists: Existing::Existing,
        ..Scope::default()
    }
}

/// Changes that let denied flows pass: the rule that came close is changed where one field of it is all that is wrong, else a
/// rule is put at a free priority ahead of `denier`. What it takes of names and priorities is no longer free in `names`.
pub(super) fn allow(flows: &[Judged<'_>], names: &mut Names, denier: Option<u32>) -> Vec<Proposal> {
    let mut changes = Vec::new();
    for need in needs(flows.iter().map(|judged| judged.flow)) {
        let of_need = flows.iter().filter(|judged| {
            let flow = judged.flow;
            (flow.direction, flow.transport, rule_end(&flow.other))
                == (need.direction, need.transport, rule_end(&need.other))
        });
        let near: Vec<Option<&NearMiss>> = of_need.map(|judged| judged.decision.near_miss.as_ref()).collect();
        let only =
            near.first().copied().flatten().filter(|first| near.iter().all(|near| *near == Some(*first)));
        let free = names.free_priority(need.direction, denier);
        if let Some(near) = only.and_then(|near| correction(near, free)) {
            changes.push(change(Change::Rule(near)));
            continue;
        }
        let priority = free;
        names.priorities.extend(priority.map(|priority| (need.direction, priority)));
        let rule =
            need.rule(names.free_name(&need_name(&need)), priority.and_then(|it| u16::try_from(it).ok()));
        names.rules.push(rule.name.clone());
        changes.push(change(Change::Add(Fix::SecurityRule(rule))));
    }
    changes
}

/// The change that lets a near miss match; `None` where it holds a list, whose other members would be lost, where no priority is
/// free, or where it faces the other way, which somebody may have meant.
fn correction(near: &NearMiss, free: Option<u32>) -> Option<RuleChange> {
    let is_list = near.has.contains(", ");
    let end = || {
        let prefixes: Option<Vec<ipnet::IpNet>> = near.needs.split(", ").map(prefix).collect();
        prefixes.map_or_else(|| End::Tag(near.needs.clone()), End::Prefixes)
    };
    let sets = match near.field {
        Field::Priority => RuleField::Priority(free?),
        Field::Access => RuleField::Access(Access::Allow),
        Field::Protocol => RuleField::Protocol(RuleProtocol::read(&near.needs)?),
        Field::Source if !is_list => RuleField::Source(end()),
        Field::Destination if !is_list => RuleField::Destination(end()),
        // A range may hold ports that are needed as well.
        Field::Port if !is_list && !near.has.contains('-') => {
            RuleField::Ports(vec![PortRange::read(&near.needs)?])
        }
        Field::Direction | Field::Source | Field::Destination | Field::Port => return None,
    };
    Some(RuleChange { name: near.name.clone(), sets })
}

fn prefix(text: &str) -> Option<ipnet::IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(ipnet::IpNet::from))
}

/// `Allow-Sql-Outbound`.
fn need_name(need: &Need) -> String {
    let end = match need.end() {
        End::Tag(tag) => tag.replace('.', "-"),
        End::Prefixes(prefixes) => {
            prefixes.first().map(|prefix| prefix.addr().to_string()).unwrap_or_default()
        }
        End::Any => "Any".to_owned(),
    };
    let end = end.replace([':', '.'], "-");
    let udp = if need.transport == Carrier::Udp { "-Udp" } else { "" };
    let way = if need.direction == Way::Inbound { "Inbound" } else { "Outbound" };
    format!("Allow-{end}{udp}-{way}")
}

/// Names for commands about the subnet's routes.
pub(super) fn routes_scope(names: &Names) -> Scope {
    Scope {
        resource_group: names.route_resource_group.clone().or_else(|| names.network_resource_group.clone()),
        route_table: names.route_table.clone(),
        exists: Existing::Existing,
        ..Scope::default()
    }
}

/// Names for commands about the subnet itself.
pub(super) fn subnet_scope(names: &Names) -> Scope {
    Scope {
        resource_group: names.network_resource_group.clone(),
        virtual_network: names.virtual_network.clone(),
        subnet: names.subnet.clone(),
        security_group: names.security_group.clone(),
        exists: Existing::Existing,
        ..Scope::default()
    }
}

/// Where the configuration allows what packets show dropped, the finding says so: group and routes are not it.
pub(super) fn clear_of_blame(facts: &Facts<'_>, finding: &mut Finding) {
    if !finding.code.is_nameless() || finding.affects.is_empty() {
        return;
    }
    let allowed = |id: &CheckId| {
        let decision = judgement(facts).and_then(|judgement| judgement.decision(id));
        decision.is_some_and(|decision| decision.ruling == Ruling::Allowed)
    };
    if finding.affects.iter().all(allowed) {
        finding.detail.push_str(
            " The security group and the routes of the configuration allow these flows: a firewall of the service, a private \
             endpoint, or a device that the documents do not show is what is left.",
        );
    }
}
