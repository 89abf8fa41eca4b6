//! What people read is plain English in the field's own words: a list of turns that nobody says, looked for in every page, in
//! the help, and in what the program can say (string literals of its sources).

use std::fs;
use std::path::{Path, PathBuf};

use apim_probe::cli::Cli;
use clap::CommandFactory as _;

/// Turns that must not stand in a text, each with what is said instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (" is no ", "is not a, has no, unknown"),
    ("this is no ", "expected a"),
    ("for want of", "because … is unknown"),
    ("to be had", "available"),
    ("signs itself", "is self-signed"),
    ("signed by itself", "is self-signed"),
    ("would disprove", "ruled out by"),
    ("is wanted", "expected"),
    ("are wanted", "expected"),
    ("are found out", "are detected"),
    ("of two minds", "that disagree"),
    ("no luck", "did not answer"),
    ("mend", "fix"),
    ("name server", "DNS server"),
    ("nobody told", "no … answered"),
    ("no public root", "a private CA"),
    ("the portal's word", "the portal reports"),
    ("heard out", "queried again"),
    ("to spare", "while its rate limit was not exhausted"),
    ("takes leave", "sends QUIT"),
    ("were the server right", "Azure DNS resolves the same names"),
    ("stand in the portal", "the portal shows"),
    ("says no.", "rejects"),
    ("something says no", "a device on the path rejects"),
    ("is the word of", "is reported by"),
    ("on the second look", "on retry"),
    ("forced tunnelling", "forced tunneling, as Azure writes it"),
];

/// Words in which a forbidden turn is part of another word or a name.
const ALLOWED: &[&str] = &["recommend", "amend", "tremend", "there is no ", "is no longer", "is no-nsg"];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every forbidden turn of a text, with what stands around it. Lines are joined: a turn may be broken between two.
fn found(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let allowed = ALLOWED.iter().fold(text, |text, word| text.replace(word, "…"));
    let told = |(turn, better): &(&str, &str)| {
        let at = allowed.find(turn)?;
        let from = (0..=at.saturating_sub(40)).rev().find(|at| allowed.is_char_boundary(*at)).unwrap_or(0);
        let around: String = allowed[from..].chars().take(110).collect();
        Some(format!("`{turn}` ({better}): …{around}…"))
    };
    FORBIDDEN.iter().filter_map(told).collect()
}

fn files(folder: &Path, ending: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, into);
        } else if path.extension().is_some_and(|known| known == ending) {
            into.push(path);
        }
    }
}

fn all(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| files(&project().join(folder), ending, &mut paths));
    paths.sort();
    paths
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} turns that nobody says:\n{}", faults.len(), faults.join("\n"));
}

/// A page without the output of programs, which is looked at where it comes from.
fn prose(page: &str) -> String {
    let parts = page
        .split("\n```")
        .enumerate()
        .filter(|(place, part)| place % 2 == 0 || !part.starts_with("console"));
    parts.map(|(_, part)| part).collect::<Vec<_>>().join("\n")
}

/// Every page of the project.
pub(crate) fn pages() -> Vec<PathBuf> {
    let mut pages = all(&["docs", "packaging"], "md");
    pages.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "RELEASING.md", "SECURITY.md"]
            .map(|name| project().join(name)),
    );
    pages
}

#[test]
fn pages_are_in_plain_english() {
    let faults: Vec<String> = pages()
        .iter()
        .flat_map(|page| {
            let text = fs::read_to_string(page).expect("a page");
            found(&prose(&text)).into_iter().map(move |fault| format!("{}: {fault}", page.display()))
        })
        .collect();
    none(&faults);
}

#[test]
fn help_is_in_plain_english() {
    let mut program = Cli::command();
    program.build();
    let mut faults = found(&program.render_long_help().to_string());
    for command in program.get_subcommands_mut() {
        faults.extend(found(&command.render_long_help().to_string()));
    }
    none(&faults);
}

#[test]
fn data_that_people_read_is_in_plain_english() {
    let faults: Vec<String> = all(&["checks/catalogue", "tests/lab/scenarios"], "toml")
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("data");
            let told: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            found(&told.join("\n")).into_iter().map(move |fault| format!("{}: {fault}", file.display()))
        })
        .collect();
    none(&faults);
}

/// The string literals of a Rust file before its tests, comments left out.
fn literals(source: &str) -> String {
    let source = source.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace("\\\n", " ").replace("\\\"", "\u{1}").replace("'\"'", "");
    let literals: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    literals.join("\n")
}

#[test]
fn what_the_program_says_is_in_plain_english() {
    let faults: Vec<String> = all(&["agent/src", "checks", "tests/lab/src"], "rs")
        .iter()
        .flat_map(|file| {
            let text = literals(&fs::read_to_string(file).expect("a source"));
            found(&text).into_iter().map(move |fault| format!("{}: {fault}", file.display()))
        })
        .collect();
    none(&faults);
}
