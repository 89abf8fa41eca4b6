//! `diff`: what changed between two saved reports.

use std::io::Write;

use apim_probe_checks::diff::Comparison;
use apim_probe_checks::report::ExitPolicy;

use crate::cli::DiffArgs;
use crate::error::UserError;
use crate::render::redact::Clean;
use crate::render::redact::Redaction;
use crate::render::{Style, Verbosity, render_comparison};
use crate::report_file::load;
use crate::stdout::write_out;

/// Compares two reports: 0 when nothing required got worse, else 1.
///
/// # Errors
/// A file that is no report.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    if args.before == "-" && args.after == "-" {
        return Err(UserError::new("standard input can be one of the two reports, not both")
            .hint("save one of them to a file"));
    }
    let load = |file: &str| {
        let report = load::report(file, "compared", ExitPolicy::default())?;
        Ok(Clean::of(report, Redaction::of(&args.redact)))
    };
    let (before, after) = (load(&args.before)?, load(&args.after)?);
    let comparison = Comparison::new(&before, &after);
    let style = Style::new(args.color, Verbosity::Normal);
    write_out(out, &render_comparison((&before, &after), &comparison, args.format, style))?;
    Ok(u8::from(comparison.is_worse()))
}
