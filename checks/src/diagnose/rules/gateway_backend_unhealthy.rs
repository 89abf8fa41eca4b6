//! An Application Gateway calls servers of the instance unhealthy, with the reason that its backend health gives.

use crate::diagnose::finding::{Code, Confidence, Finding, Reason};
use crate::diagnose::gateway_steps::gateway as named;
use crate::diagnose::phrases::{listed, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::setting::severity;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::publishing::Front;
use crate::network::publishing::health::{Complaint, SOURCE, Sick};
use crate::network::publishing::reason::{HealthCode, name};

/// What backend health says of an endpoint's servers.
pub(crate) const RULE: Rule = Rule { code: Code::GatewayBackendUnhealthy, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(publishing) = facts.network.map(|network| &network.publishing) else { return Vec::new() };
    let of_fronts =
        publishing.gateways.iter().flat_map(|front| front.health.iter().map(move |sick| (Some(front), sick)));
    let alone = publishing.health.iter().map(|sick| (None, sick));
    of_fronts.chain(alone).map(|(front, sick)| finding(facts, front, sick)).collect()
}

fn finding(facts: &Facts<'_>, front: Option<&Front>, sick: &Sick) -> Finding {
    let gateway = front.map_or(String::new(), |front| format!(" {}", front.name));
    let of = sick.endpoint.map_or(String::new(), |endpoint| format!(" of the {}", name(endpoint)));
    let mut codes: Vec<HealthCode> = sick.complaints.iter().map(|complaint| complaint.code).collect();
    codes.dedup();
    codes.sort_unstable();
    codes.dedup();
    let mut servers: Vec<&str> = sick.complaints.iter().map(|complaint| complaint.server.as_str()).collect();
    servers.dedup();
    let states = listed({
        let mut states: Vec<&str> = sick.complaints.iter().map(|it| it.health.as_str()).collect();
        states.sort_unstable();
        states.dedup();
        states
    });
    let title = format!(
        "Application Gateway{gateway} says {states} of {}{of}: {}.",
        some_of(&servers),
        listed(codes.iter().map(|code| says(*code)))
    );
    let logs: String = sick.complaints.iter().map(text).map(|text| format!("{text} ")).collect();
    let detail = format!("{logs}Source: {SOURCE}.");
    let summary = codes.iter().map(|code| step(*code)).collect::<Vec<&str>>().join(" ");
    let steps = front.map(|front| look(Look::GatewayHealth(named(front)))).into_iter().collect();
    let remedy = remedy::advise(facts, summary, steps);
    let is_accounted = front.is_some_and(|front| sick.is_accounted_by(front));
    Finding {
        severity: severity(Some(sick.gravity())),
        reasons: sick.complaints.iter().map(reason).collect(),
        explained_by: is_accounted.then_some(Code::GatewayUnfit),
        ..Finding::new(Code::GatewayBackendUnhealthy, Confidence::High, title, detail, Vec::new(), remedy)
    }
}

fn text(complaint: &Complaint) -> String {
    let Complaint { server, health, log, .. } = complaint;
    match log.trim_end_matches('.') {
        "" => format!("{server}: {health}."),
        log => format!("{server}: {health}, \"{log}\"."),
    }
}

fn reason(complaint: &Complaint) -> Reason {
    Reason {
        code: complaint.code.to_string(),
        text: text(complaint),
        place: (!complaint.place.file.is_empty()).then(|| complaint.place.clone()),
        has: Some(complaint.health.clone()),
        needs: Some("Healthy".to_owned()),
    }
}

/// The reason as the rest of a sentence.
const fn says(code: HealthCode) -> &'static str {
    match code {
        HealthCode::Timeout => "no answer came in time",
        HealthCode::Dns => "its name could not be resolved",
        HealthCode::Connect => "the connection could not be opened",
        HealthCode::Status => "the answer had another status code than the probe takes",
        HealthCode::Body => "the answer had another body than the probe takes",
        HealthCode::CertificateName => "the certificate is for another name than the probe asks for",
        HealthCode::CertificateExpired => "the certificate is out of its dates",
        HealthCode::CertificateChain => "the certificate chain is not complete or not in order",
        HealthCode::CertificateRoot => "the certificate ends in a root that the gateway does not trust",
        HealthCode::Unknown => "Azure could not retrieve the health",
        HealthCode::Other => "for a reason that is not among the documented ones",
    }
}

/// What to do, where no document of the gateway says it better.
const fn step(code: HealthCode) -> &'static str {
    match code {
        HealthCode::Timeout => {
            "Look for what drops TCP 443 from the gateway's subnet to the instance: security groups of both subnets, routes, a firewall between them."
        }
        HealthCode::Dns => {
            "Give the pool the private address, or give its name a private zone that is linked to the gateway's network; then restart the gateway."
        }
        HealthCode::Connect => {
            "Allow TCP 443 from the gateway's subnet into the instance's, and set port 443 in settings and probe."
        }
        HealthCode::Status => {
            "Set the instance's own name as host of the probe, and the path of its health page: the instance answers 404 for every other."
        }
        HealthCode::Body => {
            "Leave the body out of the match of the probe, or ask for what the health page holds."
        }
        HealthCode::CertificateName => {
            "Set the instance's own name as host in probe and settings, so that it stands in the certificate."
        }
        HealthCode::CertificateExpired => "Renew the certificate of the instance's custom domain.",
        HealthCode::CertificateChain => {
            "Upload the certificate of the instance as a PFX with its whole chain, the leaf first."
        }
        HealthCode::CertificateRoot => {
            "Add the root of the instance's certificate to the trusted roots of the gateway and name it in the settings."
        }
        HealthCode::Unknown => {
            "Let GatewayManager in on 65200-65535, take away routes that lead 0.0.0.0/0 to an appliance, and see to it that the names of the pool resolve."
        }
        HealthCode::Other => "Read the text of backend health.",
    }
}
