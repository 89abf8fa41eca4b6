//! `check`: gathers what is known, runs the plan, and delivers the report.

use std::ffi::OsString;
use std::io::Write;
use std::time::SystemTime;

use apim_probe_checks::azure::imds;
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::{Instance, Metadata, NetworkStatus};
use apim_probe_checks::limits::Limits;
use apim_probe_checks::plan::Plan;
use apim_probe_checks::probe::net::{Net, Parts};
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::report::{Report, Strictness};
use apim_probe_checks::run::{Azure, Host, Run, drive, settle, starved};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::cli::{CheckArgs, ReportArgs};
use crate::commands::write_out;
use crate::error::{USAGE, UserError};
use crate::instance::{Gathered, gather};
use crate::observer::Live;
use crate::output::{Finished, Outputs};
use crate::render::{Format, Options, nagios_code, render, render_to};
use crate::signals::Signals;
use crate::{host, instance};

/// Runs every check that applies and reports.
///
/// # Errors
/// A bad flag or file; then nothing was run.
pub fn run(args: &CheckArgs, typed: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = Catalogue::embedded();
    let gathered = gather(&catalogue, args)?;
    let options = Options::of(&args.report)?;
    // A selection that names nothing must be refused before anything is opened or sent.
    Plan::new(&catalogue, &gathered.instance).map_err(|error| instance::plan_error(&error))?;
    let roots = roots(&catalogue, args)?;
    let running = host::runtime().and_then(|runtime| Ok((Signals::catch(&runtime)?, runtime)));
    let outputs = Outputs::open(&args.report.output)?;
    let ready = Ready { catalogue: &catalogue, gathered, roots, limits: limits(args), args: words(typed) };
    let mut live = Live::new(&options, &mut *out);
    let (run, signal) = match &running {
        Ok((signals, runtime)) => run_on(runtime, signals, ready, &mut live)?,
        Err(limit) => (starve(ready, &limit.message, &mut live)?, None),
    };
    let report = Report::new(run, Strictness { strict: args.report.strict, signal });
    let stdout = match live.end() {
        Some(lines) => lines.end(&report),
        None => write_out(out, &render(&report, &options)),
    };
    let code = deliver(&report, &options, outputs, &args.report, stdout.map(|()| STDOUT));
    // Until here a second signal ends the program.
    if let Ok((_, runtime)) = running {
        runtime.shutdown_background();
    }
    Ok(code)
}

/// The run, and the signal that ended it early.
fn run_on(
    runtime: &Runtime,
    signals: &Signals,
    ready: Ready<'_>,
    live: &mut Live<'_>,
) -> Result<(Run, Option<u8>), UserError> {
    let run = runtime.block_on(execute(ready, signals.stopped(), live))?;
    let signal = signals.first().filter(|_| run.interrupted);
    Ok((run, signal))
}

/// A run that this machine's limits forbid: nothing is sent, nothing is decided, and the report says why.
fn starve(ready: Ready<'_>, limit: &str, live: &mut Live<'_>) -> Result<Run, UserError> {
    let Ready { catalogue, gathered, limits, args, .. } = ready;
    let plan = Plan::new(catalogue, &gathered.instance).map_err(|error| instance::plan_error(&error))?;
    let mut host = machine(&gathered.instance, gathered.search);
    host.azure.asked = false;
    let mut run = blank(plan, host, limits, args);
    live.start(&run);
    run.outcomes = starved(&run.plan, limit);
    settle(&mut run);
    Ok(run)
}

/// A run before its first packet.
fn blank(plan: Plan, host: Host, limits: Limits, args: Vec<String>) -> Run {
    let started_at = SystemTime::now();
    Run {
        id: host::run_id(),
        started_at,
        finished_at: started_at,
        duration_ms: 0.0,
        deadline_ms: limits.deadline.as_secs_f64() * 1000.0,
        interrupted: false,
        args,
        host,
        plan,
        outcomes: Vec::new(),
    }
}

/// What was typed behind the program's name.
pub(super) fn words(typed: &[OsString]) -> Vec<String> {
    typed.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect()
}

pub(super) fn limits(args: &CheckArgs) -> Limits {
    let limits = Limits::default();
    Limits {
        deadline: args.network.deadline,
        connect: args.network.connect_timeout,
        concurrency: usize::from(args.network.concurrency),
        sockets: host::sockets(limits.sockets),
        ..limits
    }
}

pub(super) fn roots(catalogue: &Catalogue, args: &CheckArgs) -> Result<Roots, UserError> {
    match &args.network.public_roots {
        None => Ok(Roots::bundled(&catalogue.issuers)),
        Some(file) => Roots::from_pem(file, &catalogue.issuers).map_err(|error| {
            UserError::new(error).hint("--public-roots takes a PEM file of root certificates")
        }),
    }
}

