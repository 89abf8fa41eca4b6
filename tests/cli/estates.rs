//! Whole estates as people export or plan them, judged by the binary: documents of every dialect, and what is expected of each.
//!
//! `tests/cli/estates/THEME.json` holds cases. A file of a case is a document, or the name of one that several share. Of a check
//! only the fields that a case names are compared; a `null` is a field that must not be there.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{probe, stderr};

const THEMES: &[(&str, &str)] = &[
    ("admin", include_str!("estates/admin.json")),
    ("dialects", include_str!("estates/dialects.json")),
    ("effective", include_str!("estates/effective.json")),
    ("instances", include_str!("estates/instances.json")),
    ("routes", include_str!("estates/routes.json")),
    ("rules", include_str!("estates/rules.json")),
    ("templates", include_str!("estates/templates.json")),
    ("terraform", include_str!("estates/terraform.json")),
    ("zones", include_str!("estates/zones.json")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    documents: Map<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    args: Vec<String>,
    exit: Option<i32>,
    /// Codes of errors and warnings that nothing explains, each once, sorted.
    roots: Option<Vec<String>>,
    /// Codes that are found, roots or not.
    #[serde(default)]
    finds: Vec<String>,
    /// Codes that are not found at all.
    #[serde(default)]
    never: Vec<String>,
    /// A part of the error message; then there is no report.
    stderr: Option<String>,
    #[serde(default)]
    checks: Vec<Map<String, Value>>,
    /// How a file is written where it is not plain UTF-8; `text`: as it stands, no JSON.
    #[serde(default)]
    encodings: Map<String, Value>,
    files: Map<String, Value>,
}

#[test]
fn every_estate_is_judged_as_it_says() {
    let themes: Vec<(&str, Theme)> = THEMES
        .iter()
        .map(|(name, text)| {
            (*name, serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect();
    let count: usize = themes.iter().map(|(_, theme)| theme.cases.len()).sum();
    // Most of the time goes into starting processes.
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let judged: Vec<_> = themes.iter().map(|(name, theme)| scope.spawn(|| theme.faults(name))).collect();
        judged.into_iter().flat_map(|theme| theme.join().expect("a theme ends")).collect()
    });
    assert!(count >= 170, "{count} cases");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

impl Theme {
    fn faults(&self, name: &str) -> Vec<String> {
        let of = |case: &Case| {
            case.faults(self)
                .into_iter()
                .map(|fault| format!("{name}: {}: {fault}", case.name))
                .collect::<Vec<_>>()
        };
        self.cases.iter().flat_map(of).collect()
    }
}

impl Case {
    fn faults(&self, theme: &Theme) -> Vec<String> {
        let folder =
            std::env::temp_dir().join(format!("apim-probe-estate-{}-{}", std::process::id(), self.name));
        std::fs::create_dir_all(&folder).expect("a folder");
        let files: Vec<PathBuf> = self.files.keys().map(|name| folder.join(name)).collect();
        for (name, document) in &self.files {
            std::fs::write(folder.join(name), self.written(name, document, theme)).expect("a file");
        }
        let faults = self.run(&folder, &files);
        std::fs::remove_dir_all(&folder).expect("the folder goes");
        faults
    }

    fn written(&self, name: &str, document: &Value, theme: &Theme) -> Vec<u8> {
        let encoding = self.encodings.get(name).and_then(Value::as_str).unwrap_or("utf-8");
        if encoding == "text" {
            return document.as_str().expect("a text").into();
        }
        let document = match document.as_str() {
            Some(shared) => &theme.documents[shared],
            None => document,
        };
        let text = serde_json::to_string_pretty(document).expect("JSON");
        let units = |swap: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(swap).collect::<Vec<u8>>();
        match encoding {
            "utf-8" => text.into(),
            "utf-8-mark" => format!("\u{feff}{text}").into(),
            "utf-16le" => units(u16::to_le_bytes),
            "utf-16le-mark" => [vec![0xff, 0xfe], units(u16::to_le_bytes)].concat(),
            "utf-16be" => units(u16::to_be_bytes),
            other => panic!("{}: no encoding `{other}`", self.name),
        }
    }

    fn run(&self, folder: &Path, files: &[PathBuf]) -> Vec<String> {
        let folder = folder.to_str().expect("a path");
        let args: Vec<String> = self.args.iter().map(|arg| arg.replace("{folder}", folder)).collect();
        let mut words = vec!["review", "--format", "json"];
        let given = files.iter().filter(|file| !args.iter().any(|arg| Path::new(arg) == file.as_path()));
        words.extend(given.map(|file| file.to_str().expect("a path")));
        words.extend(args.iter().map(String::as_str));
        let output = probe(&words);
        let mut faults = Vec::new();
        if self.exit.is_some_and(|exit| output.status.code() != Some(exit)) {
            faults.push(format!(
                "exit {:?}, expected {:?}: {}",
                output.status.code(),
                self.exit,
                stderr(&output)
            ));
        }
        if let Some(part) = &self.stderr {
            if !stderr(&output).contains(part) {
                faults.push(format!("`{part}` is not said: {}", stderr(&output)));
            }
            return faults;
        }
        match serde_json::from_slice(&output.stdout) {
            Ok(report) => {
                self.compare(&report, &mut faults);
                faults.extend(explained(folder, &report));
            }
            Err(error) => faults.push(format!("no report: {error}: {}", stderr(&output))),
        }
        faults
    }

    fn compare(&self, report: &Value, faults: &mut Vec<String>) {
        let findings = report["findings"].as_array().expect("findings");
        let code = |finding: &Value| finding["code"].as_str().unwrap_or_default().to_owned();
        let is_root =
            |finding: &&Value| finding.get("explainedBy").is_none() && finding["severity"] != "info";
        let mut roots: Vec<String> = findings.iter().filter(is_root).map(code).collect();
        roots.sort();
        roots.dedup();
        if self.roots.as_ref().is_some_and(|expected| *expected != roots) {
            faults.push(format!("roots {roots:?}, expected {:?}", self.roots));
        }
        let codes: Vec<String> = findings.iter().map(code).collect();
        let absent = self.finds.iter().filter(|expected| !codes.contains(expected));
        faults.extend(absent.map(|expected| format!("{expected} is not found, but {codes:?}")));
        let present = self.never.iter().filter(|code| codes.contains(code));
        faults.extend(present.map(|code| format!("{code} is found")));
        for expected in &self.checks {
            faults.extend(check_faults(report, expected));
        }
    }
}

/// A saved review says without its documents what it said with them.
fn explained(folder: &str, report: &Value) -> Option<String> {
    let saved = format!("{folder}/saved.report");
    std::fs::write(&saved, report.to_string()).expect("a file");
    let output = probe(&["explain", &saved, "--format", "json"]);
    let again: Value = match serde_json::from_slice(&output.stdout) {
        Ok(again) => again,
        Err(error) => return Some(format!("not explained: {error}: {}", stderr(&output))),
    };
    let differs = |key: &&str| again[*key] != report[*key];
    let key = ["findings", "summary", "configuration", "checks"].into_iter().find(differs)?;
    Some(format!("explained with other {key}: {}, and not {}", again[key], report[key]))
}

fn check_faults(report: &Value, expected: &Map<String, Value>) -> Vec<String> {
    let is_meant = |check: &&Value| {
        let named = expected.iter().filter(|(key, _)| *key != "is");
        named.into_iter().all(|(key, value)| check.get(key) == Some(value)) && check["status"] != "skipped"
    };
    let checks: Vec<&Value> = report["checks"].as_array().expect("checks").iter().filter(is_meant).collect();
    let mut faults = Vec::new();
    if checks.is_empty() {
        faults.push(format!("no check {expected:?}"));
    }
    for check in checks {
        for (path, value) in expected["is"].as_object().expect("expectations") {
            let of = if ["status", "cause", "stage"].contains(&path.as_str()) {
                check
            } else {
                &check["configuration"]
            };
            let got = path.split('.').fold(of, |of, part| &of[part]);
            if got != value {
                faults.push(format!("{}: {path} is {got}, expected {value}", check["id"]));
            }
        }
    }
    faults
}
