//! What `rules` writes, judged by `review`: whole it is healthy, and a required rule that is taken out is named.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::{probe, stderr, stdout};

const CLOUDS: [&str; 3] = ["public", "usgov", "china"];

/// One way to deploy an instance.
fn variants(cloud: &'static str) -> impl Iterator<Item = [&'static str; 6]> {
    let modes = ["internal", "external"].into_iter();
    modes.flat_map(move |mode| {
        ["classic", "premium-v2", "workspace"]
            .map(|profile| ["--cloud", cloud, "--vnet-mode", mode, "--profile", profile])
    })
}

/// Runs `judge` for the variants of each cloud, the clouds side by side: most of the time goes into starting processes.
fn everywhere(name: &str, judge: impl Fn([&'static str; 6], &PathBuf) + Sync) {
    std::thread::scope(|scope| {
        for cloud in CLOUDS {
            let judge = &judge;
            scope.spawn(move || {
                let file = format!("apim-probe-{name}-{cloud}-{}.json", std::process::id());
                let file = std::env::temp_dir().join(file);
                variants(cloud).for_each(|variant| judge(variant, &file));
                fs::remove_file(&file).expect("the template is there");
            });
        }
    });
}

fn template(variant: [&str; 6], more: &[&str]) -> Value {
    let output = probe(&[&["rules", "--as", "arm"], &variant[..], more].concat());
    serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{variant:?}: {}", stderr(&output)))
}

fn reviewed(variant: [&str; 6], file: &PathBuf, template: &Value) -> Value {
    fs::write(file, template.to_string()).expect("a template");
    let path = file.to_string_lossy();
    let output = probe(&[&["review", &path, "--format", "json"], &variant[..]].concat());
    serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{variant:?}: {}", stderr(&output)))
}

fn rules_of(template: &mut Value) -> &mut Vec<Value> {
    let resources = template["resources"].as_array_mut().expect("resources");
    let groups = resources.iter_mut().map(|one| &mut one["properties"]["securityRules"]);
    groups.into_iter().find_map(Value::as_array_mut).expect("a group")
}

/// Findings above `info` that nothing explains.
fn roots(report: &Value) -> Vec<&Value> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.filter(|one| one["severity"] != "info" && one["explainedBy"].is_null()).collect()
}

fn failures(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().expect("checks").iter();
    checks.filter(|one| one["status"] == "failure").filter_map(|one| one["id"].as_str()).collect()
}

#[test]
fn what_is_written_is_healthy() {
    everywhere("written", |variant, file| {
        let tunnel = ["--forced-tunnel", "10.9.0.4"];
        for more in [&[][..], &["--strict-deny"], &tunnel, &["--strict-deny", tunnel[0], tunnel[1]]] {
            let report = reviewed(variant, file, &template(variant, more));
            // Nobody knows what the appliance at the end of a tunnel lets through.
            let best = more.contains(&tunnel[0]) && report["summary"]["verdict"] == "undecided";
            assert!(
                best || report["summary"]["verdict"] == "healthy",
                "{variant:?} {more:?}: {}",
                report["summary"]
            );
            assert_eq!((failures(&report), roots(&report)), (vec![], vec![]), "{variant:?} {more:?}");
        }
    });
}

#[test]
fn a_required_rule_that_is_taken_out_is_the_one_error() {
    everywhere("taken-out", |variant, file| {
        let mut whole = template(variant, &["--strict-deny"]);
        for place in 0..rules_of(&mut whole).len() {
            let mut rest = whole.clone();
            let taken = rules_of(&mut rest).remove(place);
            let purpose = taken["properties"]["description"].as_str().expect("a description");
            // Without DNS servers of its own the network asks Azure's, which no rule stops.
            let is_for_others = purpose.contains("DNS server");
            if !purpose.starts_with("Required") || is_for_others {
                continue;
            }
            let report = reviewed(variant, file, &rest);
            let [root] = roots(&report)[..] else {
                panic!("{variant:?} {}: {:?}", taken["name"], roots(&report))
            };
            assert_eq!(root["code"], "nsg-rule-denies", "{variant:?} {}", taken["name"]);
            assert_eq!(root["severity"], "error", "{variant:?} {}", taken["name"]);
            let mut affected: Vec<&str> =
                root["affects"].as_array().expect("checks").iter().filter_map(Value::as_str).collect();
            let mut failed = failures(&report);
            affected.sort_unstable();
            failed.sort_unstable();
            assert_eq!(affected, failed, "{variant:?} {}", taken["name"]);
        }
    });
}
