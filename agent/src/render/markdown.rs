//! Markdown for a ticket or a comment: the verdict, the findings with their fixes, the tables.

use std::time::SystemTime;

use apim_probe_checks::catalogue::Requirement;
use apim_probe_checks::diagnose::{Finding, Instruction, Seen};
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;

use super::Verbosity;
use super::escape::display_safe;
use super::evidence::{self, Attempt};
use super::human::command;
use super::phrases::{self, Piece, pieces};
use crate::time;

/// Columns of a command before it is continued on a further line.
const COMMAND: usize = 100;

/// Flows that a finding lists before it counts the rest.
const FLOWS: usize = 5;

/// The report in Markdown; `read_at` is the time at which a saved one is read.
pub(super) fn render(report: &Report, read_at: Option<SystemTime>) -> String {
    let run = &report.run;
    let mut text = format!(
        "## {}\n\n{}<br>\n{}<br>\n{}\n",
        cell(&phrases::judged(report)),
        cell(&phrases::scope(run)),
        cell(&phrases::vantage(run)),
        cell(&phrases::identity(run)),
    );
    let notes = read_at.map(|now| phrases::age(run, now)).into_iter();
    for note in notes.chain(phrases::subnet_note(run.plan.instance.profile).map(str::to_owned)) {
        text.push_str(&format!("\n{}\n", cell(&note)));
    }
    report.diagnosis.roots().for_each(|finding| text.push_str(&section(report, finding)));
    Requirement::ALL.iter().for_each(|requirement| text.push_str(&half(report, *requirement)));
    text + &configuration(report)
}

/// What decisions of configuration stand on: the subnet in sight, documents, parts and assumptions folded.
fn configuration(report: &Report) -> String {
    let Some(configuration) = &report.network else { return String::new() };
    let mut lines = phrases::basis(&configuration.basis, Verbosity::Verbose).into_iter();
    let heading = lines.next().unwrap_or_default();
    let items: String = lines.map(|line| format!("- {}\n", cell(&line))).collect();
    let items = if items.is_empty() { items } else { folded("What it stands on", &items) };
    format!("\n### {}\n{items}", cell(&heading))
}

fn section(report: &Report, finding: &Finding) -> String {
    let mut text = format!("\n### {}: {}\n\n", finding.severity, prose(&finding.title));
    let impact = phrases::impact(report, finding);
    text.extend(impact.map(|impact| format!("**Impact:** {}\n\n", cell(&impact))));
    let flows = evidence::of_finding(&report.run, finding);
    if !flows.is_empty() {
        let rest = flows.len().saturating_sub(FLOWS);
        let more = (rest > 0).then(|| format!("and {}", phrases::plural(rest, "more flow")));
        let listed = flows.iter().take(FLOWS).map(|flow| code(&flow.sentence()));
        text.push_str(&format!("{}\n\n", listed.chain(more).collect::<Vec<_>>().join("<br>\n")));
    }
    text.push_str(&format!("{}\n\n**Fix:** {}\n", prose(&finding.detail), prose(&finding.remedy.summary)));
    text.push_str(&steps(finding));
    let affected: Vec<String> = finding.affects.iter().map(|id| code(id.as_str())).collect();
    if !affected.is_empty() {
        let count = phrases::plural(affected.len(), "check");
        text.push_str(&folded(&format!("{count} affected"), &affected.join(", ")));
    }
    text + &format!("\n`apim-probe explain {}` says more; confidence {}.\n", finding.code, finding.confidence)
}

/// The steps in order; commands that follow under one label are in one block.
fn steps(finding: &Finding) -> String {
    let mut text = String::new();
    let safe = |line: &str| display_safe(line).replace("```", "'''");
    let lines = |step: &Instruction| command(&safe(&step.command), COMMAND, "").join("\n");
    for step in &finding.remedy.steps {
        let label = phrases::step_label(step);
        match label {
            Some((label, told)) => {
                text.push_str(&format!(
                    "\n**{}** {}\n\n```sh\n{}\n```\n",
                    cell(&label),
                    cell(told),
                    lines(step)
                ));
            }
            None if text.ends_with("\n```\n") => {
                text.truncate(text.len() - "```\n".len());
                text.push_str(&format!("{}\n```\n", lines(step)));
            }
            None => text.push_str(&format!("\n```sh\n{}\n```\n", lines(step))),
        }
    }
    text
}

