//! Application Gateways in a report: what is wrong with each, and what its backend health said.

use apim_probe_checks::catalogue::Published;
use apim_probe_checks::network::publishing::health::{Complaint, Sick};
use apim_probe_checks::network::publishing::reason::{Fault, FaultCode, HealthCode};
use apim_probe_checks::network::publishing::{Front, Publishing};
use apim_probe_checks::network::settings::Gravity;
use serde::{Deserialize, Serialize};

use super::judged::{NamesDoc, PlaceDoc};

mod change;

/// One gateway.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayDoc {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_group: Option<String>,
    /// Names in its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    names: Option<NamesDoc>,
    /// Names of its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unfit: Vec<UnfitDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    health: Vec<SickDoc>,
}

/// What is wrong with the way of an endpoint; without an endpoint, with the whole.
#[derive(Debug, Serialize, Deserialize)]
struct UnfitDoc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Published>,
    reasons: Vec<FaultDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FaultDoc {
    code: FaultCode,
    severity: Gravity,
    text: String,
    step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    has: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
    #[serde(flatten)]
    place: PlaceDoc,
    /// What kind of change takes it away, then its values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    change: Vec<String>,
}

/// The servers of an endpoint that are not well.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SickDoc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Published>,
    servers: usize,
    complaints: Vec<ComplaintDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ComplaintDoc {
    code: HealthCode,
    severity: Gravity,
    server: String,
    health: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    log: String,
    #[serde(flatten)]
    place: PlaceDoc,
}

/// The gateways, and the health of servers whose gateway no document describes.
pub(super) fn write(publishing: &Publishing) -> (Vec<GatewayDoc>, Vec<SickDoc>) {
    let health = publishing.health.iter().map(SickDoc::from).collect();
    (publishing.gateways.iter().map(GatewayDoc::from).collect(), health)
}

/// The same, read back.
pub(super) fn read(gateways: Vec<GatewayDoc>, health: Vec<SickDoc>) -> Publishing {
    Publishing {
        gateways: gateways.into_iter().map(Front::from).collect(),
        health: health.into_iter().map(Sick::from).collect(),
        assumptions: Vec::new(),
    }
}

impl From<&Front> for GatewayDoc {
    fn from(front: &Front) -> Self {
        let unfit = |(endpoint, faults): &(Option<Published>, Vec<Fault>)| UnfitDoc {
            endpoint: *endpoint,
            reasons: faults.iter().map(FaultDoc::from).collect(),
        };
        Self {
            name: front.name.clone(),
            resource_group: front.resource_group.clone(),
            names: front.names.as_ref().map(NamesDoc::from),
            parts: front.parts.clone(),
            unfit: front.unfit.iter().map(unfit).collect(),
            health: front.health.iter().map(SickDoc::from).collect(),
        }
    }
}

impl From<GatewayDoc> for Front {
    fn from(doc: GatewayDoc) -> Self {
        let unfit = |one: UnfitDoc| (one.endpoint, one.reasons.into_iter().map(Fault::from).collect());
        Self {
            name: doc.name,
            resource_group: doc.resource_group,
            names: doc.names.map(Into::into),
            parts: doc.parts,
            unfit: doc.unfit.into_iter().map(unfit).collect(),
            health: doc.health.into_iter().map(Sick::from).collect(),
        }
    }
}

impl From<&Fault> for FaultDoc {
    fn from(fault: &Fault) -> Self {
        Self {
            code: fault.code,
            severity: fault.gravity,
            text: fault.says.clone(),
            step: fault.step.clone(),
            part: fault.part.clone(),
            has: fault.has.clone(),
            needs: fault.needs.clone(),
            place: PlaceDoc::of(fault.place.as_ref()),
            change: fault.cure.as_ref().map_or_else(Vec::new, change::write),
        }
    }
}

impl From<FaultDoc> for Fault {
    fn from(doc: FaultDoc) -> Self {
        Self {
            code: doc.code,
            gravity: doc.severity,
            says: doc.text,
            step: doc.step,
            part: doc.part,
            has: doc.has,
            needs: doc.needs,
            place: doc.place.read(),
            cure: change::read(&doc.change),
        }
    }
}

impl From<&Sick> for SickDoc {
    fn from(sick: &Sick) -> Self {
        let complaint = |one: &Complaint| ComplaintDoc {
            code: one.code,
            severity: one.gravity,
            server: one.server.clone(),
            health: one.health.clone(),
            log: one.log.clone(),
            place: PlaceDoc::of(Some(&one.place)),
        };
        Self {
            endpoint: sick.endpoint,
            servers: sick.servers,
            complaints: sick.complaints.iter().map(complaint).collect(),
        }
    }
}

impl From<SickDoc> for Sick {
    fn from(doc: SickDoc) -> Self {
        let complaint = |one: ComplaintDoc| Complaint {
            code: one.code,
            gravity: one.severity,
            server: one.server,
            health: one.health,
            log: one.log,
            place: one.place.read().unwrap_or_default(),
        };
        Self {
            endpoint: doc.endpoint,
            servers: doc.servers,
            complaints: doc.complaints.into_iter().map(complaint).collect(),
        }
    }
}
