//! The command line as a user types it: usage errors, plans, explanations. No test here sends a packet beyond
//! loopback: checks are limited to closed ports of 127.0.0.1.

use std::process::{Command, Output};

use apim_probe_checks::diagnose::Code;
use apim_probe_checks::outcome::Cause;
use serde_json::Value;

use crate::saved::Saved;

mod azure;
mod clouds;
mod codes;
mod console;
mod definition;
mod diff;
mod environment;
mod estates;
mod generated;
mod help;
mod hostile;
mod network_status;
mod outputs;
mod overview;
mod review;
mod rules;
mod rules_csv;
mod rules_gateway;
mod rules_review;
mod saved;
mod secrets;
mod stream;
mod terminal;
mod wait;

const BINARY: &str = env!("CARGO_BIN_EXE_apim-probe");

fn probe(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).output().expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One `error:` line, one `hint:` line, exit 2, nothing on stdout.
fn refused(args: &[&str], words: &str) {
    let output = probe(args);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        matches!(lines[..], [error, hint] if error.starts_with("error: ") && hint.starts_with("hint: ")),
        "{said}"
    );
    assert!(said.contains(words), "{args:?}: {said}");
    assert_eq!(stdout(&output), "", "{args:?}");
}

#[test]
fn bad_input_is_one_error_and_one_hint() {
    refused(&["--region", "eastuss2"], "`eastus2`");
    refused(&["--region", "eastus2", "--cloud", "china"], "--cloud public");
    refused(&["--bogus"], "--bogus");
    refused(&["chekc"], "chekc");
    refused(
        &["--deadline", "10"],
        "a number with a unit (ms, s, m, h) such as `5s` or `1500ms`, got `10`; did you mean `10s`?",
    );
    refused(&["--deadline", "0s"], "more than zero and at most 24h, got `0s`");
    refused(&["--connect-timeout", "-1s"], "-1");
    refused(&["--concurrency", "0"], "concurrency");
    refused(&["--public-roots", "/nonexistent/roots.pem"], "/nonexistent/roots.pem");
    refused(&["--public-roots", "/etc/hostname"], "no certificate");
    refused(&["--endpoint", "nonsense"], "HOST:PORT");
    refused(&["--endpoint", "a.example:443/gopher"], "`gopher`");
    refused(&["--only", "storage-blub"], "`storage-blob`");
    refused(&["--only", "storage-blob", "--skip", "storage"], "no check");
    refused(&["--format", "yaml"], "human, json");
    refused(&["--summary-bytes", "10", "--format", "json"], "--summary-bytes");
    refused(&["--output", "/nonexistent/report.json"], "/nonexistent/report.json");
    refused(&["--dns-server", "dns.example"], "10.0.2.4");
    refused(&["--service", "api.contoso.com"], "--hostname gateway=api.contoso.com");
    refused(&["explain", "no-such-code"], "no-such-code");
    refused(&["explain", "ocsp.msocsp.co"], "`ocsp.msocsp.com`");
    refused(&["explain", "conect-timeout"], "did you mean `connect-timeout`?");
    refused(&["explain", "reprot.json"], "no such file");
    refused(&["--cloud", "gov"], "did you mean `usgov`?");
    refused(&["--cloud", "gov"], "expected one of public, usgov, china, got `gov`");
    refused(&["--vnet-mode", "interna"], "expected internal or external, got `interna`");
    refused(&["--endpoint", "contoso.com"], "expected HOST:PORT, for example `contoso.com:443`");
    refused(&["--endpoint", "x:443/htps"], "did you mean `https`?");
    refused(&["--endpoint", "x:443,optional"], "expected `required` after the comma, got `optional`");
    refused(&["--storage-account", "My_Storage!"], "3 to 24 lower-case letters and digits");
    refused(&["--hostname", "api.contoso.com"], "expected KIND=FQDN, for example `gateway=api.contoso.com`");
    refused(&["--bogus"], "unknown option `--bogus`");
    refused(&["plan", "--bogus"], "`apim-probe plan --help` lists its options");
    refused(&["plan", "--deadline", "5s"], "unknown option `--deadline`");
    refused(&["chek"], "unknown command `chek`");
    refused(&["chek"], "did you mean `check`?");
    refused(&["explain", "service-tag-block"], "did you mean `service-tag-blocked`?");
}

