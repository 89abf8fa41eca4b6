//! `review`: judges exported or planned configuration alone. Sends no packet and reads nothing of this machine.

use std::ffi::OsString;
use std::io::Write;
use std::time::SystemTime;

use apim_probe_checks::catalogue::{self, Catalogue, Direction};
use apim_probe_checks::instance::{CustomEndpoint, Instance, LiteralFlow};
use apim_probe_checks::network::told;
use apim_probe_checks::outcome::{Outcome, SkipReason};
use apim_probe_checks::plan::Plan;
use apim_probe_checks::probe::system_conf::Resolver;
use apim_probe_checks::report::{ExitPolicy, Report, Sources};
use apim_probe_checks::run::{Host, Run, RunKind};

use crate::cli::{ReviewArgs, values};
use crate::deliver::{STDOUT, deliver};
use crate::documents::Documents;
use crate::error::UserError;
use crate::host;
use crate::instance::{gather_beside, plan_error};
use crate::output::Outputs;
use crate::render::{Options, render};
use crate::stdout::write_out;

/// Judges documents and delivers the report.
///
/// # Errors
/// A bad flag, a document that cannot be read or is of no known kind, several subnets.
pub(super) fn run(args: &ReviewArgs, typed: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    let options = Options::of(&args.report)?;
    let sources = judged(args, typed, catalogue::embedded())?;
    let report = Report::new(sources, ExitPolicy { strict: args.report.strict, signal: None });
    let outputs = Outputs::open(&args.report.output)?;
    let stdout = write_out(out, &render(&report, &options));
    Ok(deliver(&report, &options, outputs, &args.report, stdout.map(|()| STDOUT)))
}

fn judged(args: &ReviewArgs, typed: &[OsString], catalogue: &Catalogue) -> Result<Sources, UserError> {
    let started_at = SystemTime::now();
    let mut instance = gather_beside(catalogue, &args.scope, Resolver::default())?.instance;
    let region = args.scope.instance.region.as_ref().and(instance.region.as_deref());
    let documents = Documents::read(&args.paths, &args.reading, region, Vec::new())?;
    let Some(documents) = documents else { return Err(UserError::new("no document was named")) };
    let disagreements = documents.fill_in(&mut instance, &args.scope.instance, catalogue)?;
    if args.scope.sources.dns_server.is_empty() {
        instance.dns_servers = told::dns_servers(&documents.chosen()?);
    }
    literals(&mut instance, &args.inbound);
    let (mut plan, portal) = Plan::for_review(catalogue, &instance).map_err(|error| plan_error(&error))?;
    documents.add_settings(&mut plan)?;
    let run = run_of(plan, started_at, typed);
    let configuration = documents.judge(&run, portal.as_ref(), &disagreements)?;
    Ok(Sources { run, network: Some(configuration), portal })
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
