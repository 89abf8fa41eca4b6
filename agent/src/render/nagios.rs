//! One line for a monitoring system: status, text, performance data.

use std::collections::BTreeMap;

use apim_probe_checks::diagnose::Severity;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::{Report, Verdict};

use super::escape::display_safe;
use super::phrases;

/// Bytes of the line at most, its end included: NRPE 2 cuts at 1,024.
const LINE: usize = 1023;

/// Bytes of the text at most, so that there is room for data.
const TEXT: usize = 500;

/// The report as a plug-in's line. The times of the required checks are given in their order, as many as there is room for.
pub(super) fn render(report: &Report) -> String {
    let word = match report.summary.verdict {
        Verdict::Healthy => "OK",
        Verdict::Degraded => "WARNING",
        Verdict::Unhealthy => "CRITICAL",
        Verdict::Undecided => "UNKNOWN",
    };
    let worst = report.diagnosis.roots().find(|finding| finding.severity != Severity::Info);
    let worst = worst.map_or_else(String::new, |finding| format!("; {}", finding.title));
    let what = display_safe(&(phrases::judged(report) + &worst)).replace('|', "/");
    let (required, optional) = (report.summary.required, report.summary.optional);
    let mut line = format!(
        "{word} - {} | required_failed={};;0;0;{} optional_failed={};0;;0;{} duration={:.3}s;;;0",
        cut(&what, TEXT),
        required.failure,
        required.total,
        optional.failure,
        optional.total,
        report.run.duration_ms / 1000.0
    );
    for datum in times(report) {
        if line.len() + datum.len() + 2 > LINE {
            break;
        }
        line.push(' ');
        line.push_str(&datum);
    }
    line + "\n"
}

/// The time of each required check that was run, by its endpoint; a further target of one has a number.
fn times(report: &Report) -> Vec<String> {
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    let run = report.results().filter(|seen| !matches!(*seen.status(), Status::Skipped(_)));
    let required = run.filter(|seen| !seen.is_optional());
    let mut data = Vec::new();
    for seen in required {
        let count = known.entry(&seen.check.endpoint).or_default();
        *count += 1;
        let label = match *count {
            1 => seen.check.endpoint.clone(),
            count => format!("{}-{count}", seen.check.endpoint),
        };
        let label = display_safe(&label).replace(['\'', '=', '|'], "_");
        data.push(format!("'{label}'={:.0}ms;;;0", seen.outcome.duration_ms));
    }
    data
}

/// At most so many bytes, whole characters; what is left out is told by three dots.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = (0..=bytes - 3).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}...", &text[..end])
}
