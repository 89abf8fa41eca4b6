//! What backend health says of the servers, its texts told apart.

use crate::catalogue::Published;
use crate::network::gateway::{ApplicationGateway, BackendServer};
use crate::network::publishing::chain::chains;
use crate::network::publishing::names::OwnNames;
use crate::network::publishing::reason::HealthCode;
use crate::network::resource::{Field, Place, ResourceId};
use crate::network::settings::Gravity;

/// Where the texts are documented.
pub const SOURCE: &str = "https://learn.microsoft.com/troubleshoot/azure/application-gateway/application-gateway-backend-health-troubleshooting";

/// Texts of `healthProbeLog`, as parts of them in lower case and with `not` in full that all must be there, and what they
/// say. The first row that matches decides.
const TEXTS: &[(&[&str], HealthCode)] = &[
    (&["could not be retrieved"], HealthCode::Unknown),
    (&["could not create a probe"], HealthCode::Dns),
    (&["cannot be resolved"], HealthCode::Dns),
    (&["could not be resolved"], HealthCode::Dns),
    (&["time taken by the backend to respond"], HealthCode::Timeout),
    (&["not within the", "valid from"], HealthCode::CertificateExpired),
    (&["certificate", "expired"], HealthCode::CertificateExpired),
    (&["common name", "not match"], HealthCode::CertificateName),
    (&["intermediate certificate", "missing"], HealthCode::CertificateChain),
    (&["leaf certificate", "missing"], HealthCode::CertificateChain),
    (&["leaf", "topmost"], HealthCode::CertificateChain),
    (&["root certificate", "match"], HealthCode::CertificateRoot),
    (&["trusted root certificate", "mismatch"], HealthCode::CertificateRoot),
    (&["not signed by"], HealthCode::CertificateRoot),
    (&["well known", "certificate authority"], HealthCode::CertificateRoot),
    (&["well-known", "certificate authority"], HealthCode::CertificateRoot),
    (&["status code", "did not match"], HealthCode::Status),
    (&["body", "did not match"], HealthCode::Body),
    (&["could not connect"], HealthCode::Connect),
];

/// What a text of backend health says.
#[must_use]
pub fn told(text: &str) -> HealthCode {
    // The documentation has been edited from `is not` to `isn't` and back.
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'").replace("n't", " not");
    let found = TEXTS.iter().find(|(parts, _)| parts.iter().all(|part| text.contains(part)));
    found.map_or(HealthCode::Other, |(_, code)| *code)
}

/// The servers of one endpoint that are not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sick {
    /// The endpoint; `None` where the gateway's document, or the instance, does not tell.
    pub endpoint: Option<Published>,
    /// How many servers there are, the healthy ones included.
    pub servers: usize,
    /// Those that are not well, the worst first.
    pub complaints: Vec<Complaint>,
}

/// One server that is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What backend health says.
    pub code: HealthCode,
    /// How much it weighs.
    pub gravity: Gravity,
    /// Address or name of the server.
    pub server: String,
    /// Its health as written.
    pub health: String,
    /// `healthProbeLog`; empty where there is none.
    pub log: String,
    /// Where it stands.
    pub place: Place,
}

impl Sick {
    /// The weight: an error where no server of the endpoint is well.
    #[must_use]
    pub fn gravity(&self) -> Gravity {
        let worst = self.complaints.iter().map(|complaint| complaint.gravity).min().unwrap_or(Gravity::Info);
        let down = self.complaints.iter().filter(|complaint| complaint.gravity == Gravity::Error).count();
        if worst == Gravity::Error && down < self.servers { Gravity::Warning } else { worst }
    }
}

/// What health a word means; `None` for a healthy one, `Up` in old documents.
fn weight(health: &str) -> Option<Gravity> {
    match health.to_ascii_lowercase().as_str() {
        "healthy" | "up" => None,
        "draining" => Some(Gravity::Info),
        "partial" => Some(Gravity::Warning),
        _ => Some(Gravity::Error),
    }
}

fn complaint(server: &BackendServer) -> Option<Complaint> {
    let health = server.health.given()?;
    let gravity = weight(health)?;
    let log = server.log.clone().unwrap_or_default();
    let code = if health.eq_ignore_ascii_case("Unknown") && told(&log) == HealthCode::Other {
        HealthCode::Unknown
    } else {
        told(&log)
    };
    let place = server.place.clone();
    Some(Complaint { code, gravity, server: server.address.clone(), health: health.clone(), log, place })
}

