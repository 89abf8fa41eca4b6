//! Reading a saved report back into a [`Run`], so that it can be judged again.

use std::net::SocketAddr;
use std::time::SystemTime;

use apim_probe_checks::catalogue::{Direction, Profile, Protocol, Transport, VnetMode};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::{Failure, Outcome, SkipReason, Stage, Status};
use apim_probe_checks::plan::{Check, CheckId, Plan};
use apim_probe_checks::run::Run;
use serde_json::Value;
use thiserror::Error;

use super::{CheckDoc, Document, PlannedDoc};
use crate::render::jsonl;

/// Why a file is no report.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not JSON, or cut off.
    #[error("it is no JSON, or it is cut off: {0}")]
    NotJson(serde_json::Error),
    /// Lines of which the last ones are missing.
    #[error("it is cut off after {seen} of {planned} checks: the line with the summary is missing")]
    CutOff {
        /// Lines of checks.
        seen: usize,
        /// Checks that the first line announces.
        planned: usize,
    },
    /// JSON of something else.
    #[error("it is no report of apim-probe")]
    Foreign,
    /// A report of a later major version.
    #[error("it has schema version {0}; this program reads version 1")]
    Version(String),
    /// A report that lacks something, or holds a word that no report has.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// Reads a report, written as one object or in lines.
///
/// # Errors
/// Why it is none.
pub fn from_json(text: &str) -> Result<Run, ReadError> {
    let value: Value = match jsonl::join(text)? {
        Some(whole) => whole,
        None => serde_json::from_str(text).map_err(ReadError::NotJson)?,
    };
    let version = value.get("schemaVersion").and_then(Value::as_str).ok_or(ReadError::Foreign)?.to_owned();
    if value.pointer("/tool/name").and_then(Value::as_str) != Some("apim-probe") {
        return Err(ReadError::Foreign);
    }
    if version.split('.').next() != Some("1") {
        return Err(ReadError::Version(version));
    }
    let document: Document =
        serde_json::from_value(value).map_err(|error| ReadError::Damaged(error.to_string()))?;
    run(document)
}

fn run(document: Document) -> Result<Run, ReadError> {
    let instance = Instance {
        cloud: document.instance.cloud.clone(),
        region: document.instance.region.clone(),
        vnet_mode: word("vnetMode", VnetMode::parse, &document.instance.vnet_mode)?,
        profile: word("profile", Profile::parse, &document.instance.profile)?,
        service: document.instance.service.clone(),
        private_ip: document.instance.private_ip.as_deref().and_then(|ip| ip.parse().ok()),
        dns_servers: document.host.dns_servers.iter().filter_map(|server| name_server(server)).collect(),
        metadata: document.host.azure.detected.then(|| document.host.azure.metadata.clone()),
        metadata_asked: document.host.azure.asked,
        use_imds: document.host.azure.asked,
        ..Instance::default()
    };
    let checks = document.checks.iter().map(check).collect::<Result<Vec<_>, _>>()?;
    let outcomes = document.checks.into_iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
    Ok(Run {
        id: document.run.id,
        started_at: time(&document.run.started_at)?,
        finished_at: time(&document.run.finished_at)?,
        duration_ms: document.run.duration_ms,
        deadline_ms: document.run.deadline_ms,
        interrupted: document.run.interrupted,
        args: document.run.args,
        plan: Plan {
            catalogue_version: document.catalogue.version,
            catalogue_sourced_at: document.catalogue.sourced_at,
            instance,
            checks,
        },
        outcomes,
        host: document.host,
    })
}

/// A name server as reports write it: the port only where it is not 53.
fn name_server(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)))
}

fn word<T>(key: &str, parse: fn(&str) -> Option<T>, text: &str) -> Result<T, ReadError> {
    parse(text).ok_or_else(|| ReadError::Damaged(format!("`{text}` is no {key}")))
}

fn time(text: &str) -> Result<SystemTime, ReadError> {
    humantime::parse_rfc3339(text).map_err(|_| ReadError::Damaged(format!("`{text}` is no time")))
}

fn check(doc: &CheckDoc) -> Result<Check, ReadError> {
    let CheckDoc { planned, .. } = doc;
    let PlannedDoc { id, endpoint, name, group, purpose, host, port, .. } = planned.clone();
    Ok(Check {
        id: CheckId(id),
        endpoint,
        name,
        group,
        purpose,
        host,
        port,
        transport: word("transport", Transport::parse, &planned.transport)?,
        protocol: word("protocol", Protocol::parse, &planned.protocol)?,
        service_tag: planned.service_tag.clone(),
        direction: word("direction", Direction::parse, &planned.direction)?,
        resource_type: planned.resource_type.clone(),
        is_optional: planned.is_optional,
        documented_required: planned.documented_required,
        fallback: planned.fallback,
        skip: planned.skip_reason,
        request: None,
        expect_body: None,
        redirects: Vec::new(),
        accept_names: Vec::new(),
        trust: doc.trust_policy,
        pinned: None,
        must_resolve_to: doc.must_resolve_to,
        origin: planned.origin,
        sources: planned.sources.clone(),
        portal: doc.portal.clone(),
    })
}

fn outcome(doc: CheckDoc) -> Result<Outcome, ReadError> {
    let failure = doc.cause.map(|cause| Failure {
        stage: doc.stage.unwrap_or(Stage::Resolve),
        cause,
        detail: doc.error.clone().unwrap_or_default(),
        icmp: None,
    });
    let status = match (doc.status.as_str(), failure) {
        ("success", _) => Status::Success,
        ("failure", Some(failure)) => Status::Failure(failure),
        ("failure", None) => return Err(ReadError::Damaged("a failure without a cause".to_owned())),
        ("undecided", failure) => Status::Undecided(failure),
        ("skipped", _) => Status::Skipped(doc.planned.skip_reason.unwrap_or(SkipReason::NotCheckable)),
        (other, _) => return Err(ReadError::Damaged(format!("`{other}` is no status"))),
    };
    Ok(Outcome {
        status,
        steps: doc.steps,
        evidence: doc.evidence,
        recovered: doc.recovered,
        duration_ms: doc.duration_ms,
        ended_at: time(&doc.last_updated)?,
    })
}
