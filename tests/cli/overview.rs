//! `explain PATH…`: several reports in one table.

use std::path::PathBuf;

use crate::{probe, refused, stderr, stdout};

/// Reports of the format tests, which have everything that a report can have.
fn report(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/formats/expected");
    folder.join(format!("{name}.json")).display().to_string()
}

fn table(words: &[&str]) -> (Option<i32>, String) {
    let files = ["healthy", "unhealthy", "degraded"].map(report);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = probe(&[&["explain"], &files[..], words].concat());
    assert_eq!(stderr(&output), "");
    (output.status.code(), stdout(&output))
}

#[test]
fn several_reports_make_one_table_with_the_worst_first() {
    let (code, text) = table(&[]);
    assert_eq!(code, Some(1), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    for heading in ["SUBNET", "VERDICT", "FAILED", "ROOT FINDING", "AGE"] {
        assert!(lines[0].contains(heading), "{text}");
    }
    let verdicts: Vec<&str> = lines[1..4]
        .iter()
        .filter_map(|line| line.split_whitespace().find(|word| word.ends_with('Y') || word.ends_with('D')))
        .collect();
    assert_eq!(verdicts, ["UNHEALTHY", "DEGRADED", "HEALTHY"], "{text}");
    assert!(lines[1].contains("1 required, 1 optional") && lines[1].contains("days"), "{text}");
    assert!(lines[1].contains("unhealthy.json"), "{text}");
    assert_eq!(lines.last(), Some(&"3 reports: 1 unhealthy, 1 degraded, 1 healthy"), "{text}");
    assert_eq!(table(&["--exit-zero"]).0, Some(0));
}

#[test]
fn the_table_has_forms_for_programs_and_pages() {
    let json: serde_json::Value = serde_json::from_str(&table(&["-f", "json"]).1).expect("JSON");
    let reports = json["reports"].as_array().expect("reports");
    assert_eq!(reports[0]["verdict"], "unhealthy");
    assert_eq!(reports[0]["failed"], serde_json::json!({"required": 1, "optional": 1}));
    assert!(reports[0]["findings"][0]["code"].is_string(), "{json}");
    assert!(reports[2]["findings"].as_array().is_some(), "{json}");
    assert!(table(&["-f", "markdown"]).1.starts_with("| Subnet | Verdict |"));
    let page = table(&["-f", "html"]).1;
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<main>") && page.contains("<caption>"),
        "{page}"
    );
    let metrics = table(&["-f", "openmetrics"]).1;
    assert!(
        metrics.contains("apim_probe_report_success{subnet=\"10.") && metrics.ends_with("# EOF\n"),
        "{metrics}"
    );
    let files = ["healthy", "unhealthy"].map(report);
    refused(&["explain", &files[0], &files[1], "-f", "tap"], "cannot be written as `tap`");
    refused(&["explain", &files[0], "/nonexistent.json"], "cannot read `/nonexistent.json`: no such file");
    refused(&["explain", "-", "-"], "standard input");
}
