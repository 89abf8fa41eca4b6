//! A device that rejects with ICMP messages and sends few of them, as every kernel does.

use serde_json::Value;

use crate::{Test, check, ends};

/// Checks that failed, by cause.
fn failed<'a>(report: &'a Value, cause: &str) -> Vec<&'a Value> {
    let checks = report["checks"].as_array().expect("checks");
    checks.iter().filter(|check| check["status"] == "failure" && check["cause"] == *cause).collect()
}

/// True where some step of the check shows the message itself.
fn has_message(check: &Value) -> bool {
    check["steps"].as_array().expect("steps").iter().any(|step| step.get("icmp").is_some())
}

fn most_of_forty_rejected_connections_look_silent_and_are_judged_by_their_siblings() {
    for (scenario, least) in [("https-rejected", 35), ("all-rejected", 55)] {
        let report = ends(scenario, 1, &["firewall-rejects"]);
        let (rejected, silent) = (failed(&report, "connect-rejected"), failed(&report, "connect-timeout"));
        assert!(
            rejected.len() >= least && silent.is_empty(),
            "{scenario}: {} {}",
            rejected.len(),
            silent.len()
        );
        assert_eq!(report["findings"][0]["affects"].as_array().map(Vec::len), Some(rejected.len()));
        let (seen, judged): (Vec<&Value>, Vec<&Value>) =
            rejected.into_iter().partition(|check| has_message(check));
        assert!(seen.len() < judged.len(), "{scenario}: the firewall sent {} messages", seen.len());
        assert!(judged[0]["error"].as_str().is_some_and(|error| error.contains("10.0.1.1")), "{}", judged[0]);
        let kept = judged[0]["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .any(|step| step["cause"] == "connect-timeout");
        assert!(kept, "the steps keep what was seen");
    }
}

fn silence_on_another_port_than_the_rejecting_one_stays_silence() {
    let report = ends("https-rejected-sql-dropped", 1, &["service-tag-blocked", "firewall-rejects"]);
    assert_eq!(check(&report, "sql-database")["cause"], "connect-timeout");
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    (
        "rejects::most_of_forty_rejected_connections_look_silent_and_are_judged_by_their_siblings",
        most_of_forty_rejected_connections_look_silent_and_are_judged_by_their_siblings,
    ),
    (
        "rejects::silence_on_another_port_than_the_rejecting_one_stays_silence",
        silence_on_another_port_than_the_rejecting_one_stays_silence,
    ),
];
