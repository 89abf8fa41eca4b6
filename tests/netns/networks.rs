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
    (
        "networks::rejections_in_the_name_of_each_target_are_one_device",
        rejections_in_the_name_of_each_target_are_one_device,
    ),
    (
        "networks::a_chain_without_its_intermediate_is_the_servers_fault",
        a_chain_without_its_intermediate_is_the_servers_fault,
    ),
    (
        "networks::one_device_that_stands_before_everything_is_one_root",
        one_device_that_stands_before_everything_is_one_root,
    ),
    (
        "networks::a_silent_server_for_comparison_is_a_warning_and_not_somebody_else",
        a_silent_server_for_comparison_is_a_warning_and_not_somebody_else,
    ),
];

fn a_wrong_first_dns_server_is_no_healthy_network() {
    let _ = ends("dns-first-wrong", 1, &["dns-not-forwarding"]);
    let _ = ends("dns-first-late-wrong", 1, &["dns-not-forwarding"]);
}

fn a_gateways_own_answer_over_plain_http_is_one_device() {
    let _ = ends("gateway-403", 1, &["captive-proxy"]);
    let _ = ends("gateway-empty", 1, &["captive-proxy"]);
    let _ = ends("gateway-403-sql-dropped", 1, &["captive-proxy", "service-tag-blocked"]);
}

fn dns_servers_that_are_limited_fail_once_or_lose_long_answers_resolve_all_the_same() {
    for network in ["dns-limited", "servfail-once", "no-edns", "long-lost"] {
        let _ = ends(network, 0, &[]);
    }
    let _ = ends("no-edns-sql-dropped", 1, &["service-tag-blocked"]);
    // A server that fails is left alone for a while, and the questions to the other do not wait for that.
    let failing = ends("dns-failing", 0, &[]);
    assert!(failing["run"]["durationMs"].as_f64().is_some_and(|ms| ms < 8000.0), "{}", failing["run"]);
    let _ = ends("tcp-only", 1, &["dns-server-silent"]);
    let _ = ends("tcp-only-sql-dropped", 1, &["dns-server-silent", "service-tag-blocked"]);
}

fn a_device_that_spoils_the_first_connection_is_no_failure() {
    let _ = ends("first-held", 0, &[]);
    let _ = ends("first-reset", 0, &[]);
    let _ = ends("first-held-sql-dropped", 1, &["service-tag-blocked", "flaky"]);
    // Slow DNS leaves less of the run: what stalls is looked at again all the same.
    let _ = ends("dns-slow-first-held", 0, &[]);
}

fn a_limit_of_new_connections_blames_no_rule() {
    let _ = ends("rate-limit", 0, &[]);
    let _ = ends("ban", 1, &["rate-limited"]);
    // What a limit does not hold up and is silent all the same is a rule's.
    let _ = ends("rate-limit-sql-dropped", 1, &["service-tag-blocked", "rate-limited"]);
}

fn lost_flows_blame_no_rule() {
    for network in ["loss30", "loss30", "loss50", "loss50"] {
        let output = run(network, &[]);
        let roots = roots(&report(&output));
        assert!(roots.iter().all(|root| root == "flaky"), "{network}: {roots:?}");
    }
    // Whether a first look failed beside it is chance; that nothing else is blamed is not.
    let mut roots = roots(&report(&run("loss30-sql-dropped", &[])));
    roots.retain(|root| root != "flaky");
    assert_eq!(roots, ["service-tag-blocked"]);
}

fn this_machines_own_firewall_decides_nothing() {
    let _ = ends("vm-reject-sql-dropped", 1, &["service-tag-blocked", "local-limit"]);
    let report = ends("vm-reject", 3, &["local-limit"]);
    let vault = check(&report, "keyvault-apim");
    assert_eq!(vault["cause"], "local-resource");
    assert!(vault["error"].as_str().is_some_and(|error| error.contains("own firewall")), "{vault}");
    let commands = report["findings"][0]["remedy"]["commands"].to_string();
    assert!(commands.contains("nft list ruleset"), "{commands}");
}

fn a_path_mtu_black_hole_is_proved_with_small_segments() {
    let report = ends("mtu", 1, &["mtu-black-hole"]);
    let checks = report["checks"].as_array().expect("checks");
    let small = |check: &&Value| check["evidence"]["peer"]["smallSegments"] == true;
    assert!(checks.iter().filter(small).all(|check| check["cause"] == "tls-timeout"));
    assert!(checks.iter().any(|check| small(&check)));
    let _ = ends("mtu-sql-dropped", 1, &["mtu-black-hole", "service-tag-blocked"]);
    let _ = ends("dns-slow-mtu", 1, &["mtu-black-hole"]);
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

fn rejections_in_the_name_of_each_target_are_one_device() {
    let report = ends("own-name-rejected", 1, &["firewall-rejects"]);
    let finding = &report["findings"][0];
    assert!(finding["affects"].as_array().is_some_and(|affects| affects.len() > 35), "{finding}");
    let title = finding["title"].as_str().unwrap_or_default();
    assert!(title.contains("in the target's own name"), "{title}");
    let two = ["service-tag-blocked", "firewall-rejects"];
    let report = ends("own-name-rejected-sql-dropped", 1, &two);
    assert_eq!(check(&report, "sql-database")["cause"], "connect-timeout");
    // At a private address it is a machine that speaks for itself.
    let _ = ends("stale-private-rejects", 1, &["address-refuses"]);
}

fn a_chain_without_its_intermediate_is_the_servers_fault() {
    let report = ends("no-intermediate", 1, &["certificate-unfit"]);
    assert_eq!(check(&report, "keyvault-apim")["cause"], "cert-untrusted");
    let title = report["findings"][0]["title"].as_str().unwrap_or_default();
    assert!(title.contains("without its intermediate") && title.contains("Lab Public Issuing CA"), "{title}");
    let _ = ends("no-intermediate-sql-dropped", 1, &["service-tag-blocked", "certificate-unfit"]);
}

fn one_device_that_stands_before_everything_is_one_root() {
    let _ = ends("portal-alone", 1, &["captive-proxy"]);
    let report = ends("syn-answered-everywhere", 1, &["firewall-answers-for-target"]);
    assert!(report["findings"][0]["affects"].as_array().is_some_and(|affects| affects.len() > 55));
    // A portal that answers TLS too, with a certificate of its own CA.
    let report = ends("portal-tls", 1, &["captive-proxy"]);
    let finding = &report["findings"][0];
    assert!(finding["affects"].as_array().is_some_and(|affects| affects.len() > 50), "{finding:#}");
    assert!(finding["detail"].as_str().is_some_and(|text| text.contains("filter.contoso.example")));
    let _ = ends("portal-tls-sql-dropped", 1, &["captive-proxy", "service-tag-blocked"]);
}

fn a_silent_server_for_comparison_is_a_warning_and_not_somebody_else() {
    let report = ends("comparison-silent", 0, &["dns-server-silent"]);
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["severity"], &report["summary"]["verdict"]),
        (&"warning".into(), &"degraded".into())
    );
}
