//! Reading a saved report back into a [`Run`], so that it can be judged again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use apim_probe_checks::catalogue::{
    self, Catalogue, Direction, Profile, Protocol, Requirement, Transport, VnetMode,
};
use apim_probe_checks::diagnose::classify::is_configured_server;
use apim_probe_checks::facts::Sources;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::ControlPlane;
use apim_probe_checks::network::configuration::Configuration;
use apim_probe_checks::network::decision::Decision;
use apim_probe_checks::network::judgement::Extent;
use apim_probe_checks::network::settings::SettingId;
use apim_probe_checks::outcome::{Cause, Evidence, Failure, Outcome, SkipReason, Stage, Status, Step};
use apim_probe_checks::plan::flow::Flow;
use apim_probe_checks::plan::{Check, CheckId, GatewayPath, Plan, Target, Work};
use apim_probe_checks::portal::{NetworkStatusEntry, Portal, read as network_status};
use apim_probe_checks::run::{Host, Run};
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::document::check::CheckDoc;
use super::document::configuration::ConfigurationDoc;
use super::document::decision::DecisionDoc;
use super::document::host::HostDoc;
use super::document::server::{ConfiguredDoc, of_configured};
use super::document::{CatalogueDoc, InstanceDoc, PortalDoc, RunDoc};
use super::pieces::Pieces;
use super::read_error::ReadError;
use super::{inferred, lines};

/// The facts of a report: the judgement over them is made anew.
#[derive(Deserialize)]
struct Facts {
    #[serde(default)]
    catalogue: CatalogueDoc,
    run: RunDoc,
    #[serde(default)]
    host: HostDoc,
    #[serde(default)]
    instance: InstanceDoc,
    portal: Option<PortalDoc>,
    configuration: Option<ConfigurationDoc>,
}

/// Reads a report, written as one object or in lines.
///
/// # Errors
/// Why it is none.
pub fn from_json(text: &str) -> Result<Sources, ReadError> {
    let (whole, joined) = match lines::join(text)? {
        Some((whole, checks)) => (whole, Some(checks)),
        None => (one_object(text)?, None),
    };
    let has_lines = joined.is_some();
    let checks = joined.map_or_else(|| whole.checks(), Ok);
    let mut sections = Value::Object(whole.sections);
    // The first line of a stream need not say what wrote it.
    let tool = sections.pointer("/tool/name").and_then(Value::as_str);
    if tool.or_else(|| has_lines.then_some("apim-probe")) != Some("apim-probe") {
        return Err(not_ours(text));
    }
    let version = sections.get("schemaVersion").and_then(Value::as_str).or_else(|| has_lines.then_some("1"));
    let version = version.ok_or_else(|| ReadError::Damaged("it has no `schemaVersion`".to_owned()))?;
    match version.split('.').next().map(str::parse::<u32>) {
        Some(Ok(1)) => {}
        Some(Ok(2..)) => return Err(ReadError::Version(version.to_owned())),
        _ => return Err(ReadError::Damaged(format!("`{version}` is not a version of the report"))),
    }
    let is_untold = |checks: &Vec<&RawValue>| values(checks).all(|check| check.get("status").is_none());
    if sections.get("run").is_none() && checks.as_ref().is_ok_and(is_untold) {
        return Err(ReadError::Plan);
    }
    inferred::drop_nulls(&mut sections);
    let facts = serde_json::from_value(sections).map_err(|error| damaged(&error))?;
    sources(facts, &checks?)
}

/// The file as one object.
fn one_object(text: &str) -> Result<Pieces<'_>, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let told = |error: serde_json::Error| match error.classify() {
        Category::Eof => ReadError::Torn(error),
        Category::Data => not_ours(text),
        Category::Syntax | Category::Io => ReadError::NotJson(error),
    };
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Pieces<'_>>();
    let first = objects.next().ok_or(ReadError::Empty)?.map_err(told)?;
    let rest = text.get(objects.byte_offset()..).unwrap_or_default();
    match rest.trim() {
        "" => Ok(first),
        _ if first.check.is_some() => Err(ReadError::Headless),
        more => Err(ReadError::More(format!("`{}`", more.chars().take(20).collect::<String>()))),
    }
}

