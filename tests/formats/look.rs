//! How the human report looks: its width, its length, its last line.

use std::time::SystemTime;

use apim_probe::render::{Format, Options, Style, Verbosity, render};
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::{Report, Strictness, Verdict};
use apim_probe_checks::run::Run;

use crate::{options, reports};

const VERBOSITIES: [Verbosity; 3] = [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose];

#[test]
fn no_line_is_wider_than_the_terminal_but_a_word_that_cannot_be_cut() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        for (width, verbosity) in [80, 100, 120].into_iter().flat_map(|width| VERBOSITIES.map(|v| (width, v)))
        {
            let style = Style { width, verbosity, ..Style::file() };
            let text = render(&report, &Options { style, ..options(Format::Human) });
            let wide = text.lines().filter(|line| {
                line.chars().count() > width && line.trim_end_matches('\\').split_whitespace().count() > 2
            });
            assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "{name} at {width}");
        }
    }
}

/// The whole catalogue with every name given, everything passed.
fn shipped() -> Report {
    let instance = Instance {
        region: Some("eastus2".into()),
        storage_accounts: vec!["apimstab12cd34ef56gh78ij".into()],
        sql_servers: vec!["apirpsqlab12cd34ef56gh78ij90kl".into()],
        key_vaults: vec!["apikv-ab12cd34ef56gh78ij".into()],
        dns_servers: vec!["10.0.2.4:53".parse().unwrap()],
        metadata_asked: true,
        ..Instance::default()
    };
    let plan = Plan::new(&Catalogue::embedded(), &instance).unwrap();
    let at = SystemTime::UNIX_EPOCH;
    let outcome = |check: &Check| match check.skip {
        Some(reason) => Outcome::skipped(reason, at),
        None => Outcome { duration_ms: 41.0, ..Outcome::bare(Status::Success, at) },
    };
    let outcomes = plan.checks.iter().map(outcome).collect();
    let run = reports::run(Vec::new());
    Report::new(Run { plan, outcomes, ..run }, Strictness::default())
}

#[test]
fn the_healthy_report_of_the_shipped_catalogue_fits_one_screen() {
    let report = shipped();
    assert_eq!(report.summary.verdict, Verdict::Healthy);
    let text = render(&report, &options(Format::Human));
    assert!(text.lines().count() <= 24, "{} lines\n{text}", text.lines().count());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_healthy_report_fits_one_screen_and_quiet_is_one_line() {
    let (_, report) = reports::all().remove(0);
    let text = render(&report, &options(Format::Human));
    assert!(text.lines().count() <= 24, "{text}");
    let style = Style { verbosity: Verbosity::Quiet, ..Style::file() };
    let quiet = render(&report, &Options { style, ..options(Format::Human) });
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
}

#[test]
fn the_verdict_is_the_last_line() {
    for (name, report) in reports::all() {
        let text = render(&report, &options(Format::Human));
        let last = text.lines().last().unwrap();
        let verdict = report.summary.verdict.as_str().to_uppercase();
        assert!(last.contains(&verdict), "{name}: {last}");
        assert!(last.contains(&format!("(exit {})", report.summary.exit_code)), "{name}: {last}");
    }
}

#[test]
fn ascii_where_the_terminal_knows_no_more() {
    for (name, report) in reports::all() {
        let style = Style { unicode: false, ..Style::file() };
        let text = render(&report, &Options { style, ..options(Format::Human) });
        assert!(text.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn the_summary_fits_and_ends_with_the_verdict() {
    for (name, report) in reports::all() {
        for bytes in [0, 40, 120, 400, 1000, 4096] {
            let options = Options { summary_bytes: Some(bytes), ..options(Format::Human) };
            let text = render(&report, &options);
            assert!(text.len() <= bytes, "{name}: {} of {bytes}", text.len());
            if bytes >= 400 {
                assert!(text.lines().last().unwrap().contains("(exit "), "{name}: {text}");
            }
        }
    }
}

#[test]
fn a_short_summary_names_the_worst_finding_before_the_others() {
    let (_, report) = reports::all().remove(2);
    let text = render(&report, &Options { summary_bytes: Some(900), ..options(Format::Human) });
    let places: Vec<Option<usize>> = ["rejects 1 connection", "Sql is dropped", "sql-database", "UNHEALTHY"]
        .map(|word| text.find(word))
        .into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}
