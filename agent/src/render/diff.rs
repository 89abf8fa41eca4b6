//! What changed between two reports: for people, as JSON and as Markdown.

use anstyle::{AnsiColor, Style as Ansi};
use apim_probe_checks::diff::{Change, CheckChange, Comparison, Ended, FindingChange};
use apim_probe_checks::plan::CheckId;
use apim_probe_checks::report::Report;
use serde_json::{Value, json};

use super::Style;
use super::escape::{display_safe, json_safe};
use super::human::{columns, pad, wrap};
use super::markdown::{cell, code_cell};
use super::phrases;

/// Version of the comparison's JSON, counted as the report's.
const VERSION: &str = "1.0";

/// Columns of a check's name.
const NAME: usize = 20;

/// Where a line has no end.
const WIDE: Style = Style { width: usize::MAX, ..Style::file() };

/// For people: the two verdicts, a section for each kind of change, and what it comes to.
pub(super) fn human(
    (before, after): (&Report, &Report),
    comparison: &Comparison<'_>,
    style: Style,
) -> String {
    let mut lines = heading("Before", before, style);
    lines.extend(heading("After", after, style));
    for change in Change::ALL.iter().copied() {
        let findings = comparison.findings.iter().filter(|found| found.change == change);
        let findings = findings.flat_map(|found| finding_lines(found, style));
        let checks = comparison.checks.iter().filter(|changed| changed.change == change);
        let checks = checks.flat_map(|changed| check_lines(changed, style));
        let kinds = [("findings", findings.collect::<Vec<String>>()), ("checks", checks.collect())];
        for (kind, entries) in kinds.into_iter().filter(|(_, entries)| !entries.is_empty()) {
            lines.extend([String::new(), paint(&format!("{} {kind}", title(change)), change, style)]);
            lines.extend(entries);
        }
    }
    lines.push(String::new());
    lines.extend(wrap(&verdict(comparison), style, ""));
    lines.join("\n") + "\n"
}

/// Which report, its time and, on a line of its own where both do not fit, its verdict.
fn heading(word: &str, report: &Report, style: Style) -> Vec<String> {
    let at = crate::time::rfc3339(report.run.started_at);
    let (when, verdict) = (format!("{:<7} {at}", format!("{word}:")), style.shown(&phrases::verdict(report)));
    if columns(&when) + 2 + columns(&verdict) <= style.width {
        vec![format!("{when}  {verdict}")]
    } else {
        std::iter::once(when).chain(wrap(&verdict, style, "        ")).collect()
    }
}

const fn title(change: Change) -> &'static str {
    match change {
        Change::Worse => "Worse",
        Change::Better => "Better",
        Change::New => "New",
        Change::Gone => "Gone",
    }
}

fn paint(text: &str, change: Change, style: Style) -> String {
    let color = match change {
        Change::Worse => AnsiColor::Red,
        Change::Better => AnsiColor::Green,
        Change::New | Change::Gone => AnsiColor::Cyan,
    };
    let ansi = if style.color { Ansi::new().fg_color(Some(color.into())) } else { Ansi::new() };
    format!("{ansi}{text}{ansi:#}")
}

fn finding_lines(changed: &FindingChange<'_>, style: Style) -> Vec<String> {
    let finding = changed.finding;
    let line = format!("{} ({}, {})", finding.title, finding.code, finding.severity);
    wrap(&style.shown(&line), style, "  ")
}

/// A row: name and target on one line, the change beside them where all fit, else below; no name is cut.
fn check_lines(changed: &CheckChange<'_>, style: Style) -> Vec<String> {
    let optional = if changed.seen.is_optional() { ", optional" } else { "" };
    let ending = format!("{}{optional}", transition(changed));
    let row = format!(
        "  {} {}",
        pad(&style.shown(&changed.seen.check.endpoint), NAME),
        style.shown(&target(changed))
    );
    if columns(&row) + 1 + columns(&ending) <= style.width {
        return vec![format!("{row} {ending}")];
    }
    let row = if columns(&row) <= style.width { vec![row] } else { wrap(&row, style, "  ") };
    row.into_iter().chain(wrap(&ending, style, "      ")).collect()
}

fn target(changed: &CheckChange<'_>) -> String {
    if changed.seen.check.host().is_some() {
        display_safe(&changed.seen.check.target())
    } else {
        String::new()
    }
}

/// `passed -> connect-timeout`; one word where there is but one ending.
fn transition(changed: &CheckChange<'_>) -> String {
    let ending = |ended: Ended<'_>| phrases::short_ending(ended);
    let ends: Vec<String> = [changed.before, changed.after].into_iter().flatten().map(ending).collect();
    let became = match (changed.before, changed.after) {
        (Some(old), Some(new)) if old.is_optional() && !new.is_optional() => ", now required",
        _ => "",
    };
    ends.join(" -> ") + became
}

