//! `explain`: judges a saved report again, or says what a code means.

use std::io::Write;
use std::path::Path;

use apim_probe_checks::catalogue;
use apim_probe_checks::diagnose::{self, Code};
use apim_probe_checks::outcome::Cause;
use apim_probe_checks::report::ExitPolicy;

use crate::cli::ExplainArgs;
use crate::commands::topic;
use crate::deliver::{STDOUT, deliver};
use crate::error::UserError;
use crate::output::Outputs;
use crate::render::{Options, plain_text, render};
use crate::report_file::load;
use crate::stdout::write_out;

/// Explains a file or a code.
///
/// # Errors
/// Neither a report nor a code that is known.
pub fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    let what = args.what.as_str();
    // A folder is no report, and a code may well be the name of one.
    if what != "-" && (!Path::new(what).exists() || Path::new(what).is_dir()) {
        let text = code(what).ok_or_else(|| unknown(what))?;
        write_out(out, &plain_text::plain(&text))?;
        return Ok(0);
    }
    let options = Options::of(&args.report)?;
    let policy = ExitPolicy { strict: args.report.strict, signal: None };
    let report = load::report(what, "explained", policy)?;
    if report.run.plan.checks.is_empty() {
        return Err(UserError::new(format!("`{what}` has no checks: it says nothing about any network")));
    }
    let outputs = Outputs::open(&args.report.output)?;
    let stdout = write_out(out, &render(&report, &options));
    Ok(deliver(&report, &options, outputs, &args.report, stdout.map(|()| STDOUT)))
}

fn unknown(what: &str) -> UserError {
    if Path::new(what).is_dir() {
        return UserError::new(format!("`{what}` is a folder")).hint("name the report in it");
    }
    let error = UserError::new(format!("`{what}` is neither a file nor a code"));
    match topic::nearest(&catalogue::embedded(), what) {
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
    let catalogue = catalogue::embedded();
    topic::explain(&catalogue, word).or_else(|| topic::explain(&catalogue, &lower))
}
