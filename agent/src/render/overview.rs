//! Several reports in one table, the worst first: for people, as Markdown, JSON, a page and metrics.

use std::time::{Duration, SystemTime};

use anstyle::{AnsiColor, Style as Ansi};
use apim_probe_checks::arrange;
use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::report::{Report, Verdict};
use serde_json::{Value, json};

use super::escape::{display_safe, json_safe, markup};
use super::human::{columns, pad};
use super::markdown::cell;
use super::redact::Clean;
use super::{Format, Style, html, openmetrics};
use crate::time::rfc3339;

/// Version of the table's JSON, counted as the report's.
const VERSION: &str = "1.0";

/// The forms that a table has.
pub const FORMATS: [Format; 5] =
    [Format::Human, Format::Json, Format::Markdown, Format::Html, Format::OpenMetrics];

/// The headings of the table for people.
const HEADINGS: [&str; 6] = ["SUBNET", "VERDICT", "FAILED", "ROOT FINDING", "AGE", "REPORT"];

/// A report with the name of its file.
#[derive(Debug)]
pub struct Named {
    /// The file, as typed.
    pub file: String,
    /// The report.
    pub report: Clean,
}

impl Named {
    /// The subnet that the machine stood in; without the metadata service its address, else its name.
    fn subnet(&self) -> String {
        let host = &self.report.run.host;
        let subnets = host.azure.metadata.subnets.join(" ");
        let address = || host.addresses.first().cloned();
        Some(subnets)
            .filter(|text| !text.is_empty())
            .or_else(address)
            .or_else(|| host.hostname.clone())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    fn failed(&self) -> String {
        let summary = &self.report.summary;
        let counts = [(summary.required.failure, "required"), (summary.optional.failure, "optional")];
        let told: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if told.is_empty() { "none".to_owned() } else { told.join(", ") }
    }

    /// The worst finding that nothing else accounts for. What is said of a healthy run is no cause.
    fn root(&self) -> Option<&Finding> {
        self.report.diagnosis.roots().next().filter(|_| self.report.summary.verdict != Verdict::Healthy)
    }

    fn others(&self) -> usize {
        if self.root().is_some() { self.report.diagnosis.roots().count() - 1 } else { 0 }
    }

    fn age(&self, now: SystemTime) -> String {
        now.duration_since(self.report.run.finished_at).map_or_else(|_| "in the future".to_owned(), age)
    }
}

/// The table, of [`FORMATS`]; for people in every other form.
#[must_use]
pub fn render(reports: &[Named], format: Format, style: Style, now: SystemTime) -> String {
    let mut sorted: Vec<&Named> = reports.iter().collect();
    arrange::by_key(&mut sorted, |one| std::cmp::Reverse(badness(one.report.summary.verdict)));
    match format {
        Format::Json => as_json(&sorted),
        Format::Markdown => markdown(&sorted, now),
        Format::Html => page(&sorted, now),
        Format::OpenMetrics => metrics(&sorted),
        _ => human(&sorted, style, now),
    }
}

/// How bad a verdict is; the exit code of several reports is that of the worst.
#[must_use]
pub const fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unhealthy => 3,
        Verdict::Undecided => 2,
        Verdict::Degraded => 1,
        Verdict::Healthy => 0,
    }
}