/// One half of the checks: what failed in sight, the rest folded.
fn half(report: &Report, requirement: Requirement) -> String {
    let (title, counts) = (phrases::half(requirement), report.summary.counts(requirement));
    let mut text = format!("\n### {title}: {} of {} passed\n", counts.success, counts.total - counts.skipped);
    let all = phrases::worst_first(report, requirement);
    let table = |wanted: fn(&Status) -> bool| -> Option<String> {
        let rows = all.iter().filter(|seen| wanted(seen.status()));
        let rows: String = rows.map(|seen| row(report, *seen)).collect();
        (!rows.is_empty())
            .then(|| format!("| | Check | Target | Result | Evidence |\n|---|---|---|---|---|\n{rows}"))
    };
    let failed = table(|status| matches!(status, Status::Failure(_) | Status::Undecided(_)));
    text.extend(failed.map(|table| format!("\n{table}")));
    let passed = table(|status| matches!(status, Status::Success));
    text.extend(passed.map(|table| folded(&format!("{} passed", counts.success), &table)));
    let skipped = table(|status| matches!(status, Status::Skipped(_)));
    text.extend(skipped.map(|table| folded(&format!("{} not run", counts.skipped), &table)));
    text
}

/// What is shown when it is asked for; `body` must be safe already.
fn folded(summary: &str, body: &str) -> String {
    format!("\n<details><summary>{summary}</summary>\n\n{}\n\n</details>\n", body.trim_end())
}

fn row(report: &Report, seen: Seen<'_>) -> String {
    let mark = match *seen.status() {
        Status::Success => "✅",
        Status::Failure(_) if seen.is_optional() => "⚠️",
        Status::Failure(_) => "❌",
        Status::Undecided(_) => "❔",
        Status::Skipped(_) => "➖",
    };
    let result = match phrases::error(seen) {
        Some(error) => format!("{}: {}", phrases::ending(seen), code_cell(&error)),
        None => phrases::ending(seen),
    };
    let beside = phrases::beside_packets(report, seen);
    let result = beside.iter().fold(result, |result, line| format!("{result}<br>{}", cell(line)));
    let flow = |flow: &Attempt| {
        format!("{}, {}, {}", code_cell(&flow.flow()), flow.tried(), time::readable(flow.at))
    };
    let evidence = match *seen.status() {
        Status::Success => time::span(seen.outcome.duration_ms),
        Status::Skipped(_) => String::new(),
        _ => evidence::attempts(&report.run, seen.check, seen.outcome)
            .iter()
            .map(flow)
            .collect::<Vec<_>>()
            .join("<br>"),
    };
    let target = if seen.check.host().is_some() { code_cell(&seen.check.target()) } else { String::new() };
    format!("| {mark} | {} | {target} | {result} | {evidence} |\n", cell(&seen.check.endpoint))
}

/// A sentence of a finding: what stands between backticks is code.
fn prose(text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Code(word) => code_cell(word),
            Piece::Text(words) => cell(words),
        })
        .collect()
}

/// Other people's text as code: there nothing is a link, a mention or a reference to an issue. The fence is longer than
/// any in the text.
fn code(text: &str) -> String {
    let safe = display_safe(text);
    if safe.is_empty() {
        return safe;
    }
    let longest = safe.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Blanks keep the text's own backticks apart from the fence.
    let pad = if safe.starts_with('`') || safe.ends_with('`') || safe.starts_with(' ') { " " } else { "" };
    format!("{fence}{pad}{safe}{pad}{fence}")
}

/// The same for a cell, which a bar would end even inside code.
pub(super) fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Text that stays inside its cell and starts nothing: no table, no code, no link, no HTML, no formula.
pub(super) fn cell(text: &str) -> String {
    let text = display_safe(text);
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '|' | '`' | '[' | ']' | '*' | '_' | '\\' | '#' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // Without its colon or its first dot an address is no link.
            ':' if text[at..].starts_with("://") => safe.push_str("&#58;"),
            '.' if ends_with_www(&text[..at]) => safe.push_str("&#46;"),
            // A spreadsheet into which the source is pasted takes it for a formula.
            '=' | '+' | '-' if at == 0 => safe.push_str(&format!("&#{};", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.get(text.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}