/// What the JSON of another program is.
fn not_ours(text: &str) -> ReadError {
    let is_portals = network_status::parse(text.as_bytes()).is_ok();
    if is_portals { ReadError::NetworkStatus } else { ReadError::Foreign }
}

/// Each check as a value, for as long as it is looked at.
fn values(checks: &[&RawValue]) -> impl Iterator<Item = Value> {
    checks.iter().map(|check| serde_json::from_str(check.get()).unwrap_or_default())
}

fn damaged(error: &serde_json::Error) -> ReadError {
    let text = error.to_string();
    // The list of all words that would have been right is longer than what is wrong; a place is one in the check alone.
    let short = [", expected one of", " at line "].iter().filter_map(|end| text.find(end)).min();
    ReadError::Damaged(text[..short.unwrap_or(text.len())].to_owned())
}

fn sources(mut document: Facts, checks: &[&RawValue]) -> Result<Sources, ReadError> {
    let finished_at = inferred::finished_at(&document.run, values(checks));
    let known = catalogue::embedded();
    inferred::metadata_service(known, &mut document.host.azure, &document.run, values(checks));
    let older = std::mem::take(&mut document.host.azure.portal_dns_servers);
    let host = Host::from(document.host);
    let instance = instance(&document.instance, &host)?;
    let mut entries: BTreeMap<CheckId, NetworkStatusEntry> = BTreeMap::new();
    let mut decisions: Vec<(CheckId, Vec<(Flow, Decision)>)> = Vec::new();
    let mut azures_call = None;
    let (mut plan, mut outcomes): (Vec<Check>, Vec<Outcome>) = (Vec::new(), Vec::new());
    for (place, text) in checks.iter().enumerate() {
        let (check, mut outcome, told) = result(place, text, known, &finished_at)?;
        let Beside { entry, decision, azures_call: call } = told;
        let is_judged = decision.is_some() || SettingId::parse(&check.endpoint).is_some();
        if is_judged && call.is_none() && was_left_to_configuration(&outcome, &document.run) {
            outcome.status = Status::Skipped(SkipReason::NotCheckable);
        }
        azures_call = call.or(azures_call);
        decisions.extend(decision.map(|flows| (check.id.clone(), flows)));
        entries.extend(entry.map(|entry| (check.id.clone(), entry)));
        plan.push(check);
        outcomes.push(outcome);
    }
    let mut ids = BTreeSet::new();
    if let Some(twice) = plan.iter().find(|check| !ids.insert(&check.id)) {
        return Err(ReadError::Damaged(format!("it has two checks `{}`", twice.id)));
    }
    let mut run = Run {
        kind: document.run.kind,
        id: document.run.id,
        started_at: time(&document.run.started_at)?,
        finished_at: time(&finished_at)?,
        duration_ms: document.run.duration_ms,
        deadline_ms: document.run.deadline_ms,
        interrupted: document.run.interrupted,
        args: document.run.args,
        plan: Plan {
            catalogue_version: document.catalogue.version,
            catalogue_sourced_at: document.catalogue.sourced_at,
            instance,
            checks: plan,
        },
        outcomes,
        host,
    };
    // Whether a configured server counts depends on the others, and is judged anew: each was planned to count.
    let all = run.plan.checks.iter().enumerate();
    let servers = all.filter(|(_, check)| is_configured_server(&run.plan, check)).map(|(place, _)| place);
    for place in servers.collect::<Vec<_>>() {
        run.plan.checks[place].requirement = Requirement::Required;
    }
    let network = document.configuration.map(|section| configuration(section, decisions, azures_call));
    Ok(Sources { run, network, portal: portal(document.portal, older, entries) })
}

/// What the portal told: in a section of its own, or in older reports beside the machine and the checks alone.
fn portal(
    section: Option<PortalDoc>,
    older: Vec<ConfiguredDoc>,
    entries: BTreeMap<CheckId, NetworkStatusEntry>,
) -> Option<Portal> {
    let is_told = section.is_some() || !older.is_empty() || !entries.is_empty();
    let section = section.unwrap_or(PortalDoc { location: None, dns_servers: older });
    let dns_servers = of_configured(&section.dns_servers);
    is_told.then_some(Portal { location: section.location, dns_servers, entries })
}