/// The largest unit that fits, rounded down: people compare ages of reports by days and hours.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn human(reports: &[&Named], style: Style, now: SystemTime) -> String {
    let rows: Vec<[String; 6]> = reports.iter().map(|one| human_row(one, style, now)).collect();
    let headings = HEADINGS.map(str::to_owned);
    let width = |column: usize| {
        rows.iter().chain([&headings]).map(|row| columns(&row[column])).max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| pad(cell, width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = format!("{}\n", line(&headings));
    for (one, row) in reports.iter().zip(&rows) {
        let ansi = color(one.report.summary.verdict, style);
        text.push_str(&line(row).replacen(&row[1], &format!("{ansi}{}{ansi:#}", row[1]), 1));
        text.push('\n');
    }
    let worst: Vec<String> =
        counts(reports).into_iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    format!("{text}\n{} reports: {}\n", reports.len(), worst.join(", "))
}

fn human_row(one: &Named, style: Style, now: SystemTime) -> [String; 6] {
    let more = if one.others() > 0 { format!(" (+{})", one.others()) } else { String::new() };
    let root = one.root().map_or_else(|| "-".to_owned(), |finding| format!("{}{more}", finding.code));
    [
        style.shown(&one.subnet()),
        one.report.summary.verdict.to_string().to_uppercase(),
        one.failed(),
        root,
        one.age(now),
        style.shown(&one.file),
    ]
}

fn color(verdict: Verdict, style: Style) -> Ansi {
    let color = match verdict {
        Verdict::Healthy => AnsiColor::Green,
        Verdict::Degraded | Verdict::Undecided => AnsiColor::Yellow,
        Verdict::Unhealthy => AnsiColor::Red,
    };
    if style.color { Ansi::new().fg_color(Some(color.into())).bold() } else { Ansi::new() }
}

/// How many reports have which verdict, the worst first.
fn counts(reports: &[&Named]) -> Vec<(Verdict, usize)> {
    let mut counts: Vec<(Verdict, usize)> = Vec::new();
    for verdict in reports.iter().map(|one| one.report.summary.verdict) {
        match counts.last_mut() {
            Some((last, count)) if *last == verdict => *count += 1,
            _ => counts.push((verdict, 1)),
        }
    }
    counts
}

fn markdown(reports: &[&Named], now: SystemTime) -> String {
    let row = |one: &&Named| {
        let root =
            one.root().map_or_else(String::new, |finding| format!("{} ({})", finding.title, finding.code));
        let cells =
            [one.subnet(), one.failed(), root, one.age(now), one.file.clone()].map(|text| cell(&text));
        let [subnet, failed, root, age, file] = cells;
        format!("| {subnet} | {} | {failed} | {root} | {age} | {file} |\n", one.report.summary.verdict)
    };
    let rows: String = reports.iter().map(row).collect();
    format!("| Subnet | Verdict | Failed | Root finding | Age | Report |\n|---|---|---|---|---|---|\n{rows}")
}

fn as_json(reports: &[&Named]) -> String {
    let one = |one: &&Named| {
        let (run, summary) = (&one.report.run, &one.report.summary);
        let finding = |finding: &Finding| {
            json!({"code": finding.code.as_str(), "severity": finding.severity.as_str(), "title": finding.title,
                   "affects": finding.affects.len()})
        };
        let mut value = json!({
            "file": one.file,
            "runId": run.id,
            "finishedAt": rfc3339(run.finished_at),
            "subnet": one.subnet(),
            "cloud": run.plan.instance.cloud,
            "verdict": summary.verdict.as_str(),
            "exitCode": summary.exit_code,
            "failed": {"required": summary.required.failure, "optional": summary.optional.failure},
            "findings": one.report.diagnosis.roots().map(finding).collect::<Vec<_>>(),
        });
        if let Some(region) = &run.plan.instance.region {
            value["region"] = Value::from(region.as_str());
        }
        value
    };
    let all = json!({"schemaVersion": VERSION, "reports": reports.iter().map(one).collect::<Vec<_>>()});
    json_safe(&format!("{all:#}")) + "\n"
}

fn page(reports: &[&Named], now: SystemTime) -> String {
    let safe = |text: &str| markup(&display_safe(text));
    let row = |one: &&Named| {
        let verdict = one.report.summary.verdict;
        let root =
            one.root().map_or_else(String::new, |finding| format!("{} ({})", finding.title, finding.code));
        let cells =
            [one.subnet(), one.failed(), root, one.age(now), one.file.clone()].map(|text| safe(&text));
        let [subnet, failed, root, age, file] = cells;
        format!(
            "<tr><th scope=\"row\">{subnet}</th><td class=\"{verdict}\">{verdict}</td><td>{failed}</td><td>{root}</td>\
             <td>{age}</td><td>{file}</td></tr>\n"
        )
    };
    let rows: String = reports.iter().map(row).collect();
    let headings = ["Subnet", "Verdict", "Failed", "Root finding", "Age", "Report"];
    let headings = headings.map(|heading| format!("<th scope=\"col\">{heading}</th>")).concat();
    let title = format!("{} reports of apim-probe, {}", reports.len(), rfc3339(now));
    html::shell(
        &title,
        &format!(
            "<main>\n<h1>{title}</h1>\n<table>\n<caption>The worst first</caption>\n\
             <thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</main>\n"
        ),
    )
}

fn metrics(reports: &[&Named]) -> String {
    let labels = |one: &Named, more: &[(&str, &str)]| {
        let region = one.report.run.plan.instance.region.as_deref().unwrap_or_default();
        let subnet = one.subnet();
        let own = [("subnet", subnet.as_str()), ("region", region), ("report", one.file.as_str())];
        openmetrics::labels(&[&own, more].concat())
    };
    let each =
        |value: fn(&Report) -> f64| reports.iter().map(move |one| (labels(one, &[]), value(&one.report)));
    let failed = reports.iter().flat_map(|one| {
        let summary = &one.report.summary;
        let counts = [("required", summary.required.failure), ("optional", summary.optional.failure)];
        counts.map(|(class, count)| (labels(one, &[("class", class)]), f64::from(count)))
    });
    let ended = |report: &Report| {
        report.run.finished_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
    };
    let passed = |report: &Report| f64::from(u8::from(badness(report.summary.verdict) < 2));
    [
        openmetrics::family(
            "apim_probe_report_success",
            "Whether every required check passed.",
            each(passed),
        ),
        openmetrics::family("apim_probe_report_timestamp_seconds", "When the run ended.", each(ended)),
        openmetrics::family("apim_probe_report_failed_checks", "Failed checks by class.", failed),
        "# EOF\n".to_owned(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_one_unit() {
        let told = |seconds| age(Duration::from_secs(seconds));
        assert_eq!([told(0), told(59), told(60), told(7_199)], ["0 s", "59 s", "1 min", "1 h"]);
        assert_eq!([told(90_000), told(172_800)], ["25 h", "2 days"]);
    }
}
