//! Canaries: what must not be in a report is in none, whatever the format.

use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Options, Style, Verbosity};
use apim_probe_checks::report::Report;

use proptest::prelude::*;

use crate::{hostile, options, render, reports};

const ALWAYS: [&str; 5] = ["sig-canary", "pass-canary", "token-canary", "key-canary", "user-canary"];
const REDACTED: [&str; 6] =
    [reports::SUBSCRIPTION, TENANT, "query-canary", "home-canary", "mac-canary", "windows-canary"];

/// A tenant, in upper case as some services write it.
const TENANT: &str = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0";

fn report() -> Report {
    let text = format!(
        "GET https://user-canary:pass-canary@x.example/p?sv=1&sig=sig-canary&x=query-canary \
         Authorization: Bearer token-canary AccountKey=key-canary;End /subscriptions/{}/resourceGroups/rg-canary/x \
         /home/home-canary/report.json /Users/mac-canary/x C:\\Users\\windows-canary\\x \
         Bearer authorization=\"https://login.microsoftonline.com/{TENANT}\" tenant {TENANT}.",
        reports::SUBSCRIPTION
    );
    reports::hostile(&text)
}

fn every_way(redact: Redaction) -> impl Iterator<Item = (Format, String)> {
    let report = report();
    Format::ALL.iter().copied().flat_map(move |format| {
        let plain = Options { redact, ..options(format) };
        let verbose = Style { verbosity: Verbosity::Verbose, ..Style::file() };
        let texts = [render(&report, &plain), render(&report, &Options { style: verbose, ..plain })];
        texts.map(|text| (format, text.replace([' ', '\n', '\\'], "")))
    })
}

#[test]
fn ids_names_and_query_strings_are_taken_out_of_every_format() {
    for (format, text) in every_way(Redaction::Ids) {
        for canary in ALWAYS.iter().chain(&REDACTED) {
            assert!(!text.contains(canary), "{canary} in {}: {text}", format.as_str());
        }
    }
}

#[test]
fn secrets_are_taken_out_even_without_redaction() {
    for (format, text) in every_way(Redaction::Secrets) {
        for canary in ALWAYS {
            assert!(!text.contains(canary), "{canary} in {}", format.as_str());
        }
    }
    assert!(every_way(Redaction::Secrets).any(|(_, text)| text.contains(reports::SUBSCRIPTION)));
}

#[test]
fn resource_groups_stay_since_every_command_needs_them() {
    assert!(every_way(Redaction::Ids).any(|(_, text)| text.contains("rg-canary")));
}

#[test]
fn redaction_leaves_the_commands_of_a_remedy_as_they_are() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        let text = render(&report, &options(Format::Json));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let commands = report
            .diagnosis
            .findings
            .iter()
            .map(|finding| serde_json::json!(finding.remedy.commands().collect::<Vec<_>>()));
        let written =
            value["findings"].as_array().unwrap().iter().map(|finding| finding["remedy"]["commands"].clone());
        assert_eq!(written.collect::<Vec<_>>(), commands.collect::<Vec<_>>(), "{name}");
    }
}

/// What may not come through, with its canary.
const FORMS: [(&str, &str); 10] = [
    ("https://user-canary:x@h.example/", "user-canary"),
    ("http://x:pass-canary@10.0.0.1:3128", "pass-canary"),
    ("?sv=2024&SIG=sig-canary%3D", "sig-canary"),
    ("SharedAccessKey=key-canary;EntityPath=a", "key-canary"),
    ("AccountKey=key-canary==", "key-canary"),
    ("Bearer token-canary", "token-canary"),
    ("Authorization: Basic token-canary", "token-canary"),
    ("access_token=token-canary&x=1", "token-canary"),
    ("/subscriptions/11111111-2222-3333-4444-555555555555/x", "11111111-2222"),
    ("https://sts.windows.net/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/", "0f1e2d3c-4b5a"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_around_a_secret_it_is_taken_out(
        (form, canary) in proptest::sample::select(&FORMS[..]), before in hostile::text(), after in hostile::text(),
    ) {
        let report = reports::hostile(&format!("{before} {form} {after}"));
        for &format in Format::ALL {
            let text = render(&report, &options(format));
            prop_assert!(!text.contains(canary), "{} in {}: {}", canary, format.as_str(), text);
        }
    }
}
