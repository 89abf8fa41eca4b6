//! Canaries: what must not be in a report is in none, whatever the format.

use apim_probe::render::{Format, Options, Style, Verbosity, render};
use apim_probe_checks::report::Report;

use crate::{options, reports};

const ALWAYS: [&str; 5] = ["sig-canary", "pass-canary", "token-canary", "key-canary", "user-canary:"];
const REDACTED: [&str; 4] = [reports::SUBSCRIPTION, "rg-canary", "query-canary", "home-canary"];

fn report() -> Report {
    let text = format!(
        "GET https://user-canary:pass-canary@x.example/p?sv=1&sig=sig-canary&x=query-canary \
         Authorization: Bearer token-canary AccountKey=key-canary;End /subscriptions/{}/resourceGroups/rg-canary/x \
         /home/home-canary/report.json",
        reports::SUBSCRIPTION
    );
    reports::hostile(&text)
}

fn every_way(redact: bool) -> impl Iterator<Item = (Format, String)> {
    let report = report();
    Format::ALL.into_iter().flat_map(move |format| {
        let plain = Options { redact, ..options(format) };
        let verbose = Style { verbosity: Verbosity::Verbose, ..Style::file() };
        let texts = [render(&report, &plain), render(&report, &Options { style: verbose, ..plain })];
        texts.map(|text| (format, text.replace([' ', '\n', '\\'], "")))
    })
}

#[test]
fn ids_names_and_query_strings_are_taken_out_of_every_format() {
    for (format, text) in every_way(true) {
        for canary in ALWAYS.iter().chain(&REDACTED) {
            assert!(!text.contains(canary), "{canary} in {}: {text}", format.as_str());
        }
    }
}

#[test]
fn secrets_are_taken_out_even_without_redaction() {
    for (format, text) in every_way(false) {
        for canary in ALWAYS {
            assert!(!text.contains(canary), "{canary} in {}", format.as_str());
        }
    }
    assert!(every_way(false).any(|(_, text)| text.contains(reports::SUBSCRIPTION)));
}

#[test]
fn redaction_leaves_the_commands_of_a_remedy_as_they_are() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        let text = render(&report, &options(Format::Json));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let commands =
            report.diagnosis.findings.iter().map(|finding| serde_json::json!(finding.remedy.commands));
        let written =
            value["findings"].as_array().unwrap().iter().map(|finding| finding["remedy"]["commands"].clone());
        assert_eq!(written.collect::<Vec<_>>(), commands.collect::<Vec<_>>(), "{name}");
    }
}
