//! `review` as a user types it: documents in, one report out; and configuration beside a saved report.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{BINARY, probe, refused, stderr, stdout};

/// The file of this name among the documents of the readers' tests.
fn document(name: &str) -> String {
    format!("{}/../tests/network/documents/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn json(args: &[&str]) -> Value {
    let output = probe(&[args, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)))
}

fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks").iter();
    checks.into_iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id}"))
}

#[test]
fn a_rule_that_denies_is_named_in_the_report_and_fails_it() {
    let group = document("nsg.rest.json");
    let output = probe(&["review", &group]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("denied by \"DenyInternet\" (300, nsg-apim)"), "{text}");
    assert!(text.contains("no packet was sent"), "{text}");
    let report = json(&["review", &group]);
    assert_eq!(report["run"]["kind"], "review");
    assert_eq!(report.get("host"), None);
    let sql = check(&report, "sql-database");
    assert_eq!((&sql["stage"], &sql["cause"]), (&"configuration".into(), &"rule-denies".into()));
    assert_eq!(sql["configuration"]["nsg"]["name"], "DenyInternet");
    assert_eq!(report["configuration"]["documents"][0]["kind"], "network-security-group");
    let schema: Value = serde_json::from_str(&apim_probe::report_file::schema()).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn what_no_document_decides_is_never_a_pass() {
    let output = probe(&["review", &document("route-table.rest.json"), "--subnet", "snet-apim"]);
    assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("cannot tell"), "{}", stdout(&output));
}

#[test]
fn documents_name_the_instance_and_settings_are_judged() {
    let report = json(&[
        "review",
        &document("apim.rest.json"),
        &document("vnet.rest.json"),
        &document("nsg.rest.json"),
    ]);
    assert_eq!(report["instance"]["region"], "westeurope");
    assert_eq!(report["instance"]["service"], "contoso-lab");
    assert_eq!(report["configuration"]["subnet"]["name"], "snet-apim");
    assert_eq!(check(&report, "setting-subnet")["cause"], "setting-wrong", "it is delegated");
    assert_eq!(check(&report, "setting-nsg")["status"], "success");
    for (setting, decision) in [("setting-subnet", "denied"), ("setting-nsg", "allowed")] {
        let says = &check(&report, setting)["configuration"];
        assert_eq!((&says["decision"], &says["by"]), (&decision.into(), &"setting".into()), "{setting}");
    }
}

#[test]
fn literal_addresses_are_judged_both_ways() {
    let group = document("nsg.rest.json");
    let flows = ["--endpoint", "203.0.113.7:443/udp,required", "--inbound", "203.0.113.7:443/tcp"];
    let report = json(&[&["review", &group], flows.as_slice()].concat());
    let out = check(&report, "custom/203.0.113.7:443/udp");
    assert_eq!(
        (&out["status"], &out["isOptional"], &out["transport"]),
        (&"failure".into(), &false.into(), &"udp".into())
    );
    assert_eq!(check(&report, "inbound/203.0.113.7:443")["configuration"]["by"], "default-rule");
    refused(&["review", &group, "--inbound", "example.org:443"], "expected an address");
    refused(&["check", "--endpoint", "127.0.0.1:9/udp"], "cannot be probed");
}

/// `az network nsg rule create` overwrites a rule of the same name: what one finding proposes another does not.
#[test]
fn no_two_findings_propose_the_same_rule() {
    let report = json(&["review", &document("effective-rules.rest.json"), "--vnet-mode", "external"]);
    let findings = report["findings"].as_array().expect("findings").iter();
    let commands =
        findings.flat_map(|finding| finding["remedy"]["commands"].as_array().into_iter().flatten());
    let proposed: Vec<(&str, &str)> = commands
        .filter_map(Value::as_str)
        .filter(|command| command.starts_with("az network nsg rule create"))
        .map(|command| {
            let after = |option: &str| command.split(option).nth(1).and_then(|rest| rest.split(' ').next());
            (after("--name ").expect("a name"), after("--priority ").expect("a priority"))
        })
        .collect();
    let names: std::collections::BTreeSet<&str> = proposed.iter().map(|(name, _)| *name).collect();
    assert!(proposed.len() > 2, "{proposed:?}");
    assert_eq!(names.len(), proposed.len(), "{proposed:?}");
}

