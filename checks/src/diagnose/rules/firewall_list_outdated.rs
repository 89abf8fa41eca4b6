//! Firewall lists that are older than the service: a retired name passes and the new one does not, or one host of many
//! is left out.

use std::collections::BTreeMap;

use crate::plan::Check;
use crate::run::Run;

use crate::diagnose::silence::{Allowance, grouped, rule_for};
use crate::diagnose::view::{
    Seen, finding, got_through, hosts, ids, is_lost, is_routeless, run_checks, some_of,
};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// One finding a pair of names, and one for the hosts of a tag and port that are left out.
pub const RULE: Rule = Rule { code: Code::FirewallListOutdated, find: outdated };

fn outdated(run: &Run) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        successors(run).into_iter().filter_map(|(new, retired)| pair(run, new, retired)).collect();
    let told: Vec<_> = findings.iter().flat_map(|finding| finding.affects.clone()).collect();
    let alone = left_out(run).into_iter().filter_map(|(key, mut group)| {
        group.retain(|(check, _)| !told.contains(&check.id));
        (!group.is_empty()).then(|| left_out_finding(key, &group))
    });
    findings.extend(alone);
    findings
}

/// Rows that came in the place of others, each with the ids of those.
fn successors(run: &Run) -> Vec<(&str, &[String])> {
    let mut found: Vec<(&str, &[String])> = Vec::new();
    for check in run.plan.checks.iter().filter(|check| !check.meaning.replaces.is_empty()) {
        if !found.iter().any(|(endpoint, _)| *endpoint == check.endpoint) {
            found.push((&check.endpoint, &check.meaning.replaces));
        }
    }
    found
}

fn pair(run: &Run, new: &str, retired: &[String]) -> Option<Finding> {
    let failing: Vec<Seen<'_>> = run_checks(run)
        .filter(|(check, outcome)| check.endpoint == new && outcome.failure().is_some())
        .collect();
    let passing: Vec<Seen<'_>> = run_checks(run)
        .filter(|(check, outcome)| retired.contains(&check.endpoint) && outcome.is_success())
        .collect();
    if failing.is_empty() || passing.is_empty() {
        return None;
    }
    let checks: Vec<&Check> = failing.iter().map(|(check, _)| *check).collect();
    let (new, old) = (hosts(failing.iter().copied()), hosts(passing));
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
    Some(finding(Code::FirewallListOutdated, Confidence::High, title, detail, ids(failing), fix))
}

/// Hosts that got nothing while another of the same tag and port got through.
fn left_out(run: &Run) -> BTreeMap<Allowance<'_>, Vec<Seen<'_>>> {
    let mut groups = grouped(run, |(check, _)| rule_for(check));
    groups.retain(|_, group| group.iter().any(|(_, outcome)| got_through(outcome)));
    for group in groups.values_mut() {
        group.retain(|(check, outcome)| is_lost(check, outcome));
    }
    groups
}

fn left_out_finding((tag, port, transport): Allowance<'_>, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let name = transport.as_str().to_uppercase();
    let siblings = if tag == "Internet" { "other hosts".to_owned() } else { format!("other {tag} hosts") };
    let routeless = group.iter().all(|(_, outcome)| is_routeless(outcome));
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
    let affects = ids(group.iter().copied());
    finding(Code::FirewallListOutdated, Confidence::Low, title, detail.to_owned(), affects, fix)
}

fn let_in((tag, port, transport): Allowance<'_>, group: &[Seen<'_>]) -> Remedy {
    let checks: Vec<&Check> = group.iter().map(|(check, _)| *check).collect();
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
