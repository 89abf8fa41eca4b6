//! The last bytes of a report: whatever their number, what matters most is there, whole.

use std::collections::HashSet;

use apim_probe::render::{Format, Options, Style};
use apim_probe_checks::diagnose::Severity;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{options, render, reports};

fn summary(report: &Report, bytes: usize, style: Style) -> String {
    render(report, &Options { summary_bytes: Some(bytes), style, ..options(Format::Human) })
}

/// Everything that a summary can hold, when there is room.
const PLENTY: usize = 1 << 20;

/// How many of the lines are rows of required checks that did not pass: other people's text may begin with a mark too.
fn rows(report: &Report, text: &str) -> usize {
    let is_endpoint = |word: &str| report.run.plan.checks.iter().any(|check| check.endpoint == word);
    let is_row = |line: &&str| {
        let rest = ["  ✗ ", "  ? ", "  x "].iter().find_map(|mark| line.strip_prefix(mark));
        rest.and_then(|rest| rest.split_whitespace().next()).is_some_and(is_endpoint)
    };
    text.lines().filter(is_row).count()
}

fn assert_summary((name, report): (&str, &Report), whole: &str, bytes: usize, style: Style) {
    let text = summary(report, bytes, style);
    assert!(text.len() <= bytes, "{name}: {} of {bytes}", text.len());
    let verdict = report.summary.verdict.as_str().to_uppercase();
    let short = [verdict.clone(), format!("{verdict} (exit {})", report.summary.exit_code)];
    let known: HashSet<&str> = whole.lines().chain(short.iter().map(String::as_str)).collect();
    assert!(text.lines().all(|line| known.contains(line)), "{name} cuts a line at {bytes}: {text}");
    assert!(text.is_empty() || text.ends_with('\n'), "{name} at {bytes}: {text}");
    if bytes > verdict.len() {
        let end = text.lines().rev().take(3).collect::<Vec<_>>().join(" ");
        assert!(end.contains(&verdict), "{name} at {bytes}: {text}");
    }
    // One more byte takes nothing away, and findings are there only when every failed check is.
    let wider = summary(report, bytes + 1, style);
    assert!(
        rows(report, &wider) >= rows(report, &text) && wider.lines().count() + 1 >= text.lines().count(),
        "{name} at {bytes}"
    );
    let titles = report.diagnosis.roots().filter(|finding| finding.severity != Severity::Info);
    let has_finding = titles.into_iter().any(|finding| {
        let start: String = finding.title.chars().take_while(|c| !c.is_whitespace()).collect();
        text.contains(&format!(" {start} "))
    });
    assert!(!has_finding || rows(report, &text) == rows(report, whole), "{name} at {bytes}: {text}");
}

#[test]
fn with_room_enough_it_holds_every_failed_check_and_every_root_with_its_fix_the_worst_last() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        let text = summary(&report, PLENTY, Style::file());
        let failed = report.run.results().filter(|(check, outcome)| {
            !check.is_optional() && matches!(outcome.status, Status::Failure(_) | Status::Undecided(_))
        });
        assert_eq!(rows(&report, &text), failed.count(), "{name}: {text}");
        let roots = report.diagnosis.roots().filter(|finding| finding.severity != Severity::Info);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let places: Vec<usize> = roots
            .map(|finding| {
                let said = |text: &str| text.replace('`', "\"");
                assert!(flat.contains(&format!("Fix: {}", said(&finding.remedy.summary))), "{name}: {text}");
                flat.find(&said(&finding.title)).unwrap_or_else(|| panic!("{name}: {}", finding.title))
            })
            .collect();
        assert!(places.is_sorted_by(|a, b| a > b), "{name}: {text}");
        assert!(text.len() < 4096, "{name}: a run-command channel keeps 4,096 bytes");
    }
}

#[test]
fn every_number_of_bytes_up_to_the_whole_of_a_bad_report() {
    let (name, report) = ("unhealthy", reports::named("unhealthy"));
    let whole = summary(&report, PLENTY, Style::file());
    (1..1000).for_each(|bytes| assert_summary((name, &report), &whole, bytes, Style::file()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_bytes_of_any_report(which in select(reports::all().into_iter().map(|(name, _)| name).collect::<Vec<_>>()), bytes in 1_usize..=8192, unicode: bool, width in 40_usize..=120) {
        let (name, report) = (which, reports::named(which));
        let style = Style { unicode, width, ..Style::file() };
        assert_summary((name, &report), &summary(&report, PLENTY, style), bytes, style);
    }

    #[test]
    fn any_number_of_bytes_of_a_hostile_report(text in crate::hostile::text(), bytes in 1_usize..=8192) {
        let report = reports::hostile(&text);
        let text = summary(&report, bytes, Style::file());
        prop_assert!(text.len() <= bytes && (text.is_empty() || text.ends_with('\n')));
    }
}
