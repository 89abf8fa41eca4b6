//! Forced tunneling without the service endpoints that would keep storage, SQL, Key Vault and Event Hubs out of the tunnel.

use crate::diagnose::configured::judgement;
use crate::diagnose::finding::{Code, Confidence, Finding, Severity};
use crate::diagnose::phrases::listed;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::fix::{Fix, ServiceEndpoint};
use crate::network::judgement::Judgement;
use crate::plan::CheckId;

/// The tunnel takes what a service endpoint would keep out of it.
pub(crate) const RULE: Rule =
    Rule { code: Code::ServiceEndpointMissing, needs: &[Source::Network], find: endpoints };

fn endpoints(facts: &Facts<'_>) -> Vec<Finding> {
    let network = judgement(facts).filter(|network| !network.missing_endpoints.is_empty());
    network.map(|network| finding(facts, network)).into_iter().collect()
}

fn finding(facts: &Facts<'_>, network: &Judgement) -> Finding {
    let missing: Vec<&str> =
        network.missing_endpoints.iter().map(|missing| missing.service.as_str()).collect();
    let affects: Vec<CheckId> =
        network.missing_endpoints.iter().flat_map(|missing| missing.affects.clone()).collect();
    let fails = facts.seen().any(|seen| affects.contains(&seen.check.id) && seen.failure().is_some());
    let title = format!(
        "The default route takes traffic that service endpoints would keep out of the tunnel: {}.",
        listed(&missing)
    );
    let detail = "With a service endpoint the flow leaves the subnet directly, whatever the route table says; without one the device at the end \
                  of the default route must let it through."
        .to_owned();
    let mut all: Vec<String> = network.names.service_endpoints.clone();
    all.extend(missing.iter().map(|service| (*service).to_owned()));
    let endpoints =
        all.into_iter().map(|service| ServiceEndpoint { service, description: String::new() }).collect();
    let steps = vec![look(Look::Subnet), change(Change::Add(Fix::ServiceEndpoints(endpoints)))];
    let summary = format!(
        "Add the service endpoints {} to the subnet; the command names those that it has already, because it replaces the list. Open \
         connections to these services are cut once.",
        listed(&missing)
    );
    let remedy = remedy::advise(facts, summary, steps);
    let severity = if fails { Severity::Warning } else { Severity::Info };
    let found =
        Finding::new(Code::ServiceEndpointMissing, Confidence::High, title, detail, Vec::new(), remedy);
    Finding { severity, ..found }
}
