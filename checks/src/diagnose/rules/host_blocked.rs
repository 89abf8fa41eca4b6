//! One host is dropped while others of its tag and port pass.

use std::collections::BTreeMap;

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy::{self, Prefer};
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::firewall_list_outdated::outdated;
use crate::diagnose::seen::{Allowance, Group, Seen};
use crate::facts::{Facts, Source};

/// Hosts that are left out.
pub(crate) const RULE: Rule = Rule { code: Code::HostBlocked, needs: &[Source::Run], find: blocked };

fn blocked(facts: &Facts<'_>) -> Vec<Finding> {
    // A new host beside its retired one is a list that is out of date.
    let told: Vec<_> = outdated(facts).into_iter().flat_map(|finding| finding.affects).collect();
    let alone = left_out(facts).into_iter().filter_map(|(key, mut group)| {
        group.retain(|seen| !told.contains(&seen.check.id));
        (!group.is_empty()).then(|| left_out_finding(facts, key, &group))
    });
    alone.collect()
}

/// Hosts that got nothing while another of the same tag and port got through.
fn left_out<'a>(facts: &Facts<'a>) -> BTreeMap<Allowance<'a>, Group<'a>> {
    let mut groups = facts.outbound_by(Seen::allowance);
    groups.retain(|_, group| group.each().any(|seen| seen.got_through()));
    for group in groups.values_mut() {
        group.retain(Seen::is_lost);
    }
    groups
}

fn left_out_finding(facts: &Facts<'_>, (tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let name = transport.as_str().to_uppercase();
    let siblings = if tag == "Internet" { "other hosts".to_owned() } else { format!("other {tag} hosts") };
    let routeless = group.each().all(|seen| seen.is_routeless());
    let (does, it) = if names.len() == 1 { ("does", "it") } else { ("do", "they") };
    let (title, detail) = if routeless {
        (
            format!(
                "This machine has no route to {}, while {siblings} pass on {name} {port}.",
                some_of(&names)
            ),
            "Its own routing table says so.",
        )
    } else {
        (
            format!(
                "{} {does} not answer on {name} {port} while {siblings} do: {it} may be missing from a firewall's allow list.",
                some_of(&names)
            ),
            "A rule with single addresses, host names or a regional tag looks like this; so does a host that is down.",
        )
    };
    let fix = if routeless { remedy::own_route(facts) } else { let_in(facts, (tag, port, transport), group) };
    let affects = group.ids();
    Finding::new(Code::HostBlocked, Confidence::Low, title, detail.to_owned(), affects, fix)
}

fn let_in(facts: &Facts<'_>, (tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Remedy {
    let host = if group.len() == 1 { "this host" } else { "these hosts" };
    let whole = match tag {
        "Internet" => String::new(),
        tag => {
            format!(
                "; where a rule names single addresses or a regional tag, let it name the whole tag {tag}"
            )
        }
    };
    let summary = format!(
        "Allow {host} in the firewall, and in the network security group if it does not let the port out{whole}."
    );
    let rules = remedy::tags(tag).map(|tag| remedy::outbound_rule(tag, &[port], transport)).collect();
    let mut steps = remedy::let_out(facts, group, rules);
    let firewall = remedy::firewall(facts, group, Prefer::Names).into_iter();
    steps.extend(firewall.map(|step| step.when("If a firewall is on the route")));
    remedy::advise(facts, summary, steps)
}
