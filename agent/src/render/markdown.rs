//! Markdown for a ticket or a comment: the verdict, the findings with their fixes, the tables.

use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::display_safe;
use super::words;

/// The report in Markdown.
pub fn render(report: &Report) -> String {
    let run = &report.run;
    let region = run.plan.instance.region.as_deref().unwrap_or("region unknown");
    let mut text = format!(
        "## {}\n\napim-probe {}, catalogue {}, {region}, started {}\n",
        cell(&words::verdict(report)),
        env!("CARGO_PKG_VERSION"),
        run.plan.catalogue_version,
        super::json::rfc3339(run.started_at),
    );
    report.diagnosis.roots().for_each(|finding| text.push_str(&section(finding)));
    for (title, optional) in [("Required", false), ("Optional", true)] {
        text.push_str(&format!(
            "\n### {title}\n\n| | Check | Target | Result | ms |\n|---|---|---|---|---:|\n"
        ));
        for (check, outcome) in run.results().filter(|(check, _)| check.is_optional == optional) {
            text.push_str(&row(check, outcome));
        }
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
        let commands = finding.remedy.commands.iter().map(|line| display_safe(line).replace("```", "'''"));
        text.push_str(&format!("\n```sh\n{}\n```\n", commands.collect::<Vec<_>>().join("\n")));
    }
    let affected: Vec<String> = finding.affects.iter().map(|id| span(id.as_str())).collect();
    if !affected.is_empty() {
        text.push_str(&format!("\nAffects {}: {}\n", affected.len(), affected.join(", ")));
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
    let result = match words::error(outcome) {
        Some(error) => format!("{}: {error}", words::ending(outcome)),
        None => words::ending(outcome),
    };
    let target = if check.host.is_some() { check.target() } else { String::new() };
    format!(
        "| {mark} | {} | {} | {} | {:.0} |\n",
        cell(&check.endpoint),
        cell(&target),
        cell(&result),
        outcome.duration_ms
    )
}

/// Text as code: nothing can be escaped inside, so what would end it is replaced.
fn span(text: &str) -> String {
    format!("`{}`", display_safe(text).replace('`', "'").replace('|', "/"))
}

/// Text that stays inside its cell and starts nothing: no table, no code, no link, no HTML, no workflow command.
pub fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in display_safe(text).chars() {
        match c {
            '|' | '`' | '[' | ']' | '*' | '_' | '\\' | '#' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c => safe.push(c),
        }
    }
    // A cell that begins with `=` is a formula to the spreadsheet that it is pasted into.
    if let Some(rest) = safe.strip_prefix('=') {
        return format!("&#61;{rest}");
    }
    // A line that begins with `::` would be a command to GitHub's runner.
    match safe.strip_prefix("::") {
        Some(rest) => format!("\\:\\:{rest}"),
        None => safe,
    }
}
