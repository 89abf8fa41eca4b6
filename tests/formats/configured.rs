//! Reports of judged configuration, saved and judged again without the documents: every mistake of an Application Gateway.

use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Options};
use apim_probe::report_file::read::from_json;
use apim_probe_checks::facts::Sources;
use apim_probe_checks::report::{ExitPolicy, Report};

use crate::{options, redacted, render};

#[path = "../network/judged.rs"]
mod judged;
#[allow(dead_code)] // what is expected of each mistake is another test's
#[path = "../network/gateway/mistake.rs"]
mod mistake;

/// The report of each mistake, by its name.
pub(crate) fn reports() -> Vec<(String, Report)> {
    mistake::cases().iter().map(|case| (case.name.clone(), case.report())).collect()
}

#[test]
fn every_mistake_of_a_gateway_has_the_same_findings_after_it_was_saved() {
    let all = reports();
    assert!(all.len() > 60, "{}", all.len());
    for (place, (name, report)) in all.into_iter().enumerate() {
        let format = if place % 2 == 0 { Format::Json } else { Format::Jsonl };
        let saved = render(&report, &options(format));
        let again = Report::new(from_json(&saved).unwrap(), ExitPolicy::default());
        for shown in [Format::Json, Format::Human] {
            let [now, then] = [&again, &report].map(|report| render(report, &options(shown)));
            assert_eq!(now, then, "{name} saved as {}", format.as_str());
        }
    }
}

/// Everything that can be written of a gateway, with an id and a token in every sentence of it.
#[test]
fn no_id_and_no_secret_of_a_gateway_is_in_any_format() {
    const ID: &str = "5a3b1c2d-0000-4aaa-8bbb-123456789abc";
    for (name, mut report) in reports().into_iter().step_by(5) {
        let network = report.network.as_mut().expect("configuration");
        let fronts = network.publishing.gateways.iter_mut();
        let spoil = |text: &mut String| text.push_str(&format!(" /subscriptions/{ID}/x?sig=secret1 {ID}"));
        for front in fronts {
            front.unfit.iter_mut().flat_map(|(_, faults)| faults).for_each(|fault| {
                [&mut fault.says, &mut fault.step].into_iter().for_each(spoil);
                fault.has.iter_mut().chain(&mut fault.needs).chain(&mut fault.part).for_each(spoil);
                fault.place.iter_mut().for_each(|place| spoil(&mut place.file));
            });
            for complaint in front.health.iter_mut().flat_map(|sick| &mut sick.complaints) {
                [&mut complaint.log, &mut complaint.server, &mut complaint.place.file]
                    .into_iter()
                    .for_each(spoil);
            }
        }
        for reason in network.judgement.settings.iter_mut().flat_map(|setting| &mut setting.reasons) {
            [&mut reason.says, &mut reason.step].into_iter().for_each(spoil);
            reason.has.iter_mut().chain(&mut reason.needs).for_each(spoil);
            reason.place.iter_mut().for_each(|place| spoil(&mut place.file));
        }
        let Report { run, network, portal, .. } = report;
        let report = Report::new(Sources { network, portal, ..run.into() }, ExitPolicy::default());
        for &format in Format::ALL {
            let text = render(&report, &options(format));
            assert!(!text.contains(ID) && !text.contains("secret1"), "{name}: {}: {text}", format.as_str());
        }
    }
}

/// Under pseudonyms a gateway has the same reasons, and no name of anything.
#[test]
fn under_pseudonyms_a_gateway_keeps_its_reasons_and_no_name() {
    const NAMES: [&str; 9] = [
        "contoso",
        "agw-shop",
        "rg-shop",
        "vnet-shop",
        "snet-",
        "nsg-a",
        "10.1.",
        "settings-gateway",
        "pool-apim",
    ];
    for (place, (name, report)) in reports().into_iter().enumerate() {
        // Most of the time goes into the pages of HTML.
        let formats = if place % 16 == 0 { Format::ALL } else { &[Format::Json] };
        for &format in formats {
            let text = render(&report, &Options { redact: Redaction::Names, ..options(format) });
            let kept: Vec<&&str> = NAMES.iter().filter(|name| text.contains(**name)).collect();
            assert!(kept.is_empty(), "{name}: {}: {kept:?}: {text}", format.as_str());
        }
        let codes = |report: &Report| -> Vec<String> {
            let findings = report.diagnosis.findings.iter();
            findings.map(|finding| format!("{} {}", finding.code, finding.reasons.len())).collect()
        };
        let clean = redacted(&report, Redaction::Names);
        assert_eq!(codes(&clean), codes(&report), "{name}");
    }
}
