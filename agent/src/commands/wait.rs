//! `wait`: repeats the run until every required check succeeds, and says only what changed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use apim_probe_checks::catalogue;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::{ExitPolicy, Report, Verdict};
use sd_notify::NotifyState;
use tokio::time::{Instant, sleep};

use crate::cli::WaitArgs;
use crate::deliver::deliver;
use crate::error::UserError;
use crate::observer::Observer;
use crate::output::Outputs;
use crate::render::redact::Clean;
use crate::render::{Format, Options, Style, Verbosity, change_line, findings, verdict, verdict_line};
use crate::runtime;
use crate::session::Session;
use crate::signals::Signals;
use crate::stdout::write_out;
use crate::time::{rfc3339, span};

/// The first pause, and the shortest; each further one is twice as long.
const MIN_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Time that a run is granted beyond a fifth more than the one before it took.
const RUN_SLACK: Duration = Duration::from_millis(500);

/// The longest time without a sign of life, and how many there are in a shorter wait.
const HEARTBEAT: Duration = Duration::from_secs(60);
const HEARTBEATS: u32 = 15;

/// Waits.
///
/// # Errors
/// A bad flag or file; then nothing was run.
pub(super) fn run(args: &WaitArgs, typed: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = catalogue::embedded();
    let options = Options::of(&args.check.report)?;
    if options.format != Format::Human {
        let error = UserError::new(format!("wait prints changes only, not `{}`", options.format.as_str()));
        return Err(error.hint("write the last report with --output"));
    }
    let mut session = Session::new(catalogue, &args.check, typed)?;
    session.repeats_for(args.timeout);
    let runtime = runtime::runtime()?;
    let signals = Signals::catch(&runtime)?;
    let outputs = Outputs::open(&args.check.report.output)?;
    let (report, said) = runtime.block_on(poll(&mut session, args, &options, &signals, out))?;
    let code = deliver(&report, &options, outputs, &args.check.report, said.map(|()| -> &[&str] { &[] }));
    runtime.shutdown_background();
    Ok(code)
}

/// Runs until all is well, the time is over or a signal came; the last report, and whether all could be said.
async fn poll(
    session: &mut Session<'_>,
    args: &WaitArgs,
    options: &Options,
    signals: &Signals,
    out: &mut dyn Write,
) -> Result<(Clean, Result<(), UserError>), UserError> {
    let start = Instant::now();
    let end = start + args.timeout;
    let strict = args.check.report.strict;
    let mut stopped = signals.stopped();
    let mut said = Said { checks: BTreeMap::new(), verdict: None, at: start, result: Ok(()) };
    let mut pause = MIN_PAUSE;
    let mut sources = loop {
        let begun = Instant::now();
        let deadline = session.deadline().min(end.saturating_duration_since(begun));
        let mut observer = Observer::new(options, &mut *out);
        let sources = session.run(deadline, signals.stopped(), &mut observer).await?;
        let _ = observer.end();
        session.say();
        let report = Report::new(sources, ExitPolicy { strict, signal: None });
        if !report.run.interrupted {
            said.tell(&Clean::of(report.clone(), options.redact), options, out);
            said.heartbeat(&report, args.timeout, end, options);
        }
        // The last run must still fit, however slow, and no two follow each other faster than the shortest pause.
        let room = (begun.elapsed() * 6 / 5 + RUN_SLACK).min(session.deadline());
        let rest = pause.min(end.saturating_duration_since(Instant::now()).saturating_sub(room));
        if report.run.interrupted || report.summary.exit_code == 0 || rest < MIN_PAUSE {
            break report.into_sources();
        }
        pause = (pause * 2).min(MAX_PAUSE);
        let mut sources = report.into_sources();
        tokio::select! {
            () = sleep(rest) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {
                sources.run.interrupted = true;
                break sources;
            }
        }
    };
    let signal = signals.first().filter(|_| sources.run.interrupted);
    sources.run.interrupted = signal.is_some();
    let report = Report::new(sources, ExitPolicy { strict, signal });
    let clean = Clean::of(report, options.redact);
    if signal.is_some() {
        said.tell(&clean, options, out);
    } else if clean.summary.exit_code != 0 {
        said.write(out, &given_up(&clean, start.elapsed(), args.timeout, options.style));
    }
    Ok((clean, said.result))
}

/// When and why the waiting ends without success, and what is wrong.
fn given_up(report: &Report, spent: Duration, timeout: Duration, style: Style) -> String {
    let [spent, timeout] = [spent, timeout].map(|time| span(time.as_secs_f64() * 1000.0));
    format!(
        "{}  gave up after {spent} of {timeout}: another run would not end in time\n{}",
        rfc3339(report.run.finished_at),
        findings(report, style)
    )
}

/// What was said last.
struct Said {
    checks: BTreeMap<String, (Discriminant<Status>, String)>,
    verdict: Option<(Verdict, bool)>,
    /// When.
    at: Instant,
    /// stdout took everything so far. What it does not take hinders no further run and no report in a file.
    result: Result<(), UserError>,
}

impl Said {
    /// One line for each check that ends otherwise than before, and one for the verdict when it changed. Of the first
    /// run only what did not succeed is news.
    fn tell(&mut self, report: &Report, options: &Options, out: &mut dyn Write) {
        let mut text = String::new();
        for seen in report.results() {
            let status = discriminant(seen.status());
            let before = self.checks.get(&seen.check.id.0);
            let (line, ending) =
                change_line(report, seen, before.map(|(_, ending)| ending.as_str()), options.style);
            let is_news = match before {
                Some((before, how)) => {
                    *before != status || (matches!(*seen.status(), Status::Failure(_)) && *how != ending)
                }
                None => !matches!(*seen.status(), Status::Success | Status::Skipped(_)),
            };
            if is_news && options.style.verbosity > Verbosity::Quiet {
                text.push_str(&line);
            }
            self.checks.insert(seen.check.id.0.clone(), (status, ending));
        }
        let judged = Some((report.summary.verdict, report.run.interrupted));
        if self.verdict != judged {
            self.verdict = judged;
            text.push_str(&verdict_line(report));
        }
        // Whoever asked for the state of the service may have gone.
        let _ = sd_notify::notify(&[NotifyState::Status(verdict(report).trim())]);
        if !text.is_empty() {
            self.at = Instant::now();
        }
        self.write(out, &text);
    }

    /// A line on stderr where nothing has been said for long: stdout holds changes only.
    fn heartbeat(&mut self, report: &Report, timeout: Duration, end: Instant, options: &Options) {
        let is_due = self.at.elapsed() >= HEARTBEAT.min(timeout / HEARTBEATS);
        if !is_due || options.style.verbosity == Verbosity::Quiet || report.summary.exit_code == 0 {
            return;
        }
        self.at = Instant::now();
        let left = span(end.saturating_duration_since(self.at).as_secs_f64() * 1000.0);
        let verdict = verdict(report);
        // Whoever reads stderr may have gone.
        let _ =
            writeln!(std::io::stderr(), "{}  still {verdict}, {left} left", rfc3339(report.run.finished_at));
    }

    fn write(&mut self, out: &mut dyn Write, text: &str) {
        if self.result.is_ok() {
            self.result = write_out(out, text);
        }
    }
}
