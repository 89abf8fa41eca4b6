//! What this machine lacks: descriptors, ports, permissions, IPv6. None of it is an endpoint's failure.

use std::process::Output;

use serde_json::Value;

use crate::{Test, check, command_in, first, report, roots, run_with};

/// Runs `check` in the healthy network after a shell line.
fn run_after(line: &str, more: &[&str]) -> Output {
    let before = first(line);
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    run_with("healthy", &before, more)
}

/// Nothing failed, something is undecided for this machine's own sake, and that is the one finding.
fn is_undecided(output: &Output, cause: &str) -> Value {
    let report = report(output);
    assert_eq!((output.status.code(), roots(&report)), (Some(3), vec!["local-limit".to_owned()]), "{report}");
    for class in ["required", "optional"] {
        assert_eq!(report["summary"][class]["failure"], 0, "{}", report["summary"]);
    }
    let checks = report["checks"].as_array().expect("checks").iter();
    let undecided: Vec<&Value> = checks.filter(|check| check["status"] == "undecided").collect();
    assert!(!undecided.is_empty() && undecided.iter().all(|check| check["cause"] == cause));
    assert!(undecided.iter().all(|check| check["error"].as_str().is_some_and(|error| !error.is_empty())));
    report
}

fn few_descriptors_make_it_slower_and_fail_nothing() {
    for limit in [64, 32, 16] {
        let output = run_after(&format!("ulimit -n {limit}"), &[]);
        let report = report(&output);
        assert_eq!(report["summary"]["verdict"], "healthy", "{limit}: {}", report["findings"]);
    }
}

fn few_descriptors_and_lost_packets_fail_nothing_either() {
    let before = first("ulimit -n 64");
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let output = run_with("syn-loss", &before, &["--deadline", "60s"]);
    assert_eq!(report(&output)["summary"]["verdict"], "healthy");
}

fn fewer_than_sixteen_descriptors_decide_nothing() {
    for limit in [15, 9, 6, 4] {
        // What this test inherited (a lock of its caller, say) would count.
        let alone = "for fd in 3 4 5 6 7 8 9; do eval \"exec $fd>&-\"; done";
        let output = run_after(&format!("{alone}; ulimit -n {limit}"), &[]);
        let report = is_undecided(&output, "local-resource");
        let error = check(&report, "keyvault-apim")["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(&limit.to_string()), "{error}");
    }
    let lines =
        command_in("healthy", &["sh", "-c", "ulimit -n 8 && exec \"$@\"", "sh"], &["check", "-f", "jsonl"]);
    assert_eq!((lines.status.code(), lines.stderr.len()), (Some(3), 0));
}

fn used_up_ports_are_this_machines() {
    let ports = "echo 40000 40001 > /proc/sys/net/ipv4/ip_local_port_range";
    let output = run_after(ports, &[]);
    is_undecided(&output, "local-resource");
}

fn what_this_machine_forbids_is_undecided_and_counts_against_nobody() {
    let rules = "table inet own { chain out { type filter hook output priority 0; udp dport 123 drop; }; }";
    let output = run_after(&format!("nft '{rules}'"), &[]);
    let report = report(&output);
    let time = check(&report, "ntp");
    assert_eq!((&time["status"], &time["cause"]), (&"undecided".into(), &"local-resource".into()));
    let verdict = &report["summary"]["verdict"];
    assert_eq!((verdict, roots(&report)), (&"degraded".into(), vec!["local-limit".to_owned()]));
}

fn missing_ipv6_hides_no_verdict_of_ipv4() {
    for line in ["true", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"] {
        let before = first(line);
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let output = run_with("ipv6-answers", &before, &[]);
        let report = report(&output);
        let cause = |endpoint| check(&report, endpoint)["cause"].clone();
        assert_eq!(check(&report, "graph")["status"], "success", "{line}");
        assert_eq!(cause("sql-database"), "connect-timeout", "{line}");
        assert_eq!(cause("keyvault-apim"), "connect-no-route", "{line}");
        let codes: Vec<&Value> =
            report["findings"].as_array().expect("findings").iter().map(|f| &f["code"]).collect();
        assert!(!codes.contains(&&"address-partial".into()), "{line}: {codes:?}");
    }
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    (
        "limits::few_descriptors_make_it_slower_and_fail_nothing",
        few_descriptors_make_it_slower_and_fail_nothing,
    ),
    (
        "limits::few_descriptors_and_lost_packets_fail_nothing_either",
        few_descriptors_and_lost_packets_fail_nothing_either,
    ),
    ("limits::fewer_than_sixteen_descriptors_decide_nothing", fewer_than_sixteen_descriptors_decide_nothing),
    ("limits::used_up_ports_are_this_machines", used_up_ports_are_this_machines),
    (
        "limits::what_this_machine_forbids_is_undecided_and_counts_against_nobody",
        what_this_machine_forbids_is_undecided_and_counts_against_nobody,
    ),
    ("limits::missing_ipv6_hides_no_verdict_of_ipv4", missing_ipv6_hides_no_verdict_of_ipv4),
];