#[test]
fn several_documents_come_from_standard_input() {
    let mut child = Command::new(BINARY)
        .args(["review", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("standard input");
    for name in ["nsg.az.json", "route-table.az.json", "subnet.rest.json"] {
        stdin.write_all(&std::fs::read(document(name)).expect("a document")).expect("it reads");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let documents = report["configuration"]["documents"].as_array().expect("documents");
    assert_eq!(documents.iter().map(|one| &one["file"]).collect::<Vec<_>>(), ["-", "-", "-"]);
    assert_eq!(report["configuration"]["subnet"]["routeTable"], "rt-apim");
}

#[test]
fn what_cannot_be_read_or_meant_is_refused() {
    refused(&["review", "/no/such.json"], "cannot read `/no/such.json`");
    refused(&["review", &format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"))], "not valid JSON");
    refused(&["review", &document("../../cli/sarif.schema.json")], "known are: effective-security-rules");
    refused(&["review", &document("vnet.rest.json")], "snet-apim, snet-other");
    refused(&["review", &document("subnet.rest.json"), "--subnet", "nowhere"], "`nowhere`");
    refused(&["review", "-", "-"], "named twice");
    refused(&["review", &document("apim.rest.json"), &document("apim.az.json")], "apim.az.json");
    refused(
        &["check", "--subnet", "x", "--only", "custom", "--endpoint", "127.0.0.1:9"],
        "--subnet needs --config",
    );
    refused(&["check", "--format", "sarif", "--only", "custom", "--endpoint", "127.0.0.1:9"], "review");
}

#[test]
fn parameters_give_values_to_a_template() {
    let template = document("template.bicep.json");
    let report = json(&["review", &template]);
    assert_eq!(
        report["configuration"]["passedOver"][0]["reason"],
        "parameter `sqlPort` has no default: give it with --parameters"
    );
    let report = json(&["review", &template, "--parameters", &document("template.parameters.json")]);
    let sql = check(&report, "sql-database");
    assert_eq!(sql["configuration"]["nsg"]["name"], "AllowSql", "{sql}");
    assert_eq!(sql["cause"], "route-drops", "{sql}");
}

/// A default rule that no document lists has no line: its group is where a rule is missing.
#[test]
fn sarif_points_at_the_group_whose_default_rule_denies() {
    let folder = std::env::temp_dir().join(format!("apim-probe-sarif-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let network = "/subscriptions/0/resourceGroups/r/providers/Microsoft.Network";
    let group = format!(
        r#"{{"id":"{network}/networkSecurityGroups/nsg-shop","name":"nsg-shop","type":"Microsoft.Network/networkSecurityGroups","properties":{{"securityRules":[]}}}}"#
    );
    let subnet = format!(
        r#"{{"id":"{network}/virtualNetworks/v/subnets/s","name":"s","type":"Microsoft.Network/virtualNetworks/subnets","properties":{{"addressPrefix":"10.7.1.0/24","networkSecurityGroup":{{"id":"{network}/networkSecurityGroups/nsg-shop"}}}}}}"#
    );
    for (name, text) in [("a-subnet.json", subnet), ("z-group.json", group)] {
        std::fs::write(folder.join(name), text).expect("a document");
    }
    let output = probe(&["review", &folder.to_string_lossy(), "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "nsg-rule-missing");
    let place = &result["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().expect("a file");
    assert!(uri.ends_with("/z-group.json") && place["region"]["startLine"] == 1, "{place}");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

#[test]
fn sarif_points_at_the_line_of_the_rule() {
    let output = probe(&["review", &document("nsg.rest.json"), "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let schema: Value = serde_json::from_str(include_str!("sarif.schema.json")).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator.iter_errors(&sarif).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in sarif["runs"][0]["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn subscription_ids_of_documents_are_in_no_report() {
    for format in ["human", "json", "markdown", "html", "sarif"] {
        let output = probe(&["review", &document("bundle.json"), "--format", format, "--verbose"]);
        let text = stdout(&output);
        assert!(!text.is_empty() && !text.contains("11111111-2222"), "{format}: {text}");
    }
}

#[test]
fn explain_reads_a_review_back_and_judges_a_report_with_configuration() {
    let saved = std::env::temp_dir().join(format!("apim-probe-review-{}.json", std::process::id()));
    let saved = saved.to_str().expect("an ASCII path");
    let group = document("nsg.rest.json");
    probe(&["review", &group, "--output", saved]);
    let first: Value = serde_json::from_slice(&std::fs::read(saved).expect("a report")).expect("JSON");
    let again = json(&["explain", saved]);
    let with = json(&["explain", saved, "--config", &document("route-table.rest.json"), "--config", &group]);
    let _ = std::fs::remove_file(saved);
    assert_eq!(first["checks"], again["checks"]);
    assert_eq!(first["configuration"], again["configuration"]);
    assert_eq!(first["summary"], again["summary"]);
    assert_eq!(with["configuration"]["documents"].as_array().map(Vec::len), Some(2));
}

/// A network of the lab that Azure would hold so: two rules deny, and the names are a company's.
fn two_faults() -> String {
    format!("{}/../tests/lab/configurations/two-faults.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn under_pseudonyms_no_format_names_a_rule_a_group_a_subnet_or_a_file() {
    let names = [
        "nsg-apim",
        "DenyOtherDatabases",
        "DenyMetrics",
        "AllowSql",
        "snet-apim",
        "vnet-lab",
        "rg-lab",
        "10.0.1",
        "two-faults",
    ];
    for format in ["human", "json", "jsonl", "markdown", "html", "junit", "tap", "sarif", "openmetrics"] {
        let output = probe(&["review", &two_faults(), "--redact", "names", "--format", format]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{format}: {}", stderr(&output));
        let kept: Vec<&&str> = names.iter().filter(|name| text.contains(**name)).collect();
        assert!(kept.is_empty(), "{format}: {kept:?}");
    }
}

#[test]
fn a_saved_review_explains_the_same_without_its_documents() {
    let documents = [document("apim.rest.json"), document("vnet.rest.json"), document("nsg.rest.json")];
    let args: Vec<&str> = std::iter::once("review").chain(documents.iter().map(String::as_str)).collect();
    let report = json(&args);
    let saved = std::env::temp_dir().join(format!("apim-probe-review-paths-{}.json", std::process::id()));
    std::fs::write(&saved, report.to_string()).expect("a file");
    let saved = saved.to_str().expect("a path");
    let again = json(&["explain", saved]);
    let told = |report: &Value| -> Vec<(String, String)> {
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.map(|finding| (text(finding, "code"), text(finding, "severity"))).collect()
    };
    assert_eq!(told(&again), told(&report));
    assert!(told(&report).iter().any(|(code, _)| code == "subnet-unfit"), "{:?}", told(&report));
    let text = stdout(&probe(&["explain", saved]));
    assert!(!text.contains("this machine ->"), "no packet was sent: {text}");
    assert!(text.contains("--nsg-name nsg-apim"), "{text}");
    std::fs::remove_file(saved).expect("the file goes");
}
