//! One self-contained page: verdict, findings with their commands, what failed with its evidence, the rest folded.

use std::iter::{once, once_with};
use std::time::SystemTime;

use apim_probe_checks::diagnose::{Finding, Instruction, Severity};
use apim_probe_checks::report::Report;

use super::escape::{display_safe, markup};
use super::evidence::{self, Attempt};
use super::human::command;
use super::phrases::{self, Piece, pieces};
use super::{Pieces, Verbosity};
use crate::time;

mod tables;
mod waterfall;

const STYLE: &str = include_str!("html/page.css");

/// Columns of a command before it is continued on a further line.
const COMMAND: usize = 100;

/// Flows that a finding lists before it counts the rest.
const FLOWS: usize = 5;

/// The report as a page, piece by piece; `read_at` is the time at which a saved one is read. No script, nothing from elsewhere.
pub(super) fn render(report: &Report, read_at: Option<SystemTime>) -> Pieces<'_> {
    let verdict = report.summary.verdict;
    let mut text = format!(
        "<header>\n<h1 class=\"{verdict}\">{}</h1>\n{}</header>\n<main>\n",
        safe(&phrases::judged(report)),
        facts(report, read_at),
    );
    let roots: Vec<&Finding> = report.diagnosis.roots().collect();
    if !roots.is_empty() {
        text.push_str("<h2>Findings</h2>\n");
        roots.into_iter().for_each(|finding| text.push_str(&section(report, finding)));
    }
    let end = move || format!("{}</main>\n{END}", configuration(report));
    Box::new(once(begin(&title(report)) + &text).chain(tables::halves(report)).chain(once_with(end)))
}

/// The end of every page.
const END: &str = "</body>\n</html>\n";

/// A page around `body`; the title is plain text.
pub(super) fn shell(title: &str, body: &str) -> String {
    format!("{}{body}{END}", begin(title))
}

/// What stands before the body of a page.
fn begin(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        safe(title)
    )
}

fn safe(text: &str) -> String {
    markup(&display_safe(text))
}

/// A sentence of a finding: what stands between backticks is code.
fn prose(text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Code(word) => format!("<code>{}</code>", safe(word)),
            Piece::Text(words) => safe(words),
        })
        .collect()
}

/// What tells four attachments apart: verdict, region, subnet or machine, date.
fn title(report: &Report) -> String {
    let run = &report.run;
    let region = run.plan.instance.region.as_deref().unwrap_or("unknown region");
    let from = run.host.azure.metadata.subnets.first().or(run.host.hostname.as_ref());
    let from = from.map_or("this machine", String::as_str);
    let verdict = report.summary.verdict.as_str().to_uppercase();
    format!("{verdict}: {region} from {from}, {} - apim-probe", time::to_the_second(run.started_at))
}

/// Where, when, and by what: the lines of the other reports.
fn facts(report: &Report, read_at: Option<SystemTime>) -> String {
    let run = &report.run;
    let facts = [phrases::scope(run), phrases::vantage(run), phrases::identity(run)];
    let mut text = format!("<p>{}</p>\n", facts.map(|fact| safe(&fact)).join("<br>\n"));
    let notes = read_at.map(|now| phrases::age(run, now)).into_iter();
    for note in notes.chain(phrases::subnet_note(run.plan.instance.profile).map(str::to_owned)) {
        text.push_str(&format!("<p class=\"note\">{}</p>\n", safe(&note)));
    }
    text
}

fn section(report: &Report, finding: &Finding) -> String {
    let class = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    // A block each: one click selects one command.
    let commands = steps(finding);
    let hint = if commands.is_empty() { "" } else { "One click selects a command. " };
    format!(
        "<section class=\"{class}\">\n<h3>{}</h3>\n{}{}<p>{}</p>\n<p><strong>Fix:</strong> {}</p>\n{commands}{}\
         <p class=\"code\">{hint}<code>apim-probe explain {}</code> says more; confidence {}</p>\n</section>\n",
        prose(&finding.title),
        phrases::impact(report, finding)
            .map(|impact| format!("<p><strong>Impact:</strong> {}</p>\n", safe(&impact)))
            .unwrap_or_default(),
        flows(report, finding),
        prose(&finding.detail),
        prose(&finding.remedy.summary),
        affected(finding),
        finding.code,
        finding.confidence
    )
}

/// What decisions of configuration stand on: the subnet in sight, documents, parts and assumptions to unfold.
fn configuration(report: &Report) -> String {
    let Some(configuration) = &report.network else { return String::new() };
    let mut lines = phrases::basis(&configuration.basis, Verbosity::Verbose).into_iter();
    let heading = lines.next().unwrap_or_default();
    let items: String = lines.map(|line| format!("<li>{}</li>\n", safe(&line))).collect();
    let items = if items.is_empty() {
        items
    } else {
        format!("<details><summary>What it stands on</summary><ul>\n{items}</ul></details>\n")
    };
    format!("<h2>Configuration</h2>\n<p>{}</p>\n{items}", safe(heading.trim_start_matches("Configuration: ")))
}

/// The steps in order, each with what it is for.
fn steps(finding: &Finding) -> String {
    let told = |step: &Instruction| {
        let label = phrases::step_label(step);
        let label = label.map(|(label, text)| {
            format!("<p class=\"step {}\"><strong>{}</strong> {}</p>\n", step.kind, safe(&label), prose(text))
        });
        let lines = command(&display_safe(&step.command), COMMAND, "");
        format!("{}<pre><code>{}</code></pre>\n", label.unwrap_or_default(), markup(&lines.join("\n")))
    };
    finding.remedy.steps.iter().map(told).collect()
}

/// Where the packets of a finding went that did not arrive.
fn flows(report: &Report, finding: &Finding) -> String {
    let flows = evidence::of_finding(&report.run, finding);
    let rest = flows.len().saturating_sub(FLOWS);
    let listed = flows.iter().take(FLOWS).map(|flow| format!("<li>{}</li>\n", sentence(flow)));
    let more = (rest > 0).then(|| format!("<li>and {}</li>\n", phrases::plural(rest, "more flow")));
    let items: String = listed.chain(more).collect();
    if items.is_empty() { items } else { format!("<ul class=\"flows\">\n{items}</ul>\n") }
}

/// A flow with its tries and its time, which is not broken over lines.
fn sentence(flow: &Attempt) -> String {
    format!("{}, {}, <time>{}</time>", safe(&flow.flow()), flow.tried(), time::readable(flow.at))
}

fn affected(finding: &Finding) -> String {
    let ids = finding.affects.iter().map(|id| format!("<li><code>{}</code></li>", safe(id.as_str())));
    let ids: String = ids.collect();
    let count = phrases::plural(finding.affects.len(), "check");
    if ids.is_empty() {
        ids
    } else {
        format!("<details><summary>{count} affected</summary><ul>{ids}</ul></details>\n")
    }
}
