//! Networks as real devices make them: each ends with the root that an engineer would name, alone and beside a second fault.

use serde_json::Value;

use crate::{Test, check, ends, report, roots, run};

pub(crate) const TESTS: &[Test] = &[
    (
        "networks::a_wrong_first_dns_server_is_no_healthy_network",
        a_wrong_first_dns_server_is_no_healthy_network,
    ),
    (
        "networks::a_gateways_own_answer_over_plain_http_is_one_device",
        a_gateways_own_answer_over_plain_http_is_one_device,
    ),
    (
        "networks::dns_servers_that_are_limited_fail_once_or_lose_long_answers_resolve_all_the_same",
        dns_servers_that_are_limited_fail_once_or_lose_long_answers_resolve_all_the_same,
    ),
    (
        "networks::a_device_that_spoils_the_first_connection_is_no_failure",
        a_device_that_spoils_the_first_connection_is_no_failure,
    ),
    ("networks::a_limit_of_new_connections_blames_no_rule", a_limit_of_new_connections_blames_no_rule),
    ("networks::lost_flows_blame_no_rule", lost_flows_blame_no_rule),
    ("networks::this_machines_own_firewall_decides_nothing", this_machines_own_firewall_decides_nothing),
    (
        "networks::a_path_mtu_black_hole_is_proved_with_small_segments",
        a_path_mtu_black_hole_is_proved_with_small_segments,
    ),
    ("networks::time_exceeded_is_a_route_and_no_rejection", time_exceeded_is_a_route_and_no_rejection),
    (
        "networks::a_forced_tunnel_with_service_endpoints_is_one_root",
        a_forced_tunnel_with_service_endpoints_is_one_root,
    ),
    (
        "networks::the_last_device_that_answered_is_named_with_its_hop",
        the_last_device_that_answered_is_named_with_its_hop,
    ),
];

fn a_wrong_first_dns_server_is_no_healthy_network() {
    let _ = ends("dns-first-wrong", 1, &["dns-not-forwarding"]);
    let _ = ends("dns-first-late-wrong", 1, &["dns-not-forwarding"]);
}

fn a_gateways_own_answer_over_plain_http_is_one_device() {
    let _ = ends("gateway-403", 1, &["captive-proxy"]);
    let _ = ends("gateway-empty", 1, &["captive-proxy"]);
}

fn dns_servers_that_are_limited_fail_once_or_lose_long_answers_resolve_all_the_same() {
    for network in ["dns-limited", "servfail-once", "no-edns", "long-lost"] {
        let _ = ends(network, 0, &[]);
    }
    let _ = ends("no-edns-sql-dropped", 1, &["service-tag-blocked"]);
    let _ = ends("tcp-only", 1, &["dns-server-silent"]);
}

fn a_device_that_spoils_the_first_connection_is_no_failure() {
    let _ = ends("first-held", 0, &[]);
    let _ = ends("first-reset", 0, &[]);
    let _ = ends("first-held-sql-dropped", 1, &["service-tag-blocked", "flaky"]);
}

fn a_limit_of_new_connections_blames_no_rule() {
    let _ = ends("rate-limit", 0, &[]);
    let _ = ends("ban", 1, &["rate-limited"]);
    // A target that is silent beside a limit is blamed on a rule only where chance does not explain it.
    let roots = roots(&report(&run("rate-limit-sql-dropped", &[])));
    assert!(
        matches!(&roots[..], [sql, limit] if ["service-tag-blocked", "flaky"].contains(&sql.as_str()) && limit == "rate-limited"),
        "{roots:?}"
    );
}

fn lost_flows_blame_no_rule() {
    for network in ["loss30", "loss30", "loss50", "loss50"] {
        let output = run(network, &[]);
        let roots = roots(&report(&output));
        assert!(roots.iter().all(|root| root == "flaky"), "{network}: {roots:?}");
    }
    let output = run("loss30-sql-dropped", &[]);
    assert!(roots(&report(&output)).contains(&"service-tag-blocked".to_owned()));
}

fn this_machines_own_firewall_decides_nothing() {
    let roots = roots(&report(&run("vm-reject-sql-dropped", &[])));
    assert!(
        roots.contains(&"local-limit".to_owned()) && roots.contains(&"service-tag-blocked".to_owned()),
        "{roots:?}"
    );
    let report = ends("vm-reject", 3, &["local-limit"]);
    let vault = check(&report, "keyvault-apim");
    assert_eq!(vault["cause"], "local-resource");
    assert!(vault["error"].as_str().is_some_and(|error| error.contains("own firewall")), "{vault}");
}

fn a_path_mtu_black_hole_is_proved_with_small_segments() {
    let report = ends("mtu", 1, &["mtu-black-hole"]);
    let checks = report["checks"].as_array().expect("checks");
    let small = |check: &&Value| check["evidence"]["peer"]["smallSegments"] == true;
    assert!(checks.iter().filter(small).all(|check| check["cause"] == "tls-timeout"));
    assert!(checks.iter().any(|check| small(&check)));
    let _ = ends("mtu-sql-dropped", 1, &["mtu-black-hole", "service-tag-blocked"]);
}

fn time_exceeded_is_a_route_and_no_rejection() {
    let report = ends("loop", 1, &["service-tag-blocked"]);
    let sql = check(&report, "sql-database");
    assert_eq!(sql["cause"], "connect-timeout");
    assert!(sql["steps"].as_array().expect("steps").iter().any(|step| step["icmp"]["type"] == 11), "{sql}");
    let detail = report["findings"][0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("routing loop"), "{detail}");
}

fn a_forced_tunnel_with_service_endpoints_is_one_root() {
    let _ = ends("tunnel-endpoints", 1, &["outbound-all-blocked"]);
    let _ = ends("tunnel-endpoints-sql-dropped", 1, &["outbound-all-blocked", "service-tag-blocked"]);
}

fn the_last_device_that_answered_is_named_with_its_hop() {
    let report = ends("drop-behind-routers", 1, &["service-tag-blocked"]);
    let sql = check(&report, "sql-database");
    let steps = sql["steps"].as_array().expect("steps");
    let hops = steps.iter().find_map(|step| step["hops"].as_array()).expect("hops");
    let from: Vec<&Value> = hops.iter().filter_map(|hop| hop.get("from")).collect();
    assert_eq!(from, ["10.0.1.1", "10.255.1.2", "10.255.2.2"]);
    let detail = report["findings"][0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("10.255.2.2 (hop 3)"), "{detail}");
}
