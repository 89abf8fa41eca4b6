//! OpenMetrics text that Prometheus' older text parsers read too: blackbox's names where they mean the same, `apim_probe_`
//! for the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::{Stage, Status};
use apim_probe_checks::report::{Report, Verdict};

use super::escape::display_safe;

/// A label and its value; one without a value is left out.
pub(super) type Label<'a> = (&'a str, &'a str);

/// The report as OpenMetrics.
pub(super) fn render(report: &Report) -> String {
    let mut text = whole_run(report);
    text.push_str(&each_check(report));
    text.push_str(&judgement(report));
    text + "# EOF\n"
}

/// A family of gauges; one whose name ends in seconds says its unit. Of two samples with the same labels, which only a
/// damaged report has, the first stays: a second one would cost the reader the whole file.
pub(super) fn family(name: &str, help: &str, samples: impl IntoIterator<Item = (String, f64)>) -> String {
    let unit = if name.ends_with("_seconds") { format!("# UNIT {name} seconds\n") } else { String::new() };
    let mut written = BTreeSet::new();
    let samples: String = samples
        .into_iter()
        .filter(|(labels, _)| written.insert(labels.clone()))
        .map(|(labels, value)| format!("{name}{labels} {value}\n"))
        .collect();
    format!("# TYPE {name} gauge\n{unit}# HELP {name} {help}\n{samples}")
}

fn whole_run(report: &Report) -> String {
    let run = &report.run;
    let one = |value: f64| [(String::new(), value)];
    let passed = matches!(report.summary.verdict, Verdict::Healthy | Verdict::Degraded);
    let at = run.finished_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let build = labels(&[
        ("version", env!("CARGO_PKG_VERSION")),
        ("catalogue", &run.plan.catalogue_version),
        ("cloud", &run.plan.instance.cloud),
        ("region", run.plan.instance.region.as_deref().unwrap_or_default()),
    ]);
    [
        family("probe_success", "Whether every required check passed.", one(f64::from(u8::from(passed)))),
        family("probe_duration_seconds", "Duration of the run.", one(run.duration_ms / 1000.0)),
        family("apim_probe_run_timestamp_seconds", "When the run ended.", one(at)),
        // A gauge: the text format that node_exporter reads has no type `info`, and one line that it cannot read costs the file.
        family("apim_probe_build_info", "Program, catalogue and place.", [(build, 1.0)]),
    ]
    .concat()
}

fn each_check(report: &Report) -> String {
    let results = || {
        let results = report.results();
        results.filter(|seen| !matches!(*seen.status(), Status::Skipped(_)))
    };
    let up = results().map(|seen| (of_check(seen, &[]), f64::from(u8::from(seen.is_success()))));
    let stages = results().flat_map(|seen| {
        let timed = Stage::ALL.iter().filter_map(move |stage| Some((*stage, seconds(seen, *stage)?)));
        timed.map(move |(stage, seconds)| (of_check(seen, &[("phase", stage.as_str())]), seconds))
    });
    let expiries = results().filter_map(|seen| Some((of_check(seen, &[]), earliest_expiry(seen)?)));
    [
        family("apim_probe_endpoint_up", "Whether the check passed.", up),
        family("apim_probe_phase_duration_seconds", "Time of the stage.", stages),
        family(
            "probe_ssl_earliest_cert_expiry",
            "When the first certificate of the chain expires, in seconds since 1970.",
            expiries,
        ),
    ]
    .concat()
}

fn judgement(report: &Report) -> String {
    let summary = report.summary;
    let counts = [("required", summary.required), ("optional", summary.optional)];
    let counted = counts.into_iter().flat_map(|(class, counts)| {
        let each = [
            ("success", counts.success),
            ("failure", counts.failure),
            ("skipped", counts.skipped),
            ("undecided", counts.undecided),
        ];
        each.map(|(status, count)| (labels(&[("class", class), ("status", status)]), f64::from(count)))
    });
    let mut affected: BTreeMap<String, f64> = BTreeMap::new();
    for finding in report.diagnosis.roots() {
        let affects = u32::try_from(finding.affects.len()).unwrap_or(u32::MAX);
        let labels = labels(&[("code", finding.code.as_str()), ("severity", finding.severity.as_str())]);
        *affected.entry(labels).or_default() += f64::from(affects);
    }
    [
        family("apim_probe_checks", "Checks by class and status.", counted),
        family(
            "apim_probe_finding_affected_checks",
            "Checks that the root findings of a code account for.",
            affected,
        ),
    ]
    .concat()
}

fn seconds(seen: Seen<'_>, stage: Stage) -> Option<f64> {
    let step = seen.outcome.steps.iter().rfind(|step| step.stage == stage)?;
    Some(step.duration_ms / 1000.0)
}

fn earliest_expiry(seen: Seen<'_>) -> Option<f64> {
    let chain = &seen.outcome.evidence.tls.as_ref()?.chain;
    let ends =
        chain.iter().filter_map(|certificate| humantime::parse_rfc3339_weak(&certificate.not_after).ok());
    let first = ends.min()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(first.as_secs_f64())
}

fn of_check(seen: Seen<'_>, more: &[Label<'_>]) -> String {
    let port = seen.check.port().map(|port| port.to_string()).unwrap_or_default();
    let own = [
        ("endpoint", seen.check.endpoint.as_str()),
        ("host", seen.check.host().unwrap_or_default()),
        ("port", &port),
        ("resource_type", seen.check.resource_type.as_deref().unwrap_or_default()),
        ("optional", if seen.is_optional() { "true" } else { "false" }),
    ];
    labels(&[&own, more].concat())
}

/// Labels in braces, escaped.
pub(super) fn labels(pairs: &[Label<'_>]) -> String {
    let known = pairs.iter().filter(|(_, value)| !value.is_empty());
    let written: Vec<String> = known.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", written.join(","))
}

fn escaped(value: &str) -> String {
    display_safe(value).replace('\\', "\\\\").replace('"', "\\\"")
}
