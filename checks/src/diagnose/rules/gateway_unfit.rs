//! An Application Gateway in front of the instance does not fit it: one finding an endpoint, and one for what concerns all.

use crate::catalogue::Published;
use crate::diagnose::finding::{Code, Confidence, Finding, Reason};
use crate::diagnose::gateway_seen::{Way, ways};
use crate::diagnose::gateway_steps;
use crate::diagnose::phrases::count;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::setting::severity;
use crate::facts::{Facts, Source};
use crate::fix::step::{Gateway, Look, look};
use crate::network::publishing::Front;
use crate::network::publishing::health::Sick;
use crate::network::publishing::reason::{Fault, name};

const APIM: &str = "https://learn.microsoft.com/azure/api-management/api-management-howto-integrate-internal-vnet-appgateway";
const SUBNET: &str = "https://learn.microsoft.com/azure/application-gateway/configuration-infrastructure";

/// All that is wrong with the way of an endpoint through a gateway.
pub(crate) const RULE: Rule = Rule { code: Code::GatewayUnfit, needs: &[Source::Network], find };

/// The same of what packets tell. It stands before what else accounts for the failures of these checks.
pub(crate) const SEEN: Rule = Rule { code: Code::GatewayUnfit, needs: &[Source::Run], find: seen };

/// What documents tell beyond what packets have led to.
fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let ways = facts.run.map(|_| ways(facts)).unwrap_or_default();
    let told = configured(facts).into_iter().filter(|(of, _)| !ways.iter().any(|way| way.endpoint == *of));
    told.map(|(_, finding)| finding).collect()
}

/// Where documents say what is wrong with an endpoint, the failures that packets met are their consequence.
fn seen(facts: &Facts<'_>) -> Vec<Finding> {
    let mut told = configured(facts);
    let mut found = Vec::new();
    for way in ways(facts) {
        let Some(place) = told.iter().position(|(endpoint, _)| *endpoint == way.endpoint) else {
            found.push(of_packets(facts, &way));
            continue;
        };
        let (_, finding) = told.remove(place);
        found.push(Finding { affects: way.affects, ..finding });
    }
    found
}

/// The finding of what packets tell alone.
fn of_packets(facts: &Facts<'_>, way: &Way) -> Finding {
    let what = way.endpoint.map_or("instance", name);
    let title = match way.faults.as_slice() {
        [only] => only.says.clone(),
        _ => format!(
            "The Application Gateway answers 502 for the {what}, although the instance answers its probe from here."
        ),
    };
    let listed: String = match way.faults.as_slice() {
        [_] => String::new(),
        all => all.iter().map(|fault| format!("{} ", fault.says)).collect(),
    };
    let open = match way.is_open {
        true => {
            "Packets cannot tell more: backend health of the gateway does, and `--config` with the gateway's document. "
        }
        false => "",
    };
    let detail = format!("{listed}{open}Source: {APIM}.");
    let steps: Vec<&str> = way.faults.iter().map(|fault| fault.step.as_str()).collect();
    // Packets do not tell its name.
    let unnamed = Gateway { name: String::new(), group: None };
    let remedy = remedy::advise(facts, steps.join(" "), vec![look(Look::GatewayHealth(unnamed))]);
    let confidence = if way.is_open { Confidence::Medium } else { Confidence::High };
    let reasons = way.faults.iter().map(reason).collect();
    Finding {
        reasons,
        ..Finding::new(Code::GatewayUnfit, confidence, title, detail, way.affects.clone(), remedy)
    }
}

fn configured(facts: &Facts<'_>) -> Vec<(Option<Published>, Finding)> {
    let fronts = facts.network.map(|network| network.publishing.gateways.as_slice()).unwrap_or_default();
    let all = fronts
        .iter()
        .flat_map(|front| front.unfit.iter().map(move |(endpoint, faults)| (front, *endpoint, faults)));
    all.map(|(front, endpoint, faults)| (endpoint, finding(facts, front, endpoint, faults))).collect()
}

/// The finding of one endpoint's faults.
pub(crate) fn finding(
    facts: &Facts<'_>,
    front: &Front,
    endpoint: Option<Published>,
    faults: &[Fault],
) -> Finding {
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
    let detail = format!("{listed}Source: {source}.");
    let steps: Vec<&str> = faults.iter().map(|fault| fault.step.as_str()).collect();
    let proposals = faults.iter().flat_map(|fault| gateway_steps::steps(fault, front, endpoint)).collect();
    let remedy = remedy::advise(facts, steps.join(" "), proposals);
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
