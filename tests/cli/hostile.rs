//! Names in other people's files reach neither a terminal nor a pipeline's log as they are.

use serde_json::json;

use crate::saved::Saved;
use crate::{BINARY, stdout};

const TEXT: &str = "x\u{1b}[2J\r\n::error::x ##vso[task.complete] \u{202e}\u{200b}|`<b>é";

#[test]
fn names_of_a_foreign_network_status_are_escaped_in_every_plan() {
    let entry = |name: &str| {
        json!({"name": name, "status": "failure", "error": TEXT, "lastUpdated": "2026-11-20T00:00:00Z",
               "lastStatusChange": "2026-11-20T00:00:00Z", "resourceType": TEXT, "isOptional": false})
    };
    let entries =
        [entry(TEXT), entry(&format!("https://evil.example/{TEXT}")), entry(&format!("{TEXT}.example"))];
    let status = json!([{"location": TEXT, "networkStatus": {"dnsServers": ["10.0.2.4"], "connectivityStatus": entries}}]);
    let file = Saved::new("evil.json", &status.to_string());
    for format in ["human", "json", "markdown"] {
        for locale in ["C", "C.UTF-8"] {
            let output = std::process::Command::new(BINARY)
                .args(["plan", "--verbose", "--format", format, "--from-network-status"])
                .arg(file.path())
                .env("LC_ALL", locale)
                .output()
                .expect("the binary runs");
            assert_eq!(output.status.code(), Some(0));
            let text = stdout(&output);
            for bad in ["\u{1b}", "\r", "\u{202e}", "\u{200b}", "##vso["] {
                assert!(!text.contains(bad), "{bad:?} in {format}: {text}");
            }
            assert!(format != "markdown" || !text.contains("<b>"), "{text}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::error")), "{format}: {text}");
            assert!(format != "human" || locale != "C" || text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn an_error_quotes_a_file_without_its_escapes() {
    let report = stdout(&crate::closed_port(&["--format", "json"]));
    let report = report.replacen("\"connect-refused\"", &json!(TEXT).to_string(), 1);
    let file = Saved::new("evil-report.json", &report);
    let output = crate::probe(&["explain", file.path()]);
    let said = crate::stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.starts_with("error: ") && !said.contains(['\u{1b}', '\r', '\u{202e}', '\u{200b}']),
        "{said:?}"
    );
    assert!(!said.contains("##vso["), "{said}");
}
