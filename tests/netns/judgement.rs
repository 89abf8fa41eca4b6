//! The judgement on real runs: judged again from a file it is the same, and the portal's word stands beside it.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{Test, check, command_in, ends, lab, probe, report, roots};

/// A file that goes when the test ends.
pub(crate) struct Saved(std::path::PathBuf);

impl Saved {
    /// A file with this text.
    pub(crate) fn new(text: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("apim-probe-judged-{}-{number}", std::process::id()));
        std::fs::write(&path, text).expect("a file in the temporary folder");
        Self(path)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("an ASCII path")
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What the run said must be said again of its saved report, with the same exit code.
pub(crate) fn is_judged_again(output: &Output, report: &Value) {
    let saved = Saved::new(&output.stdout);
    let again =
        Command::new(probe()).args(["explain", saved.path(), "--format", "json"]).output().expect("explain");
    let judged: Value = serde_json::from_slice(&again.stdout).expect("a report");
    assert_eq!((&judged["findings"], &judged["summary"]), (&report["findings"], &report["summary"]));
    assert_eq!(again.status.code(), output.status.code());
}

fn every_scenario_that_is_listed_is_tested() {
    let tests = [
        include_str!("main.rs"),
        include_str!("gateway.rs"),
        include_str!("azure.rs"),
        include_str!("devices.rs"),
        include_str!("judgement.rs"),
        include_str!("limits.rs"),
        include_str!("loss.rs"),
        include_str!("machine.rs"),
        include_str!("networks.rs"),
        include_str!("rejects.rs"),
        include_str!("reports.rs"),
        include_str!("surroundings.rs"),
    ];
    let list = Command::new(lab()).arg("--list").output().expect("the list");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 16, "{names:?}");
    for name in names {
        assert!(tests.iter().any(|test| test.contains(&format!("\"{name}\""))), "no test runs `{name}`");
    }
}

/// NetworkStatus of the lab's instance: the vault fails there, SQL does not, and its name servers are others.
const PORTAL: &str = r#"{"dnsServers": ["10.9.9.9"], "connectivityStatus": [
  {"name": "apikv-abc123def456ghi789.vault.azure.net", "status": "failure", "error": "timed out", "resourceType": "AzureKeyVault", "isOptional": false},
  {"name": "apirpsqlabc123def456gh.database.windows.net", "status": "success", "error": "", "resourceType": "SQLDatabase", "isOptional": false}
]}"#;

fn the_portal_and_the_machine_stand_side_by_side() {
    let portal = Saved::new(PORTAL.as_bytes());
    let words = ["check", "--format", "json", "--from-network-status", portal.path()];
    let output = command_in("sql-blocked", &[], &words);
    let report = report(&output);
    let wanted = ["service-tag-blocked", "portal-disagrees", "portal-disagrees", "portal-disagrees"];
    assert_eq!(roots(&report), wanted, "{:#}", report["findings"]);
    let titles: String =
        report["findings"].as_array().expect("findings").iter().map(|one| one["title"].to_string()).collect();
    for words in ["The portal says that apikv-", "The portal reaches apirpsql", "10.9.9.9, not 10.0.2.4"] {
        assert!(titles.contains(words), "{words}: {titles}");
    }
    assert_eq!(check(&report, "keyvault-apim")["portal"]["status"], "failure");
    is_judged_again(&output, &report);
    let words = ["check", "-v", "--from-network-status", portal.path()];
    let output = command_in("sql-blocked", &[], &words);
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("portal: failure (timed out); here: success; the fault is on the instance's side"),
        "{text}"
    );
    assert!(text.contains("path: service endpoint (the vault sees the private address 10.0.1.4)"), "{text}");
}

/// The title of the one root above `info`.
fn title(report: &Value) -> &str {
    report["findings"][0]["title"].as_str().expect("a title")
}

fn resets_from_a_firewall_are_refusals_and_no_silence() {
    let all = ends("all-reset", 1, &["firewall-rejects"]);
    assert!(all["findings"][0]["affects"].as_array().is_some_and(|affects| affects.len() > 60));
    let one = ends("private-endpoint-refuses", 1, &["address-refuses"]);
    assert!(title(&one).contains("10.0.4.5:443"), "{}", title(&one));
}

