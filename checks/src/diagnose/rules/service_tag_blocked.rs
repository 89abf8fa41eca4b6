//! One service tag and port is dropped; or a single service that nobody else shares a rule with.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, listed, some_of};
use crate::diagnose::reach;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Allowance, Group, Seen};
use crate::facts::{Facts, Source};
use crate::outcome::Scope;

/// One tag and port is dropped.
pub(crate) const RULE: Rule = Rule { code: Code::ServiceTagBlocked, needs: &[Source::Run], find: tags };

/// What became of the targets behind other rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Some pass.
    Pass,
    /// None is known to pass.
    Unknown,
}

fn tags(facts: &Facts<'_>) -> Vec<Finding> {
    let others = if facts.something_passes() { Others::Pass } else { Others::Unknown };
    let groups = facts.outbound_by(Seen::allowance);
    let closed = groups.into_iter().filter(|(_, group)| !group.each().any(|seen| seen.got_through()));
    closed
        .filter_map(|(rule, mut group)| {
            // What a device rejects is that device's finding; the silent rest is dropped.
            group.retain(Seen::is_lost);
            (!group.is_empty()).then(|| tag_finding(facts, rule, &group, others))
        })
        .collect()
}

fn tag_finding(facts: &Facts<'_>, rule: Allowance<'_>, group: &Group<'_>, others: Others) -> Finding {
    let others_pass = others == Others::Pass;
    let (tag, port, transport) = rule;
    let name = transport.as_str().to_uppercase();
    let names = group.hosts();
    let outside = outside(tag, group);
    let whom = match tag {
        "Internet" => "the internet".to_owned(),
        _ if !outside.is_empty() => listed(&outside),
        _ => format!("service tag {tag}"),
    };
    let routeless = group.each().all(|seen| seen.is_routeless());
    let looped = reach::loops_at(group);
    let (title, reading) = if routeless {
        (format!("This machine has no route for {name} {port} to {whom}."), "Its own routing table says so")
    } else if looped.is_some() {
        (format!("Outbound {name} {port} to {whom} ends in a routing loop."), "")
    } else {
        (
            format!("Outbound {name} {port} to {whom} is dropped: nothing answers."),
            match names.len() {
                1 => "An NSG rule, firewall or route drops it (a server that is down would look the same)",
                _ => "An NSG rule, firewall or route drops it",
            },
        )
    };
    let reading = if looped.is_some() { String::new() } else { format!(" {reading}.") };
    let got = if routeless { "could not be sent to" } else { "got no answer" };
    let targets = match (&names[..], group.len()) {
        ([only], 1) => (*only).to_owned(),
        (names, number) => format!("{} ({})", count(number, "target"), some_of(names)),
    };
    let detail = format!(
        "{targets} {got}{}.{}{reading}",
        if others_pass { ", while other targets pass" } else { "" },
        reach::words(group),
    );
    let confidence = if others_pass && names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = match looped {
        Some(device) => remedy::loop_route(facts, device, group),
        None if routeless => remedy::own_route(facts),
        None => tag_fix(facts, rule, group),
    };
    Finding::new(Code::ServiceTagBlocked, confidence, title, detail, group.ids(), fix)
}

/// The platform's own services behind one tag, which nobody else shares.
pub(crate) fn dropped(facts: &Facts<'_>, rule: Allowance<'_>, group: &Group<'_>) -> Finding {
    tag_finding(facts, rule, group, Others::Unknown)
}

/// The addresses of targets that are printed under the network's own tag and lie outside of it, such as a cache that has no
/// private endpoint: the tag does not cover them.
fn outside(tag: &str, group: &Group<'_>) -> BTreeSet<IpAddr> {
    let public = |ip: &IpAddr| tag == "VirtualNetwork" && Scope::of(*ip) == Scope::Public;
    group.each().flat_map(Seen::addresses).filter(public).collect()
}

fn tag_fix(facts: &Facts<'_>, (tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Remedy {
    let name = transport.as_str().to_uppercase();
    let outside = outside(tag, group);
    if !outside.is_empty() {
        let summary = format!(
            "Allow {name} {port} from the subnet to {}: the address is public, so that the tag {tag} does not cover it. It may \
             change; a private endpoint has one that stays.",
            listed(&outside)
        );
        let rules = outside.iter().map(|ip| remedy::address_rule(*ip, port, transport)).collect();
        return remedy::advise(facts, summary, remedy::let_out(facts, group, rules));
    }
    let summary = format!("Allow {name} {port} from the subnet to the service tag {tag}.");
    let rules = remedy::tags(tag).map(|tag| remedy::outbound_rule(tag, &[port], transport)).collect();
    remedy::advise(facts, summary, remedy::let_out(facts, group, rules))
}
