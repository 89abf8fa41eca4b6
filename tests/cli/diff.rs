//! `diff`: two saved reports, made of one real run against a closed port of this machine.

use serde_json::{Value, json};

use crate::saved::Saved;
use crate::{closed_port, probe, refused, stderr, stdout};

/// The failed run, and the same run as if the check had passed.
fn failed_and_passed() -> (Value, Value) {
    let failed: Value = serde_json::from_slice(&closed_port(&["-f", "json"]).stdout).expect("a report");
    let mut passed = failed.clone();
    let check = passed["checks"][0].as_object_mut().expect("a check");
    check.insert("status".to_owned(), json!("success"));
    check.retain(|key, _| !matches!(key.as_str(), "cause" | "stage" | "error"));
    (failed, passed)
}

fn diff(before: &Saved, after: &Saved, code: i32, more: &[&str]) -> String {
    let output = probe(&[&["diff", before.path(), after.path()], more].concat());
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

#[test]
fn a_required_check_that_fails_now_is_worse_and_the_way_back_is_better() {
    let (failed, passed) = failed_and_passed();
    let (failed, passed) =
        (Saved::new("worse-b.json", &failed.to_string()), Saved::new("worse-a.json", &passed.to_string()));
    let worse = diff(&passed, &failed, 1, &[]);
    assert!(
        worse.contains("\nWorse checks\n  custom") && worse.contains("passed -> connect-refused"),
        "{worse}"
    );
    assert!(worse.contains("\nNew findings\n") && worse.contains("firewall-rejects"), "{worse}");
    let last = worse.split_whitespace().collect::<Vec<_>>().join(" ");
    let counts =
        "Findings: 1 new. Checks: 1 worse, 0 better, 0 new, 0 gone; something required got worse (exit 1)";
    assert!(last.ends_with(counts), "{worse}");
    let better = diff(&failed, &passed, 0, &[]);
    assert!(better.contains("\nBetter checks\n  custom") && better.contains("\nGone findings\n"), "{better}");
    let same = diff(&failed, &failed, 0, &[]);
    assert!(same.contains("0 worse, 0 better, 0 new, 0 gone") && same.lines().count() == 6, "{same}");
}

#[test]
fn json_and_markdown_say_the_same() {
    let (failed, passed) = failed_and_passed();
    let before = Saved::new("formats-a.json", &passed.to_string());
    let after = Saved::new("formats-b.json", &failed.to_string());
    let document: Value =
        serde_json::from_str(&diff(&before, &after, 1, &["-f", "json"])).expect("a comparison in JSON");
    assert_eq!(document["summary"], json!({"exitCode": 1, "worse": 1, "better": 0, "new": 0, "gone": 0}));
    let check = &document["checks"][0];
    assert_eq!((&check["change"], &check["id"]), (&json!("worse"), &json!("custom/127.0.0.1:9")));
    assert_eq!(check["before"]["status"], "success");
    assert_eq!(check["after"]["cause"], "connect-refused");
    assert_eq!(document["before"]["verdict"], "healthy");
    let markdown = diff(&before, &after, 1, &["-f", "markdown"]);
    assert!(
        markdown.contains("| worse | custom | `127.0.0.1:9` | yes | passed -&gt; connect-refused |"),
        "{markdown}"
    );
}

#[test]
fn what_is_not_in_both_is_new_or_gone_and_a_new_required_failure_counts() {
    let (failed, passed) = failed_and_passed();
    let mut empty = passed.clone();
    empty["checks"] = json!([]);
    let mut optional = failed.clone();
    optional["checks"][0]["isOptional"] = json!(true);
    let [failed, passed, empty, optional] = [("f", failed), ("p", passed), ("e", empty), ("o", optional)]
        .map(|(name, report)| Saved::new(&format!("new-{name}.json"), &report.to_string()));
    assert!(diff(&empty, &failed, 1, &[]).contains("1 new, 0 gone"));
    assert!(diff(&empty, &passed, 0, &[]).contains("1 new, 0 gone"));
    assert!(diff(&failed, &empty, 0, &[]).contains("0 new, 1 gone"));
    assert!(diff(&passed, &optional, 0, &[]).contains("1 worse"), "an optional check does not count");
    assert!(diff(&optional, &failed, 1, &[]).contains("now required"));
}

#[test]
fn json_lines_are_read_and_anything_else_is_bad_input() {
    let lines = Saved::new("lines.jsonl", &stdout(&closed_port(&["-f", "jsonl"])));
    assert!(diff(&lines, &lines, 0, &[]).contains("0 worse"));
    let bad = Saved::new("bad.json", "{");
    refused(&["diff", lines.path(), bad.path()], "cut off");
    refused(&["diff", "/nonexistent.json", lines.path()], "/nonexistent.json");
    refused(&["diff", "-", "-"], "standard input");
    refused(
        &["diff", lines.path(), lines.path(), "-f", "html"],
        "expected one of human, json, markdown, got `html`",
    );
    refused(&["diff", lines.path()], "<B>");
}

#[test]
fn hostile_text_is_escaped_in_every_form() {
    let (mut failed, passed) = failed_and_passed();
    failed["checks"][0]["host"] = json!("a\u{1b}[31m|\u{202e}b");
    let before = Saved::new("hostile-a.json", &passed.to_string());
    let after = Saved::new("hostile-b.json", &failed.to_string());
    for format in ["human", "json", "markdown"] {
        let text = diff(&before, &after, 1, &["-f", format]);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text}");
    }
}