/// What a run is made of.
pub(super) struct Ready<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) gathered: Gathered,
    pub(super) roots: Roots,
    pub(super) limits: Limits,
    /// The command line without the program's name.
    pub(super) args: Vec<String>,
}

/// Asks the metadata service (first, where the plan depends on it; else beside the checks), then runs the plan.
pub(super) async fn execute(
    ready: Ready<'_>,
    stopped: watch::Receiver<bool>,
    live: &mut Live<'_>,
) -> Result<Run, UserError> {
    let Ready { catalogue, gathered, roots, limits, args } = ready;
    let begun = Instant::now();
    let started_at = SystemTime::now();
    let needed = gathered.needs_metadata;
    let instance = if needed {
        let metadata = timeout(limits.deadline, imds::fetch()).await.ok().flatten();
        gathered.with_metadata(catalogue, metadata)
    } else {
        gathered.instance
    };
    let plan = Plan::new(catalogue, &instance).map_err(|error| instance::plan_error(&error))?;
    let net = Net::new(Parts {
        servers: instance.dns_servers.clone(),
        reference: host::reference(&instance),
        hosts: gathered.hosts,
        roots,
        limits,
        started: begun,
        stop: stopped,
    });
    let host = machine(&instance, gathered.search);
    let mut run = Run { started_at, ..blank(plan, host, limits, args) };
    live.start(&run);
    let ((outcomes, interrupted), metadata) =
        tokio::join!(drive(&run.plan, &net, |event| live.observe(event)), beside(&instance, needed));
    run.outcomes = outcomes;
    run.interrupted = interrupted;
    if let Some(metadata) = metadata {
        run.host.azure = detected(&instance, Some(metadata));
    }
    settle(&mut run);
    run.finished_at = SystemTime::now();
    run.duration_ms = begun.elapsed().as_secs_f64() * 1000.0;
    Ok(run)
}

/// Asks the metadata service while the checks run, where nothing depends on its answer.
async fn beside(instance: &Instance, asked_already: bool) -> Option<Metadata> {
    match instance.use_imds && !asked_already {
        true => imds::fetch().await,
        false => None,
    }
}

fn machine(instance: &Instance, search: Vec<String>) -> Host {
    Host {
        azure: detected(instance, instance.metadata.clone()),
        dns_servers: instance.dns_servers.iter().map(host::server_name).collect(),
        search_domains: search,
        ..host::facts()
    }
}

fn detected(instance: &Instance, metadata: Option<Metadata>) -> Azure {
    let told = instance.network_status.as_ref();
    Azure {
        detected: metadata.is_some(),
        asked: instance.use_imds,
        portal_dns_servers: told.map(known_servers).unwrap_or_default(),
        metadata: metadata.unwrap_or_default(),
    }
}

/// The DNS servers that NetworkStatus lists, each once.
fn known_servers(status: &NetworkStatus) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    for server in status.dns_servers.iter().map(|server| server.trim()).filter(|server| !server.is_empty()) {
        if !servers.iter().any(|known| known == server) {
            servers.push(server.to_owned());
        }
    }
    servers
}

/// Where a report is that stdout took.
pub(super) const STDOUT: &[&str] = &["stdout"];

/// Writes the report to every output, says what could not be written, and turns the verdict into the exit code. `stdout`
/// tells where the report is already.
pub(super) fn deliver(
    report: &Report,
    options: &Options,
    outputs: Outputs,
    args: &ReportArgs,
    stdout: Result<&[&str], UserError>,
) -> u8 {
    let Finished { saved, errors } =
        outputs.finish(|format, medium| render_to(medium, report, &Options { format, ..*options }));
    let said = stdout.as_ref().copied().unwrap_or_default();
    let saved: Vec<&str> = said.iter().copied().chain(saved.iter().map(String::as_str)).collect();
    let mut failed: Vec<UserError> = stdout.err().into_iter().chain(errors).collect();
    if let Some(last) = failed.last_mut() {
        last.hint = (!saved.is_empty()).then(|| format!("the report was saved to {}", saved.join(", ")));
    }
    failed.iter().for_each(|error| crate::error::report(error, &mut std::io::stderr()));
    let code = match report.summary.exit_code {
        1 | 3 | 4 if args.exit_zero => 0,
        code if options.format == Format::Nagios && code < 128 && !args.exit_zero => nagios_code(report),
        code => code,
    };
    if code == 0 && !failed.is_empty() { USAGE } else { code }
}