/// What configuration said: the decisions as they were written, and what findings stand on beside them.
fn configuration(
    section: ConfigurationDoc,
    decisions: Vec<(CheckId, Vec<(Flow, Decision)>)>,
    control_plane: Option<ControlPlane>,
) -> Configuration {
    let mut configuration = Configuration::from(section);
    let extent = Extent::of(&configuration.basis.refused);
    let judgement = &mut configuration.judgement;
    (judgement.extent, judgement.control_plane) = (extent, control_plane);
    judgement.judged = decisions.into_iter().collect();
    configuration
}

fn instance(doc: &InstanceDoc, host: &Host) -> Result<Instance, ReadError> {
    Ok(Instance {
        cloud: doc.cloud.clone(),
        region: doc.region.clone(),
        vnet_mode: word("vnetMode", VnetMode::parse, &doc.vnet_mode)?,
        profile: word("profile", Profile::parse, &doc.profile)?,
        service: doc.service.clone(),
        private_ip: doc.private_ip.as_deref().and_then(|ip| ip.parse().ok()),
        dns_servers: host.dns_servers.clone(),
        metadata: host.azure.detected.then(|| host.azure.metadata.clone()),
        metadata_asked: host.azure.asked,
        use_imds: host.azure.asked,
        ..Instance::default()
    })
}

/// What other sources than packets said of a check.
struct Beside {
    entry: Option<NetworkStatusEntry>,
    decision: Option<Vec<(Flow, Decision)>>,
    azures_call: Option<ControlPlane>,
}

/// A check and its outcome; what is wrong with them is said with their name.
fn result(
    place: usize,
    text: &RawValue,
    known: &Catalogue,
    ended: &str,
) -> Result<(Check, Outcome, Beside), ReadError> {
    let read = || {
        let mut value: Value = serde_json::from_str(text.get()).map_err(|error| damaged(&error))?;
        inferred::drop_nulls(&mut value);
        let mut doc: CheckDoc = serde_json::from_value(value).map_err(|error| damaged(&error))?;
        let check = check(&mut doc, known)?;
        let entry = doc.portal.take().map(NetworkStatusEntry::from);
        let decision = doc.configuration.take().map(DecisionDoc::read).filter(|flows| !flows.is_empty());
        let azures_call = doc.evidence.take_azures_call();
        let outcome = outcome(doc, check.protocol, ended)?;
        Ok((check, outcome, Beside { entry, decision, azures_call }))
    };
    read().map_err(|error| match error {
        ReadError::Damaged(what) => {
            let name = lines::id(text).map_or_else(|| (place + 1).to_string(), |id| format!("`{id}`"));
            ReadError::Damaged(format!("check {name}: {what}"))
        }
        other => other,
    })
}

/// True where no packet decided, nor was one to: neither an interruption nor the deadline left it open.
fn was_left_to_configuration(outcome: &Outcome, run: &RunDoc) -> bool {
    let is_said = match &outcome.status {
        Status::Success => true,
        Status::Failure(failure) => failure.stage == Stage::Configuration,
        Status::Undecided(failure) => failure.is_none() && !run.interrupted,
        Status::Skipped(_) => false,
    };
    is_said && outcome.steps.is_empty()
}

fn word<T>(key: &str, parse: fn(&str) -> Option<T>, text: &str) -> Result<T, ReadError> {
    parse(text).ok_or_else(|| ReadError::Damaged(format!("`{text}` is not a {key}")))
}

fn time(text: &str) -> Result<SystemTime, ReadError> {
    humantime::parse_rfc3339(text).map_err(|_| ReadError::Damaged(format!("`{text}` is not a time")))
}

