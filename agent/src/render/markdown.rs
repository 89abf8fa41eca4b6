//! Markdown for a ticket or a comment: the verdict, the findings with their fixes, the tables.

use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::display_safe;
use super::human::command;
use super::phrases;

/// Columns of a command before it is continued on a further line.
const COMMAND: usize = 100;

/// The report in Markdown.
pub fn render(report: &Report) -> String {
    let run = &report.run;
    let region = cell(run.plan.instance.region.as_deref().unwrap_or("region unknown"));
    let mut text = format!(
        "## {}\n\napim-probe {}, catalogue {}, {region}, started {}\n",
        cell(&phrases::verdict(report)),
        env!("CARGO_PKG_VERSION"),
        cell(&run.plan.catalogue_version),
        crate::time::rfc3339(run.started_at),
    );
    if let Some(note) = phrases::subnet_note(run.plan.instance.profile) {
        text.push_str(&format!("\n{}\n", cell(note)));
    }
    report.diagnosis.roots().for_each(|finding| text.push_str(&section(finding)));
    for (title, optional) in [("Required", false), ("Optional", true)] {
        text.push_str(&format!(
            "\n### {title}\n\n| | Check | Target | Result | ms |\n|---|---|---|---|---:|\n"
        ));
        let results = phrases::worst_first(run, optional).into_iter();
        results.for_each(|(check, outcome)| text.push_str(&row(check, outcome)));
    }
    text
}

fn section(finding: &Finding) -> String {
    let mut text = format!("\n### {}: {}\n\n", finding.severity, cell(&finding.title));
    text.push_str(&format!(
        "`{}`, confidence {}. {}\n\n",
        finding.code,
        finding.confidence,
        cell(&finding.detail)
    ));
    text.push_str(&format!("**Fix:** {}\n", cell(&finding.remedy.summary)));
    if !finding.remedy.commands.is_empty() {
        let safe = |line: &String| display_safe(line).replace("```", "'''");
        let lines = finding.remedy.commands.iter().flat_map(|line| command(&safe(line), COMMAND, ""));
        text.push_str(&format!("\n```sh\n{}\n```\n", lines.collect::<Vec<_>>().join("\n")));
    }
    let affected: Vec<String> = finding.affects.iter().map(|id| code(id.as_str())).collect();
    if !affected.is_empty() {
        text.push_str(&format!(
            "\nAffects {}: {}\n",
            phrases::plural(affected.len(), "check"),
            affected.join(", ")
        ));
    }
    text
}

fn row(check: &Check, outcome: &Outcome) -> String {
    let mark = match outcome.status {
        Status::Success => "✅",
        Status::Failure(_) if check.is_optional => "⚠️",
        Status::Failure(_) => "❌",
        Status::Undecided(_) => "❔",
        Status::Skipped(_) => "➖",
    };
    let result = match phrases::error(outcome) {
        Some(error) => format!("{}: {}", phrases::ending(outcome), code_cell(&error)),
        None => phrases::ending(outcome),
    };
    let target = if check.host.is_some() { code_cell(&check.target()) } else { String::new() };
    format!("| {mark} | {} | {target} | {result} | {:.0} |\n", cell(&check.endpoint), outcome.duration_ms)
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
pub fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Text that stays inside its cell and starts nothing: no table, no code, no link, no HTML, no formula.
pub fn cell(text: &str) -> String {
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
