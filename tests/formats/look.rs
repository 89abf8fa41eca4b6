//! How the human report looks: its width, its length, its last line.

use std::time::SystemTime;

use apim_probe::render::escape::{ascii, display_safe};
use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Options, Style, Verbosity, redacted, render};
use apim_probe_checks::catalogue;
use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::{ExitPolicy, Report, Verdict};
use apim_probe_checks::run::Run;

use unicode_width::UnicodeWidthStr;

use crate::{options, reports};

const VERBOSITIES: [Verbosity; 3] = [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose];

/// Without the colours.
fn plain(line: &str) -> String {
    let pieces = line.split('\u{1b}').enumerate();
    pieces
        .map(
            |(place, piece)| {
                if place == 0 { piece } else { piece.split_once('m').map_or("", |(_, rest)| rest) }
            },
        )
        .collect()
}

/// Part of a command, which must stay what it is.
fn is_command(report: &Report, line: &str) -> bool {
    let piece = line.trim().trim_end_matches(" \\");
    let commands = report.diagnosis.findings.iter().flat_map(|finding| &finding.remedy.commands);
    line.starts_with("    ")
        && commands.into_iter().any(|command| {
            let safe = display_safe(command);
            safe.contains(piece) || ascii(&safe).contains(piece)
        })
}

#[test]
fn no_line_is_wider_than_the_terminal_but_a_command() {
    for (name, report) in reports::all() {
        let report = redacted(&report, Redaction::Ids);
        for (width, verbosity) in
            [40, 60, 80, 100, 120].into_iter().flat_map(|width| VERBOSITIES.map(|v| (width, v)))
        {
            for (unicode, color) in [(true, false), (true, true), (false, false)] {
                let style = Style { width, verbosity, unicode, color };
                let text = render(&report, &Options { style, ..options(Format::Human) });
                let wide =
                    text.lines().map(plain).filter(|line| line.width() > width && !is_command(&report, line));
                assert_eq!(wide.collect::<Vec<_>>(), Vec::<String>::new(), "{name} at {width}");
            }
        }
    }
}

#[test]
fn a_narrow_row_names_its_check() {
    let (_, report) = reports::all().remove(2);
    let style = Style { width: 40, ..Style::file() };
    let text = render(&report, &Options { style, ..options(Format::Human) });
    assert!(text.contains("  ✗ sql-database"), "{text}");
}

#[test]
fn the_last_line_of_an_undecided_report_names_the_flags_and_fits() {
    let (_, report) = reports::all().remove(3);
    let text = render(&report, &options(Format::Human));
    assert_eq!(text.lines().last(), Some("UNDECIDED: add --storage-account --key-vault (exit 3)"));
    // All that may ever be missing.
    let longest = "UNDECIDED: add --region --storage-account --sql-server --key-vault (exit 3)";
    assert!(longest.len() <= 80);
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
    let plan = Plan::new(catalogue::embedded(), &instance).unwrap();
    let at = SystemTime::UNIX_EPOCH;
    let outcome = |check: &Check| match check.skip {
        Some(reason) => Outcome::skipped(reason, at),
        None => Outcome { duration_ms: 41.0, ..Outcome::bare(Status::Success, at) },
    };
    let outcomes = plan.checks.iter().map(outcome).collect();
    let run = reports::run(Vec::new());
    Report::new(Run { plan, outcomes, ..run }, ExitPolicy::default())
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
fn a_short_summary_names_the_worst_finding_before_the_others() {
    let (_, report) = reports::all().remove(2);
    let text = render(&report, &Options { summary_bytes: Some(900), ..options(Format::Human) });
    let places: Vec<Option<usize>> =
        ["rejects the", "Sql is dropped", "sql-database", "UNHEALTHY"].map(|word| text.find(word)).into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

#[test]
fn the_same_advice_is_printed_once() {
    let (_, mut report) = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").unwrap();
    let first = report.diagnosis.roots().next().unwrap().clone();
    let other = Finding { title: "Another thing is wrong.".to_owned(), ..first.clone() };
    report.diagnosis.findings.insert(1, other);
    let text = render(&report, &options(Format::Human));
    let command = first.remedy.commands[0].split_whitespace().take(5).collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches(&command).count(), 1, "{text}");
    let second = text.split("Another thing is wrong.").nth(1).unwrap();
    assert!(second.contains("Fix: the same as above.\n"), "{text}");
}

#[test]
fn a_summary_begins_with_words() {
    for (name, report) in reports::all() {
        for bytes in [40, 400, 4096] {
            let text = render(&report, &Options { summary_bytes: Some(bytes), ..options(Format::Human) });
            assert!(!text.starts_with('\n'), "{name} at {bytes}: {text}");
        }
    }
}
