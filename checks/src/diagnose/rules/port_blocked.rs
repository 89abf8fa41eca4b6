//! One port is dropped across service tags.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::count;
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
            (tags.len() >= 2).then(|| port_finding(port, transport, &tags, &group))
        })
        .collect()
}

fn port_finding(port: u16, transport: Transport, tags: &BTreeSet<&str>, group: &Group<'_>) -> Finding {
    let name = transport.as_str().to_uppercase();
    let words: BTreeSet<&str> = tags.iter().flat_map(|tags| remedy::tags(tags)).collect();
    let title = format!("Outbound {name} {port} is dropped whatever the target, while other ports pass.");
    let detail = format!(
        "{} of {} ({}) got no answer.{} One of them that answers would disprove it.",
        count(group.len(), "target"),
        count(words.len(), "service tag"),
        words.iter().copied().collect::<Vec<_>>().join(", "),
        reach::words(group),
    );
    // The tag Internet covers every public address, and so the other tags.
    let wanted: Vec<&str> = match words.contains("Internet") {
        true => vec!["Internet"],
        false => words.into_iter().collect(),
    };
    let commands = wanted.iter().flat_map(|tag| remedy::allow_outbound(tag, port, transport)).collect();
    let summary = format!(
        "Allow {name} {port} from the subnet to {} in the network security group, ahead of any rule that denies it, and on any \
         firewall that the route table sends it to.",
        wanted.join(", ")
    );
    let fix = Remedy { summary, commands, doc_url: None };
    Finding::new(Code::PortBlocked, Confidence::High, title, detail, group.ids(), fix)
}
