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
use crate::network::publishing::reason::{Fault, FaultCode, name};
use crate::network::settings::Gravity;
use crate::plan::CheckId;

const APIM: &str = "https://learn.microsoft.com/azure/api-management/api-management-howto-integrate-internal-vnet-appgateway";
const SUBNET: &str = "https://learn.microsoft.com/azure/application-gateway/configuration-infrastructure";

/// All that is wrong with the way of an endpoint through a gateway.
pub(crate) const RULE: Rule = Rule { code: Code::GatewayUnfit, needs: &[Source::Network], find };

/// The same of what packets tell. It stands before what else accounts for the failures of these checks.
pub(crate) const SEEN: Rule = Rule { code: Code::GatewayUnfit, needs: &[Source::Run], find: seen };

/// What is wrong with the way of an endpoint, from whatever source.
struct Told<'a> {
    front: &'a Front,
    endpoint: Option<Published>,
    faults: Vec<Fault>,
    /// The failed checks that the faults account for.
    affects: Vec<CheckId>,
    confidence: Confidence,
}

/// What documents tell beyond what packets have led to.
fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let alone = joined(facts).0.into_iter().filter(|told| told.affects.is_empty());
    alone.map(|told| told.finding(facts)).collect()
}

/// Where documents say what is wrong with an endpoint, the failures that packets met are their consequence; what packets show
/// beyond that stands beside it.
fn seen(facts: &Facts<'_>) -> Vec<Finding> {
    let (told, alone) = joined(facts);
    let met = told.into_iter().filter(|told| !told.affects.is_empty());
    met.map(|told| told.finding(facts)).chain(alone.iter().map(|way| of_packets(facts, way))).collect()
}

/// What documents tell, with what packets add to it; and the ways of which packets alone tell.
fn joined<'a>(facts: &Facts<'a>) -> (Vec<Told<'a>>, Vec<Way>) {
    let mut told = configured(facts);
    let mut alone = Vec::new();
    for way in facts.run.map(|_| ways(facts)).unwrap_or_default() {
        let place = told.iter().position(|told| told.endpoint == way.endpoint);
        // What may be wrong is open no longer where the whole gateway is known to be unfit.
        let whole = || told.iter().position(|told| told.endpoint.is_none() && told.stops_all());
        match place.or_else(|| whole().filter(|_| way.is_open)) {
            Some(place) => told[place].add(way),
            None => alone.push(way),
        }
    }
    (told, alone)
}

impl Told<'_> {
    /// True where no request can succeed.
    fn stops_all(&self) -> bool {
        self.faults.iter().any(|fault| fault.gravity == Gravity::Error)
    }

    /// Adds what packets show of the same way: reasons that no document accounts for, and the checks that failed.
    fn add(&mut self, way: Way) {
        let is_explained = way.is_open && self.stops_all();
        let is_known = |shown: FaultCode| self.faults.iter().any(|known| known.code.shows().contains(&shown));
        let more: Vec<Fault> =
            way.faults.into_iter().filter(|fault| !is_explained && !is_known(fault.code)).collect();
        if way.is_open && !more.is_empty() {
            self.confidence = Confidence::Medium;
        }
        self.faults.extend(more);
        self.faults.sort_by_key(|fault| fault.gravity);
        self.affects.extend(way.affects);
    }

    fn finding(self, facts: &Facts<'_>) -> Finding {
        let finding = finding(facts, self.front, self.endpoint, &self.faults);
        Finding { affects: self.affects, confidence: self.confidence, ..finding }
    }
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
    let fronts = facts.network.map(|network| network.publishing.gateways.as_slice()).unwrap_or_default();
    let open = match (way.is_open, fronts) {
        (true, []) => {
            "Packets cannot tell more: backend health of the gateway does, and `--config` with the gateway's document. "
        }
        (true, _) => "Packets cannot tell more: backend health of the gateway does. ",
        (false, _) => "",
    };
    let detail = format!("{listed}{open}Source: {APIM}.");
    let steps: Vec<&str> = way.faults.iter().map(|fault| fault.step.as_str()).collect();
    // Packets do not tell its name; the only one among the documents is it.
    let named = match fronts {
        [only] => gateway_steps::gateway(only),
        _ => Gateway { name: String::new(), group: None },
    };
    let remedy = remedy::advise(facts, steps.join(" "), vec![look(Look::GatewayHealth(named))]);
    let confidence = if way.is_open { Confidence::Medium } else { Confidence::High };
    let reasons = way.faults.iter().map(reason).collect();
    Finding {
        reasons,
        ..Finding::new(Code::GatewayUnfit, confidence, title, detail, way.affects.clone(), remedy)
    }
}

fn configured<'a>(facts: &Facts<'a>) -> Vec<Told<'a>> {
    let fronts = facts.network.map(|network| network.publishing.gateways.as_slice()).unwrap_or_default();
    let all = fronts
        .iter()
        .flat_map(|front| front.unfit.iter().map(move |(endpoint, faults)| (front, *endpoint, faults)));
    let told = all.map(|(front, endpoint, faults)| Told {
        front,
        endpoint,
        faults: faults.clone(),
        affects: Vec::new(),
        confidence: Confidence::High,
    });
    told.collect()
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
    let proposals =
        faults.iter().flat_map(|fault| gateway_steps::steps(facts, fault, front, endpoint)).collect();
    let mut remedy = remedy::advise(facts, steps.join(" "), proposals);
    // Two faults of one part have one look.
    let all = std::mem::take(&mut remedy.steps);
    for step in all {
        if remedy.steps.iter().all(|before| before.command != step.command) {
            remedy.steps.push(step);
        }
    }
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
