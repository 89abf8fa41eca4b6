//! OpenMetrics text: blackbox's names where they mean the same, `apim_probe_` for the rest.

use std::time::SystemTime;

use apim_probe_checks::outcome::{Outcome, Stage, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::{Report, Verdict};

use super::escape::display_safe;

/// The report as OpenMetrics.
pub fn render(report: &Report) -> String {
    let run = &report.run;
    let mut text = String::new();
    let mut family = |name: &str, help: &str, samples: Vec<(String, f64)>| {
        text.push_str(&format!("# TYPE {name} gauge\n# HELP {name} {help}\n"));
        for (labels, value) in samples {
            text.push_str(&format!("{name}{labels} {value}\n"));
        }
    };
    let summary = report.summary;
    let passed = matches!(summary.verdict, Verdict::Healthy | Verdict::Degraded);
    family(
        "probe_success",
        "Whether every required check passed.",
        vec![(String::new(), f64::from(u8::from(passed)))],
    );
    family("probe_duration_seconds", "Duration of the run.", vec![(String::new(), run.duration_ms / 1000.0)]);
    let results = || run.results().filter(|(_, outcome)| !matches!(outcome.status, Status::Skipped(_)));
    let up =
        results().map(|(check, outcome)| (labels(check, &[]), f64::from(u8::from(outcome.is_success()))));
    family("apim_probe_endpoint_up", "Whether the check passed.", up.collect());
    let stages = results().flat_map(|(check, outcome)| {
        let timed = Stage::ALL.iter().filter_map(move |stage| Some((*stage, seconds(outcome, *stage)?)));
        timed.map(move |(stage, seconds)| (labels(check, &[("phase", stage.as_str())]), seconds))
    });
    family("apim_probe_phase_duration_seconds", "Time of the stage.", stages.collect());
    let counts = [("required", summary.required), ("optional", summary.optional)];
    let counted = counts.iter().flat_map(|(class, counts)| {
        let each = [
            ("success", counts.success),
            ("failure", counts.failure),
            ("skipped", counts.skipped),
            ("undecided", counts.undecided),
        ];
        each.map(|(status, count)| (format!("{{class=\"{class}\",status=\"{status}\"}}"), f64::from(count)))
    });
    family("apim_probe_checks", "Checks by class and status.", counted.collect());
    let findings = report.diagnosis.roots().map(|finding| {
        let affects = u32::try_from(finding.affects.len()).unwrap_or(u32::MAX);
        (format!("{{code=\"{}\",severity=\"{}\"}}", finding.code, finding.severity), f64::from(affects))
    });
    let mut merged: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
    findings.for_each(|(labels, affects)| *merged.entry(labels).or_default() += affects);
    family(
        "apim_probe_finding_affected_checks",
        "Checks that a root finding accounts for.",
        merged.into_iter().collect(),
    );
    let at = run.finished_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    family("apim_probe_run_timestamp_seconds", "When the run ended.", vec![(String::new(), at)]);
    text + "# EOF\n"
}

fn seconds(outcome: &Outcome, stage: Stage) -> Option<f64> {
    let step = outcome.steps.iter().rfind(|step| step.stage == stage)?;
    Some(step.duration_ms / 1000.0)
}

fn labels(check: &Check, more: &[(&str, &str)]) -> String {
    let port = check.port.map(|port| port.to_string()).unwrap_or_default();
    let optional = if check.is_optional { "true" } else { "false" };
    let own = [
        ("endpoint", check.endpoint.as_str()),
        ("host", check.host.as_deref().unwrap_or_default()),
        ("port", &port),
        ("resource_type", check.resource_type.as_deref().unwrap_or_default()),
        ("optional", optional),
    ];
    let pairs = own.iter().chain(more).map(|(name, value)| format!("{name}=\"{}\"", label(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

fn label(value: &str) -> String {
    display_safe(value).replace('\\', "\\\\").replace('"', "\\\"")
}
