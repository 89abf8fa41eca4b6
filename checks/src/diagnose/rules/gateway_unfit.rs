//! An Application Gateway in front of the instance does not fit it: one finding an endpoint, and one for what concerns all.

use crate::catalogue::Published;
use crate::diagnose::finding::{Code, Confidence, Finding, Reason, Remedy};
use crate::diagnose::gateway_steps;
use crate::diagnose::phrases::count;
use crate::diagnose::rule::Rule;
use crate::diagnose::setting::severity;
use crate::facts::{Facts, Source};
use crate::network::publishing::Front;
use crate::network::publishing::health::Sick;
use crate::network::publishing::reason::{Fault, name};

const APIM: &str = "https://learn.microsoft.com/azure/api-management/api-management-howto-integrate-internal-vnet-appgateway";
const SUBNET: &str = "https://learn.microsoft.com/azure/application-gateway/configuration-infrastructure";

/// All that is wrong with the way of an endpoint through a gateway.
pub(crate) const RULE: Rule = Rule { code: Code::GatewayUnfit, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let fronts = facts.network.map(|network| network.publishing.gateways.as_slice()).unwrap_or_default();
    let all = fronts
        .iter()
        .flat_map(|front| front.unfit.iter().map(move |(endpoint, faults)| (front, *endpoint, faults)));
    all.map(|(front, endpoint, faults)| finding(front, endpoint, faults)).collect()
}

/// The finding of one endpoint's faults.
pub(crate) fn finding(front: &Front, endpoint: Option<Published>, faults: &[Fault]) -> Finding {
    let what = endpoint.map_or("the instance", |endpoint| name(endpoint));
    let the = if endpoint.is_some() { "the " } else { "" };
    let title = match faults {
        [only] => match endpoint {
            Some(endpoint) => format!("Application Gateway and {}: {}", name(endpoint), inside(&only.says)),
            None => only.says.clone(),
        },
        all => format!(
            "Application Gateway {} does not fit {the}{what}, for {}.",
            front.name,
            count(all.len(), "reason")
        ),
    };
    let listed = match faults {
        [_] => format!("It is on the way to {the}{what} through Application Gateway {}. ", front.name),
        all => all.iter().map(|fault| format!("{} ", fault.says)).collect(),
    };
    let source = if endpoint.is_some() { APIM } else { SUBNET };
    let detail = format!("{listed}Source: {source}. Ruled out by a newer document with other values.");
    let steps: Vec<&str> = faults.iter().map(|fault| fault.step.as_str()).collect();
    let commands = faults.iter().flat_map(|fault| gateway_steps::commands(fault, front, endpoint)).collect();
    let remedy = Remedy { summary: steps.join(" "), commands, doc_url: None };
    let worst = faults.iter().map(|fault| fault.gravity).min();
    let mut explains = Vec::new();
    let accounts = |sick: &Sick| {
        let mut causes = sick.complaints.iter().flat_map(|complaint| complaint.code.causes());
        causes.any(|cause| faults.iter().any(|fault| fault.code == *cause))
    };
    let is_of = |sick: &Sick| endpoint.is_none() || sick.endpoint == endpoint;
    if front.health.iter().any(|sick| is_of(sick) && sick.is_accounted_by(front) && accounts(sick)) {
        explains.push(Code::GatewayBackendUnhealthy);
    }
    Finding {
        severity: severity(worst),
        reasons: faults.iter().map(reason).collect(),
        explains,
        ..Finding::new(Code::GatewayUnfit, Confidence::High, title, detail, Vec::new(), remedy)
    }
}

/// A sentence behind a colon: its first letter small, but where it begins a name.
fn inside(sentence: &str) -> String {
    sentence.strip_prefix("The ").map_or_else(|| sentence.to_owned(), |rest| format!("the {rest}"))
}

fn reason(fault: &Fault) -> Reason {
    Reason {
        code: fault.code.to_string(),
        text: fault.says.clone(),
        place: fault.place.clone(),
        has: fault.has.clone(),
        needs: fault.needs.clone(),
    }
}
