//! A private address that nobody answers at.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::catalogue::{Direction, Role};
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::gateway_seen::probe_behind;
use crate::diagnose::phrases::{listed, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::own_endpoint_silent;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::outcome::Scope;
use crate::plan::GatewayPath;

/// The name has a private address that is silent.
pub(crate) const RULE: Rule =
    Rule { code: Code::PrivateEndpointUnreachable, needs: &[Source::Run], find: unreachable };

/// Service tags of names that lead to one address, from which on that address is nobody's private endpoint.
const MANY_SERVICES: usize = 4;

fn unreachable(facts: &Facts<'_>) -> Vec<Finding> {
    // One address is one place, whatever the names that lead to it.
    let mut by_address: BTreeMap<IpAddr, Group<'_>> = BTreeMap::new();
    let is_nobodys = |seen: &Seen<'_>| seen.is_lost() || seen.is_unreachable();
    let silent = facts.ended().filter(|seen| !seen.is_platform() && is_nobodys(seen) && !is_front(*seen));
    for seen in silent {
        if let Some(address) = private_address(seen) {
            by_address.entry(address).or_default().push(seen);
        }
    }
    // The gateway's 502 follows from what its probe meets.
    for front in facts.ended() {
        let probe = probe_behind(facts, front);
        if let Some(group) = probe.and_then(private_address).and_then(|address| by_address.get_mut(&address))
        {
            group.push(front);
        }
    }
    by_address.into_iter().map(|(address, group)| unreachable_finding(facts, address, &group)).collect()
}

/// What clients ask of a gateway, which has a rule of its own.
fn is_front(seen: Seen<'_>) -> bool {
    seen.check.role() == Role::GatewayFront
}

/// The private address that a check went to, by name or as it was given.
fn private_address(seen: Seen<'_>) -> Option<IpAddr> {
    // The name may lead to a gateway in front of the address that was dialled.
    let dialled = match &seen.check.gateway {
        Some(GatewayPath::Probe { address, .. }) => Some(*address),
        _ => seen.check.must_resolve_to,
    };
    if dialled.is_some_and(|address| Scope::of(address) == Scope::Private) && seen.is_lost() {
        return dialled;
    }
    let resolved =
        seen.outcome.evidence.dns.iter().flat_map(|dns| &dns.addresses).map(|address| address.ip).next();
    resolved.filter(|_| seen.is_private()).or_else(|| seen.literal())
}

fn unreachable_finding(facts: &Facts<'_>, address: IpAddr, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let ip = address;
    let address = address.to_string();
    let mut callee = group.each().filter(|seen| !is_front(*seen));
    let own = callee.all(|seen| seen.check.direction == Direction::Inbound);
    let ports = group.ports();
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
    let (detail, fix) = if own {
        own_endpoint_silent::at_private_address(facts, &address, &ports)
    } else {
        endpoint_silent(facts, ip, group)
    };
    let confidence = if own { Confidence::Medium } else { Confidence::High };
    let code = if own { Code::OwnEndpointSilent } else { Code::PrivateEndpointUnreachable };
    Finding::new(code, confidence, title, detail, group.ids(), fix)
}

fn endpoint_silent(facts: &Facts<'_>, address: IpAddr, group: &Group<'_>) -> (String, Remedy) {
    let steps = group.each().flat_map(|seen| &seen.outcome.steps);
    let told = steps.filter_map(|step| step.icmp.filter(|icmp| icmp.is_unreachable())?.from).next();
    let tags = Group::by(group.each(), |seen| seen.check.service_tag.as_deref()).len();
    let detail = match told {
        _ if tags >= MANY_SERVICES => format!(
            "Names of {tags} service tags lead to this one address: the DNS server answers every name with it, as a wildcard record or \
             the portal of a guest network does. No private endpoint stands for so many services."
        ),
        Some(router) => format!(
            "{router} says that the address cannot be reached: nobody has it, or no route leads to its network. A private endpoint \
             that was removed, a stale record, or a peering that is missing looks like this."
        ),
        None => "A private endpoint that was removed, a stale record, or a network security group between the subnets looks like \
                 this."
            .to_owned(),
    };
    let summary = if tags >= MANY_SERVICES {
        format!(
            "Remove the wildcard record, or what else answers every name with {address}, and forward Azure names to 168.63.129.16."
        )
    } else {
        format!(
            "Find out which resource owns the address {address}. If it is the private endpoint, check that it is approved and that its \
         subnet lets this one in; if it is not, correct the record."
        )
    };
    let first = group.first().copied();
    let steps = vec![
        look(Look::InterfaceWith(Some(address))),
        remedy::deciding_rule(facts, first),
        remedy::next_hop(facts, first),
    ];
    (detail, remedy::advise(facts, summary, steps))
}
