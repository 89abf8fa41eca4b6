//! The end of every command that judges: the report goes to its outputs, the verdict becomes the exit code.

use std::io;

use apim_probe_checks::report::Report;
use apim_probe_checks::verdict;

use crate::cli::ReportArgs;
use crate::error::{self, UserError};
use crate::output::{self, Finished, Outputs};
use crate::render::redact::Clean;
use crate::render::{Format, Options, render_to};

/// Where a report is that stdout took.
pub const STDOUT: &[&str] = &["stdout"];

/// SARIF points into documents, which only a review has.
///
/// # Errors
/// The report was asked for in it.
pub fn refuse_sarif(args: &ReportArgs) -> Result<(), UserError> {
    let is_sarif = |word: &String| matches!(output::parse(word), Ok((Format::Sarif, _)));
    if args.format == Format::Sarif || args.output.iter().any(is_sarif) {
        let error = UserError::new("sarif is a format of `apim-probe review` only");
        return Err(error.hint("it points at lines of configuration; junit is for pipelines"));
    }
    Ok(())
}

/// Writes the report to every output, says what could not be written, and turns the verdict into the exit code. `stdout`
/// tells where the report is already.
pub fn deliver(
    report: &Clean,
    options: &Options,
    outputs: Outputs,
    args: &ReportArgs,
    stdout: Result<&[&str], UserError>,
) -> u8 {
    let Finished { saved, errors } =
        outputs.finish(|format, medium| render_to(medium, report, &Options { format, ..*options }));
    let printed = stdout.as_ref().copied().unwrap_or_default();
    let saved: Vec<&str> = printed.iter().copied().chain(saved.iter().map(String::as_str)).collect();
    let mut failed: Vec<UserError> = stdout.err().into_iter().chain(errors).collect();
    if let Some(last) = failed.last_mut() {
        last.hint = (!saved.is_empty()).then(|| format!("the report was saved to {}", saved.join(", ")));
    }
    failed.iter().for_each(|error| error::report(error, &mut io::stderr()));
    let code = exit_code(report, options.format, args);
    if code == verdict::OK && !failed.is_empty() { verdict::USAGE } else { code }
}

/// The exit code of a report that could be delivered.
fn exit_code(report: &Report, format: Format, args: &ReportArgs) -> u8 {
    let code = report.summary.exit_code;
    if args.exit_zero {
        verdict::exit_zero(code)
    } else if format == Format::Nagios && !verdict::is_interrupted(code) {
        report.summary.verdict.nagios_code()
    } else {
        code
    }
}
