//! One port is dropped across service tags.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{count, listed};
use crate::diagnose::reach;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::Group;
use crate::facts::{Facts, Source};

/// One port is dropped across tags.
pub(crate) const RULE: Rule = Rule { code: Code::PortBlocked, needs: &[Source::Run], find: ports };

fn ports(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.something_passes() {
        return Vec::new();
    }
    let groups = facts.outbound_by(|seen| Some((seen.check.port()?, seen.check.transport)));
    let blocked = groups.into_iter().filter(|(_, group)| group.is_lost());
    blocked
        .filter_map(|((port, transport), group)| {
            let tags: BTreeSet<&str> = group.each().map(|seen| seen.tag()).collect();
            (tags.len() >= 2).then(|| port_finding(facts, (port, transport), &tags, &group))
        })
        .collect()
}

fn port_finding(
    facts: &Facts<'_>,
    (port, transport): (u16, Transport),
    tags: &BTreeSet<&str>,
    group: &Group<'_>,
) -> Finding {
    let name = transport.as_str().to_uppercase();
    let words: BTreeSet<&str> = tags.iter().flat_map(|tags| remedy::tags(tags)).collect();
    let looped = reach::loops_at(group);
    let end = if looped.is_some() { "ends in a routing loop" } else { "is dropped" };
    let title = format!("Outbound {name} {port} {end} whatever the target, while other ports pass.");
    let detail = format!(
        "{} of {} ({}) got no answer.{}",
        count(group.len(), "target"),
        count(words.len(), "service tag"),
        words.iter().copied().collect::<Vec<_>>().join(", "),
        reach::words(group),
    );
    // The tag Internet covers every public address, and so the other tags.
    let wanted: Vec<&str> =
        if words.contains("Internet") { vec!["Internet"] } else { words.into_iter().collect() };
    let rules = wanted.iter().map(|tag| remedy::outbound_rule(tag, &[port], transport)).collect();
    let summary = format!("Allow {name} {port} from the subnet to {}.", listed(&wanted));
    let fix = match looped {
        Some(device) => remedy::loop_route(facts, device, group),
        None => remedy::advise(facts, summary, remedy::let_out(facts, group, rules)),
    };
    Finding::new(Code::PortBlocked, Confidence::High, title, detail, group.ids(), fix)
}
