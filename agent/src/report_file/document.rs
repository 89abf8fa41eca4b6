//! The JSON report, version 1, as document types of its own: what changes inside the program changes nothing here.
//!
//! Fields are as `docs/formats.md` describes them. What an older report or another writer may leave out has a default
//! here, or is read from what stands beside it (`read.rs`).

use apim_probe_checks::plan::Plan;
use apim_probe_checks::portal::Portal;
use apim_probe_checks::report::Report;
use apim_probe_checks::run::{Run, RunKind};
use serde::{Deserialize, Serialize, Serializer};

use crate::time::{millis, rfc3339};

pub(crate) mod check;
pub(crate) mod configuration;
pub(crate) mod decision;
pub(crate) mod evidence;
pub(crate) mod gateways;
pub(crate) mod host;
pub(crate) mod judged;
pub(crate) mod judgement;
pub(crate) mod server;
pub(crate) mod steps;

use check::CheckDoc;
use configuration::ConfigurationDoc;
use host::HostDoc;
use judgement::{FindingDoc, SummaryDoc};
use server::ConfiguredDoc;

/// Version of the report: a new key adds to the minor number, anything else to the major one.
pub const VERSION: &str = "1.0";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    schema_version: &'static str,
    tool: ToolDoc,
    catalogue: CatalogueDoc,
    run: RunDoc,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<HostDoc>,
    instance: InstanceDoc,
    summary: SummaryDoc,
    findings: Vec<FindingDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal: Option<PortalDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<ConfigurationDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<ChecksDoc<'a>>,
}

/// The checks of a report, each made when it is written: all at once they take as much memory as the report.
#[derive(Debug)]
struct ChecksDoc<'a>(&'a Report);

impl Serialize for ChecksDoc<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let checks = report.results();
        serializer
            .collect_seq(checks.map(|seen| CheckDoc::of(seen, report.portal.as_ref(), report.judgement())))
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ToolDoc {
    name: &'static str,
    version: &'static str,
    target: &'static str,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CatalogueDoc {
    pub(crate) version: String,
    pub(crate) sourced_at: String,
    profile: String,
}

impl Default for CatalogueDoc {
    fn default() -> Self {
        let unknown = || "unknown".to_owned();
        Self { version: unknown(), sourced_at: unknown(), profile: unknown() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunDoc {
    #[serde(default = "checked")]
    pub(crate) kind: RunKind,
    #[serde(default = "unknown_id")]
    pub(crate) id: String,
    pub(crate) started_at: String,
    /// Always written; the checks tell where it is absent.
    pub(crate) finished_at: Option<String>,
    #[serde(default)]
    pub(crate) duration_ms: f64,
    #[serde(default)]
    pub(crate) deadline_ms: f64,
    #[serde(default)]
    pub(crate) interrupted: bool,
    #[serde(default)]
    pub(crate) args: Vec<String>,
}

const fn checked() -> RunKind {
    RunKind::Check
}

/// What the instance's nodes told; what they said of a target stands with its check.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PortalDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    pub(crate) dns_servers: Vec<ConfiguredDoc>,
}

fn unknown_id() -> String {
    "unknown".to_owned()
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InstanceDoc {
    pub(crate) cloud: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    pub(crate) vnet_mode: String,
    pub(crate) profile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_ip: Option<String>,
}

impl Default for InstanceDoc {
    fn default() -> Self {
        Self {
            cloud: "public".to_owned(),
            region: None,
            vnet_mode: "internal".to_owned(),
            profile: "classic".to_owned(),
            service: None,
            private_ip: None,
        }
    }
}

impl<'a> From<&'a Report> for Document<'a> {
    fn from(report: &'a Report) -> Self {
        Self { checks: Some(ChecksDoc(report)), ..Self::before_checks(report) }
    }
}

impl<'a> Document<'a> {
    /// All that stands before the checks.
    pub(crate) fn before_checks(report: &'a Report) -> Self {
        let run = &report.run;
        Self {
            schema_version: VERSION,
            tool: ToolDoc::new(),
            catalogue: CatalogueDoc::from(&run.plan),
            run: RunDoc::from(run),
            // A review never reads the machine.
            host: (run.kind == RunKind::Check).then(|| HostDoc::of(report)),
            instance: InstanceDoc::from(&run.plan),
            summary: SummaryDoc::from(report.summary),
            findings: report.diagnosis.findings.iter().map(FindingDoc::from).collect(),
            portal: report.portal.as_ref().map(PortalDoc::from),
            configuration: report.network.as_ref().map(ConfigurationDoc::from),
            checks: None,
        }
    }
}

impl From<&Portal> for PortalDoc {
    fn from(portal: &Portal) -> Self {
        Self { location: portal.location.clone(), dns_servers: server::configured(&portal.dns_servers) }
    }
}

impl ToolDoc {
    pub(crate) const fn new() -> Self {
        Self { name: "apim-probe", version: env!("CARGO_PKG_VERSION"), target: apim_probe_checks::TARGET }
    }
}

impl From<&Plan> for CatalogueDoc {
    fn from(plan: &Plan) -> Self {
        Self {
            version: plan.catalogue_version.clone(),
            sourced_at: plan.catalogue_sourced_at.clone(),
            profile: plan.instance.profile.as_str().to_owned(),
        }
    }
}

impl From<&Run> for RunDoc {
    fn from(run: &Run) -> Self {
        Self {
            kind: run.kind,
            id: run.id.clone(),
            started_at: rfc3339(run.started_at),
            finished_at: Some(rfc3339(run.finished_at)),
            duration_ms: millis(run.duration_ms),
            deadline_ms: millis(run.deadline_ms),
            interrupted: run.interrupted,
            args: run.args.clone(),
        }
    }
}

impl From<&Plan> for InstanceDoc {
    fn from(plan: &Plan) -> Self {
        let instance = &plan.instance;
        Self {
            cloud: instance.cloud.clone(),
            region: instance.region.clone(),
            vnet_mode: instance.vnet_mode.as_str().to_owned(),
            profile: instance.profile.as_str().to_owned(),
            service: instance.service.clone(),
            private_ip: instance.private_ip.map(|ip| ip.to_string()),
        }
    }
}