fn verdict(comparison: &Comparison<'_>) -> String {
    let counts: Vec<String> =
        Change::ALL.iter().map(|change| format!("{} {change}", comparison.count(*change))).collect();
    let (said, code) = if comparison.is_worse() {
        ("something required got worse", 1)
    } else {
        ("nothing required got worse", 0)
    };
    let findings = |change| comparison.findings.iter().filter(|found| found.change == change).count();
    let told: Vec<String> = Change::ALL
        .iter()
        .map(|change| (findings(*change), change))
        .filter(|(count, _)| *count > 0)
        .map(|(count, change)| format!("{count} {change}"))
        .collect();
    let findings = if told.is_empty() { String::new() } else { format!("Findings: {}. ", told.join(", ")) };
    format!("{findings}Checks: {}; {said} (exit {code})", counts.join(", "))
}

/// Markdown for a ticket or a comment.
pub(super) fn markdown((before, after): (&Report, &Report), comparison: &Comparison<'_>) -> String {
    let mut text = format!(
        "## {}\n\n{}<br>\n{}\n",
        cell(&verdict(comparison)),
        cell(&heading("Before", before, WIDE).join("")),
        cell(&heading("After", after, WIDE).join(""))
    );
    if !comparison.findings.is_empty() {
        text.push_str("\n| Change | Finding | Code | Severity |\n|---|---|---|---|\n");
    }
    for FindingChange { change, finding, .. } in &comparison.findings {
        let title = cell(&finding.title);
        text.push_str(&format!("| {change} | {title} | `{}` | {} |\n", finding.code, finding.severity));
    }
    if !comparison.checks.is_empty() {
        text.push_str("\n| Change | Check | Target | Required | Result |\n|---|---|---|---|---|\n");
    }
    for changed in &comparison.checks {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            changed.change,
            cell(&changed.seen.check.endpoint),
            code_cell(&target(changed)),
            if changed.seen.is_optional() { "no" } else { "yes" },
            cell(&transition(changed)),
        ));
    }
    text
}

/// One object and a newline; what there was not before or after is absent.
pub(super) fn json((before, after): (&Report, &Report), comparison: &Comparison<'_>) -> String {
    let [worse, better, new, gone] =
        [Change::Worse, Change::Better, Change::New, Change::Gone].map(|change| comparison.count(change));
    let document = json!({
        "schemaVersion": VERSION,
        "tool": {"name": "apim-probe-diff", "version": env!("CARGO_PKG_VERSION")},
        "before": side(before),
        "after": side(after),
        "summary": {
            "exitCode": u8::from(comparison.is_worse()),
            "worse": worse, "better": better, "new": new, "gone": gone,
        },
        "findings": comparison.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "checks": comparison.checks.iter().map(check_json).collect::<Vec<_>>(),
    });
    json_safe(&format!("{document:#}")) + "\n"
}

fn side(report: &Report) -> Value {
    let (run, summary) = (&report.run, &report.summary);
    json!({"id": run.id, "startedAt": crate::time::rfc3339(run.started_at), "verdict": summary.verdict})
}

fn finding_json(changed: &FindingChange<'_>) -> Value {
    let finding = changed.finding;
    let side = |finding: &apim_probe_checks::diagnose::Finding| json!({"severity": finding.severity, "affects": ids(&finding.affects)});
    let mut object = json!({"change": changed.change, "code": finding.code, "title": finding.title});
    put(&mut object, "before", changed.before.map(side));
    put(&mut object, "after", changed.after.map(side));
    object
}

fn check_json(changed: &CheckChange<'_>) -> Value {
    let (seen, check) = (changed.seen, changed.seen.check);
    let mut object = json!({
        "change": changed.change, "id": check.id.as_str(), "endpoint": check.endpoint, "isOptional": seen.is_optional(),
    });
    put(&mut object, "before", changed.before.map(ended));
    put(&mut object, "after", changed.after.map(ended));
    object
}

/// The keys and words of a report's check.
fn ended(seen: Ended<'_>) -> Value {
    use apim_probe_checks::outcome::Status;
    let mut object = json!({"isOptional": seen.is_optional()});
    let (status, failure) = match seen.status() {
        Status::Success => ("success", None),
        Status::Failure(failure) => ("failure", Some(failure)),
        Status::Undecided(failure) => ("undecided", failure.as_ref()),
        Status::Skipped(_) => ("skipped", None),
    };
    put(&mut object, "status", Some(json!(status)));
    put(&mut object, "stage", failure.map(|failure| json!(failure.stage)));
    put(&mut object, "cause", failure.map(|failure| json!(failure.cause)));
    if let Status::Skipped(reason) = *seen.status() {
        put(&mut object, "skipReason", Some(json!(reason)));
    }
    object
}

fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(map), Some(value)) = (object.as_object_mut(), value) {
        map.insert(key.to_owned(), value);
    }
}

fn ids(checks: &[CheckId]) -> Vec<&str> {
    checks.iter().map(CheckId::as_str).collect()
}
