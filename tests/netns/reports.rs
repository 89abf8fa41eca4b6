//! What the reports of real runs must agree on.

use serde_json::Value;

use crate::{Test, command_in};

/// A file of this test that goes when the test ends.
struct Saved(std::path::PathBuf);

impl Saved {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("apim-probe-reports-{}-{name}", std::process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("an ASCII path")
    }

    fn json(&self) -> Value {
        let text = std::fs::read_to_string(&self.0).expect("the report was written");
        serde_json::from_str(&text).expect("the report is JSON")
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Lost packets bring second looks, a silent server beside another becomes optional, off Azure checks are skipped.
fn a_streamed_line_says_what_the_whole_report_says() {
    for scenario in ["healthy", "syn-loss", "dns-one-of-two", "sql-blocked"] {
        let saved = Saved::new(&format!("{scenario}.json"));
        let words = ["check", "--format", "jsonl", "--output", saved.path()];
        let output = command_in(scenario, &[], &words);
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
        let whole = saved.json();
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        assert_eq!((&last["summary"], &last["findings"]), (&whole["summary"], &whole["findings"]));
        assert_eq!((&last["run"], &last["host"]), (&whole["run"], &whole["host"]));
        let checks = whole["checks"].as_array().expect("checks");
        assert_eq!(lines.len(), checks.len() + 2, "{scenario}");
        for (check, id) in checks.iter().zip(first["plan"].as_array().expect("ids")) {
            assert_eq!(&check["id"], id, "{scenario}");
            let line = lines.iter().find(|line| line["check"]["id"] == *id);
            assert_eq!(line.map(|line| &line["check"]), Some(check), "{scenario}");
        }
    }
}

/// A disk that fills up while the report is written: the file goes, the report on stdout and the other output stay.
fn a_disk_that_fills_up_leaves_no_partial_file() {
    let disk = Saved::new("disk");
    std::fs::create_dir_all(&disk.0).expect("a folder");
    let other = Saved::new("other.json");
    let mounted = format!(
        "mount -t tmpfs -o size=48k none {0} && \"$@\"; code=$?; echo \"left: $(ls -A {0})\" >&2; exit $code",
        disk.path()
    );
    let file = format!("json={}/report.json", disk.path());
    let words = ["check", "--format", "json", "-o", &file, "-o", other.path()];
    let output = command_in("healthy", &["sh", "-c", &mounted, "sh"], &words);
    let _ = std::fs::remove_dir(&disk.0);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let saved = format!("hint: the report was saved to stdout, {}\nleft: \n", other.path());
    assert!(
        said.starts_with("error: `") && said.contains("No space left") && said.ends_with(&saved),
        "{said}"
    );
    assert_eq!(crate::report(&output)["summary"]["exitCode"], 0);
    assert_eq!(other.json()["summary"]["verdict"], "healthy");
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    (
        "reports::a_streamed_line_says_what_the_whole_report_says",
        a_streamed_line_says_what_the_whole_report_says,
    ),
    ("reports::a_disk_that_fills_up_leaves_no_partial_file", a_disk_that_fills_up_leaves_no_partial_file),
];
