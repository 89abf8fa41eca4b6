//! One self-contained page: verdict, findings with their commands, tables, and a waterfall of the stages.

use apim_probe_checks::diagnose::{self, Finding, Severity};
use apim_probe_checks::outcome::{Outcome, Stage, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::{display_safe, markup};
use super::human::command;
use super::phrases;
use crate::time::rfc3339;

const STYLE: &str = include_str!("html.css");

/// Width of a waterfall in its own units.
const SPAN: f64 = 240.0;

/// Columns of a command before it is continued on a further line.
const COMMAND: usize = 100;

/// The report as a page. No script, nothing from elsewhere.
pub fn render(report: &Report) -> String {
    let verdict = report.summary.verdict;
    let mut text =
        format!("<h1 class=\"{verdict}\">{}</h1>\n{}", safe(&phrases::verdict(report)), place(report));
    if let Some(note) = phrases::subnet_note(report.run.plan.instance.profile) {
        text.push_str(&format!("<p class=\"note\">{}</p>\n", safe(note)));
    }
    let roots: Vec<&Finding> = report.diagnosis.roots().collect();
    if !roots.is_empty() {
        text.push_str("<h2>What is wrong, and what to do</h2>\n");
        roots.into_iter().for_each(|finding| text.push_str(&section(finding)));
    }
    for (title, optional) in [("Required", false), ("Optional", true)] {
        text.push_str(&table(report, title, optional));
    }
    shell(&format!("apim-probe: {verdict}"), &text)
}

/// A page around `body`; the title is plain text.
pub fn shell(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        safe(title)
    )
}

fn safe(text: &str) -> String {
    markup(&display_safe(text))
}

fn place(report: &Report) -> String {
    let run = &report.run;
    let instance = &run.plan.instance;
    let facts = [
        ("From", run.host.hostname.clone().unwrap_or_else(|| "this machine".to_owned())),
        ("Region", instance.region.clone().unwrap_or_else(|| "unknown".to_owned())),
        ("Cloud", instance.cloud.clone()),
        ("Mode", instance.vnet_mode.to_string()),
        ("DNS servers", run.host.dns_servers.join(" ")),
        ("Started", rfc3339(run.started_at)),
        ("Took", format!("{:.1} s", run.duration_ms / 1000.0)),
        ("Catalogue", run.plan.catalogue_version.clone()),
        ("Tool", format!("apim-probe {}", env!("CARGO_PKG_VERSION"))),
    ];
    let rows = facts.map(|(key, value)| format!("<div><dt>{key}</dt><dd>{}</dd></div>\n", safe(&value)));
    format!("<dl>\n{}</dl>\n", rows.concat())
}

fn section(finding: &Finding) -> String {
    let class = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    // A block each: one click selects one command.
    let commands = finding.remedy.commands.iter().map(|line| {
        let lines = command(&display_safe(line), COMMAND, "");
        format!("<pre><code>{}</code></pre>\n", markup(&lines.join("\n")))
    });
    let commands: String = commands.collect();
    let more = finding.remedy.doc_url.as_deref().filter(|url| url.starts_with("https://"));
    let more = more.map_or_else(String::new, |url| format!(", <a href=\"{}\">more</a>", safe(url)));
    let affected: Vec<String> =
        finding.affects.iter().map(|id| format!("<li><code>{}</code></li>", safe(id.as_str()))).collect();
    let affected = match affected.len() {
        0 => String::new(),
        count => format!(
            "<details><summary>{}</summary><ul>{}</ul></details>\n",
            phrases::plural(count, "affected check"),
            affected.concat()
        ),
    };
    format!(
        "<section class=\"{class}\">\n<h3>{}</h3>\n<p>{}</p>\n<p><strong>Fix:</strong> {}</p>\n{commands}{affected}\
         <p class=\"code\">{}, confidence {}{more}</p>\n</section>\n",
        safe(&finding.title),
        safe(&finding.detail),
        safe(&finding.remedy.summary),
        finding.code,
        finding.confidence
    )
}

fn table(report: &Report, title: &str, optional: bool) -> String {
    let results = phrases::worst_first(&report.run, optional);
    // One scale for both tables, so that their bars can be compared.
    let ends = report.run.outcomes.iter().flat_map(|outcome| &outcome.steps);
    let longest = ends.map(|step| step.start_ms + step.duration_ms).fold(1.0, f64::max);
    let counts = if optional { report.summary.optional } else { report.summary.required };
    let rows: String = results.iter().map(|(check, outcome)| row(check, outcome, longest)).collect();
    format!(
        "<h2>{title}: {} of {} passed</h2>\n<p class=\"legend\"><i class=\"resolve\"></i>resolve \
         <i class=\"connect\"></i>connect <i class=\"handshake\"></i>handshake <i class=\"exchange\"></i>exchange; \
         the width is {longest:.0} ms on a square-root scale</p>\n\
         <table>\n<thead><tr><th class=\"mark\"></th><th class=\"check\">Check</th><th>Result</th><th class=\"stages\">Stages</th><th class=\"ms\">ms</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n",
        counts.success,
        counts.total - counts.skipped
    )
}

fn row(check: &Check, outcome: &Outcome, longest: f64) -> String {
    let (class, mark) = match outcome.status {
        Status::Success => ("success", "✓"),
        Status::Failure(_) if check.is_optional => ("warning", "!"),
        Status::Failure(_) => ("failure", "✗"),
        Status::Undecided(_) => ("undecided", "?"),
        Status::Skipped(_) => ("skipped", "–"),
    };
    let target = if check.host.is_some() { safe(&check.target()) } else { String::new() };
    let error =
        phrases::error(outcome).map(|error| format!("<small>{}</small>", safe(&error))).unwrap_or_default();
    let notes: String =
        diagnose::notes(check, outcome).iter().map(|note| format!("<small>{}</small>", safe(note))).collect();
    format!(
        "<tr class=\"{class}\"><td class=\"mark\">{mark}</td><td><strong>{}</strong><small>{target}</small></td>\
         <td>{}{error}{notes}</td><td class=\"stages\">{}</td><td class=\"ms\">{:.0}</td></tr>\n",
        safe(&check.endpoint),
        safe(&phrases::ending(outcome)),
        waterfall(check, outcome, longest),
        outcome.duration_ms
    )
}

/// A bar for each step, on the time axis of the run; a failed step is red.
fn waterfall(check: &Check, outcome: &Outcome, longest: f64) -> String {
    if outcome.steps.is_empty() {
        return String::new();
    }
    // The square root keeps 40 ms visible beside a time-out of three seconds.
    let scale = |ms: f64| if ms > 0.0 { ((ms / longest).sqrt() * SPAN).min(SPAN) } else { 0.0 };
    let mut bars = String::new();
    for step in &outcome.steps {
        let class = if step.cause.is_some() { " failed" } else { "" };
        let y = match step.stage {
            Stage::Resolve => 1,
            Stage::Connect => 5,
            Stage::Handshake => 9,
            Stage::Exchange => 13,
        };
        let left = scale(step.start_ms).min(SPAN - 1.5);
        bars.push_str(&format!(
            "<rect class=\"{}{class}\" x=\"{:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"3\"><title>{} {:.1} ms</title></rect>",
            step.stage,
            left,
            (scale(step.start_ms + step.duration_ms) - left).max(1.5),
            step.stage,
            step.duration_ms
        ));
    }
    format!(
        "<svg viewBox=\"0 0 {SPAN} 17\" width=\"{SPAN}\" height=\"17\" role=\"img\" aria-label=\"stages of {}\">{bars}</svg>",
        safe(&check.endpoint)
    )
}
