//! What this machine adds of its own: a hosts file, a stub resolver that is dead, its name; and what others told of it.

use std::process::Output;

use serde_json::Value;

use crate::judgement::Saved;
use crate::{Test, check, command_in, ends, first, report, roots, run_with};

pub(crate) const TESTS: &[Test] = &[
    (
        "surroundings::a_hosts_file_that_differs_is_said_and_dns_decides",
        a_hosts_file_that_differs_is_said_and_dns_decides,
    ),
    ("surroundings::name_and_kernel_come_from_the_kernel_alone", name_and_kernel_come_from_the_kernel_alone),
    ("surroundings::a_dead_stub_resolver_is_this_machines", a_dead_stub_resolver_is_this_machines),
    ("surroundings::what_the_portal_does_not_say_is_absent", what_the_portal_does_not_say_is_absent),
    (
        "surroundings::of_a_chain_the_expired_certificate_is_named",
        of_a_chain_the_expired_certificate_is_named,
    ),
    (
        "surroundings::a_dns_server_that_answers_over_tcp_alone_is_said_to",
        a_dns_server_that_answers_over_tcp_alone_is_said_to,
    ),
];

/// Runs the program with these words after a shell line, in the healthy network.
fn after(line: &str, words: &[&str]) -> Output {
    let before = first(line);
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    command_in("healthy", &before, words)
}

fn a_hosts_file_that_differs_is_said_and_dns_decides() {
    let line = "cp /etc/hosts /tmp/apim-probe-vault.$$ && echo 20.99.250.250 APIKV-abc123def456ghi789.vault.azure.net >> \
                /tmp/apim-probe-vault.$$ && mount --bind /tmp/apim-probe-vault.$$ /etc/hosts && rm /tmp/apim-probe-vault.$$";
    let output = after(line, &["check", "--format", "json"]);
    let report = report(&output);
    let vault = check(&report, "keyvault-apim");
    let dns = &vault["evidence"]["dns"];
    assert_eq!((output.status.code(), &vault["status"]), (Some(0), &"success".into()), "{vault:#}");
    assert_eq!(dns["hostsFile"], Value::Array(vec!["20.99.250.250".into()]));
    assert_ne!(dns["addresses"][0]["ip"], "20.99.250.250");
    assert!(check(&report, "sql-database")["evidence"]["dns"].get("hostsFile").is_none());
    let people = after(line, &["check", "-v"]);
    let people = String::from_utf8_lossy(&people.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(people.contains("hosts file has 20.99.250.250") && people.contains("DNS decided"), "{people}");
}

fn name_and_kernel_come_from_the_kernel_alone() {
    // The files that tell the same are empty, and the name is one that no file has.
    let line = "echo witness-7 > /proc/sys/kernel/hostname && for file in /etc/hostname /proc/sys/kernel/hostname \
                /proc/sys/kernel/osrelease /proc/version; do mount --bind /dev/null $file; done";
    let before = ["unshare", "--uts"].map(str::to_owned).into_iter().chain(first(line)).collect::<Vec<_>>();
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let output = run_with("healthy", &before, &["--only", "imds"]);
    let host = &report(&output)["host"];
    let kernel = nix::sys::utsname::uname().expect("uname").release().to_string_lossy().into_owned();
    assert_eq!(
        (&host["hostname"], &host["kernel"]),
        (&"witness-7".into(), &Value::String(kernel)),
        "{host:#}"
    );
}

fn a_dead_stub_resolver_is_this_machines() {
    let output = after("echo nameserver 127.0.0.53 > /etc/resolv.conf", &["check", "--format", "json"]);
    let report = report(&output);
    assert_eq!(
        (output.status.code(), roots(&report)),
        (Some(3), vec!["local-limit".to_owned()]),
        "{report:#}"
    );
    let finding = &report["findings"][0];
    assert!(finding["title"].as_str().is_some_and(|title| title.contains("127.0.0.53")), "{finding:#}");
    assert!(finding["remedy"]["commands"].to_string().contains("resolvectl status"), "{finding:#}");
}

/// NetworkStatus that says as little as may be of the vault, and a time as .NET writes it of SQL.
const TERSE: &str = r#"{"dnsServers": [], "connectivityStatus": [
  {"name": "apikv-abc123def456ghi789.vault.azure.net", "status": "success"},
  {"name": "apirpsqlabc123def456gh.database.windows.net", "status": "success", "error": "", "resourceType": "SQLDatabase",
   "lastUpdated": "2026-05-01T10:20:30.1234567Z", "isOptional": false}
]}"#;

fn what_the_portal_does_not_say_is_absent() {
    let portal = Saved::new(TERSE.as_bytes());
    let words = ["check", "--format", "json", "--from-network-status", portal.path()];
    let report = report(&command_in("healthy", &[], &words));
    let said = |endpoint| check(&report, endpoint)["portal"].as_object().expect("an object").clone();
    // Without its kind the portal's row is no row of the catalogue.
    let vault = said("custom");
    assert_eq!(vault.keys().collect::<Vec<_>>(), ["name", "status"], "{vault:?}");
    let sql = said("sql-database");
    assert!(!sql.contains_key("error"), "{sql:?}");
    assert_eq!(sql["lastUpdated"], "2026-05-01T10:20:30.123Z");
    assert!(check(&report, "graph").get("portal").is_none());
}

fn of_a_chain_the_expired_certificate_is_named() {
    let report = ends("issuer-expired", 1, &["certificate-unfit"]);
    let title = report["findings"][0]["title"].as_str().expect("a title");
    assert!(title.contains("Lab Public Issuing CA 00") && title.contains("expired"), "{title}");
    assert_eq!(check(&report, "keyvault-apim")["cause"], "cert-expired");
}

fn a_dns_server_that_answers_over_tcp_alone_is_said_to() {
    let report = ends("tcp-only", 1, &["dns-server-silent"]);
    let title = report["findings"][0]["title"].as_str().expect("a title");
    assert!(title.contains("only over TCP"), "{title}");
    let detail = check(&report, "keyvault-apim")["steps"].to_string();
    assert!(detail.contains("answered over TCP only"), "{detail}");
}
