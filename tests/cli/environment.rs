//! `APIM_PROBE_…` variables: every option of Instance and Network has one, and what is typed wins.

use std::process::{Command, Output};

use crate::{BINARY, stderr, stdout};

fn plan(variables: &[(&str, &str)], words: &[&str]) -> Output {
    Command::new(BINARY)
        .arg("plan")
        .args(words)
        .envs(variables.iter().copied())
        .output()
        .expect("the binary runs")
}

#[test]
fn variables_name_the_instance() {
    let variables = [
        ("APIM_PROBE_REGION", "eastus2"),
        ("APIM_PROBE_STORAGE_ACCOUNT", "one123,two456"),
        ("APIM_PROBE_ENDPOINT", "backend.contoso.com:8443,required"),
        ("APIM_PROBE_DNS_SERVER", "10.9.8.7"),
    ];
    let text = stdout(&plan(&variables, &["-f", "json"]));
    for host in
        ["one123.blob.core.windows.net", "two456.blob.core.windows.net", "backend.contoso.com", "10.9.8.7"]
    {
        assert!(text.contains(host), "{host}: {text}");
    }
    let text =
        stdout(&plan(&variables, &["-f", "json", "--storage-account", "typed789", "--region", "westeurope"]));
    assert!(
        text.contains("typed789.blob") && !text.contains("one123") && text.contains("westeurope"),
        "{text}"
    );
}

/// A front end is probed and a resource id is read from Azure: each command takes of one variable what it can use.
#[test]
fn the_variable_of_a_gateway_serves_every_command() {
    let id = "/subscriptions/1-2/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw";
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/network/documents/nsg.rest.json");
    let ran = |value: &str, words: &[&str]| -> String {
        let output =
            Command::new(BINARY).args(words).env("APIM_PROBE_APP_GATEWAY", value).output().expect("it runs");
        assert_ne!(output.status.code(), Some(2), "{value} {words:?}: {}", stderr(&output));
        stdout(&output)
    };
    for value in ["agw.example.com", id, &format!("agw.example.com,{id}")] {
        let plan = ran(value, &["plan", "--region", "eastus2", "--service", "contoso", "-f", "json"]);
        assert_eq!(plan.contains("app-gateway-front-gateway/"), value.contains("example"), "{value}");
        let _ = ran(value, &["review", document]);
        let role = ran(value, &["fetch", "--print-role"]);
        assert_eq!(role.contains("applicationGateways/read"), value.contains(id), "{value}: {role}");
    }
}

#[test]
fn a_bad_value_is_told_with_its_variable() {
    let output = plan(&[("APIM_PROBE_CLOUD", "gov")], &["--region", "eastus2"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("expected one of public, usgov, china, got `gov`"), "{said}");
    assert!(said.contains("APIM_PROBE_CLOUD") && said.contains("did you mean `usgov`?"), "{said}");
    let output = plan(&[("APIM_PROBE_NO_IMDS", "maybe")], &["--region", "eastus2"]);
    assert!(
        stderr(&output).contains("APIM_PROBE_NO_IMDS: expected true or false, got `maybe`"),
        "{}",
        stderr(&output)
    );
}