fn check(doc: &mut CheckDoc, known: &Catalogue) -> Result<Check, ReadError> {
    let planned = &doc.planned;
    let protocol = word("protocol", Protocol::parse, &planned.protocol)?;
    let transport = match &planned.transport {
        Some(text) => word("transport", Transport::parse, text)?,
        None => protocol.transport(),
    };
    Ok(Check {
        id: CheckId(planned.id.clone()),
        meaning: known.meaning(&planned.endpoint),
        endpoint: planned.endpoint.clone(),
        name: planned.name.clone().unwrap_or_else(|| inferred::name(planned)),
        group: planned.group.clone().unwrap_or_else(|| inferred::group(&planned.endpoint)),
        purpose: planned.purpose.clone(),
        work: work(planned.skip_reason.filter(|_| doc.steps.is_empty()), planned.host.clone(), planned.port),
        transport,
        protocol,
        service_tag: planned.service_tag.clone(),
        direction: word("direction", Direction::parse, &planned.direction)?,
        resource_type: planned.resource_type.clone(),
        requirement: if planned.is_optional { Requirement::Optional } else { Requirement::Required },
        documented_required: planned.documented_required,
        fallback: planned.fallback,
        request: None,
        expect_body: None,
        redirects: Vec::new(),
        accept_names: Vec::new(),
        trust: doc.trust_policy.unwrap_or_else(|| inferred::trust(known, planned)),
        must_resolve_to: doc.must_resolve_to,
        gateway: GatewayPath::of_report(known.meaning(&planned.endpoint).role, planned.via.as_deref()),
        origin: planned.origin.unwrap_or_else(|| inferred::origin(known, planned)),
        sources: planned.sources.clone(),
    })
}

/// What was done about a check. What was neither skipped nor has a target was decided without a packet.
fn work(skip: Option<SkipReason>, host: Option<String>, port: Option<u16>) -> Work {
    match (skip, host, port) {
        (None, Some(host), Some(port)) => Work::Probe(Target::new(host, port)),
        (skip, host, port) => Work::Skip { reason: skip.unwrap_or(SkipReason::NotCheckable), host, port },
    }
}

fn outcome(mut doc: CheckDoc, protocol: Protocol, ended: &str) -> Result<Outcome, ReadError> {
    let failure = doc.cause.map(|cause| Failure {
        stage: doc.stage.unwrap_or_else(|| cause.stage()),
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
        (other, _) => return Err(ReadError::Damaged(format!("`{other}` is not a status"))),
    };
    let steps: Vec<Step> = doc.steps.into_iter().map(Step::from).collect();
    doc.evidence.infer_truncation(&steps);
    let evidence = doc.evidence.read(protocol);
    let dns = evidence.dns.or_else(|| inferred::dns_evidence(doc.planned.host.as_deref(), &steps));
    Ok(Outcome {
        status: as_seen(status, &steps),
        steps,
        evidence: Evidence { dns, ..evidence },
        recovered: doc.recovered,
        duration_ms: doc.duration_ms,
        ended_at: time(doc.last_updated.as_deref().unwrap_or(ended))?,
    })
}

/// ICMP's type of a packet that lived too long.
const TIME_EXCEEDED: u8 = 11;

/// How a check ended as its own packets told. A report has the words of the judgement: silence that others' rejections
/// explain is written as a rejection, and a failure that only says that there is no Azure here as a skip.
fn as_seen(judged: Status, steps: &[Step]) -> Status {
    let last = |is_it: fn(Cause) -> bool| {
        let mut failed = steps.iter().rev().filter_map(|step| Some((step, step.cause?)));
        let (step, cause) = failed.find(|(_, cause)| is_it(*cause))?;
        Some(Status::Failure(Failure::new(step.stage, cause, step.detail.clone().unwrap_or_default())))
    };
    // Time exceeded is no rejection, and what came while the path was walked says nothing of the connect itself.
    let is_message =
        |step: &Step| step.hops.is_empty() && step.icmp.is_some_and(|icmp| icmp.kind != TIME_EXCEEDED);
    let is_rejection = |step: &Step| step.cause == Some(Cause::ConnectRejected) || is_message(step);
    let seen = match &judged {
        Status::Failure(failure)
            if failure.cause == Cause::ConnectRejected && !steps.iter().any(is_rejection) =>
        {
            last(|cause| matches!(cause, Cause::ConnectTimeout | Cause::ExchangeTimeout))
        }
        Status::Skipped(SkipReason::NoMetadataService | SkipReason::NotPublished) => last(|_| true),
        _ => None,
    };
    seen.unwrap_or(judged)
}
