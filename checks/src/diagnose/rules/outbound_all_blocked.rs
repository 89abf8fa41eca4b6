//! Nothing outbound gets through although names resolve.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::catalogue::{Profile, Transport};
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::machine::is_proxy;
use crate::diagnose::phrases::count;
use crate::diagnose::reach;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};

/// Nothing outbound gets through.
pub(crate) const RULE: Rule = Rule { code: Code::OutboundAllBlocked, needs: &[Source::Run], find: all };

/// Targets that must have been tried before silence is surely general; of fewer, two at least, all must be silent.
const MIN_TARGETS: usize = 3;

fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let all: Group<'_> = facts.outbound().filter(|seen| seen.was_tried()).collect();
    // Time may come from elsewhere; what API Management does, it does over TCP.
    let (tried, datagrams) = all.partition(|seen| seen.check.transport == Transport::Tcp);
    let is_tunnel = is_tunnel(&tried);
    let (_, tried) = tried.partition(|seen| is_tunnel && has_service_endpoint(seen));
    let groups: BTreeSet<(&str, Option<u16>)> =
        tried.each().map(|seen| (seen.tag(), seen.check.port())).collect();
    if groups.len() < 2 || tried.each().any(|seen| seen.got_through()) {
        return Vec::new();
    }
    let ports = tried.ports();
    let silent = tried.each().filter(|seen| seen.is_lost()).count();
    // Where most is rejected a device says no, and that device is the finding.
    let few = tried.len() < MIN_TARGETS;
    if silent * 2 < tried.len() || (few && silent < tried.len()) {
        return Vec::new();
    }
    let lost = datagrams.each().filter(|seen| seen.is_lost());
    let affects = tried.each().chain(lost).collect::<Group<'_>>().ids();
    let some = if silent == tried.len() {
        String::new()
    } else {
        format!(", {silent} of them got no answer at all")
    };
    let reading = reading(&tried, &datagrams);
    let detail = format!(
        "None of {} on {} could be connected to{some}.{}{}{}{}",
        count(tried.len(), "target"),
        count(ports.len(), "port"),
        if is_tunnel {
            " What passes is reached by a service endpoint, ahead of the default route."
        } else {
            ""
        },
        reach::words(&tried),
        proxy_words(facts),
        private_words(reading),
    );
    let title = all_title(reading).to_owned();
    let fix = open_up(facts, reading, &tried);
    let confidence = if few { Confidence::Medium } else { Confidence::High };
    vec![Finding::new(Code::OutboundAllBlocked, confidence, title, detail, affects, fix)]
}

/// Services that a service endpoint takes out of the default route.
const ENDPOINTS: [&str; 4] = ["Storage", "Sql", "EventHub", "AzureKeyVault"];

fn has_service_endpoint(seen: Seen<'_>) -> bool {
    seen.tag().split('.').next().is_some_and(|service| ENDPOINTS.contains(&service))
}

/// Everything that passes has a service endpoint, and nothing else does, whatever the tag and port: a default route leads
/// all of it away.
fn is_tunnel(tried: &Group<'_>) -> bool {
    let (with, without) = tried.clone().partition(has_service_endpoint);
    with.each().any(|seen| seen.got_through())
        && without.len() >= MIN_TARGETS
        && without.ports().len() >= 2
        && without.is_lost()
}

/// What can be behind it, as far as the packets tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// This machine's own routing table.
    OwnRoutes,
    /// The routes behind this device, which lead in a circle.
    Circle(IpAddr),
    /// A rule: datagrams pass.
    Rule,
    /// A rule, a default route into a tunnel, or a subnet without a way out.
    Open,
}

fn reading(tried: &Group<'_>, datagrams: &Group<'_>) -> Reading {
    if tried.each().all(|seen| seen.is_routeless()) {
        Reading::OwnRoutes
    } else if let Some(device) = reach::loops_at(tried) {
        Reading::Circle(device)
    } else if datagrams.each().any(|seen| seen.got_through()) {
        Reading::Rule
    } else {
        Reading::Open
    }
}

const fn all_title(reading: Reading) -> &'static str {
    match reading {
        Reading::OwnRoutes => {
            "Nothing outbound gets through although names resolve: this machine has no route out of its network."
        }
        Reading::Circle(_) => {
            "Nothing outbound gets through although names resolve: packets go round in a circle."
        }
        Reading::Rule => {
            "No outbound TCP connection gets through although names resolve and UDP passes: a rule drops it."
        }
        Reading::Open => {
            "Nothing outbound gets through although names resolve: a deny-all rule, forced tunneling, or a private subnet."
        }
    }
}

/// Subnets are private unless somebody says otherwise, which few know yet.
const fn private_words(reading: Reading) -> &'static str {
    match reading {
        Reading::Open => {
            " Subnets of networks made since 31 March 2026 are private by default: without a NAT gateway, public IP or appliance \
             this machine reaches nothing public, while API Management may."
        }
        Reading::OwnRoutes | Reading::Circle(_) | Reading::Rule => "",
    }
}

/// A proxy that the environment names is no way out for API Management.
fn proxy_words(facts: &Facts<'_>) -> &'static str {
    if facts.host.proxy.keys().any(|name| is_proxy(name)) {
        " This machine's environment names a proxy: API Management uses none and needs a direct way."
    } else {
        ""
    }
}

fn open_up(facts: &Facts<'_>, reading: Reading, tried: &Group<'_>) -> Remedy {
    let first = tried.first().copied();
    let rules = remedy::rules_command(facts, "az");
    let mut steps = vec![
        remedy::deciding_rule(facts, first),
        look(Look::Probe(rules)).when("If it says Deny").saying("the rules to put ahead of that one"),
    ];
    let summary = match reading {
        Reading::OwnRoutes => return remedy::own_route(facts),
        Reading::Circle(device) => return remedy::loop_route(facts, device, tried),
        Reading::Rule => "Put rules that allow what API Management needs ahead of the one that drops it.",
        Reading::Open => "Find out which of the three it is, then change that one alone.",
    };
    let route = remedy::next_hop(facts, first);
    if reading == Reading::Rule {
        steps.push(route.when("If it says Allow").saying("which device on the route drops it"));
        return remedy::advise(facts, summary, steps);
    }
    steps.push(route.when("If it says Allow").saying("whether a tunnel or appliance takes it"));
    let instance = &facts.plan.instance;
    // Tags do not work in the routes of China, and other profiles have no control plane to answer.
    if instance.profile == Profile::Classic && instance.cloud != "china" {
        steps.push(remedy::management_route().when(remedy::TUNNELED));
    }
    steps.extend([
        remedy::service_endpoints(),
        look(Look::Subnet).saying("whether the subnet is private and has no NAT gateway"),
        change(Change::AttachNatGateway).when("If it is private and should have a way out"),
    ]);
    remedy::advise(facts, summary, steps)
}