fn name_servers_that_are_slow_need_tcp_or_filter_are_told_apart() {
    let slow = ends("dns-slow", 0, &[]);
    assert_eq!(slow["summary"]["verdict"], "healthy");
    let cut = ends("dns-tcp-blocked", 1, &["dns-server-silent"]);
    assert!(title(&cut).contains("TCP 53"), "{}", title(&cut));
    let filter = ends("dns-filter", 1, &["dns-not-forwarding"]);
    assert!(title(&filter).contains("answers 0.0.0.0 or loopback for apikv-"), "{}", title(&filter));
    assert_eq!(filter["findings"][0]["confidence"], "high", "168.63.129.16 was asked for comparison");
}

fn two_name_servers_of_two_minds_are_said_although_all_is_well() {
    let report = ends("dns-disagree", 0, &["dns-servers-disagree"]);
    let finding = &report["findings"][0];
    assert_eq!(
        (&report["summary"]["verdict"], &finding["severity"]),
        (&"degraded".into(), &"warning".into())
    );
    assert!(
        finding["detail"].as_str().is_some_and(|detail| detail.contains("10.0.2.5 says NXDOMAIN")),
        "{finding}"
    );
}

fn certificates_that_are_not_valid_yet_are_the_clocks_fault() {
    let report = ends("clock-behind", 1, &["clock-skew"]);
    assert_eq!(title(&report), "This machine's clock is 30 days behind.");
    assert_eq!(check(&report, "keyvault-apim")["cause"], "cert-not-yet-valid");
}

