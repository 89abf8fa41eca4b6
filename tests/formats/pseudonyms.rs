//! `--redact names`: no name and no address of the network is in any format, and what stands for them is the same in all.

use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Options, Style, Verbosity};
use apim_probe::report_file::read::from_json;
use apim_probe_checks::outcome::{Certificate, Trust};
use apim_probe_checks::plan::{Check, CheckId, Origin, Target, Work};
use apim_probe_checks::report::{ExitPolicy, Report};

use crate::{hostile, options, render, reports};

/// What must be gone: the names and addresses of the network below.
const NAMES: [&str; 16] = [
    "apimstab12cd34ef56gh78ij",
    "apirpsqlab12cd34ef56gh78ij90kl",
    "apikv-ab12cd34ef56gh78ij",
    "contoso-api",
    "backend.contoso.internal",
    "corp.contoso.internal",
    "proxy.contoso.internal",
    "stamp7",
    "Contoso",
    "probe-vm",
    "rg-canary",
    "10.0.1.",
    "10.0.2.4",
    "10.20.30.40",
    "20.60.1.2",
    "fd00:1234",
];

/// A network with a name in every place that can hold one.
fn report() -> Report {
    let mut report = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").expect("a report").1;
    let run = &mut report.run;
    run.plan.instance.service = Some("contoso-api".into());
    run.plan.instance.private_ip = Some("10.20.30.40".parse().unwrap());
    run.host.addresses = vec!["10.0.1.4".into(), "fd00:1234::9".into()];
    run.host.search_domains = vec!["corp.contoso.internal".into()];
    run.host.proxy.insert("https_proxy".into(), "http://proxy.contoso.internal:3128".into());
    let args = "check --service=contoso-api --endpoint backend.contoso.internal:8443,required -o contoso-report.json \
                --storage-account apimstab12cd34ef56gh78ij --dns-server 10.0.2.4:53";
    run.args = args.split_whitespace().map(str::to_owned).collect();
    let (check, outcome) = (run.plan.checks[1].clone(), run.outcomes[1].clone());
    run.plan.checks.push(Check {
        id: CheckId("custom/backend.contoso.internal:8443".into()),
        endpoint: "custom".into(),
        name: "backend.contoso.internal".into(),
        work: Work::Probe(Target::new("backend.contoso.internal", 8443)),
        origin: Origin::Flag,
        ..check
    });
    run.outcomes.push(outcome);
    for outcome in &mut run.outcomes {
        let evidence = &mut outcome.evidence;
        if let Some(dns) = &mut evidence.dns {
            dns.cnames.push("stamp7.privatelink.database.windows.net".into());
        }
        if let Some(tls) = &mut evidence.tls {
            tls.trust = Some(Trust::Private);
            tls.chain.push(Certificate {
                subject: "CN=Contoso Inspection Root,O=Contoso".into(),
                issuer: "CN=Contoso Inspection Root,O=Contoso".into(),
                not_before: String::new(),
                not_after: String::new(),
                sha256: "ab".repeat(32),
                dns_names: vec!["*.corp.contoso.internal".into(), "BACKEND.contoso.internal".into()],
            });
        }
        if let Some(peer) = &mut evidence.peer {
            peer.address = "20.60.1.2".parse().unwrap();
        }
        if let Some(step) = outcome.steps.last_mut() {
            step.detail = Some("refused by 10.0.1.1 for backend.contoso.internal. (see fd00:1234::9)".into());
        }
    }
    Report::new(report.run, ExitPolicy::default())
}

fn every_way(report: &Report) -> Vec<(Format, String)> {
    let verbose = Style { verbosity: Verbosity::Verbose, width: 120, ..Style::file() };
    let one = |format| {
        let plain = Options { redact: Redaction::Names, ..options(format) };
        [plain, Options { style: verbose, ..plain }].map(|options| (format, render(report, &options)))
    };
    Format::ALL.iter().copied().flat_map(one).collect()
}

#[test]
fn no_name_and_no_address_is_in_any_format() {
    for (format, text) in every_way(&report()) {
        for name in NAMES {
            assert!(!text.contains(name), "{name} in {}: {text}", format.as_str());
        }
    }
}

#[test]
fn a_name_has_the_same_pseudonym_everywhere() {
    let all = every_way(&report());
    let json = &all.iter().find(|(format, _)| *format == Format::Json).expect("json").1;
    assert!(json.contains("\"host\": \"sql-1.database.windows.net\""), "{json}");
    for (format, text) in all.iter().filter(|(format, _)| *format != Format::OpenMetrics) {
        assert!(
            text.contains("sql-1.database.windows.net") || *format == Format::Nagios,
            "{}: {text}",
            format.as_str()
        );
    }
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(value["run"]["args"][1], "--service=service-1");
    let backend = value["checks"].as_array().unwrap().last().unwrap()["host"].as_str().unwrap();
    assert_eq!(value["run"]["args"][3], format!("{backend}:8443,required"));
    assert_eq!(value["run"]["args"][5], "[redacted]");
    assert_eq!(value["host"]["azure"]["resourceGroup"], "resource-group-1");
    assert_eq!(value["host"]["azure"]["vmName"], value["host"]["hostname"]);
    assert!(json.contains("crl3.digicert.com"), "the catalogue's own hosts stay");
}

#[test]
fn a_report_under_pseudonyms_is_explained_with_the_same_findings() {
    let report = report();
    let json = render(&report, &Options { redact: Redaction::Names, ..options(Format::Json) });
    let again = Report::new(from_json(&json).expect("a report"), ExitPolicy::default());
    let codes = |report: &Report| -> Vec<(String, usize)> {
        let findings = report.diagnosis.findings.iter();
        findings.map(|finding| (finding.code.as_str().to_owned(), finding.affects.len())).collect()
    };
    assert_eq!(codes(&again), codes(&report));
    assert_eq!(again.summary, report.summary);
    let twice = render(&again, &Options { redact: Redaction::Names, ..options(Format::Json) });
    let differing = json.lines().zip(twice.lines()).filter(|(one, two)| one != two).collect::<Vec<_>>();
    assert!(differing.is_empty(), "pseudonyms of pseudonyms are the same: {differing:#?}");
}

#[test]
fn what_the_network_says_is_replaced_whatever_it_is() {
    for text in ["", "*.", "::", "[", "CN=", "a..b", "\u{1b}[2J\u{202e}", "/resourceGroups/", "10.0.1.4"] {
        for (format, text) in every_way(&reports::hostile(text)) {
            assert!(!text.contains("rg-canary"), "{}: {text}", format.as_str());
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_stops_it(text in hostile::text()) {
        for (_, text) in every_way(&reports::hostile(&text)) {
            proptest::prop_assert!(!text.contains("rg-canary"));
        }
    }
}
