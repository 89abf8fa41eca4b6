//! Networks with an Application Gateway: both sides of it, each mistake with the reason that packets show.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::{Test, check, ends, probe, report, run};

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
    (
        "gateway::versions_of_tls_that_the_instance_refuses_are_its_setting",
        versions_of_tls_that_the_instance_refuses_are_its_setting,
    ),
    ("gateway::a_gateway_fault_beside_another_is_two_roots", a_gateway_fault_beside_another_is_two_roots),
    (
        "gateway::the_same_mistake_has_the_same_code_offline_and_with_packets",
        the_same_mistake_has_the_same_code_offline_and_with_packets,
    ),
    ("gateway::the_only_gateway_of_the_documents_is_named", the_only_gateway_of_the_documents_is_named),
    ("gateway::packets_and_documents_are_one_finding", packets_and_documents_are_one_finding),
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

/// What the documents of a gateway do not show either is asked of that gateway, by its name.
fn the_only_gateway_of_the_documents_is_named() {
    let good = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/lab/configurations/gateway.json");
    let report = report(&run("gateway-wrong-probe", &["--config", good]));
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "gateway-unfit", "{finding:#}");
    let look = &finding["remedy"]["steps"][0]["command"];
    assert_eq!(
        look,
        "az network application-gateway show-backend-health --resource-group rg-lab --name agw-lab"
    );
    let detail = finding["detail"].as_str().expect("a detail");
    assert!(!detail.contains("--config"), "{detail}");
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
const OPEN: [&str; 6] =
    ["probe-default", "probe-host", "probe-path", "settings-host", "pool-address", "instance-inbound"];

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

/// The instance takes none of the versions that a probe offers: every endpoint has that reason, and no device is suspected.
fn versions_of_tls_that_the_instance_refuses_are_its_setting() {
    let report = ends("gateway-instance-tls-floor", 1, &["gateway-unfit"; 3]);
    assert_eq!(all_reasons(&report), ["settings-protocol"]);
    let device = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|it| it["code"] == "firewall-answers-for-target");
    assert!(device.is_none_or(|finding| finding["explainedBy"] == "gateway-unfit"), "{device:#?}");
    assert_eq!(check(&report, "app-gateway-front-gateway")["cause"], "http-error");
}

fn a_gateway_fault_beside_another_is_two_roots() {
    for network in ["gateway-wrong-probe-sql-dropped", "gateway-untrusted-root-sql-dropped"] {
        let _ = ends(network, 1, &["gateway-unfit", "service-tag-blocked"]);
    }
}

/// A mistake: the network that has it, the values of the gateway's document that are it, and its one code.
type Mistake = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const SAME: &[Mistake] = &[
    (
        "gateway-default-probe",
        &[("/properties/backendHttpSettingsCollection/0/properties/probe", "null")],
        "probe-default",
    ),
    ("gateway-wrong-probe", &[("/properties/probes/0/properties/path", "\"/health\"")], "probe-path"),
    (
        "gateway-wrong-host",
        &[("/properties/backendHttpSettingsCollection/0/properties/hostName", "\"portal.contoso.example\"")],
        "settings-host",
    ),
    (
        "gateway-default-host",
        &[("/properties/backendHttpSettingsCollection/0/properties/hostName", "\"10.0.2.10\"")],
        "settings-host",
    ),
    (
        "gateway-404",
        // The client's host is what reaches the instance.
        &[
            ("/properties/httpListeners/0/properties/hostName", "\"api.fabrikam.example\""),
            ("/properties/backendHttpSettingsCollection/0/properties/hostName", "null"),
        ],
        "listener-host",
    ),
    (
        "gateway-502",
        &[("/properties/backendAddressPools/0/properties/backendAddresses/0/ipAddress", "\"10.0.2.99\"")],
        "pool-address",
    ),
    ("gateway-front-refuses", &[("/properties/operationalState", "\"Stopped\"")], "not-running"),
    (
        "gateway-plain",
        &[
            ("/properties/httpListeners/0/properties/protocol", "\"Http\""),
            ("/properties/httpListeners/0/properties/sslCertificate", "null"),
        ],
        "listener-protocol",
    ),
    (
        "gateway-listener-name",
        &[("/properties/httpListeners/0/properties/sslCertificate", "null")],
        "listener-certificate",
    ),
    (
        "gateway-403-waf",
        &[("/properties/webApplicationFirewallConfiguration/disabledRuleGroups", "[]")],
        "waf-rules",
    ),
    (
        "gateway-root-missing",
        &[
            (
                "/properties/trustedRootCertificates",
                r#"[{"name": "company", "id": "/x/trustedRootCertificates/company"}]"#,
            ),
            (
                "/properties/backendHttpSettingsCollection/1/properties/trustedRootCertificates",
                r#"[{"id": "/x/trustedRootCertificates/company"}]"#,
            ),
        ],
        "trusted-root",
    ),
];

