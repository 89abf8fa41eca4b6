//! One check of the JSON report: the plan's keys, and beside them what was seen.

use apim_probe_checks::catalogue::TrustPolicy;
use apim_probe_checks::diagnose::Path;
use apim_probe_checks::instance::NetworkStatusEntry;
use apim_probe_checks::outcome::{Cause, Evidence, Outcome, SkipReason, Stage, Status, Step};
use apim_probe_checks::plan::{Check, Origin};
use serde::{Deserialize, Serialize};

use super::{caveat, millis};
use crate::time::rfc3339;

/// A check as planned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedDoc {
    /// `endpoint/host:port`, unique.
    pub id: String,
    /// Catalogue id.
    pub endpoint: String,
    /// The name of NetworkStatus.
    pub name: String,
    /// Catalogue group.
    pub group: String,
    /// What it is for.
    #[serde(default)]
    pub purpose: String,
    /// Host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `tcp`, `udp` or `udp+tcp`.
    pub transport: String,
    /// Protocol.
    pub protocol: String,
    /// Service tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_tag: Option<String>,
    /// `outbound`, `inbound` or `both`.
    pub direction: String,
    /// NetworkStatus' type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// Optional as in the portal.
    pub is_optional: bool,
    /// Required by the newest reference.
    pub documented_required: bool,
    /// A shared front.
    pub fallback: bool,
    /// Where the target came from.
    #[serde(default = "from_catalogue")]
    pub origin: Origin,
    /// Documents behind the row.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Why it will not be, or was not, run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_reason: Option<SkipReason>,
}

/// A check as seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckDoc {
    /// What was planned.
    #[serde(flatten)]
    pub planned: PlannedDoc,
    /// `success`, `failure`, `skipped` or `undecided`.
    pub status: String,
    /// The stage that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What was seen, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a success does not prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caveat: Option<String>,
    /// The way that leads to storage, SQL, Key Vault and Event Hubs.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// It succeeded on the second look.
    pub recovered: bool,
    /// From its start to its end.
    pub duration_ms: f64,
    /// When it ended.
    pub last_updated: String,
    /// Everything that was tried.
    pub steps: Vec<Step>,
    /// Everything that was learned.
    pub evidence: Evidence,
    /// Which chains pass.
    #[serde(default = "public_trust")]
    pub trust_policy: TrustPolicy,
    /// The address to which it must resolve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_resolve_to: Option<std::net::IpAddr>,
    /// What the portal said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<NetworkStatusEntry>,
}

/// What a report without `origin` means.
const fn from_catalogue() -> Origin {
    Origin::Catalogue
}

/// What a report without `trustPolicy` means.
const fn public_trust() -> TrustPolicy {
    TrustPolicy::Public
}

impl PlannedDoc {
    /// The document of a planned check.
    #[must_use]
    pub fn of(check: &Check) -> Self {
        Self {
            id: check.id.0.clone(),
            endpoint: check.endpoint.clone(),
            name: check.name.clone(),
            group: check.group.clone(),
            purpose: check.purpose.clone(),
            host: check.host.clone(),
            port: check.port,
            transport: check.transport.as_str().to_owned(),
            protocol: check.protocol.as_str().to_owned(),
            service_tag: check.service_tag.clone(),
            direction: check.direction.as_str().to_owned(),
            resource_type: check.resource_type.clone(),
            is_optional: check.is_optional,
            documented_required: check.documented_required,
            fallback: check.fallback,
            origin: check.origin,
            sources: check.sources.clone(),
            skip_reason: check.skip,
        }
    }
}

impl CheckDoc {
    /// The document of a check that was run.
    #[must_use]
    pub fn of(check: &Check, outcome: &Outcome) -> Self {
        let (status, failure, skip_reason) = match &outcome.status {
            Status::Success => ("success", None, None),
            Status::Failure(failure) => ("failure", Some(failure), None),
            Status::Skipped(reason) => ("skipped", None, Some(*reason)),
            Status::Undecided(failure) => ("undecided", failure.as_ref(), None),
        };
        Self {
            planned: PlannedDoc { skip_reason, ..PlannedDoc::of(check) },
            status: status.to_owned(),
            stage: failure.map(|failure| failure.stage),
            cause: failure.map(|failure| failure.cause),
            error: failure.map(|failure| failure.detail.clone()).filter(|detail| !detail.is_empty()),
            caveat: caveat(check, outcome),
            path: Path::of(check, outcome),
            recovered: outcome.recovered,
            duration_ms: millis(outcome.duration_ms),
            last_updated: rfc3339(outcome.ended_at),
            steps: outcome.steps.clone(),
            evidence: outcome.evidence.clone(),
            trust_policy: check.trust,
            must_resolve_to: check.must_resolve_to,
            portal: check.portal.clone(),
        }
    }
}
