//! One check of a report: the plan's keys, and beside them what was seen.

use std::net::IpAddr;

use apim_probe_checks::catalogue::{Protocol, TrustPolicy};
use apim_probe_checks::diagnose::{AccessPath, Seen};
use apim_probe_checks::network::judgement::Judgement;
use apim_probe_checks::outcome::{Cause, SkipReason, Stage, Status};
use apim_probe_checks::plan::{Check, GatewayPath, Origin};
use apim_probe_checks::portal::{NetworkStatusEntry, Portal, moment};
use serde::{Deserialize, Serialize};

use super::decision::DecisionDoc;
use super::evidence::EvidenceDoc;
use super::steps::StepDoc;
use crate::time::{millis, rfc3339};

/// A check as planned. What is optional here and says nothing about absence is always written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlannedDoc {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) name: Option<String>,
    pub(crate) group: Option<String>,
    #[serde(default)]
    pub(crate) purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<u16>,
    /// The name or address that is dialled in place of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<String>,
    pub(crate) transport: Option<String>,
    pub(crate) protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service_tag: Option<String>,
    #[serde(default = "outbound")]
    pub(crate) direction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_type: Option<String>,
    #[serde(default)]
    pub(crate) is_optional: bool,
    #[serde(default)]
    pub(crate) documented_required: bool,
    #[serde(default)]
    pub(crate) fallback: bool,
    pub(crate) origin: Option<Origin>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skip_reason: Option<SkipReason>,
}

fn outbound() -> String {
    "outbound".to_owned()
}

/// A check as seen.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckDoc {
    #[serde(flatten)]
    pub(crate) planned: PlannedDoc,
    pub(crate) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Cause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// What a success does not prove.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    caveat: Option<&'static str>,
    /// The way that leads to storage, SQL, Key Vault and Event Hubs.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    path: Option<AccessPath>,
    #[serde(default)]
    pub(crate) recovered: bool,
    #[serde(default)]
    pub(crate) duration_ms: f64,
    /// Always written; the end of the run stands in where it is absent.
    pub(crate) last_updated: Option<String>,
    #[serde(default)]
    pub(crate) steps: Vec<StepDoc>,
    #[serde(default)]
    pub(crate) evidence: EvidenceDoc,
    pub(crate) trust_policy: Option<TrustPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) must_resolve_to: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) portal: Option<EntryDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) configuration: Option<DecisionDoc>,
}

/// What the portal said of it, as NetworkStatus has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryDoc {
    name: String,
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    last_updated: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    last_status_change: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_optional: Option<bool>,
}

impl From<&Check> for PlannedDoc {
    fn from(check: &Check) -> Self {
        Self {
            id: check.id.0.clone(),
            endpoint: check.endpoint.clone(),
            name: Some(check.name.clone()),
            group: Some(check.group.clone()),
            purpose: check.purpose.clone(),
            host: check.host().map(str::to_owned),
            port: check.port(),
            via: check.gateway.as_ref().and_then(GatewayPath::via),
            transport: Some(check.transport.as_str().to_owned()),
            protocol: check.protocol.as_str().to_owned(),
            service_tag: check.service_tag.clone(),
            direction: check.direction.as_str().to_owned(),
            resource_type: check.resource_type.clone(),
            is_optional: check.is_optional(),
            documented_required: check.documented_required,
            fallback: check.fallback,
            origin: Some(check.origin),
            sources: check.sources.clone(),
            skip_reason: check.skip_reason(),
        }
    }
}

impl CheckDoc {
    /// The document of a check that was run, in the words of its class.
    pub(crate) fn of(seen: Seen<'_>, portal: Option<&Portal>, network: Option<&Judgement>) -> Self {
        let (check, outcome) = (seen.check, seen.outcome);
        let (status, failure, skip_reason) = match seen.status() {
            Status::Success => ("success", None, None),
            Status::Failure(failure) => ("failure", Some(failure), None),
            Status::Skipped(reason) => ("skipped", None, Some(*reason)),
            Status::Undecided(failure) => ("undecided", failure.as_ref(), None),
        };
        Self {
            planned: PlannedDoc { skip_reason, is_optional: seen.is_optional(), ..PlannedDoc::from(check) },
            status: status.to_owned(),
            stage: failure.map(|failure| failure.stage),
            cause: failure.map(|failure| failure.cause),
            error: failure.map(|failure| failure.detail.clone()).filter(|detail| !detail.is_empty()),
            caveat: caveat(seen),
            path: AccessPath::of(seen),
            recovered: outcome.recovered,
            duration_ms: millis(outcome.duration_ms),
            last_updated: Some(rfc3339(outcome.ended_at)),
            steps: outcome.steps.iter().map(StepDoc::from).collect(),
            evidence: evidence(seen),
            trust_policy: Some(check.trust),
            must_resolve_to: check.must_resolve_to,
            portal: portal.and_then(|portal| portal.entries.get(&check.id)).cloned().map(EntryDoc::from),
            configuration: network.and_then(|network| DecisionDoc::of(network, &check.id)),
        }
    }
}

/// What was learned: Azure's own call in place of this machine's, where that one decided.
fn evidence(seen: Seen<'_>) -> EvidenceDoc {
    let own = EvidenceDoc::from(&seen.outcome.evidence);
    match &seen.class.azures_call {
        Some(call) => own.with_azures_call(call),
        None => own,
    }
}

/// What a check proved that says little by itself.
fn caveat(seen: Seen<'_>) -> Option<&'static str> {
    let is_bare = seen.check.protocol == Protocol::Tcp && seen.is_success();
    is_bare.then_some("nothing beyond the connect was proved")
}

impl From<NetworkStatusEntry> for EntryDoc {
    fn from(entry: NetworkStatusEntry) -> Self {
        let NetworkStatusEntry {
            name,
            status,
            error,
            last_updated,
            last_status_change,
            resource_type,
            is_optional,
        } = entry;
        let (last_updated, last_status_change) =
            (as_everywhere(&last_updated), as_everywhere(&last_status_change));
        Self { name, status, error, last_updated, last_status_change, resource_type, is_optional }
    }
}

/// A time of the portal as the report writes times: the platform has seven digits of a second. What is no time is left out.
fn as_everywhere(given: &str) -> String {
    moment(given).map_or_else(String::new, rfc3339)
}

impl From<EntryDoc> for NetworkStatusEntry {
    fn from(doc: EntryDoc) -> Self {
        let EntryDoc { name, status, error, last_updated, last_status_change, resource_type, is_optional } =
            doc;
        Self { name, status, error, last_updated, last_status_change, resource_type, is_optional }
    }
}
