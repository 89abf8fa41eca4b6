//! A private subnet without a way out: its machines reach nothing public, while API Management may.

use crate::diagnose::configured::judgement;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::listed;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::network::judgement::{Judgement, OutboundPath};

/// `defaultOutboundAccess` is false, and nothing stands in for it.
pub(crate) const RULE: Rule = Rule { code: Code::NoOutboundPath, needs: &[Source::Network], find: path };

fn path(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(network) = judgement(facts) else { return Vec::new() };
    let (title, why) = match &network.outbound {
        OutboundPath::Open => return Vec::new(),
        OutboundPath::None => (
            format!("Machines in the private subnet {} reach nothing public.", subnet(network)),
            "It has neither a NAT gateway, nor a machine with a public IP address, nor an appliance as default route.",
        ),
        OutboundPath::PastAppliance(routes) => (
            format!(
                "Machines in the private subnet {} reach nothing public past the appliance ({}).",
                subnet(network),
                listed(routes)
            ),
            "These routes lead to Internet, where a private subnet has no address of its own.",
        ),
    };
    let detail = format!(
        "defaultOutboundAccess is false, as for every new network since 31 March 2026. {why} API Management has public addresses of its \
         own and may reach what this machine cannot."
    );
    let affects = match (&network.outbound, facts.something_passes()) {
        (OutboundPath::None, false) => {
            facts.outbound().filter(|seen| seen.is_lost()).map(|seen| seen.check.id.clone()).collect()
        }
        _ => Vec::new(),
    };
    let remedy = remedy::advise(
        facts,
        "Attach a NAT gateway to the subnet, or probe from a machine with a public IP address.",
        vec![look(Look::Subnet), change(Change::AttachNatGateway)],
    );
    vec![Finding::new(Code::NoOutboundPath, Confidence::Medium, title, detail, affects, remedy)]
}

fn subnet(network: &Judgement) -> &str {
    network.names.subnet.as_deref().unwrap_or("of this machine")
}
