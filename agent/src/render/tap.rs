//! TAP 13, the newest that `prove` reads: one line a check. A failed optional check is `# TODO optional`, which fails nothing.

use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::display_safe;
use super::phrases;

/// The report as TAP.
pub fn render(report: &Report) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", report.run.outcomes.len());
    for (number, (check, outcome)) in (1..).zip(report.run.results()) {
        text.push_str(&line(number, check, outcome));
    }
    text + &format!("# {}\n", display_safe(&phrases::verdict(report)))
}

fn line(number: usize, check: &Check, outcome: &Outcome) -> String {
    let name = display_safe(check.id.as_str()).replace('\\', "\\\\").replace('#', "\\#");
    let optional = if check.is_optional { " # TODO optional" } else { "" };
    match &outcome.status {
        Status::Success => format!("ok {number} - {name}\n"),
        Status::Skipped(reason) => format!("ok {number} - {name} # SKIP {reason}\n"),
        Status::Failure(_) | Status::Undecided(_) => {
            let error = phrases::error(outcome).unwrap_or_default().replace('\'', "''");
            format!(
                "not ok {number} - {name}{optional}\n  ---\n  result: '{}'\n  error: '{error}'\n  ...\n",
                phrases::ending(outcome)
            )
        }
    }
}