fn an_ipv6_address_that_is_rejected_beside_ipv4_that_works_fails_nothing() {
    // Alone: where questions queue on a busy machine, the name may be gone on with before its AAAA answer is there.
    let report = report(&crate::run("ipv6-broken", &["--only", "entra-login"]));
    assert_eq!((&report["summary"]["exitCode"], roots(&report)), (&0.into(), Vec::new()));
    let finding = &report["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"address-partial".into(), &"info".into()));
    assert!(finding["detail"].as_str().is_some_and(|detail| detail.contains("2603:1030::5")), "{finding}");
}

fn a_firewall_that_filters_by_name_and_a_filter_with_its_own_certificate_are_told_apart() {
    let report = ends("sni-filter", 1, &["firewall-answers-for-target"]);
    assert_eq!(check(&report, "storage-table")["status"], "success");
    assert_eq!(check(&report, "keyvault-apim")["cause"], "tls-reset");
    let report = ends("captive-tls", 1, &["tls-interception"]);
    assert!(title(&report).contains("filter.contoso.example"), "{}", title(&report));
}

fn a_missing_rule_for_sign_in_names_its_tag() {
    let report = ends("sign-in-blocked", 0, &["service-tag-blocked"]);
    assert!(title(&report).contains("AzureActiveDirectory"), "{}", title(&report));
}

fn a_proxy_in_the_environment_is_no_way_out() {
    let report = ends("proxy-only", 1, &["outbound-all-blocked"]);
    let detail = report["findings"][0]["detail"].as_str().expect("a detail");
    assert!(detail.contains("names a proxy"), "{detail}");
    assert_eq!(report["host"]["proxy"]["https_proxy"], "http://10.0.2.8:3128");
}

fn a_name_that_no_server_knows_and_one_that_a_server_keeps_silent_about_are_told_apart() {
    let report = ends("storage-unknown", 1, &["names-not-found"]);
    let finding = &report["findings"][0];
    assert_eq!((&finding["severity"], &finding["confidence"]), (&"error".into(), &"medium".into()));
    assert_eq!(check(&report, "storage-blob")["cause"], "dns-nxdomain");
    assert!(finding["remedy"]["summary"].to_string().contains("--storage-account"), "{finding}");
    let report = ends("dns-name-silent", 1, &["dns-server-silent"]);
    let finding = &report["findings"][0];
    assert_eq!((&finding["severity"], &finding["confidence"]), (&"error".into(), &"low".into()));
    assert_eq!(check(&report, "keyvault-apim")["cause"], "dns-timeout");
    assert_eq!(check(&report, "dns-vnet")["status"], "success");
}

fn a_service_that_fails_by_itself_is_neither_a_firewall_nor_the_clock() {
    let report = ends("vault-unavailable", 1, &["service-unavailable"]);
    assert_eq!(check(&report, "keyvault-apim")["cause"], "http-error");
    assert_eq!(report["findings"][0]["confidence"], "low");
    assert!(title(&report).ends_with("is reached and answers with HTTP 503."), "{}", title(&report));
    let report = ends("certificate-expired", 1, &["certificate-unfit"]);
    assert_eq!(check(&report, "keyvault-apim")["cause"], "cert-expired");
    assert!(report["host"]["clock"]["offsetMs"].as_f64().is_some_and(|ms| ms.abs() < 1000.0));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{:#}", report["findings"]);
}

/// What a root finding is about: its code, and an endpoint that it accounts for.
fn accounts(report: &Value, code: &str, endpoint: &str) -> bool {
    let id = &check(report, endpoint)["id"];
    let findings = report["findings"].as_array().expect("findings");
    let of_it = |finding: &&Value| finding["affects"].as_array().is_some_and(|affects| affects.contains(id));
    let roots: Vec<&Value> =
        findings.iter().filter(|one| one.get("explainedBy").is_none()).filter(of_it).collect();
    matches!(roots[..], [only] if only["code"] == code)
}

fn of_two_faults_each_has_its_own_root_and_its_own_checks() {
    let two = ["service-tag-blocked", "firewall-rejects"];
    let report = ends("storage-rejected-vault-dropped", 1, &two);
    assert!(accounts(&report, "firewall-rejects", "storage-blob"));
    assert!(accounts(&report, "service-tag-blocked", "keyvault-apim"));
    let two = ["service-tag-blocked", "dns-servers-disagree"];
    let report = ends("dns-disagree-sql-dropped", 1, &two);
    assert!(accounts(&report, "service-tag-blocked", "sql-database"));
    assert!(accounts(&report, "dns-servers-disagree", "keyvault-apim"));
    let two = ["captive-proxy", "private-endpoint-unreachable"];
    let report = ends("private-endpoint-dead-captive", 1, &two);
    assert!(accounts(&report, "private-endpoint-unreachable", "keyvault-apim"));
    assert!(accounts(&report, "captive-proxy", "crl3-digicert"));
    assert_eq!(check(&report, "keyvault-apim")["evidence"]["dns"]["privateLink"], true);
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    ("judgement::every_scenario_that_is_listed_is_tested", every_scenario_that_is_listed_is_tested),
    (
        "judgement::the_portal_and_the_machine_stand_side_by_side",
        the_portal_and_the_machine_stand_side_by_side,
    ),
    (
        "judgement::resets_from_a_firewall_are_refusals_and_no_silence",
        resets_from_a_firewall_are_refusals_and_no_silence,
    ),
    (
        "judgement::name_servers_that_are_slow_need_tcp_or_filter_are_told_apart",
        name_servers_that_are_slow_need_tcp_or_filter_are_told_apart,
    ),
    (
        "judgement::two_name_servers_of_two_minds_are_said_although_all_is_well",
        two_name_servers_of_two_minds_are_said_although_all_is_well,
    ),
    (
        "judgement::certificates_that_are_not_valid_yet_are_the_clocks_fault",
        certificates_that_are_not_valid_yet_are_the_clocks_fault,
    ),
    (
        "judgement::an_ipv6_address_that_is_rejected_beside_ipv4_that_works_fails_nothing",
        an_ipv6_address_that_is_rejected_beside_ipv4_that_works_fails_nothing,
    ),
    (
        "judgement::a_firewall_that_filters_by_name_and_a_filter_with_its_own_certificate_are_told_apart",
        a_firewall_that_filters_by_name_and_a_filter_with_its_own_certificate_are_told_apart,
    ),
    ("judgement::a_missing_rule_for_sign_in_names_its_tag", a_missing_rule_for_sign_in_names_its_tag),
    ("judgement::a_proxy_in_the_environment_is_no_way_out", a_proxy_in_the_environment_is_no_way_out),
    (
        "judgement::a_name_that_no_server_knows_and_one_that_a_server_keeps_silent_about_are_told_apart",
        a_name_that_no_server_knows_and_one_that_a_server_keeps_silent_about_are_told_apart,
    ),
    (
        "judgement::a_service_that_fails_by_itself_is_neither_a_firewall_nor_the_clock",
        a_service_that_fails_by_itself_is_neither_a_firewall_nor_the_clock,
    ),
    (
        "judgement::of_two_faults_each_has_its_own_root_and_its_own_checks",
        of_two_faults_each_has_its_own_root_and_its_own_checks,
    ),
];
