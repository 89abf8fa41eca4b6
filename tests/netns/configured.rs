//! Packets and configuration together: `tests/lab/configurations/NETWORK.json` is what Azure would hold of the network of that
//! name, `NETWORK.VARIANT.json` what else it could hold.

use serde_json::Value;

use crate::{Test, check, command_in, report, roots};

pub(crate) const TESTS: &[Test] = &[
    (
        "configured::each_matching_configuration_ends_with_the_rule_or_route_as_its_one_root",
        each_matching_configuration_ends_with_the_rule_or_route_as_its_one_root,
    ),
    ("configured::wait_names_the_rule_or_route_as_well", wait_names_the_rule_or_route_as_well),
    ("configured::two_rules_are_two_roots", two_rules_are_two_roots),
    (
        "configured::what_the_configuration_allows_is_not_blamed_on_it",
        what_the_configuration_allows_is_not_blamed_on_it,
    ),
    (
        "configured::what_the_configuration_denies_and_packets_reach_is_said",
        what_the_configuration_denies_and_packets_reach_is_said,
    ),
    ("configured::the_report_for_people_names_the_rule", the_report_for_people_names_the_rule),
];

/// A configuration, its one root, what the root's title names, and what the packets alone would have said.
const MATCHING: &[(&str, &str, &str, &str)] = &[
    ("sql-blocked", "nsg-rule-denies", "\"DenyOtherDatabases\" (200, nsg-apim)", "service-tag-blocked"),
    ("sql-blocked.interface", "nic-rule-denies", "\"NoDatabases\" (300, nsg-vm)", "service-tag-blocked"),
    ("sql-blocked.route", "route-drops", "\"no-databases\" (Sql to None, rt-apim)", "service-tag-blocked"),
    ("sql-blocked.admin", "admin-rule-denies", "\"no-databases\"", "service-tag-blocked"),
    ("http-blocked", "nsg-rule-denies", "\"DenyPlainHttp\" (200, nsg-apim)", "port-blocked"),
    ("metrics-blocked", "nsg-rule-denies", "\"DenyOtherMonitor\" (200, nsg-apim)", "service-tag-blocked"),
    ("sign-in-blocked", "nsg-rule-denies", "\"DenyEntra\" (200, nsg-apim)", "service-tag-blocked"),
    ("one-host-dropped", "nsg-rule-denies", "\"DenyGraph\" (200, nsg-apim)", "host-blocked"),
    ("rejected", "route-to-appliance", "\"sql-to-firewall\" (Sql to 10.0.0.4, rt-apim)", "firewall-rejects"),
    ("drop-behind-routers", "route-to-appliance", "\"sql-to-firewall\"", "service-tag-blocked"),
    ("loop", "route-to-appliance", "\"sql-to-firewall\"", "service-tag-blocked"),
    (
        "tunnel-endpoints",
        "route-to-appliance",
        "\"to-firewall\" (0.0.0.0/0 to 10.0.0.4, rt-apim)",
        "service-tag-blocked",
    ),
];

/// Runs a command in the network that a configuration belongs to, with that configuration.
fn with(configuration: &str, command: &[&str]) -> std::process::Output {
    let network = configuration.split('.').next().unwrap_or_default();
    let file = format!("{}/../tests/lab/configurations/{configuration}.json", env!("CARGO_MANIFEST_DIR"));
    command_in(network, &[], &[command, &["--config", &file]].concat())
}

#[track_caller]
fn root_of<'a>(configuration: &str, report: &'a Value) -> &'a Value {
    let findings = report["findings"].as_array().expect("findings");
    findings.first().unwrap_or_else(|| panic!("{configuration}: no findings"))
}

fn each_matching_configuration_ends_with_the_rule_or_route_as_its_one_root() {
    for (configuration, code, names, packets) in MATCHING {
        let output = with(configuration, &["check", "--format", "json"]);
        let report = report(&output);
        assert_eq!(roots(&report), [*code], "{configuration}: {:#}", report["findings"]);
        let root = root_of(configuration, &report);
        assert!(
            root["title"].as_str().is_some_and(|title| title.contains(names)),
            "{configuration}: {root:#}"
        );
        assert_eq!(root["confidence"], "high", "{configuration}");
        let findings = report["findings"].as_array().expect("findings").iter();
        let folded = |finding: &&Value| finding["code"] == *packets && finding["explainedBy"] == *code;
        assert!(
            findings.clone().any(|finding| folded(&finding)),
            "{configuration}: {:#}",
            report["findings"]
        );
        assert_filled_in(configuration, root);
    }
}

/// The documents tell every name and a free priority; ids, and resource groups in them, are redacted.
#[track_caller]
fn assert_filled_in(configuration: &str, finding: &Value) {
    for command in finding["remedy"]["commands"].as_array().expect("commands") {
        let command = command.as_str().unwrap_or_default().replace("<RESOURCE_GROUP>", "");
        assert!(!command.contains('<'), "{configuration}: {command}");
    }
}

fn wait_names_the_rule_or_route_as_well() {
    for configuration in ["sql-blocked", "rejected", "sql-blocked.route"] {
        let (_, code, names, _) = MATCHING.iter().find(|case| case.0 == configuration).expect("a case");
        let output = with(configuration, &["wait", "--timeout", "9s"]);
        assert_eq!(output.status.code(), Some(1), "{configuration}");
        let said = String::from_utf8_lossy(&output.stdout);
        let said: Vec<&str> = said.split_whitespace().collect();
        assert!(said.join(" ").contains(names), "{configuration}: {said:?}");
        assert!(said.join(" ").contains(code), "{configuration}: {said:?}");
    }
}

fn two_rules_are_two_roots() {
    let report = report(&with("two-faults", &["check", "--format", "json"]));
    assert_eq!(roots(&report), ["nsg-rule-denies", "nsg-rule-denies"], "{:#}", report["findings"]);
    assert_eq!(check(&report, "sql-database")["configuration"]["nearMiss"]["name"], "AllowSql");
}

fn what_the_configuration_allows_is_not_blamed_on_it() {
    let report = report(&with("sql-blocked.allowed", &["check", "--format", "json"]));
    assert_eq!(roots(&report), ["service-tag-blocked"], "{:#}", report["findings"]);
    let root = root_of("sql-blocked.allowed", &report);
    assert_filled_in("sql-blocked.allowed", root);
    let detail = root["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("The security group and the routes of the configuration allow"), "{detail}");
}

fn what_the_configuration_denies_and_packets_reach_is_said() {
    let report = report(&with("healthy.denies", &["check", "--format", "json"]));
    let findings = report["findings"].as_array().expect("findings").iter();
    let disagrees =
        findings.clone().find(|finding| finding["code"] == "configuration-disagrees").expect("a finding");
    assert_eq!(disagrees["severity"], "warning");
    assert!(
        disagrees["title"].as_str().is_some_and(|title| title.contains("\"DenyOtherDatabases\"")),
        "{disagrees:#}"
    );
    assert_eq!(check(&report, "sql-database")["status"], "success", "packets decide what was probed");
    let fits = super::report(&with("healthy", &["check", "--format", "json"]));
    assert_eq!(roots(&fits), [""; 0], "{:#}", fits["findings"]);
}

fn the_report_for_people_names_the_rule() {
    let output = with("sql-blocked", &["check"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("denied by \"DenyOtherDatabases\" (200, nsg-apim)"), "{text}");
    assert!(text.contains("\"AllowSql\" (110, nsg-apim)") && text.contains("1443"), "{text}");
}
