//! One service tag and port is dropped; or a single service that nobody else shares a rule with.

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::reach;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Allowance, Group, Seen};
use crate::facts::{Facts, Source};

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
            (!group.is_empty()).then(|| tag_finding(rule, &group, others))
        })
        .collect()
}

fn tag_finding(rule: Allowance<'_>, group: &Group<'_>, others: Others) -> Finding {
    let others_pass = others == Others::Pass;
    let (tag, port, transport) = rule;
    let name = transport.as_str().to_uppercase();
    let names = group.hosts();
    let whom = if tag == "Internet" { "the internet".to_owned() } else { format!("service tag {tag}") };
    let routeless = group.each().all(|seen| seen.is_routeless());
    let (title, reading) = match routeless {
        true => (
            format!("This machine has no route for {name} {port} to {whom}."),
            "Its own routing table says so; a route that leads there would disprove it",
        ),
        false => (
            format!("Outbound {name} {port} to {whom} is dropped: nothing answers."),
            match names.len() {
                1 => {
                    "A rule or a route drops it; a target that is down looks the same, and an answer would disprove it"
                }
                _ => "A rule or a route drops it; one target that answers would disprove it",
            },
        ),
    };
    let got = if routeless { "could not be sent to" } else { "got no answer" };
    let detail = format!(
        "{} {got} ({}){}.{} {reading}.",
        count(group.len(), "target"),
        some_of(&names),
        if others_pass { ", while other targets pass" } else { "" },
        reach::words(group),
    );
    let confidence = if others_pass && names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = if routeless { remedy::own_route() } else { tag_fix(rule, group) };
    Finding::new(Code::ServiceTagBlocked, confidence, title, detail, group.ids(), fix)
}

/// The platform's own services behind one tag, which nobody else shares.
pub(crate) fn dropped(rule: Allowance<'_>, group: &Group<'_>) -> Finding {
    tag_finding(rule, group, Others::Unknown)
}

fn tag_fix((tag, port, transport): Allowance<'_>, group: &Group<'_>) -> Remedy {
    let name = transport.as_str().to_uppercase();
    let endpoint = group.each().find_map(|seen| seen.check.meaning.service_endpoint.as_deref());
    let endpoint = endpoint.map(remedy::service_endpoint);
    let summary = format!(
        "Allow {name} {port} from the subnet to the service tag {tag} in the network security group, ahead of any \
         rule that denies it, and on any firewall that the route table sends it to.{}",
        if endpoint.is_some() {
            " Under forced tunnelling a service endpoint does the same (the command replaces the subnet's list: name its present \
             ones too)."
        } else {
            ""
        }
    );
    let mut commands = remedy::allow_outbound(tag, port, transport);
    commands.extend(endpoint);
    Remedy { summary, commands, doc_url: None }
}
