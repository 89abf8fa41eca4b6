//! One line for a monitoring system: status, text, performance data.

use apim_probe_checks::diagnose::Severity;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::{Report, Verdict};

use super::escape::display_safe;
use super::phrases;

/// Checks whose times are given at most: a line stays within what plug-in hosts read.
const MEASURED: usize = 40;

/// The report as a plug-in's line.
pub fn render(report: &Report) -> String {
    let word = match report.summary.verdict {
        Verdict::Healthy => "OK",
        Verdict::Degraded => "WARNING",
        Verdict::Unhealthy => "CRITICAL",
        Verdict::Undecided => "UNKNOWN",
    };
    let worst = report.diagnosis.roots().find(|finding| finding.severity != Severity::Info);
    let worst = worst.map_or_else(String::new, |finding| format!("; {}", finding.title));
    let what = phrases::judged(report) + &worst;
    let (required, optional) = (report.summary.required, report.summary.optional);
    let mut data = vec![
        format!("required_failed={};;0;0;{}", required.failure, required.total),
        format!("optional_failed={};0;;0;{}", optional.failure, optional.total),
        format!("duration={:.3}s;;;0", report.run.duration_ms / 1000.0),
    ];
    let run = report.run.results().filter(|(_, outcome)| !matches!(outcome.status, Status::Skipped(_)));
    let required = run.filter(|(check, _)| !check.is_optional).take(MEASURED);
    data.extend(required.map(|(check, outcome)| {
        let label = display_safe(check.id.as_str()).replace(['\'', '='], "_");
        format!("'{label}'={:.0}ms;;;0", outcome.duration_ms)
    }));
    format!("{word} - {} | {}\n", display_safe(&what).replace('|', "/"), data.join(" ").replace('|', "/"))
}
