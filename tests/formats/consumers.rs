//! Every format is read by somebody else's program or by the shape that its owner published, never by our own reader.

use apim_probe::render::{Format, Options};
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;
use proptest::prelude::*;
use regex::Regex;
use serde::Deserialize;

use crate::{options, render, reports, tools};

fn written(report: &Report, format: Format) -> String {
    render(report, &options(format))
}

/// How many checks ended so.
fn count(report: &Report, wanted: impl Fn(bool, &Status) -> bool) -> usize {
    report.run.results().filter(|(check, outcome)| wanted(check.is_optional(), &outcome.status)).count()
}

const fn fell(status: &Status) -> bool {
    matches!(status, Status::Failure(_) | Status::Undecided(_))
}

/// Prometheus' own parser of OpenMetrics, which is stricter than the server's.
const OPENMETRICS: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    for sample in family.samples:
        print(family.name, family.type, family.unit, sample.value)
";

fn assert_openmetrics(name: &str, report: &Report) {
    let text = written(report, Format::OpenMetrics);
    let Some(said) = tools::said("/usr/bin/python3", &["-c", OPENMETRICS], &text) else { return };
    let samples = |family: &str| said.lines().filter(|line| line.starts_with(&format!("{family} "))).count();
    let run = count(report, |_, status| !matches!(status, Status::Skipped(_)));
    assert_eq!(samples("apim_probe_endpoint_up"), run, "{name}: {said}");
    assert_eq!(samples("apim_probe_checks"), 8, "{name}: {said}");
    let success =
        said.lines().find_map(|line| line.strip_prefix("probe_success gauge  ")?.parse::<f64>().ok());
    assert_eq!(success, Some(f64::from(u8::from(report.summary.exit_code == 0))), "{name}: {said}");
    assert!(said.contains("probe_duration_seconds gauge seconds 3.41225"), "{name}: {said}");
}

#[test]
fn prometheus_parses_openmetrics() {
    reports::all().iter().for_each(|(name, report)| assert_openmetrics(name, report));
}

fn assert_junit(name: &str, report: &Report, strict: bool) {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/formats/junit.xsd");
    let text = render(report, &Options { strict, ..options(Format::Junit) });
    if tools::said("xmllint", &["--noout", "--nonet", "--schema", schema, "-"], &text).is_none() {
        return;
    }
    let failures =
        count(report, |optional, status| matches!(status, Status::Failure(_)) && (strict || !optional));
    for path in ["count(//failure)", "number(/testsuites/@failures)"] {
        let counted = tools::said("xmllint", &["--xpath", path, "-"], &text).unwrap_or_default();
        assert_eq!(counted.trim(), failures.to_string(), "{name}: {path}");
    }
}

#[test]
fn xmllint_finds_junit_valid() {
    for (name, report) in reports::all() {
        [false, true].into_iter().for_each(|strict| assert_junit(name, &report, strict));
    }
}

/// Perl's TAP::Parser, which `prove` is made of.
const TAP: &str = r#"
use TAP::Parser;
my $parser = TAP::Parser->new({ tap => do { local $/; <STDIN> } });
$parser->run;
die join("\n", $parser->parse_errors) if $parser->parse_errors;
die "no good plan" unless $parser->is_good_plan;
printf "%d planned, %d failed, %d todo, %d skipped", $parser->tests_planned, scalar $parser->failed,
    scalar $parser->todo, scalar $parser->skipped;
"#;

fn assert_tap(name: &str, report: &Report) {
    let text = written(report, Format::Tap);
    let Some(said) = tools::said("perl", &["-e", TAP], &text) else { return };
    let expected = format!(
        "{} planned, {} failed, {} todo, {} skipped",
        count(report, |_, _| true),
        count(report, |optional, status| fell(status) && !optional),
        count(report, |optional, status| fell(status) && optional),
        count(report, |_, status| matches!(status, Status::Skipped(_)))
    );
    assert_eq!(said, expected, "{name}: {text}");
}

#[test]
fn prove_reads_tap() {
    reports::all().iter().for_each(|(name, report)| assert_tap(name, report));
}