/// The servers that are not well, by endpoint. Without the gateway, or without the instance, all are one.
#[must_use]
pub fn sick(servers: &[BackendServer], gateway: Option<(&ApplicationGateway, &OwnNames)>) -> Vec<Sick> {
    let mut groups: Vec<(Option<Published>, Vec<&BackendServer>)> = Vec::new();
    for server in servers {
        let endpoints = gateway.map(|(gateway, own)| endpoints(server, gateway, own)).unwrap_or_default();
        let endpoints: Vec<Option<Published>> = match (endpoints, gateway) {
            (Some(of), _) => of.into_iter().map(Some).collect(),
            // The settings serve something else.
            (None, Some(_)) => continue,
            (None, None) => vec![None],
        };
        for endpoint in endpoints {
            match groups.iter_mut().find(|(known, _)| *known == endpoint) {
                Some((_, group)) => group.push(server),
                None => groups.push((endpoint, vec![server])),
            }
        }
    }
    let sick = groups.into_iter().map(|(endpoint, servers)| {
        let mut complaints: Vec<Complaint> = servers.iter().filter_map(|server| complaint(server)).collect();
        complaints.sort_by_key(|complaint| complaint.gravity);
        Sick { endpoint, servers: servers.len(), complaints }
    });
    sick.filter(|sick| !sick.complaints.is_empty()).collect()
}

/// The endpoints that a server is asked for; `None` where its pool and settings serve something else than the instance.
fn endpoints(server: &BackendServer, gateway: &ApplicationGateway, own: &OwnNames) -> Option<Vec<Published>> {
    let same = |named: &Option<ResourceId>, id: Option<&ResourceId>| match (named, id) {
        (Some(named), Some(id)) => named.name().eq_ignore_ascii_case(id.name()),
        (None, _) => true,
        (Some(_), None) => false,
    };
    let mut found: Vec<Published> = chains(gateway)
        .iter()
        .filter(|chain| {
            same(&server.pool, chain.pool.part().map(|pool| &pool.id))
                && same(&server.settings, chain.settings.part().map(|settings| &settings.id))
        })
        .flat_map(|chain| chain.endpoints(gateway, own))
        .collect();
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// True where a health could be read at all.
#[must_use]
pub fn is_given(servers: &[BackendServer]) -> bool {
    servers.iter().any(|server| matches!(server.health, Field::Given(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_text_has_its_reason() {
        let texts = [
            (
                "Time taken by the backend to respond to application gateway\u{2019}s health probe is more than the timeout threshold in the probe setting.",
                HealthCode::Timeout,
            ),
            (
                "Application Gateway could not create a probe for this backend. This usually happens when the FQDN of the backend has not been entered correctly.",
                HealthCode::Dns,
            ),
            ("Application Gateway could not connect to the backend.", HealthCode::Connect),
            (
                "Status code of the backend\u{2019}s HTTP response did not match the probe setting. Expected:{200-399} Received:{404}.",
                HealthCode::Status,
            ),
            ("Body of the backend\u{2019}s HTTP response did not match the probe setting.", HealthCode::Body),
            (
                "The Common Name of the leaf certificate presented by the backend server does not match the Probe or Backend Setting hostname of the application gateway.",
                HealthCode::CertificateName,
            ),
            (
                "Backend certificate is invalid. Current date is not within the \"Valid from\" and \"Valid to\" date range on the certificate.",
                HealthCode::CertificateExpired,
            ),
            (
                "The Intermediate certificate is missing from the certificate chain presented by the backend server.",
                HealthCode::CertificateChain,
            ),
            (
                "The leaf certificate is missing from the certificate chain presented by the backend server.",
                HealthCode::CertificateChain,
            ),
            (
                "The Leaf certificate is not topmost in the certificate chain presented by the backend server.",
                HealthCode::CertificateChain,
            ),
            (
                "The Common Name (CN) of the backend certificate doesn\u{2019}t match.",
                HealthCode::CertificateName,
            ),
            (
                "Backend certificate is invalid. Current date isn't within the \"Valid from\" and \"Valid to\" date range on the certificate.",
                HealthCode::CertificateExpired,
            ),
            (
                "The Intermediate certificate isn't signed by a well-known Certificate Authority (CA).",
                HealthCode::CertificateRoot,
            ),
            (
                "The Intermediate certificate not signed by any Root certificates uploaded to the application gateway.",
                HealthCode::CertificateRoot,
            ),
            ("Application Gateway couldn't create a probe for this backend.", HealthCode::Dns),
            ("Application Gateway couldn't connect to the backend.", HealthCode::Connect),
            (
                "The validity of the backend certificate could not be verified. To find out the reason, check OpenSSL diagnostics.",
                HealthCode::Other,
            ),
            (
                "The server certificate used by the backend is not signed by a well-known Certificate Authority (CA).",
                HealthCode::CertificateRoot,
            ),
            (
                "The root certificate of the server certificate used by the backend doesn\u{2019}t match the trusted root certificate added to the application gateway.",
                HealthCode::CertificateRoot,
            ),
            (
                "The backend health status could not be retrieved. This happens when an NSG/UDR/Firewall on the application gateway subnet is blocking traffic on ports 65503-65534.",
                HealthCode::Unknown,
            ),
            ("Something that nobody has documented.", HealthCode::Other),
            ("", HealthCode::Other),
        ];
        for (text, code) in texts {
            assert_eq!(told(text), code, "{text}");
        }
    }

    #[test]
    fn every_reason_but_other_has_a_text() {
        for code in HealthCode::ALL.iter().filter(|code| **code != HealthCode::Other) {
            assert!(TEXTS.iter().any(|(_, of)| of == code), "{code}");
        }
    }
}
