//! `review`: judges exported or planned configuration alone. Sends no packet and reads nothing of this machine, unless Azure is
//! to be asked with its identity.

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::SystemTime;

use apim_probe_checks::catalogue::{self, Catalogue, Direction};
use apim_probe_checks::facts::Sources;
use apim_probe_checks::instance::{CustomEndpoint, Instance, LiteralFlow};
use apim_probe_checks::network::told;
use apim_probe_checks::outcome::{Outcome, SkipReason};
use apim_probe_checks::plan::Plan;
use apim_probe_checks::probe::system_conf::Resolver;
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::run::{Host, Run, RunKind};
use apim_probe_checks::verdict;

use crate::azure::alone::{self, Alone};
use crate::azure::asking::{Asking, Beside};
use crate::cli::{ReviewArgs, values};
use crate::deliver::{STDOUT, deliver};
use crate::documents::Documents;
use crate::documents::azure::Files;
use crate::error::{self, UserError};
use crate::instance::{Inputs, gather_beside, plan_error};
use crate::output::Outputs;
use crate::render::redact::Clean;
use crate::render::{Options, render};
use crate::stdout::write_report;
use crate::{azure, host, session};

/// Judges documents and delivers the report.
///
/// # Errors
/// A bad flag, a document that cannot be read or is of no known kind, several subnets.
pub(super) fn run(args: &ReviewArgs, typed: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    let options = Options::of(&args.report)?;
    let (started_at, catalogue) = (SystemTime::now(), catalogue::embedded());
    let mut inputs = gather_beside(catalogue, &args.scope, Resolver::default())?;
    let documents = match documents(args, catalogue, &mut inputs)? {
        Ok(documents) => documents,
        Err(signal) => return Ok(verdict::INTERRUPTED + signal),
    };
    let mut instance = inputs.instance;
    let disagreements = documents.fill_in(&mut instance, &args.scope.instance, catalogue)?;
    if args.scope.sources.dns_server.is_empty() {
        instance.dns_servers = told::dns_servers(&documents.chosen()?);
    }
    literals(&mut instance, &args.inbound);
    let (mut plan, portal) = Plan::for_review(catalogue, &instance).map_err(|error| plan_error(&error))?;
    documents.add_settings(&mut plan)?;
    let run = run_of(plan, started_at, typed);
    let configuration = documents.judge(&run, portal.as_ref(), &disagreements)?;
    let sources = Sources { network: Some(configuration), portal, ..run.into() };
    let report = Report::new(sources, ExitPolicy { strict: args.report.strict, signal: None });
    let report = Clean::of(report, options.redact);
    let outputs = Outputs::open(&args.report.output)?;
    let stdout = write_report(out, render(&report, &options));
    Ok(deliver(&report, &options, outputs, &args.report, stdout.map(|()| STDOUT)))
}

/// The documents that were named, together with Azure's where it is to be asked; or the signal that came before it answered.
fn documents(
    args: &ReviewArgs,
    catalogue: &Catalogue,
    inputs: &mut Inputs,
) -> Result<Result<Documents, u8>, UserError> {
    let region = args.scope.instance.region.as_ref().and(inputs.instance.region.as_deref());
    let status = args.scope.instance.from_network_status.iter();
    let files: Vec<String> =
        args.paths.iter().cloned().chain(status.map(|file| file.to_string_lossy().into_owned())).collect();
    let beside = Beside {
        service: args.scope.instance.service.as_deref(),
        region,
        without_metadata: args.scope.sources.no_imds,
        dns_servers: &args.scope.sources.dns_server,
        files: &files,
    };
    let roots = session::roots(catalogue, args.public_roots.as_deref())?;
    let Some(asking) = Asking::of(&args.ask, args.app_gateway.as_deref(), beside, roots)? else {
        let documents = Documents::read(&args.paths, &args.reading, region, Vec::new())?;
        return documents.map(Ok).ok_or_else(|| UserError::new("no document was named"));
    };
    let files = Files::read(&args.paths, &args.reading, region, Vec::new())?;
    files.alone()?;
    let (fetched, answer) = match alone::ask(&asking, catalogue, args.scope.instance.cloud.as_deref())? {
        Alone::Answered(answered) => *answered,
        Alone::Interrupted(signal) => return Ok(Err(signal)),
    };
    azure::hints(&fetched).iter().for_each(|hint| error::hint(hint, &mut io::stderr()));
    if inputs.needs_metadata {
        inputs.instance = inputs.with_metadata(catalogue, answer.map(|answer| answer.metadata));
    }
    files.with(&fetched).map(Ok)
}

/// Endpoints that are named by their address are flows of their own.
fn literals(instance: &mut Instance, inbound: &[LiteralFlow]) {
    let flow = |endpoint: &CustomEndpoint| values::literal(endpoint, Direction::Outbound);
    instance.literals = instance.custom.iter().filter_map(flow).chain(inbound.iter().copied()).collect();
    instance.custom.retain(|endpoint| flow(endpoint).is_none());
}

/// A run in which nothing was probed.
fn run_of(plan: Plan, started_at: SystemTime, typed: &[OsString]) -> Run {
    let skipped =
        |reason: Option<SkipReason>| Outcome::skipped(reason.unwrap_or(SkipReason::NotCheckable), started_at);
    let outcomes = plan.checks.iter().map(|check| skipped(check.skip_reason())).collect();
    Run {
        kind: RunKind::Review,
        id: host::run_id(),
        started_at,
        finished_at: SystemTime::now(),
        duration_ms: 0.0,
        deadline_ms: 0.0,
        interrupted: false,
        args: typed.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect(),
        plan,
        outcomes,
        host: Host::default(),
    }
}
