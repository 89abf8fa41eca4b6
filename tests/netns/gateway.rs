//! Networks with an Application Gateway: both sides of it, each mistake with the reason that packets show.

use serde_json::Value;

use crate::{Test, check, ends, report, run};

pub(super) const TESTS: &[Test] = &[
    ("gateway::a_good_gateway_is_no_finding", a_good_gateway_is_no_finding),
    ("gateway::an_endpoint_that_is_not_published_is_no_fault", an_endpoint_that_is_not_published_is_no_fault),
    (
        "gateway::a_502_of_a_good_instance_lists_what_may_be_wrong",
        a_502_of_a_good_instance_lists_what_may_be_wrong,
    ),
    (
        "gateway::a_host_name_that_the_settings_replace_is_told_by_the_instances_own_404",
        a_host_name_that_the_settings_replace_is_told_by_the_instances_own_404,
    ),
    ("gateway::a_private_chain_needs_its_root_in_the_gateway", a_private_chain_needs_its_root_in_the_gateway),
    ("gateway::a_front_end_is_judged_by_its_listener", a_front_end_is_judged_by_its_listener),
    ("gateway::a_front_end_that_does_not_answer_is_one_root", a_front_end_that_does_not_answer_is_one_root),
    (
        "gateway::a_fault_of_the_instance_itself_is_not_the_gateways",
        a_fault_of_the_instance_itself_is_not_the_gateways,
    ),
    ("gateway::a_gateway_fault_beside_another_is_two_roots", a_gateway_fault_beside_another_is_two_roots),
    ("gateway::without_a_gateway_there_are_no_rows", without_a_gateway_there_are_no_rows),
];

/// Codes of the reasons of the first root.
fn reasons(report: &Value) -> Vec<&str> {
    let reasons = report["findings"][0]["reasons"].as_array().expect("reasons");
    reasons.iter().filter_map(|reason| reason["code"].as_str()).collect()
}

/// A network whose one root is `gateway-unfit`, with these reasons.
fn unfit(network: &str, code: i32, expected: &[&str]) -> Value {
    let report = ends(network, code, &["gateway-unfit"]);
    assert_eq!(reasons(&report), expected, "{network}: {:#}", report["findings"][0]);
    report
}

fn a_good_gateway_is_no_finding() {
    for network in ["gateway", "gateway-private-zone", "gateway-trusted-root"] {
        let report = ends(network, 0, &[]);
        assert_eq!(report["summary"]["verdict"], "healthy", "{network}");
        for kind in ["gateway", "portal", "management"] {
            let probe = check(&report, &format!("app-gateway-probe-{kind}"));
            let client = check(&report, &format!("app-gateway-front-{kind}"));
            for side in [probe, client] {
                assert_eq!(side["status"], "success", "{network}: {side:#}");
                assert_eq!(side["evidence"]["exchange"]["httpStatus"], 200, "{side:#}");
            }
            assert_eq!(probe["evidence"]["peer"]["address"], "10.0.2.10");
            assert_eq!(client["evidence"]["peer"]["address"], "10.0.2.20");
        }
    }
}

fn an_endpoint_that_is_not_published_is_no_fault() {
    let report = ends("gateway-portal-unpublished", 0, &[]);
    for kind in ["portal", "management"] {
        let client = check(&report, &format!("app-gateway-front-{kind}"));
        assert_eq!(client["skipReason"], "not-published", "{client:#}");
    }
}

/// What a 502 leaves open where the instance answers its probe from here over a public chain.
const OPEN: [&str; 4] = ["probe-host", "probe-path", "pool-address", "instance-inbound"];

fn a_502_of_a_good_instance_lists_what_may_be_wrong() {
    for network in ["gateway-wrong-probe", "gateway-default-probe", "gateway-502"] {
        let report = unfit(network, 1, &OPEN);
        assert_eq!(report["findings"][0]["confidence"], "medium");
        assert_eq!(check(&report, "app-gateway-probe-gateway")["status"], "success");
        assert_eq!(check(&report, "app-gateway-front-gateway")["cause"], "http-error");
    }
}

fn a_host_name_that_the_settings_replace_is_told_by_the_instances_own_404() {
    let _ = unfit("gateway-wrong-host", 1, &["settings-host"]);
    // The instance closes the connection, which the gateway tells as it tells an unhealthy pool.
    let _ = unfit("gateway-default-host", 1, &OPEN);
}

fn a_private_chain_needs_its_root_in_the_gateway() {
    let report = unfit("gateway-untrusted-root", 1, &["trusted-root"]);
    let finding = &report["findings"][0];
    assert!(finding["reasons"][0]["has"].as_str().is_some_and(|has| has.contains("Contoso Inspection")));
    let probe = check(&report, "app-gateway-probe-gateway");
    assert_eq!((&probe["cause"], &probe["stage"]), (&"cert-untrusted".into(), &"handshake".into()));
    let _ = unfit("gateway-root-missing", 1, &["trusted-root"]);
}

fn a_front_end_is_judged_by_its_listener() {
    let _ = unfit("gateway-404", 1, &["listener-host"]);
    for network in ["gateway-listener-name", "gateway-listener-expired", "gateway-listener-private"] {
        let _ = unfit(network, 1, &["listener-certificate"]);
    }
    for network in ["gateway-tls-floor", "gateway-plain"] {
        let _ = unfit(network, 1, &["listener-protocol"]);
    }
    let report = unfit("gateway-403-waf", 0, &["waf-rules"]);
    assert_eq!(check(&report, "app-gateway-front-portal")["cause"], "http-blocked");
}

fn a_front_end_that_does_not_answer_is_one_root() {
    let _ = unfit("gateway-front-silent", 1, &["subnet-clients"]);
    let _ = unfit("gateway-front-refuses", 1, &["not-running"]);
    let report = unfit("gateway-front-past", 1, &["name-unresolved"]);
    let client = check(&report, "app-gateway-front-gateway");
    assert_eq!((&client["cause"], &client["stage"]), (&"dns-wrong-address".into(), &"resolve".into()));
}

fn a_fault_of_the_instance_itself_is_not_the_gateways() {
    let report = ends("gateway-instance-silent", 1, &["own-endpoint-silent"]);
    assert_eq!(check(&report, "app-gateway-front-gateway")["cause"], "http-error");
    let _ = ends("gateway-instance-503", 1, &["service-unavailable"]);
    let _ = unfit("gateway-custom-domain-missing", 1, &["probe-host"]);
}

fn a_gateway_fault_beside_another_is_two_roots() {
    for network in ["gateway-wrong-probe-sql-dropped", "gateway-untrusted-root-sql-dropped"] {
        let _ = ends(network, 1, &["gateway-unfit", "service-tag-blocked"]);
    }
}

fn without_a_gateway_there_are_no_rows() {
    let report = report(&run("healthy", &[]));
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["group"] != "application-gateway"));
}
