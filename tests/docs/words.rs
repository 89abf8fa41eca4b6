//! The closed lists of a report stand in the pages that explain them, word for word.

use apim_probe::render::Format;
use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::diagnose::Code;
use apim_probe_checks::outcome::{Cause, SkipReason};

/// The words that `page` does not have as the first cell of a row, alone or beside others.
fn missing<'a>(page: &str, words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let heads: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).collect();
    words.filter(|word| !heads.iter().any(|head| has(head, word))).collect()
}

fn has(head: &str, word: &str) -> bool {
    head.contains(&format!("`{word}`")) || head.contains(&format!("[{word}]"))
}

#[test]
fn every_protocol_skip_reason_and_format_is_explained() {
    let page = include_str!("../../docs/formats.md");
    let protocols = Protocol::ALL.iter().map(|one| one.as_str());
    let reasons = SkipReason::ALL.iter().map(|one| one.as_str());
    let formats = Format::ALL.iter().map(|one| one.as_str());
    assert_eq!(missing(page, protocols.chain(reasons).chain(formats)), Vec::<&str>::new());
}

#[test]
fn every_finding_and_every_cause_is_in_its_table() {
    let findings = include_str!("../../docs/findings/README.md");
    let causes = include_str!("../../docs/causes.md");
    assert_eq!(missing(findings, Code::ALL.iter().map(|one| one.as_str())), Vec::<&str>::new());
    assert_eq!(missing(causes, Cause::ALL.iter().map(|one| one.as_str())), Vec::<&str>::new());
}
