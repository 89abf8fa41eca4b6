//! Lost packets are no failures, and black holes are decided in time.

use serde_json::Value;

use crate::{Test, check, ends, first, report, roots, run, run_with};

/// The connects of a check: cause, milliseconds, sockets.
fn connects(check: &Value) -> Vec<(&Value, f64, u64)> {
    let steps = check["steps"].as_array().expect("steps").iter().filter(|step| step["stage"] == "connect");
    steps
        .map(|step| {
            let sockets = step["attempts"].as_u64().unwrap_or_default();
            (&step["cause"], step["durationMs"].as_f64().expect("a duration"), sockets)
        })
        .collect()
}

fn duration(report: &Value) -> f64 {
    report["run"]["durationMs"].as_f64().expect("a duration")
}

/// 30 % of all SYNs over some sixty endpoints; `scripts/bench` makes a hundred runs.
fn lost_syns_are_no_failures() {
    for _ in 0..5 {
        let output = run("syn-loss", &[]);
        let report = report(&output);
        let failed = |class: &str| report["summary"][class]["failure"].as_u64();
        assert_eq!((failed("required"), failed("optional")), (Some(0), Some(0)), "{}", report["findings"]);
        assert!(duration(&report) < 5200.0, "{}", report["run"]);
    }
}

fn a_black_hole_is_decided_within_the_connect_budget() {
    let report = ends("all-dropped", 1, &["outbound-all-blocked"]);
    assert!(duration(&report) < 3700.0, "{}", report["run"]);
    let [(cause, took, sockets)] = connects(check(&report, "sql-database"))[..] else {
        panic!("one look is enough where nothing passes: {}", check(&report, "sql-database"));
    };
    assert_eq!(
        (cause, sockets),
        (&"connect-timeout".into(), 1),
        "further sockets tell nothing where nothing passes"
    );
    assert!((3150.0..3500.0).contains(&took), "{took}");
}

fn a_lone_time_out_gets_a_second_look_which_is_recorded_and_over_within_five_seconds() {
    let output = run("one-host-dropped", &[]);
    let report = report(&output);
    let graph = check(&report, "graph");
    let causes: Vec<&Value> = connects(graph).iter().map(|(cause, ..)| *cause).collect();
    assert_eq!(causes, ["connect-timeout", "connect-timeout"], "{graph}");
    assert_eq!((&graph["cause"], graph.get("recovered")), (&"connect-timeout".into(), Some(&false.into())));
    assert!(duration(&report) < 5200.0, "{}", report["run"]);
}

fn a_lone_time_out_that_passes_on_the_second_look_is_recovered_and_flaky() {
    // The vault's network drops SYNs at first and comes back when the first look is over.
    let rules =
        "table inet own { chain out { type filter hook output priority 0; ip daddr 20.51.0.0/16 drop; }; }";
    let before = first(&format!("nft '{rules}' && {{ (sleep 3.7; nft delete table inet own) & }}"));
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let output = run_with("healthy", &before, &[]);
    let report = report(&output);
    let vault = check(&report, "keyvault-apim");
    assert_eq!((&vault["status"], &vault["recovered"]), (&"success".into(), &true.into()), "{vault}");
    assert_eq!(connects(vault)[0].0, "connect-timeout", "the first look stays in the record");
    assert_eq!(output.status.code(), Some(0));
    let flaky =
        report["findings"].as_array().expect("findings").iter().find(|finding| finding["code"] == "flaky");
    assert!(flaky.is_some() && roots(&report).is_empty(), "a healthy run has nothing above info");
}

/// A fifth of all answers of the name server is lost.
fn lost_answers_of_a_name_server_are_no_failures() {
    let rules = "table inet own { chain in { type filter hook input priority 0; \
                 udp sport 53 numgen random mod 100 < 20 drop; }; }";
    let before = first(&format!("nft '{rules}'"));
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    for _ in 0..3 {
        let output = run_with("healthy", &before, &[]);
        let report = report(&output);
        let failed = |class: &str| report["summary"][class]["failure"].as_u64();
        assert_eq!((failed("required"), failed("optional")), (Some(0), Some(0)), "{}", report["findings"]);
    }
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    ("loss::lost_syns_are_no_failures", lost_syns_are_no_failures),
    (
        "loss::a_black_hole_is_decided_within_the_connect_budget",
        a_black_hole_is_decided_within_the_connect_budget,
    ),
    (
        "loss::a_lone_time_out_gets_a_second_look_which_is_recorded_and_over_within_five_seconds",
        a_lone_time_out_gets_a_second_look_which_is_recorded_and_over_within_five_seconds,
    ),
    (
        "loss::a_lone_time_out_that_passes_on_the_second_look_is_recovered_and_flaky",
        a_lone_time_out_that_passes_on_the_second_look_is_recovered_and_flaky,
    ),
    ("loss::lost_answers_of_a_name_server_are_no_failures", lost_answers_of_a_name_server_are_no_failures),
];
