//! What the machine and its surroundings tell: the metadata service, and the instance's own names.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{Test, check, first, lab, probe, report, roots};

/// Runs `check` with `flags` in the healthy lab, which serves every target of a plan with `served` and no other; a shell
/// line goes before it.
fn run(name: &str, line: &str, served: &[&str], flags: &[&str]) -> Output {
    let file = format!("apim-probe-machine-{}-{name}.json", std::process::id());
    let plan: PathBuf = std::env::temp_dir().join(file);
    let planned =
        Command::new(probe()).args(["plan", "--format", "json"]).args(served).output().expect("a plan");
    std::fs::write(&plan, planned.stdout).expect("a file in the temporary folder");
    let output = Command::new(lab())
        .arg("--plan")
        .arg(&plan)
        .arg("--")
        .args(first(line))
        .args([probe(), "check", "--format", "json", "--public-roots", "{roots}"])
        .args(flags)
        .output()
        .expect("the lab runs");
    let _ = std::fs::remove_file(&plan);
    assert_ne!(output.status.code(), Some(77), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn has(report: &Value, code: &str) -> bool {
    report["findings"]
        .as_array()
        .is_some_and(|findings| findings.iter().any(|finding| finding["code"] == code))
}

/// When the first packet of a check went out, in milliseconds from the start of the run.
fn begun(report: &Value) -> f64 {
    let checks = report["checks"].as_array().expect("checks").iter();
    let steps = checks.filter_map(|check| check["steps"][0]["startMs"].as_f64());
    steps.fold(f64::INFINITY, f64::min)
}

const SILENT_METADATA: &str = "nft 'table inet own { chain in { type filter hook input priority 0; ip saddr 169.254.169.254 drop; }; }'";

fn a_silent_metadata_service_delays_by_a_second_at_most_and_is_said() {
    let flags = ["--only", "tls-pki", "--only", "imds"];
    let output = run("silent", SILENT_METADATA, &["--region", "eastus2"], &flags);
    let report = report(&output);
    assert!(begun(&report) < 1100.0, "{}", begun(&report));
    assert!(has(&report, "outside-azure"), "{}", report["findings"]);
    assert_eq!(report["host"]["azure"]["detected"], false);
    assert_eq!(check(&report, "imds")["skipReason"], "no-metadata-service");
    assert_eq!((output.status.code(), roots(&report).len()), (Some(0), 0), "{}", report["findings"]);
}

fn the_metadata_service_tells_the_region() {
    let flags = ["--only", "entra-login-regional", "--only", "imds"];
    let output = run("region", "true", &["--region", "eastus2"], &flags);
    let report = report(&output);
    assert_eq!(report["instance"]["region"], "eastus2");
    assert_eq!(check(&report, "entra-login-regional")["host"], "eastus2.login.microsoft.com");
    assert_eq!(report["host"]["azure"]["subscriptionId"], "[redacted]");
    assert!(!has(&report, "outside-azure"), "{}", report["findings"]);
}

const OWN: [&str; 8] = [
    "--region",
    "eastus2",
    "--service",
    "contoso",
    "--only",
    "own-endpoints",
    "--only",
    "controlplane-inbound",
];

fn own_names_are_reached_by_name_at_the_private_address() {
    let output = run("own", "true", &OWN, &OWN);
    let healthy = report(&output);
    assert_eq!((output.status.code(), &healthy["summary"]["verdict"]), (Some(0), &"healthy".into()));
    let gateway = check(&healthy, "own-gateway");
    assert_eq!((&gateway["port"], &gateway["direction"]), (&443.into(), &"inbound".into()));
    assert_eq!(check(&healthy, "controlplane-inbound")["port"], 3443);
    let address = gateway["evidence"]["dns"]["addresses"][0]["ip"].as_str().expect("an address").to_owned();

    let only = [&OWN[..4], &["--only", "own-gateway", "--private-ip", &address]].concat();
    let output = run("own-right", "true", &OWN, &only);
    let right = report(&output);
    assert_eq!(right["summary"]["verdict"], "healthy", "{}", right["findings"]);
}

fn own_names_that_are_nowhere_get_their_records_and_hosts_line() {
    let flags = [&OWN[..], &["--private-ip", "10.0.1.10"]].concat();
    let output = run("own-nowhere", "true", &["--region", "eastus2"], &flags);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(roots(&report), ["own-endpoint-wrong-address"], "{}", report["findings"]);
    let commands = report["findings"][0]["remedy"]["commands"].to_string();
    assert!(commands.contains("private-dns zone create") && commands.contains("--ipv4-address 10.0.1.10"));
    assert!(commands.contains("contoso.azure-api.net") && commands.contains("/etc/hosts"), "{commands}");
}

fn own_names_that_lead_to_the_internet_in_internal_mode_are_said() {
    let flags = [&OWN[..], &["--private-ip", "10.0.1.10"]].concat();
    let output = run("own-public", "true", &OWN, &flags);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(roots(&report), ["own-endpoint-public-answer"], "{}", report["findings"]);
    assert_eq!(check(&report, "own-gateway")["cause"], "dns-wrong-address");
}

fn the_hosts_file_alone_makes_own_names_resolve() {
    let line = "cp /etc/hosts /tmp/apim-probe-hosts.$$ && echo 20.99.0.10 contoso.azure-api.net >> /tmp/apim-probe-hosts.$$ \
                && mount --bind /tmp/apim-probe-hosts.$$ /etc/hosts && rm /tmp/apim-probe-hosts.$$";
    let flags = [&OWN[..4], &["--only", "own-gateway"]].concat();
    let output = run("own-hosts", line, &["--region", "eastus2"], &flags);
    let report = report(&output);
    let resolve = &check(&report, "own-gateway")["steps"][0];
    assert_eq!((&resolve["stage"], &resolve["cause"]), (&"resolve".into(), &Value::Null), "{report:#}");
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    (
        "machine::a_silent_metadata_service_delays_by_a_second_at_most_and_is_said",
        a_silent_metadata_service_delays_by_a_second_at_most_and_is_said,
    ),
    ("machine::the_metadata_service_tells_the_region", the_metadata_service_tells_the_region),
    (
        "machine::own_names_are_reached_by_name_at_the_private_address",
        own_names_are_reached_by_name_at_the_private_address,
    ),
    (
        "machine::own_names_that_are_nowhere_get_their_records_and_hosts_line",
        own_names_that_are_nowhere_get_their_records_and_hosts_line,
    ),
    (
        "machine::own_names_that_lead_to_the_internet_in_internal_mode_are_said",
        own_names_that_lead_to_the_internet_in_internal_mode_are_said,
    ),
    ("machine::the_hosts_file_alone_makes_own_names_resolve", the_hosts_file_alone_makes_own_names_resolve),
];
