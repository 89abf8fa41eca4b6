//! Devices that spoil some connections and not others, stand on one service's path alone, or are not there at all.

use serde_json::Value;

use crate::{Test, check, command_in, ends, report, roots, run};

pub(crate) const TESTS: &[Test] = &[
    ("devices::refusals_by_chance_blame_no_rule", refusals_by_chance_blame_no_rule),
    (
        "devices::inspection_is_one_root_whatever_it_leaves_out_and_however_old_its_certificates_are",
        inspection_is_one_root_whatever_it_leaves_out_and_however_old_its_certificates_are,
    ),
    ("devices::a_router_without_a_route_is_no_rule", a_router_without_a_route_is_no_rule),
    (
        "devices::what_cannot_leave_this_machine_is_no_dead_server",
        what_cannot_leave_this_machine_is_no_dead_server,
    ),
    (
        "devices::a_fault_on_the_path_of_one_service_or_port_is_its_own",
        a_fault_on_the_path_of_one_service_or_port_is_its_own,
    ),
    ("devices::each_blocked_port_is_a_finding_of_its_own", each_blocked_port_is_a_finding_of_its_own),
    ("devices::records_that_lead_astray_are_told_apart", records_that_lead_astray_are_told_apart),
    ("devices::three_faults_have_three_roots", three_faults_have_three_roots),
    (
        "devices::a_report_says_and_advises_what_fits_its_network",
        a_report_says_and_advises_what_fits_its_network,
    ),
];

/// The text of a root finding.
fn text<'a>(report: &'a Value, key: &str) -> &'a str {
    report["findings"][0][key].as_str().expect("a text")
}

fn refusals_by_chance_blame_no_rule() {
    for _ in 0..3 {
        let output = run("refused-by-chance", &[]);
        let report = report(&output);
        assert!(roots(&report).iter().all(|root| root == "flaky"), "{:#}", report["findings"]);
    }
    let output = run("refused-by-chance-sql-dropped", &[]);
    let report = report(&output);
    let roots = roots(&report);
    assert!(roots.contains(&"service-tag-blocked".to_owned()), "{:#}", report["findings"]);
    assert!(roots.iter().all(|root| root == "flaky" || root == "service-tag-blocked"), "{roots:?}");
}

fn inspection_is_one_root_whatever_it_leaves_out_and_however_old_its_certificates_are() {
    let report = ends("inspected-but-storage", 1, &["tls-interception"]);
    assert_eq!(check(&report, "storage-table")["status"], "success");
    let report = ends("inspected-expired", 1, &["tls-interception"]);
    assert_eq!(check(&report, "keyvault-apim")["cause"], "cert-expired", "the first fault of several");
}

fn a_router_without_a_route_is_no_rule() {
    let report = ends("router-without-route", 1, &["firewall-rejects"]);
    assert!(text(&report, "detail").contains("a router without a route"), "{}", text(&report, "detail"));
    let report = ends("private-address-nobodys", 1, &["private-endpoint-unreachable"]);
    assert!(text(&report, "detail").contains("10.0.1.1 says that the address cannot be reached"), "{report}");
}

fn what_cannot_leave_this_machine_is_no_dead_server() {
    let report = ends("no-default-route", 1, &["dns-server-silent"]);
    assert!(text(&report, "title").contains("do not leave this network"), "{}", text(&report, "title"));
    assert_eq!(check(&report, "dns-vnet")["cause"], "connect-no-route");
    let report = ends("gateway-gone", 1, &["dns-server-silent"]);
    assert!(text(&report, "detail").contains("does not answer ARP"), "{}", text(&report, "detail"));
    assert!(report["run"]["durationMs"].as_f64().is_some_and(|ms| ms < 6000.0), "{}", report["run"]);
}

fn a_fault_on_the_path_of_one_service_or_port_is_its_own() {
    let report = ends("mtu-one-service", 1, &["mtu-black-hole"]);
    let vault = &check(&report, "keyvault-apim")["id"];
    assert_eq!(report["findings"][0]["affects"], Value::Array(vec![vault.clone()]));
    let report = ends("return-path-lost", 1, &["port-blocked"]);
    assert!(text(&report, "title").contains("443"), "{}", text(&report, "title"));
}

fn each_blocked_port_is_a_finding_of_its_own() {
    let output = run("only-https", &[]);
    let report = report(&output);
    let mut found = roots(&report);
    found.sort();
    // Port 80 is used under two tags; each other port under one.
    assert_eq!(found.iter().filter(|root| *root == "port-blocked").count(), 1, "{found:?}");
    assert_eq!(found.iter().filter(|root| *root == "service-tag-blocked").count(), 8, "{found:?}");
    assert_eq!(found.len(), 9, "{found:?}");
}

fn records_that_lead_astray_are_told_apart() {
    let report = ends("wildcard-dns", 1, &["private-endpoint-unreachable"]);
    assert!(text(&report, "title").contains("10.0.3.9"), "{}", text(&report, "title"));
    let _ = ends("rebinding-filter", 1, &["dns-not-forwarding"]);
    let report = ends("private-address-wrong-server", 1, &["certificate-unfit"]);
    assert!(text(&report, "title").contains("wrong.example"), "{}", text(&report, "title"));
    assert!(text(&report, "detail").contains("10.0.2.77"), "{}", text(&report, "detail"));
    let report = ends("backend-dead", 0, &[]);
    let found = &report["findings"][0];
    assert_eq!((&found["code"], &found["severity"]), (&"address-partial".into(), &"info".into()));
}

fn three_faults_have_three_roots() {
    let three = ["service-tag-blocked", "tls-interception", "dns-server-silent"];
    let output = run("three-faults", &[]);
    let mut found = roots(&report(&output));
    let mut expected = three.map(str::to_owned);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// Words that the human report of a network must have, and words that would be wrong there.
const SAID: [(&str, &[&str], &[&str]); 8] = [
    ("first-reset", &["First connections are held or cut off on the way"], &["Packets are lost"]),
    ("dns-silent-at-first", &["10.0.2.4 failed first and passed only on retry"], &["First connections"]),
    ("dns-one-of-two", &["Names wait for this server"], &["No name can be resolved"]),
    (
        "loop",
        &["Sql ends in a routing loop.", "Correct the routes on 10.0.1.1"],
        &["nsg rule create", "An NSG rule", "nothing answers"],
    ),
    ("router-without-route", &["Give 10.0.1.1 a route to these targets"], &[]),
    ("wildcard-dns", &["the DNS server answers every name with it"], &["private endpoint that was removed"]),
    (
        "vm-reject",
        &["34 undecided (see below)", "The system said: this machine's own firewall"],
        &["? graph"],
    ),
    ("portal-tls", &["Let TLS to these hosts pass it unopened as well."], &[]),
];

fn a_report_says_and_advises_what_fits_its_network() {
    for (network, right, wrong) in SAID {
        let output = command_in(network, &[], &["check", "--color", "never"]);
        let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        let lacking: Vec<&&str> = right.iter().filter(|words| !text.contains(**words)).collect();
        let too_much: Vec<&&str> = wrong.iter().filter(|words| text.contains(**words)).collect();
        assert!(lacking.is_empty() && too_much.is_empty(), "{network}: {lacking:?} {too_much:?}\n{text}");
    }
}
