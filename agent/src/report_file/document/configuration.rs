//! Configuration in a report: what it was read from, and what findings are computed from beside the decisions of checks.

use apim_probe_checks::network::configuration::{Basis, Configuration, SubnetFacts};
use apim_probe_checks::network::{Document, DocumentKind, PassedOver, Place, Refusal};
use serde::{Deserialize, Serialize};

use super::gateways::{self, GatewayDoc, SickDoc};
use super::judged::JudgedDoc;

/// What decisions stand on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ConfigurationDoc {
    documents: Vec<DocumentDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet: Option<SubnetDoc>,
    passed_over: Vec<PassedOverDoc>,
    assumptions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusalDoc>,
    #[serde(flatten)]
    judged: JudgedDoc,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gateways: Vec<GatewayDoc>,
    /// Of a gateway that no document describes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    backend_health: Vec<SickDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DocumentDoc {
    kind: DocumentKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    file: String,
    pointer: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SubnetDoc {
    name: String,
    prefixes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nsg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nat_gateway: Option<String>,
    service_endpoints: Vec<String>,
    delegations: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_outbound_access: Option<bool>,
    dns_servers: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PassedOverDoc {
    file: String,
    pointer: String,
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RefusalDoc {
    kind: String,
    id: String,
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    reason: String,
}

impl From<&Configuration> for ConfigurationDoc {
    fn from(configuration: &Configuration) -> Self {
        let basis = &configuration.basis;
        let (gateways, backend_health) = gateways::write(&configuration.publishing);
        let document = |one: &Document| DocumentDoc {
            kind: one.kind,
            name: one.name.clone(),
            file: one.place.file.clone(),
            pointer: one.place.pointer.clone(),
        };
        let passed = |one: &PassedOver| PassedOverDoc {
            file: one.place.file.clone(),
            pointer: one.place.pointer.clone(),
            reason: one.reason.clone(),
        };
        let refused = |one: &Refusal| RefusalDoc {
            kind: one.kind.clone(),
            id: one.id.clone(),
            action: one.action.clone(),
            status: one.status,
            reason: one.reason.clone(),
        };
        Self {
            documents: basis.documents.iter().map(document).collect(),
            subnet: basis.subnet.as_ref().map(SubnetDoc::from),
            passed_over: basis.passed_over.iter().map(passed).collect(),
            assumptions: basis.assumptions.clone(),
            refused: basis.refused.iter().map(refused).collect(),
            judged: JudgedDoc::from(configuration),
            gateways,
            backend_health,
        }
    }
}

impl From<ConfigurationDoc> for Configuration {
    /// Everything but the decisions, which stand with the checks.
    fn from(doc: ConfigurationDoc) -> Self {
        let place = |file: String, pointer: String| Place { file, pointer, line: None };
        let document = |one: DocumentDoc| Document {
            kind: one.kind,
            name: one.name,
            place: place(one.file, one.pointer),
        };
        let passed =
            |one: PassedOverDoc| PassedOver { place: place(one.file, one.pointer), reason: one.reason };
        let refused = |one: RefusalDoc| Refusal {
            kind: one.kind,
            id: one.id,
            action: one.action,
            status: one.status,
            reason: one.reason,
        };
        let basis = Basis {
            documents: doc.documents.into_iter().map(document).collect(),
            subnet: doc.subnet.map(SubnetFacts::from),
            passed_over: doc.passed_over.into_iter().map(passed).collect(),
            assumptions: doc.assumptions,
            refused: doc.refused.into_iter().map(refused).collect(),
        };
        let (judgement, disagreements) = doc.judged.read();
        let publishing = gateways::read(doc.gateways, doc.backend_health);
        Self { judgement, disagreements, publishing, basis }
    }
}

impl From<&SubnetFacts> for SubnetDoc {
    fn from(subnet: &SubnetFacts) -> Self {
        let SubnetFacts {
            name,
            prefixes,
            nsg,
            route_table,
            nat_gateway,
            service_endpoints,
            delegations,
            default_outbound_access,
            dns_servers,
        } = subnet.clone();
        Self {
            name,
            prefixes,
            nsg,
            route_table,
            nat_gateway,
            service_endpoints,
            delegations,
            default_outbound_access,
            dns_servers,
        }
    }
}

impl From<SubnetDoc> for SubnetFacts {
    fn from(doc: SubnetDoc) -> Self {
        Self {
            name: doc.name,
            prefixes: doc.prefixes,
            nsg: doc.nsg,
            route_table: doc.route_table,
            nat_gateway: doc.nat_gateway,
            service_endpoints: doc.service_endpoints,
            delegations: doc.delegations,
            default_outbound_access: doc.default_outbound_access,
            dns_servers: doc.dns_servers,
        }
    }
}
