//! TAP 13, the newest that `prove` reads: one line a check. A failed optional check is `# TODO optional`, which fails nothing.

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;

use super::escape::display_safe;
use super::{evidence, phrases};

/// The report as TAP.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", report.run.outcomes.len());
    for (number, seen) in (1..).zip(report.results()) {
        text.push_str(&line(report, number, seen));
    }
    text + &format!("# {}\n", display_safe(&phrases::verdict(report)))
}

fn line(report: &Report, number: usize, seen: Seen<'_>) -> String {
    let name = display_safe(seen.check.id.as_str()).replace('\\', "\\\\").replace('#', "\\#");
    let optional = if seen.is_optional() { " # TODO optional" } else { "" };
    match seen.status() {
        Status::Success => format!("ok {number} - {name}\n"),
        Status::Skipped(reason) => format!("ok {number} - {name} # SKIP {}\n", phrases::skip_words(*reason)),
        Status::Failure(_) | Status::Undecided(_) => {
            format!("not ok {number} - {name}{optional}\n{}", diagnostics(report, seen))
        }
    }
}

/// The YAML block of a check that did not pass: what was seen, where the packets went, what is wrong, what to do.
fn diagnostics(report: &Report, seen: Seen<'_>) -> String {
    let mut lines =
        vec![("result", phrases::ending(seen)), ("error", phrases::error(seen).unwrap_or_default())];
    let flows = evidence::attempts(&report.run, seen.check, seen.outcome);
    lines.extend(flows.first().map(|flow| ("flow", flow.sentence())));
    let beside = phrases::beside_packets(report, seen).join("; ");
    lines.extend((!beside.is_empty()).then_some(("beside", beside)));
    if let Some(finding) = phrases::finding_of(report, seen.check) {
        lines.push(("finding", finding.title.clone()));
        lines.extend(phrases::impact(report, finding).map(|impact| ("impact", impact)));
        lines.push(("code", finding.code.to_string()));
        lines.push(("fix", finding.remedy.summary.clone()));
    }
    let quoted = |text: &str| display_safe(text).replace('\'', "''");
    let mut block: String =
        lines.iter().map(|(key, text)| format!("  {key}: '{}'\n", quoted(text))).collect();
    let finding = phrases::finding_of(report, seen.check);
    let steps = finding.into_iter().flat_map(|finding| &finding.remedy.steps).enumerate();
    block.extend(steps.map(|(place, step)| {
        let label = phrases::step_label(step).map(|(label, text)| format!("{label} {text}: "));
        let line = format!("{}{}", label.unwrap_or_default(), step.command);
        format!("  step{}: '{}'\n", place + 1, quoted(&line))
    }));
    format!("  ---\n{block}  ...\n")
}
