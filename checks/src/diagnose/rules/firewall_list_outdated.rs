//! Firewall lists that are older than the service: a retired name passes and the new one does not, or one host of many
//! is left out.

use std::collections::BTreeMap;

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Allowance, Group, Seen};
use crate::facts::{Facts, Source};

/// One finding a pair of names, and one for the hosts of a tag and port that are left out.
pub const RULE: Rule = Rule { code: Code::FirewallListOutdated, needs: &[Source::Run], find: outdated };

fn outdated(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        successors(facts).into_iter().filter_map(|(new, retired)| pair(facts, new, retired)).collect();
    let told: Vec<_> = findings.iter().flat_map(|finding| finding.affects.clone()).collect();
    let alone = left_out(facts).into_iter().filter_map(|(key, mut group)| {
        group.retain(|seen| !told.contains(&seen.check.id));
        (!group.is_empty()).then(|| left_out_finding(key, &group))
    });
    findings.extend(alone);
    findings
}

/// Rows that came in the place of others, each with the ids of those.
fn successors<'a>(facts: &Facts<'a>) -> Vec<(&'a str, &'a [String])> {
    let mut found: Vec<(&str, &[String])> = Vec::new();
    for check in facts.plan.checks.iter().filter(|check| !check.meaning.replaces.is_empty()) {
        if !found.iter().any(|(endpoint, _)| *endpoint == check.endpoint) {
            found.push((&check.endpoint, &check.meaning.replaces));
        }
    }
    found
}

fn pair(facts: &Facts<'_>, new: &str, retired: &[String]) -> Option<Finding> {
    let failing: Group<'_> =
        facts.ended().filter(|seen| seen.check.endpoint == new && seen.failure().is_some()).collect();
    let passing: Group<'_> =
        facts.ended().filter(|seen| retired.contains(&seen.check.endpoint) && seen.is_success()).collect();
    if failing.is_empty() || passing.is_empty() {
        return None;
    }
    let checks = failing.checks();
    let (new, old) = (failing.hosts(), passing.hosts());
    let title = format!(
        "The firewall's list is out of date: {} {}, the successor {} does not.",
        some_of(&old),
        if old.len() == 1 { "passes" } else { "pass" },
        some_of(&new)
    );
    let detail = "The retired name was replaced; a list that was written before still allows it. A rule for the new name \
                  that shows hits would disprove it."
        .to_owned();
    let advice = format!("Put {} in the place of {} in the firewall's rules.", some_of(&new), some_of(&old));
    let fix = remedy::on_firewall(&advice, remedy::firewall(&checks));
    Some(Finding::new(Code::FirewallListOutdated, Confidence::High, title, detail, failing.ids(), fix))
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

fn left_out_finding((tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let name = transport.as_str().to_uppercase();
    let siblings = if tag == "Internet" { "other hosts".to_owned() } else { format!("other {tag} hosts") };
    let routeless = group.each().all(|seen| seen.is_routeless());
    let (does, it) = if names.len() == 1 { ("does", "it") } else { ("do", "them") };
    let (title, detail) = match routeless {
        true => (
            format!(
                "This machine has no route to {}, while {siblings} pass on {name} {port}.",
                some_of(&names)
            ),
            "Its own routing table says so; a route that leads there would disprove it.",
        ),
        false => (
            format!(
                "{} {does} not answer on {name} {port} while {siblings} do: a firewall's list may leave {it} out.",
                some_of(&names)
            ),
            "A rule with single addresses, host names or a regional tag looks like this; so does a host that is down. An \
             answer to another network that gets none here would tell them apart.",
        ),
    };
    let fix = if routeless { remedy::own_route() } else { let_in((tag, port, transport), group) };
    let affects = group.ids();
    Finding::new(Code::FirewallListOutdated, Confidence::Low, title, detail.to_owned(), affects, fix)
}

fn let_in((tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Remedy {
    let checks = group.checks();
    let host = if group.len() == 1 { "this host" } else { "these hosts" };
    let whole = match tag {
        "Internet" => String::new(),
        tag => {
            format!(
                "; where a rule names single addresses or a regional tag, let it name the whole tag {tag}"
            )
        }
    };
    let mut commands = remedy::firewall(&checks);
    commands.extend(remedy::allow_outbound(tag, port, transport));
    let advice = format!(
        "Allow {host} in the firewall, and in the network security group if it does not let the port out{whole}."
    );
    remedy::on_firewall(&advice, commands)
}
