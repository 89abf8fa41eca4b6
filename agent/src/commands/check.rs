//! `check`: runs the plan once and delivers the report.

use std::ffi::OsString;
use std::io::Write;

use apim_probe_checks::catalogue;
use apim_probe_checks::facts::Sources;
use apim_probe_checks::report::{ExitPolicy, Report};
use tokio::runtime::Runtime;

use crate::cli::CheckArgs;
use crate::deliver::{STDOUT, deliver, refuse_sarif};
use crate::error::UserError;
use crate::observer::Observer;
use crate::output::Outputs;
use crate::render::redact::Clean;
use crate::render::{Options, render};
use crate::runtime;
use crate::session::Session;
use crate::signals::Signals;
use crate::stdout::write_report;

/// Runs every check that applies and reports.
///
/// # Errors
/// A bad flag or file; then nothing was run.
pub(super) fn run(args: &CheckArgs, typed: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = catalogue::embedded();
    let options = Options::of(&args.report)?;
    refuse_sarif(&args.report)?;
    let mut session = Session::new(catalogue, args, typed)?;
    let running = runtime::runtime().and_then(|runtime| Ok((Signals::catch(&runtime)?, runtime)));
    let outputs = Outputs::open(&args.report.output)?;
    let mut observer = Observer::new(&options, &mut *out);
    let (sources, signal) = match &running {
        Ok((signals, runtime)) => run_on(runtime, signals, &mut session, &mut observer)?,
        Err(limit) => (session.run_without_resources(&limit.message, &mut observer)?, None),
    };
    let lines = observer.end();
    let report = Report::new(sources, ExitPolicy { strict: args.report.strict, signal });
    let report = Clean::of(report, options.redact);
    session.say();
    let stdout = match lines {
        Some(lines) => lines.end(&report),
        None => write_report(out, render(&report, &options)),
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
    session: &mut Session<'_>,
    observer: &mut Observer<'_>,
) -> Result<(Sources, Option<u8>), UserError> {
    let deadline = session.deadline();
    let sources = runtime.block_on(session.run(deadline, signals.stopped(), observer))?;
    let signal = signals.first().filter(|_| sources.run.interrupted);
    Ok((sources, signal))
}
