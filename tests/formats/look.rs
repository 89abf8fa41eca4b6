//! How the human report looks: its width, its length, its last line.

use std::time::{Duration, SystemTime};

use apim_probe::render::escape::{ascii, display_safe};
use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Names, Options, Style, Verbosity};
use apim_probe_checks::catalogue;
use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::{ExitPolicy, Report, Verdict};
use apim_probe_checks::run::Run;

use regex::Regex;
use unicode_width::UnicodeWidthStr;

use crate::{options, redacted, render, reports};

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
    let commands = report.diagnosis.findings.iter().flat_map(|finding| finding.remedy.commands());
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
                let style = Style { width, verbosity, unicode, color, names: Names::Fitted };
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
    let report = reports::named("unhealthy");
    let style = Style { width: 40, names: Names::Fitted, ..Style::file() };
    let text = render(&report, &Options { style, ..options(Format::Human) });
    assert!(text.contains("  ✗ sql-database\n"), "{text}");
}

#[test]
fn the_last_line_of_an_undecided_report_names_the_flags() {
    let report = reports::named("undecided");
    let text = render(&report, &options(Format::Human));
    assert_eq!(text.lines().last(), Some("UNDECIDED: add --storage-account --key-vault (exit 3)"));
}

/// The whole catalogue with every name given, everything passed.
pub(crate) fn shipped() -> Report {
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
    let outcome = |check: &Check| match check.skip_reason() {
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
}

/// The style of a terminal of 80 columns.
fn terminal() -> Style {
    Style { names: Names::Fitted, ..Style::file() }
}

#[test]
fn on_a_terminal_the_first_label_of_what_passed_gives_way_and_no_row_is_wider() {
    let text = render(&shipped(), &Options { style: terminal(), ..options(Format::Human) });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("..") && text.contains(".blob.core.windows.net:443"), "{text}");
}

#[test]
fn a_file_and_a_failed_row_hold_every_name_whole() {
    for (name, report) in reports::all() {
        let report = redacted(&report, Redaction::Ids);
        for verbosity in VERBOSITIES {
            let file = Style { verbosity, ..Style::file() };
            let text = render(&report, &Options { style: file, ..options(Format::Human) });
            assert!(name == "hostile" || !elided(&text), "{name}: {text}");
        }
        let text = render(&report, &Options { style: terminal(), ..options(Format::Human) });
        let failed = report.run.results().filter(|(check, outcome)| {
            !check.is_optional() && outcome.failure().is_some() && name != "hostile"
        });
        failed.for_each(|(check, _)| assert!(text.contains(&check.target()), "{name}: {text}"));
    }
}

/// Two dots between letters: what stands for the middle of a name.
fn elided(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| {
        four[1..3] == *b".." && four[0].is_ascii_alphanumeric() && four[3].is_ascii_alphanumeric()
    })
}

#[test]
fn when_something_failed_what_passed_is_one_line_and_the_worst_finding_is_the_last() {
    let (_, report) = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").unwrap();
    let text = render(&report, &options(Format::Human));
    assert!(!text.contains('✓') && text.contains("Required: 3 of 4 passed, 1 failed"), "{text}");
    let places = ["Optional:", "rejects the connection", "service tag Sql", "UNHEALTHY"];
    let places = places.map(|words| text.find(words).unwrap());
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn a_failed_row_and_its_finding_name_source_destination_time_and_tries() {
    let (_, report) = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").unwrap();
    let flow = "TCP 10.0.1.4 -> 20.60.0.1:1433";
    let human = render(&report, &options(Format::Human));
    assert!(human.contains(&format!("connect-timeout: {flow}, 3 tries, 18:40:00 UTC\n")), "{human}");
    assert!(human.contains(&format!("Flow: {flow}, 3 tries, 2026-11-20 18:40:00.012 UTC\n")), "{human}");
    for format in [Format::Markdown, Format::Html] {
        let text = render(&report, &options(format)).replace("&gt;", ">");
        assert!(text.matches(flow).count() >= 2, "{}: {text}", format.as_str());
        assert!(text.matches("2026-11-20 18:40:00.012 UTC").count() >= 2, "{}: {text}", format.as_str());
        assert!(text.matches("3 tries").count() >= 2, "{}: {text}", format.as_str());
    }
}

#[test]
fn every_report_for_people_says_when_where_and_which_run() {
    for (name, report) in reports::all() {
        for format in [Format::Human, Format::Markdown, Format::Html] {
            let text = render(&report, &options(format));
            let said =
                ["2026-11-20 18:40:00 UTC", "0123456789abcdef0123456789abcdef", "10.0.1.0/24", "10.0.2.4"];
            said.iter()
                .for_each(|word| assert!(text.contains(word), "{name} as {}: {word}", format.as_str()));
        }
    }
}

#[test]
fn a_report_that_was_saved_says_how_old_it_is() {
    let report = reports::named("healthy");
    let later = report.run.finished_at + Duration::from_secs(3 * 86_400 + 5);
    for format in [Format::Human, Format::Markdown, Format::Html] {
        let fresh = render(&report, &options(format));
        let saved = render(&report, &Options { read_at: Some(later), ..options(format) });
        let said = "This is a saved report, 3 days old";
        assert!(saved.contains(said) && !fresh.contains(said), "{}", format.as_str());
    }
}

#[test]
fn the_numbers_of_affected_checks_add_up() {
    let line = Regex::new(r"(\d+) checks? affected: (.*?)\. Confidence ").unwrap();
    let mut seen = 0;
    for (name, report) in crate::judged::recorded() {
        let text = render(&report, &options(Format::Human));
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for caught in line.captures_iter(&flat) {
            let total: usize = caught[1].parse().unwrap();
            let counted = caught[2].split(", ").map(|part| match part.strip_suffix(" more") {
                Some(rest) => rest.parse::<usize>().unwrap(),
                None => {
                    part.split_once(" (").map_or(1, |(_, count)| count.trim_end_matches(')').parse().unwrap())
                }
            });
            assert_eq!(counted.sum::<usize>(), total, "{name}: {}", &caught[0]);
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn a_healthy_report_fits_one_screen_and_quiet_is_one_line() {
    let report = reports::named("healthy");
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
    let report = reports::named("unhealthy");
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
    let command = first.remedy.steps[0].command.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches(&command).count(), 1, "{text}");
    let second = text.split(&first.title[..30]).nth(1).unwrap();
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

#[test]
fn a_finding_says_what_does_not_work_because_of_it() {
    let (_, report) = reports::all().into_iter().find(|(name, _)| *name == "unhealthy").unwrap();
    let without = &catalogue::embedded().endpoint("sql-database").unwrap().without;
    for format in [Format::Human, Format::Markdown, Format::Html, Format::Junit, Format::Tap] {
        let text = render(&report, &options(format));
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(without.as_str()), "{}: {without}: {text}", format.as_str());
    }
    // What only may be slower or has recovered costs nothing yet.
    let healthy = reports::named("healthy");
    assert!(!render(&healthy, &options(Format::Markdown)).contains("Impact:"));
}