#[test]
fn a_monitoring_system_gets_unknown_and_3() {
    let output = probe(&["--format", "nagios", "--region", "nowhere"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).starts_with("UNKNOWN - "), "{}", stdout(&output));
}

#[test]
fn a_plan_names_every_target_and_why_others_are_left_out() {
    let output = probe(&[
        "plan",
        "--region",
        "eastus2",
        "--storage-account",
        "acct",
        "--format",
        "json",
        "--dns-server",
        "10.0.2.4",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan in JSON");
    let checks = plan["checks"].as_array().expect("checks");
    let find = |id: &str| checks.iter().find(|check| check["id"] == id);
    assert_eq!(find("storage-blob/acct.blob.core.windows.net:443").expect("the blob")["isOptional"], false);
    let sql =
        find("sql-regional-gateway/eastus2-a.control.database.windows.net:1433").expect("the shared front");
    assert_eq!((&sql["fallback"], &sql["protocol"]), (&Value::Bool(true), &Value::from("tds")));
    assert_eq!(find("keyvault-apim").expect("the vault")["skipReason"], "name-unknown");
    assert_eq!(find("dns-vnet/10.0.2.4:53").expect("the server")["transport"], "udp+tcp");
    assert_eq!(find("own-gateway").expect("the gateway")["skipReason"], "no-instance");
    assert!(checks.iter().all(|check| check.get("status").is_none()));
}

#[test]
fn a_shared_front_is_selected_with_the_row_that_it_stands_in_for() {
    let ids = |words: &[&str]| {
        let output = probe(&[&["plan", "--region", "eastus2", "--format", "json"], words].concat());
        let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan in JSON");
        let checks = plan["checks"].as_array().expect("checks").clone();
        checks.iter().filter_map(|check| check["endpoint"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--only", "sql-database"]), ["sql-regional-gateway"]);
    assert_eq!(ids(&["--only", "sql-regional-gateway"]), ["sql-regional-gateway"]);
    assert_eq!(ids(&["--only", "sql-database", "--sql-server", "x"]), ["sql-database"]);
    assert_eq!(ids(&["--only", "sql-database", "--skip", "sql-regional-gateway"]), ["sql-database"]);
}

#[test]
fn a_sovereign_cloud_has_its_own_hosts() {
    let output = probe(&[
        "plan",
        "--region",
        "usgovvirginia",
        "--storage-account",
        "acct",
        "--key-vault",
        "kv",
        "-f",
        "json",
    ]);
    let text = stdout(&output);
    assert!(
        text.contains("acct.blob.core.usgovcloudapi.net") && text.contains("kv.vault.usgovcloudapi.net"),
        "{text}"
    );
    assert!(!text.contains("-0.in.applicationinsights.azure.com"), "the public cloud's host is asked");
    assert!(
        text.contains("fairfax.warmpath.usgovcloudapi.net")
            && !text.contains("gcs.prod.monitoring.core.windows.net")
    );
}

#[test]
fn a_service_is_known_by_its_name_and_by_its_host_names() {
    let hosts = |service: &str| -> Vec<String> {
        let flags = [
            "plan",
            "--region",
            "eastus2",
            "--only",
            "own-endpoints",
            "--format",
            "json",
            "--service",
            service,
        ];
        let plan: Value = serde_json::from_slice(&probe(&flags).stdout).expect("a plan in JSON");
        let checks = plan["checks"].as_array().expect("checks").iter();
        checks.map(|check| check["host"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let named = hosts("contoso");
    assert!(named.contains(&"contoso.developer.azure-api.net".to_owned()), "{named:?}");
    for same in
        ["contoso.azure-api.net", "Contoso.management.azure-api.net", "https://contoso.azure-api.net/"]
    {
        assert_eq!(hosts(same), named, "{same}");
    }
    let flags = ["plan", "--region", "eastus2", "--key-vault", "https://apikv-abc.vault.azure.net/"];
    assert!(stdout(&probe(&flags)).contains("apikv-abc.vault.azure.net:443"));
}

#[test]
fn a_plan_says_where_each_target_comes_from_its_rule_and_its_documents() {
    let flags = [
        "--region",
        "eastus2",
        "--key-vault",
        "apikv-abc",
        "--service",
        "contoso",
        "--endpoint",
        "a.example:443",
    ];
    let human = stdout(&probe(&[&["plan", "-v"], &flags[..]].concat()))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for words in [
        "from an option; allow outbound TCP 443 from VirtualNetwork to AzureKeyVault; sources: VNR-2026b (2026-04-30)",
        "from an option; allow inbound TCP 3443 from ApiManagement to VirtualNetwork",
        "the region's shared endpoint (fallback); allow outbound TCP 1433 from VirtualNetwork to Sql",
        "none is needed: the platform allows it unless a rule denies the tag AzurePlatformDNS",
    ] {
        assert!(human.contains(words), "{words}: {human}");
    }
    let output = probe(&[&["plan", "--format", "json"], &flags[..]].concat());
    let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan in JSON");
    for check in plan["checks"].as_array().expect("checks") {
        let own = check["endpoint"] == "custom";
        let documents = check["documents"].as_array().expect("documents");
        assert!(
            own || documents.iter().all(|one| one["title"].is_string() && one["location"].is_string()),
            "{check}"
        );
        assert_eq!(own, documents.is_empty(), "{check}");
        assert_eq!(check.get("rule").is_some(), !own && check.get("port").is_some(), "{check}");
    }
    let markdown = stdout(&probe(&[&["plan", "--format", "markdown"], &flags[..]].concat()));
    assert!(
        markdown.contains("| flag | allow outbound TCP 443 from VirtualNetwork to AzureKeyVault | VNR-2026b")
    );
}

#[test]
fn words_tags_hosts_and_codes_are_explained_whatever_their_case() {
    for (code, words) in [
        ("service-tag-blocked", "What to do"),
        ("sql-database", "az network nsg rule create"),
        ("ocsp.msocsp.com", "Retired"),
        ("Connect-Timeout", "Nothing came back"),
        ("SQL-Database", "Sql"),
        ("csp.digicert.com", "ocsp.digicert.com is meant"),
        ("ocsp.msocsp.com", "oneocsp.microsoft.com"),
        ("AzureMonitor", "monitor-gcs"),
    ] {
        let output = probe(&["explain", code]);
        assert_eq!(output.status.code(), Some(0), "{code}: {}", stderr(&output));
        assert!(stdout(&output).contains(words), "{code}: {}", stdout(&output));
    }
}

/// For somebody at a terminal of 80 columns: no marks of Markdown, and all of what, why, how and who says so.
#[test]
fn every_finding_and_every_cause_is_explained_in_plain_words() {
    for code in
        Code::ALL.iter().map(|code| code.as_str()).chain(Cause::ALL.iter().map(|cause| cause.as_str()))
    {
        let text = stdout(&probe(&["explain", code]));
        assert!(text.starts_with(code), "{text}");
        for part in ["Why it matters", "What to do", "Source", "https://"] {
            assert!(text.contains(part), "{code}: {part}");
        }
        let is_plain =
            |line: &str| !line.starts_with('#') && !line.contains("](") && !line.contains("<https");
        assert!(text.lines().all(is_plain), "{text}");
        let wide = text.lines().find(|line| line.chars().count() > 80 && !line.contains("https://"));
        assert_eq!(wide, None, "{code}");
    }
}

/// A run against closed ports of this machine only.
fn closed_port(more: &[&str]) -> Output {
    let local = [
        "check",
        "--endpoint",
        "127.0.0.1:9/tls,required",
        "--only",
        "custom",
        "--no-imds",
        "--no-azure-dns",
    ];
    probe(&[&local[..], more].concat())
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    for format in
        ["human", "json", "jsonl", "network-status", "markdown", "html", "junit", "tap", "openmetrics"]
    {
        assert_eq!(closed_port(&["--format", format]).status.code(), Some(1), "{format}");
    }
    assert_eq!(closed_port(&["--format", "nagios"]).status.code(), Some(2));
    assert_eq!(closed_port(&["--exit-zero"]).status.code(), Some(0));
}

#[test]
fn a_saved_report_is_judged_again_with_the_same_findings() {
    let saved = std::env::temp_dir().join(format!("apim-probe-cli-{}.json", std::process::id()));
    let output = closed_port(&["--format", "json", "--output", &saved.to_string_lossy()]);
    let first: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let again = probe(&["explain", &saved.to_string_lossy(), "--format", "json"]);
    let second: Value = serde_json::from_slice(&again.stdout).expect("a report");
    let _ = std::fs::remove_file(&saved);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(first["findings"], second["findings"]);
    assert_eq!(first["checks"][0]["cause"], "connect-refused");
    assert_eq!(first["checks"], second["checks"]);
}

#[test]
fn a_damaged_or_foreign_file_is_an_error() {
    for text in [
        "",
        "{",
        "[]",
        "{\"schemaVersion\":\"1.0\"}",
        "{\"schemaVersion\":\"1.0\",\"tool\":{\"name\":\"apim-probe\"},\"run\":{\"startedAt\":\"2026-11-21T02:00:00Z\"},\"checks\":[]}",
        "{\"schemaVersion\":\"9.0\",\"tool\":{\"name\":\"apim-probe\"}}",
    ] {
        let file = Saved::new("bad.json", text);
        let output = probe(&["explain", file.path()]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(stderr(&output).starts_with("error: "), "{text}");
    }
}

#[test]
fn another_document_than_a_report_is_named() {
    let plan = stdout(&probe(&["plan", "--format", "json"]));
    let portals = include_str!("network-status/two-locations.json");
    for (text, what, hint) in [
        (plan.as_str(), "it is a plan", "apim-probe check -o report.json"),
        (portals, "it is NetworkStatus", "--from-network-status"),
        ("", "it is empty", "json or jsonl"),
        ("<html>", "not valid JSON", "json or jsonl"),
        ("{", "it is cut off", "again"),
        ("{}{}", "more than one report", "a file of its own"),
    ] {
        let file = Saved::new("other.json", text);
        for args in [&["explain", file.path()][..], &["diff", file.path(), file.path()]] {
            let output = probe(args);
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains(what) && said.contains("hint: ") && said.contains(hint), "{said}");
            assert_eq!(said.lines().count(), 2, "{said}");
        }
    }
}

#[test]
fn a_report_is_read_in_every_encoding_that_shells_write() {
    let file = std::env::temp_dir().join(format!("apim-probe-cli-wide-{}.json", std::process::id()));
    for format in ["json", "jsonl"] {
        let text = stdout(&closed_port(&["--format", format])).replace('\n', "\r\n");
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [marked, b"\xFF\xFE".iter().copied().chain(wide).collect()] {
            std::fs::write(&file, bytes).expect("a file in the temporary folder");
            let output = probe(&["explain", &file.to_string_lossy(), "--format", "json"]);
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        }
    }
    let _ = std::fs::remove_file(&file);
}

#[test]
fn a_folder_hides_no_code() {
    let folder = std::env::temp_dir().join(format!("apim-probe-cli-folder-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("storage")).expect("a folder in the temporary folder");
    let explain = |what: &str| {
        let command = Command::new(env!("CARGO_BIN_EXE_apim-probe"))
            .args(["explain", what])
            .current_dir(&folder)
            .output();
        command.expect("the program runs")
    };
    let (code, nothing) = (explain("storage"), explain("."));
    let _ = std::fs::remove_dir_all(&folder);
    assert!(stdout(&code).contains("a group of"), "{}", stderr(&code));
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).starts_with("error: `.` is a folder\nhint: "), "{}", stderr(&nothing));
}

#[test]
fn premium_v2_says_that_a_twin_subnet_is_needed() {
    assert!(stdout(&probe(&["plan", "--profile", "premium-v2"])).contains("twin subnet"));
    assert!(!stdout(&probe(&["plan"])).contains("twin subnet"));
}
