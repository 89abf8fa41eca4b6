//! No metadata service: the results describe another network.

use crate::catalogue::Role;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::Group;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};

/// No metadata service here.
pub(crate) const RULE: Rule = Rule { code: Code::OutsideAzure, needs: &[Source::Run], find: outside };

fn outside(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.host.azure.detected || !facts.host.azure.asked {
        return Vec::new();
    }
    let title =
        "This machine is not an Azure VM: the results describe its own network, not the subnet.".to_owned();
    let detail = "The metadata service 169.254.169.254 did not answer within a second. A proxy or a route that catches \
                  169.254.0.0/16 looks the same."
        .to_owned();
    let fix = remedy::advise(
        facts,
        "Run it on a VM in the subnet of API Management, or in one with the same rules and routes. On an Azure VM, let the metadata \
         service through: no proxy, no route and no host firewall may catch it.",
        vec![look(Look::Metadata)],
    );
    let asked: Group<'_> =
        facts.seen().filter(|seen| seen.check.role() == Role::Metadata && seen.failure().is_some()).collect();
    vec![Finding::new(Code::OutsideAzure, Confidence::Medium, title, detail, asked.ids(), fix)]
}