/// The gateway of the lab as Azure would hold it, with other values.
fn document(values: &[(&str, &str)]) -> std::path::PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let good = include_str!("../lab/configurations/gateway.json");
    let mut gateway: Value = serde_json::from_str(good).expect("JSON");
    for (at, value) in values {
        let (parent, key) = at.rsplit_once('/').expect("a pointer");
        gateway.pointer_mut(parent).expect("an object")[key] = serde_json::from_str(value).expect("JSON");
    }
    let name =
        format!("apim-probe-gateway-{}-{}.json", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, gateway.to_string()).expect("a file in the temporary folder");
    file
}

/// The reasons of all findings of this code, told by the documents alone.
fn offline(file: &Path) -> Vec<String> {
    let own = ["--service", "contoso", "--private-ip", "10.0.2.10"];
    let hosts = ["gateway=api", "developer=portal", "management=management"]
        .map(|it| format!("{it}.contoso.example"));
    let hosts = hosts.iter().flat_map(|host| ["--hostname", host]);
    let reviewed =
        Command::new(probe()).args(["review", "--format", "json"]).args(own).args(hosts).arg(file).output();
    all_reasons(&report(&reviewed.expect("a review")))
}

fn all_reasons(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let unfit = findings.iter().filter(|finding| finding["code"] == "gateway-unfit");
    let reasons = unfit.flat_map(|finding| finding["reasons"].as_array().into_iter().flatten());
    let codes = reasons.filter_map(|reason| reason["code"].as_str()).map(str::to_owned);
    codes.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// What packets leave open holds the code that documents know; what packets show is that code alone. Together they are one
/// finding with that code alone, to which the failed checks belong.
fn the_same_mistake_has_the_same_code_offline_and_with_packets() {
    for (network, values, code) in SAME {
        let file = document(values);
        assert_eq!(offline(&file), [*code], "{network}, offline");
        let packets = report(&run(network, &[]));
        let seen = reasons(&packets);
        assert!(seen == [*code] || (seen == OPEN && OPEN.contains(code)), "{network}, packets: {seen:?}");
        let both = report(&run(network, &["--config", &file.to_string_lossy()]));
        assert_eq!(all_reasons(&both), [*code], "{network}, both: {:#}", both["findings"]);
        let unfit = both["findings"].as_array().expect("findings");
        let unfit: Vec<&Value> = unfit.iter().filter(|finding| finding["code"] == "gateway-unfit").collect();
        assert!(
            unfit.iter().any(|finding| finding["affects"] == packets["findings"][0]["affects"]),
            "{network}: {unfit:#?}"
        );
        let _ = std::fs::remove_file(&file);
    }
}

fn packets_and_documents_are_one_finding() {
    let file = document(&[("/properties/probes/0/properties/path", "\"/health\"")]);
    let both = report(&run("gateway-untrusted-root", &["--config", &file.to_string_lossy()]));
    let _ = std::fs::remove_file(&file);
    let unfit: Vec<&Value> = both["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|it| it["code"] == "gateway-unfit")
        .collect();
    assert_eq!(unfit.len(), 1, "{unfit:#?}");
    let codes: Vec<&str> = unfit[0]["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|it| it["code"].as_str())
        .collect();
    assert_eq!(codes, ["probe-path", "trusted-root"]);
    assert!(unfit[0]["affects"].as_array().is_some_and(|all| {
        all.iter().any(|id| id.as_str().is_some_and(|id| id.starts_with("app-gateway-probe-gateway")))
    }));
    assert_eq!(unfit[0]["remedy"]["summary"].as_str().map(|text| text.matches('.').count() > 1), Some(true));
}

fn without_a_gateway_there_are_no_rows() {
    let report = report(&run("healthy", &[]));
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["group"] != "application-gateway"));
}