/// The plug-in guidelines: `'label'=value[UOM];[warn];[crit];[min];[max]`, one line, one bar.
fn assert_nagios(name: &str, report: &Report) {
    let range = r"(@?(-?[0-9.]+|~)?:?(-?[0-9.]+)?)?";
    let datum = format!(
        r"('[^'=|]+'|[^ '=|]+)=-?[0-9.]+(s|ms|us|%|B|KB|MB|GB|TB|c)?(;{range}){{0,2}}(;[0-9.]*){{0,2}}"
    );
    let line =
        Regex::new(&format!(r"^(OK|WARNING|CRITICAL|UNKNOWN) - [^|]+\| {datum}( {datum})*\n$")).unwrap();
    let text = written(report, Format::Nagios);
    assert!(line.is_match(&text), "{name}: {text}");
    assert!(text.len() < 1024, "{name}: NRPE 2 cuts at 1,024 bytes: {text}");
}

#[test]
fn nagios_gets_a_short_label_for_every_required_check_of_the_shipped_catalogue() {
    let report = crate::look::shipped();
    let text = written(&report, Format::Nagios);
    assert!(text.len() < 1024, "{}: {text}", text.len());
    let required =
        report.run.results().filter(|(check, outcome)| !check.is_optional() && outcome.is_success());
    for (check, _) in required {
        assert!(text.contains(&format!("'{}'=41ms", check.endpoint)), "{}: {text}", check.endpoint);
    }
}

#[test]
fn what_is_wrong_and_the_fix_stand_where_pipelines_and_harnesses_show_them() {
    let (_, report) = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").unwrap();
    let finding = report.diagnosis.roots().next().unwrap();
    let junit = written(&report, Format::Junit);
    assert!(
        junit.contains(&format!("<failure type=\"connect-timeout\" message=\"{}\">", finding.title)),
        "{junit}"
    );
    let flow = "TCP 10.0.1.4 -&gt; 20.60.0.1:1433, 3 tries, 2026-11-20 18:40:00.012 UTC\n";
    assert!(junit.contains(flow) && junit.contains("\naz network "), "{junit}");
    let tap = written(&report, Format::Tap);
    for line in [
        format!("finding: '{}'", finding.title),
        format!("fix: '{}'", finding.remedy.summary.replace('\'', "''")),
    ] {
        assert!(tap.contains(&format!("\n  {line}\n")), "{line}: {tap}");
    }
}

#[test]
fn nagios_gets_one_line_with_performance_data() {
    reports::all().iter().for_each(|(name, report)| assert_nagios(name, report));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_remote_side_says_other_programs_can_read_it(text in crate::hostile::text()) {
        let report = reports::hostile(&text);
        assert_openmetrics("hostile", &report);
        assert_junit("hostile", &report, true);
        assert_tap("hostile", &report);
        assert_nagios("hostile", &report);
    }
}

/// The shape that the REST reference of API Management publishes for NetworkStatus by location.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ByLocation {
    location: String,
    network_status: NetworkStatus,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NetworkStatus {
    dns_servers: Vec<std::net::IpAddr>,
    connectivity_status: Vec<Connectivity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Connectivity {
    name: String,
    status: State,
    error: String,
    last_updated: String,
    last_status_change: String,
    resource_type: String,
    is_optional: bool,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum State {
    Initializing,
    Success,
    Failure,
}

#[test]
fn network_status_has_the_published_shape_and_no_other_key() {
    for (name, report) in reports::all() {
        let parsed: Vec<ByLocation> = serde_json::from_str(&written(&report, Format::NetworkStatus)).unwrap();
        let [ByLocation { location, network_status }] = parsed.as_slice() else {
            panic!("{name}: {parsed:?}")
        };
        assert_eq!((location.as_str(), network_status.dns_servers.len()), ("eastus2", 1));
        let entries = &network_status.connectivity_status;
        assert_eq!(
            entries.len(),
            count(&report, |_, status| !matches!(status, Status::Skipped(_))),
            "{name}"
        );
        for entry in entries {
            assert!(!entry.name.is_empty() && !entry.resource_type.is_empty(), "{entry:?}");
            assert_eq!(entry.error.is_empty(), entry.status != State::Failure, "{entry:?}");
            assert!(humantime::parse_rfc3339(&entry.last_updated).is_ok(), "{entry:?}");
            assert!(humantime::parse_rfc3339(&entry.last_status_change).is_ok(), "{entry:?}");
        }
        let optional = entries.iter().filter(|entry| entry.is_optional).count();
        assert_eq!(
            optional,
            count(&report, |optional, status| optional && !matches!(status, Status::Skipped(_)))
        );
    }
}

#[test]
fn our_own_reader_takes_network_status_as_the_portals() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        let text = written(&report, Format::NetworkStatus);
        let parsed = apim_probe_checks::portal::read::parse(text.as_bytes());
        assert!(parsed.is_ok_and(|status| !status.is_empty()), "{name}: {text}");
    }
}
