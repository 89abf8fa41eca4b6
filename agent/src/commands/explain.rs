//! `explain`: judges saved reports again, or says what a code means.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use apim_probe_checks::catalogue::embedded;
use apim_probe_checks::diagnose::{self, Code};
use apim_probe_checks::outcome::{Cause, Outcome, SkipReason};
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::verdict;

use crate::cli::{ConfigArgs, ExplainArgs};
use crate::deliver::{STDOUT, deliver, refuse_sarif};
use crate::documents::Documents;
use crate::error::UserError;
use crate::output::Outputs;
use crate::render::overview::{self, Named};
use crate::render::redact::{Clean, Redaction};
use crate::render::{Format, Options, Style, plain_text, render};
use crate::report_file::load;
use crate::stdout::{write_out, write_report};

mod catalogue;

/// Explains a file or a code.
///
/// # Errors
/// Neither a report nor a code that is known.
pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    refuse_sarif(&args.report)?;
    let [what] = args.what.as_slice() else { return several(args, out) };
    let what = what.as_str();
    // A folder is no report, and a code may well be the name of one.
    if what != "-" && (!Path::new(what).exists() || Path::new(what).is_dir()) {
        let text = code(what).ok_or_else(|| unknown(what))?;
        write_out(out, &plain_text::plain(&text))?;
        return Ok(0);
    }
    let options = Options { read_at: Some(SystemTime::now()), ..Options::of(&args.report)? };
    let policy = ExitPolicy { strict: args.report.strict, signal: None };
    let report = configured(load::report(what, "explained", policy)?, args, policy)?;
    if report.run.plan.checks.is_empty() {
        return Err(UserError::new(format!("`{what}` has no checks: it says nothing about any network")));
    }
    let report = Clean::of(report, options.redact);
    let outputs = Outputs::open(&args.report.output)?;
    let stdout = write_report(out, render(&report, &options));
    Ok(deliver(&report, &options, outputs, &args.report, stdout.map(|()| STDOUT)))
}

/// The report, judged with the configuration that was named: what no packet decided it decides.
fn configured(report: Report, args: &ExplainArgs, policy: ExitPolicy) -> Result<Report, UserError> {
    let ConfigArgs { config, reading } = &args.configuration;
    let machine = report.run.host.addresses.iter().filter_map(|address| address.parse().ok()).collect();
    let region = report.run.plan.instance.region.clone();
    let Some(documents) = Documents::read(config, reading, region.as_deref(), machine)? else {
        return Ok(report);
    };
    let mut sources = report.into_sources();
    let run = &mut sources.run;
    let known = run.plan.checks.len();
    documents.add_settings(&mut run.plan)?;
    let at = run.finished_at;
    let settings = run.plan.checks.iter().skip(known);
    let outcomes = settings.map(|_| Outcome::skipped(SkipReason::NotCheckable, at)).collect::<Vec<_>>();
    run.outcomes.extend(outcomes);
    sources.network = Some(documents.judge(run, sources.portal.as_ref(), &[])?);
    Ok(Report::new(sources, policy))
}

/// Judges several reports and prints one table; the exit code is that of the worst.
fn several(args: &ExplainArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    let options = Options::of(&args.report)?;
    let policy = ExitPolicy { strict: args.report.strict, signal: None };
    if args.what.iter().filter(|file| *file == "-").count() > 1 {
        return Err(
            UserError::new("standard input can be one of the reports only").hint("save the others to files")
        );
    }
    let read = |file: &String| {
        let report = Clean::of(load::report(file, "explained", policy)?, options.redact);
        let file = if options.redact == Redaction::Names { report.run.id.clone() } else { file.clone() };
        Ok(Named { file, report })
    };
    let reports: Vec<Named> = args.what.iter().map(read).collect::<Result<_, UserError>>()?;
    let outputs = Outputs::open(&args.report.output)?;
    let unknown =
        outputs.formats().chain([options.format]).find(|format| !overview::FORMATS.contains(format));
    if let Some(format) = unknown {
        let known = overview::FORMATS.map(Format::as_str).join(", ");
        return Err(UserError::new(format!("several reports cannot be written as `{}`", format.as_str()))
            .hint(format!("one of {known}, or one report at a time")));
    }
    let now = SystemTime::now();
    write_out(out, &overview::render(&reports, options.format, options.style, now))?;
    let finished = outputs.finish(|format, _| Some(overview::render(&reports, format, Style::file(), now)));
    finished.errors.iter().for_each(|error| crate::error::report(error, &mut std::io::stderr()));
    let worst =
        reports.iter().map(|one| &one.report.summary).max_by_key(|one| overview::badness(one.verdict));
    let code = worst.map_or(verdict::OK, |summary| summary.exit_code);
    let code = if args.report.exit_zero { verdict::exit_zero(code) } else { code };
    Ok(if code == verdict::OK && !finished.errors.is_empty() { verdict::USAGE } else { code })
}

fn unknown(what: &str) -> UserError {
    if Path::new(what).is_dir() {
        return UserError::new(format!("`{what}` is a folder")).hint("name the report in it");
    }
    let error = UserError::new(format!("`{what}` is neither a file nor a code"));
    let ending = Path::new(what).extension().and_then(OsStr::to_str);
    if what.contains('/') || ending.is_some_and(|ending| ["json", "jsonl", "log"].contains(&ending)) {
        return error.hint("no such file: a report is what `apim-probe -o report.json` writes");
    }
    match catalogue::nearest(embedded(), what) {
        Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
        None => {
            error.hint("codes of findings, causes and endpoints are known; `apim-probe plan` lists endpoints")
        }
    }
}

/// What a finding, a cause, an endpoint, a group, a service tag or a host name means.
fn code(word: &str) -> Option<String> {
    let lower = word.trim().to_ascii_lowercase();
    if let Some(code) = Code::parse(&lower) {
        return Some(diagnose::explain(code).to_owned());
    }
    if let Some(cause) = Cause::parse(&lower) {
        return Some(diagnose::explain_cause(cause));
    }
    let rows = embedded();
    catalogue::explain(rows, word).or_else(|| catalogue::explain(rows, &lower))
}
