//! `rules --only-part gateway`: what it writes in each language, and that a review of it finds nothing.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{BINARY, probe, refused, stderr, stdout};

const INSTANCE: [&str; 6] =
    ["--service", "shop", "--private-ip", "10.1.1.5", "--hostname", "gateway=api.contoso.example"];

const PORTAL: [&str; 2] = ["--hostname", "developer=portal.contoso.example"];

fn rules(language: &str, more: &[&str]) -> String {
    let args = [&["rules", "--as", language, "--only-part", "gateway"], INSTANCE.as_slice(), more].concat();
    let output = probe(&args);
    assert_eq!(output.status.code(), Some(0), "{language}: {}", stderr(&output));
    stdout(&output)
}

fn review(text: &str) -> Value {
    let mut child = Command::new(BINARY)
        .args([&["review", "-", "--format", "json"], INSTANCE.as_slice(), &PORTAL].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("standard input").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn unfit(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let of_gateway = findings.filter(|finding| finding["code"] == "gateway-unfit");
    of_gateway.map(|finding| finding["reasons"].to_string()).collect()
}

#[test]
fn every_language_names_the_host_the_path_and_the_ports() {
    for language in ["az", "bicep", "terraform", "arm", "csv", "markdown"] {
        let text = rules(language, &[]);
        for part in
            ["api.contoso.example", "/status-0123456789abcdef", "65200-65535", "GatewayManager", "10.1.1.5"]
        {
            assert!(text.contains(part), "{language}: {part}: {text}");
        }
        assert!(!text.contains("ServiceStatus"), "{language}: {text}");
        assert_eq!(text.contains('<'), language == "az", "{language}: {text}");
        assert_eq!(text, rules(language, &[]));
    }
}

#[test]
fn an_endpoint_with_a_domain_of_its_own_is_published_beside_the_gateway() {
    let text = rules("csv", &PORTAL);
    assert!(
        text.contains("probe-portal") && text.contains("https://portal.contoso.example/internal-status"),
        "{text}"
    );
    let text = rules("csv", &["--hostname", "developer=portal.contoso.example", "--required-only"]);
    assert!(!text.contains("probe-portal"), "{text}");
}

#[test]
fn nothing_of_a_gateway_is_written_where_nobody_asks_for_it_or_for_a_firewall() {
    for language in ["az", "arm", "csv", "markdown"] {
        let output = probe(&[&["rules", "--as", language], INSTANCE.as_slice()].concat());
        assert!(!stdout(&output).contains("GatewayManager"), "{language}");
    }
    let output = probe(&["rules", "--as", "azure-firewall", "--only-part", "gateway"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert!(stderr(&output).contains("Application Gateway"), "{}", stderr(&output));
}

#[test]
fn a_review_of_what_is_written_finds_nothing_and_of_each_spoiled_value_its_reason() {
    let template = rules("arm", &PORTAL);
    assert_eq!(unfit(&review(&template)), Vec::<String>::new());
    for (written, spoiled, reason) in [
        ("\"/status-0123456789abcdef\"", "\"/\"", "probe-path"),
        ("\"requestTimeout\": 180", "\"requestTimeout\": 20", "settings-timeout"),
        ("\"ipAddress\": \"10.1.1.5\"", "\"ipAddress\": \"10.1.1.9\"", "pool-address"),
    ] {
        assert!(template.contains(written), "{written}");
        let found = unfit(&review(&template.replace(written, spoiled)));
        assert!(
            found.iter().all(|reasons| reasons.contains(reason)) && !found.is_empty(),
            "{reason}: {found:?}"
        );
    }
}

#[test]
fn configuration_without_one_gateway_is_refused() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let group = format!("{folder}/../tests/network/documents/nsg.rest.json");
    refused(
        &["rules", "--as", "az", "--only-part", "gateway", "--config", &group],
        "expected one Application Gateway",
    );
    let gateway = format!("{folder}/../tests/network/documents/application-gateway.rest.json");
    refused(&["rules", "--as", "az", "--only-part", "gateway", "--config", &gateway], "describes the subnet");
}

#[test]
fn of_a_gateway_that_listens_for_each_endpoint_nothing_is_missing_and_review_is_pointed_to() {
    let estate = std::fs::read_to_string(format!(
        "{}/../tests/network/gateway/estate.json",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let estate: serde_json::Map<String, Value> = serde_json::from_str(&estate).unwrap();
    let file = std::env::temp_dir().join(format!("apim-probe-listens-{}.json", std::process::id()));
    let documents: Vec<Value> = estate.into_iter().map(|(_, document)| document).collect();
    std::fs::write(&file, serde_json::json!({ "value": documents }).to_string()).unwrap();
    let output =
        probe(&["rules", "--as", "az", "--only-part", "gateway", "--config", &file.to_string_lossy()]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", stderr(&output));
    for words in ["nothing is missing", "`apim-probe review` says what is wrong"] {
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    std::fs::remove_file(&file).unwrap();
}
