//! Help: every command has a page with lines to copy, closed lists are listed, and completion offers what may be typed.

use std::process::Command;

use apim_probe::cli::Cli;
use apim_probe_checks::catalogue;
use apim_probe_checks::diagnose::Code;
use clap::CommandFactory as _;

use crate::{BINARY, probe, refused, stderr, stdout};

fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn every_command_has_help_with_lines_to_copy() {
    for command in commands() {
        let page = stdout(&probe(&[&command, "--help"]));
        assert!(page.contains("Example"), "{command}: {page}");
        assert!(page.contains(&format!("apim-probe {command}")), "{command}: {page}");
        assert_eq!(stdout(&probe(&["help", &command])), page, "{command}");
    }
    let page = stdout(&probe(&["help"]));
    assert!(page.contains("Examples:") && page.contains("APIM_PROBE_REGION"), "{page}");
    refused(&["help", "chek"], "`chek`");
}

#[test]
fn lines_of_the_help_pages_are_understood() {
    for command in commands().iter().map(String::as_str).chain([""]) {
        let words: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let page = stdout(&probe(&words));
        let examples = page.lines().filter_map(|line| line.trim().strip_prefix("apim-probe "));
        for line in examples.filter(|line| !line.contains(['[', '<'])) {
            let end = line.find([';', '|', '>', '&']).unwrap_or(line.len());
            let end = line[..end].find("    ").unwrap_or(end);
            let words = line[..end].split_whitespace().filter(|word| *word != "spoke-*.json");
            let parsed = Cli::command().try_get_matches_from(["apim-probe"].into_iter().chain(words));
            let kind = parsed.err().map(|error| error.kind());
            let is_fine = matches!(
                kind,
                None | Some(
                    clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::MissingRequiredArgument
                )
            );
            assert!(is_fine, "{line}: {kind:?}");
        }
    }
}

#[test]
fn closed_lists_stand_in_the_help() {
    let page = stdout(&probe(&["check", "-h"])).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "internal, external",
        "classic, premium-v2, workspace",
        "public, usgov, china",
        "auto, always, never",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(stdout(&probe(&["plan", "--help"])).contains("csv"));
}

#[test]
fn a_plan_takes_no_option_that_does_nothing_there() {
    let page = stdout(&probe(&["plan", "--help"]));
    for option in [
        "--deadline",
        "--connect-timeout",
        "--concurrency",
        "--public-roots",
        "--summary-bytes",
        "--strict",
        "--output",
        "--exit-zero",
    ] {
        assert!(!page.contains(option), "{option}: {page}");
    }
}

#[test]
fn the_version_has_a_command() {
    let output = probe(&["version"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(text.starts_with(&format!("apim-probe {}", env!("CARGO_PKG_VERSION"))), "{text}");
    assert!(text.contains(&catalogue::embedded().version), "{text}");
}

/// What bash offers for the last of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let last = words.last().copied().unwrap_or_default();
    let before = words.len().checked_sub(2).and_then(|place| words.get(place)).copied().unwrap_or_default();
    let script = format!(
        "source <('{BINARY}' completions bash); COMP_WORDS=({}); COMP_CWORD={}; \
         function=$(complete -p apim-probe | grep -o '_[^ ]*'); $function apim-probe '{last}' '{before}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1
    );
    let output = Command::new("bash").args(["-c", &script]).output().expect("bash runs");
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn values_are_completed() {
    assert_eq!(completed(&["apim-probe", "check", "--vnet-mode", ""]), ["internal", "external"]);
    assert_eq!(completed(&["apim-probe", "check", "--profile", "pre"]), ["premium-v2"]);
    assert_eq!(completed(&["apim-probe", "plan", "--region", "eastus2e"]), ["eastus2euap"]);
    let known = catalogue::embedded();
    assert_eq!(completed(&["apim-probe", "check", "--region", ""]).len(), known.regions.len());
    let words = completed(&["apim-probe", "check", "--only", "sql"]);
    assert!(words.contains(&"sql".to_owned()) && words.contains(&"sql-database".to_owned()), "{words:?}");
    let words = completed(&["apim-probe", "explain", "service-tag"]);
    assert_eq!(words, [Code::ServiceTagBlocked.as_str()]);
    assert!(completed(&["apim-probe", "explain", "connect-"]).contains(&"connect-timeout".to_owned()));
    assert_eq!(completed(&["apim-probe", "man", "sch"]), ["schema"]);
    assert_eq!(completed(&["apim-probe", "plan", "--format", "c"]), ["csv"]);
    let formats = completed(&["apim-probe", "check", "--format", ""]);
    assert!(formats.contains(&"openmetrics".to_owned()), "{formats:?}");
}
