//! The JSON report, version 1, as a document type of its own.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::{Report, Summary};
use apim_probe_checks::run::{Host, Run};
use serde::{Deserialize, Serialize};

use crate::time::rfc3339;

pub mod check;

use check::CheckDoc;

/// Version of the report: a new key adds to the minor number, anything else to the major one.
pub const VERSION: &str = "1.0";

/// The whole report.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// [`VERSION`].
    pub schema_version: String,
    /// Who wrote it.
    pub tool: ToolDoc,
    /// Which endpoints were known.
    pub catalogue: CatalogueDoc,
    /// The run.
    pub run: RunDoc,
    /// The machine.
    pub host: Host,
    /// The instance.
    pub instance: InstanceDoc,
    /// Counts and verdict.
    pub summary: Summary,
    /// Judgements.
    pub findings: Vec<Finding>,
    /// Every check.
    pub checks: Vec<CheckDoc>,
}

/// Who wrote the report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToolDoc {
    /// `apim-probe`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The target triple it was built for.
    pub target: String,
}

/// Which endpoints were known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueDoc {
    /// Version of the catalogue.
    pub version: String,
    /// Day of its sources.
    pub sourced_at: String,
    /// Profile it was read for.
    pub profile: String,
}

/// The run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDoc {
    /// Random id.
    pub id: String,
    /// RFC 3339, UTC, milliseconds.
    pub started_at: String,
    /// Likewise.
    pub finished_at: String,
    /// Monotonic.
    pub duration_ms: f64,
    /// The deadline.
    pub deadline_ms: f64,
    /// A signal ended it.
    pub interrupted: bool,
    /// The command line, redacted.
    pub args: Vec<String>,
}

/// The instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceDoc {
    /// Cloud id.
    pub cloud: String,
    /// ARM region id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `internal` or `external`.
    pub vnet_mode: String,
    /// Catalogue profile.
    pub profile: String,
    /// Service name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The private address of the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
}

/// The report as a document.
#[must_use]
pub fn document(report: &Report) -> Document {
    let run = &report.run;
    Document {
        schema_version: VERSION.to_owned(),
        tool: tool(),
        catalogue: catalogue(&run.plan),
        run: run_doc(run),
        host: run.host.clone(),
        instance: instance(&run.plan),
        summary: report.summary,
        findings: report.diagnosis.findings.clone(),
        checks: run.results().map(|(check, outcome)| CheckDoc::of(check, outcome)).collect(),
    }
}

pub(crate) fn tool() -> ToolDoc {
    ToolDoc {
        name: "apim-probe".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: apim_probe_checks::TARGET.to_owned(),
    }
}

pub(crate) fn catalogue(plan: &Plan) -> CatalogueDoc {
    CatalogueDoc {
        version: plan.catalogue_version.clone(),
        sourced_at: plan.catalogue_sourced_at.clone(),
        profile: plan.instance.profile.as_str().to_owned(),
    }
}

pub(crate) fn run_doc(run: &Run) -> RunDoc {
    RunDoc {
        id: run.id.clone(),
        started_at: rfc3339(run.started_at),
        finished_at: rfc3339(run.finished_at),
        duration_ms: millis(run.duration_ms),
        deadline_ms: millis(run.deadline_ms),
        interrupted: run.interrupted,
        args: run.args.clone(),
    }
}

pub(crate) fn instance(plan: &Plan) -> InstanceDoc {
    let instance = &plan.instance;
    InstanceDoc {
        cloud: instance.cloud.clone(),
        region: instance.region.clone(),
        vnet_mode: instance.vnet_mode.as_str().to_owned(),
        profile: instance.profile.as_str().to_owned(),
        service: instance.service.clone(),
        private_ip: instance.private_ip.map(|ip| ip.to_string()),
    }
}

/// Milliseconds to the microsecond; never NaN.
fn millis(ms: f64) -> f64 {
    if ms.is_finite() { (ms * 1000.0).round() / 1000.0 } else { 0.0 }
}

/// What a check proved that says little by itself.
fn caveat(check: &Check, outcome: &Outcome) -> Option<String> {
    let bare = check.protocol == Protocol::Tcp && outcome.status == Status::Success;
    bare.then(|| "nothing beyond the connect was proved".to_owned())
}
