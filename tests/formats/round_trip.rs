//! What was saved can be judged again: the same findings, the same verdict.

use apim_probe::render::Format;
use apim_probe::report_file::read::from_json;
use apim_probe::report_file::read_error::ReadError;
use apim_probe_checks::report::{ExitPolicy, Report};

use crate::{options, render, reports};

#[test]
fn a_saved_report_is_judged_as_the_run_was() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        for format in [Format::Json, Format::Jsonl] {
            let text = render(&report, &options(format));
            let again = Report::new(from_json(&text).unwrap(), ExitPolicy::default());
            assert_eq!(again.diagnosis, report.diagnosis, "{name} as {}", format.as_str());
            assert_eq!(again.summary.verdict, report.summary.verdict);
            assert_eq!(again.run.outcomes, report.run.outcomes);
        }
    }
}

#[test]
fn a_report_that_was_read_is_written_the_same_again() {
    for (name, report) in
        reports::all().into_iter().filter(|(name, _)| !matches!(*name, "hostile" | "interrupted"))
    {
        let text = render(&report, &options(Format::Json));
        let again = Report::new(from_json(&text).unwrap(), ExitPolicy::default());
        assert_eq!(render(&again, &options(Format::Json)), text, "{name}");
    }
}

#[test]
fn foreign_damaged_and_later_files_are_told_apart() {
    let report = reports::named("healthy");
    let text = render(&report, &options(Format::Json));
    assert!(matches!(from_json(&text[..text.len() / 2]), Err(ReadError::Torn(_))));
    assert!(matches!(from_json("  \n"), Err(ReadError::Empty)));
    assert!(matches!(from_json("<html>"), Err(ReadError::NotJson(_))));
    assert!(matches!(from_json(&format!("{text}{text}")), Err(ReadError::More(_))));
    assert!(matches!(from_json("{}"), Err(ReadError::Foreign)));
    assert!(matches!(from_json("[1]"), Err(ReadError::Foreign)));
    let later = text.replacen("\"1.0\"", "\"2.0\"", 1);
    assert!(matches!(from_json(&later), Err(ReadError::Version(version)) if version == "2.0"));
    let damaged = text.replacen("\"status\": \"success\"", "\"status\": \"fine\"", 1);
    assert!(matches!(from_json(&damaged), Err(ReadError::Damaged(_))));
}

/// A certificate of which only the alternative names say whose it is.
#[test]
fn what_a_certificate_does_not_say_is_absent_and_comes_back_as_unsaid() {
    let mut report = reports::named("healthy");
    let tls = report.run.outcomes[0].evidence.tls.as_mut().unwrap();
    tls.chain[0].subject.clear();
    tls.chain[0].not_after.clear();
    let exchange = report.run.outcomes[0].evidence.exchange.take().unwrap();
    report.run.outcomes[0].evidence.exchange = Some(exchange.with("server", "").with("offsetMs", f64::NAN));
    let text = render(&report, &options(Format::Json));
    assert!(!text.contains("\"\"") && !text.contains("null"), "{text}");
    assert_eq!(from_json(&text).unwrap().run.outcomes, report.run.outcomes);
    let schema = serde_json::from_str(&apim_probe::report_file::schema()).unwrap();
    assert!(jsonschema::is_valid(&schema, &serde_json::from_str(&text).unwrap()));
}
