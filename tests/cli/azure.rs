//! `fetch`: what goes where, what a refusal costs, and that the token is nowhere.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Output;

use apim_probe_lab::arm::{Arm, ArmFault, ArmRule, SERVICE, TOKEN};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{probe, refused, stderr, stdout};

/// A folder of a test's own, with the token in a file.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("apim-probe-fetch-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let token = folder.join("token");
        fs::write(&token, TOKEN).expect("a file");
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("a mode");
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The lab's ARM on loopback.
fn lab(runtime: &Runtime, rules: Vec<ArmRule>) -> SocketAddr {
    runtime.block_on(Arm::start(rules)).expect("a free port").0
}

fn fetch(folder: &Folder, arm: &str, more: &[&str]) -> Output {
    let token = folder.path("token");
    let usual = ["fetch", "--no-imds", "--service", SERVICE, "--token-file", &token, "--arm-endpoint", arm];
    let output = probe(&[&usual, more].concat());
    let all = format!("{}{}", stdout(&output), stderr(&output));
    assert!(!all.contains("canary"), "{all}");
    output
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

#[test]
fn a_bundle_is_standard_output_and_nothing_else_is() {
    let (runtime, folder) = (runtime(), Folder::new("stdout"));
    let output = fetch(&folder, &format!("http://{}", lab(&runtime, Vec::new())), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let bundle: Value = serde_json::from_str(&stdout(&output)).expect("one JSON document");
    assert_eq!(bundle["bundleVersion"], "1.0");
    let kinds: Vec<&str> = bundle["documents"]
        .as_array()
        .expect("documents")
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"api-management") && kinds.contains(&"subnet"), "{kinds:?}");
    // Effective rules need a machine: one line each, and no more.
    assert_eq!(stderr(&output).lines().count(), 2, "{}", stderr(&output));
    assert!(
        stderr(&output)
            .lines()
            .all(|line| line.starts_with("hint: not read of /") && line.contains("there is no machine"))
    );
}

#[test]
fn a_bundle_file_is_new_whole_and_for_its_owner_alone() {
    let (runtime, folder) = (runtime(), Folder::new("file"));
    let arm = format!("http://{}", lab(&runtime, Vec::new()));
    let file = folder.path("bundle.json");
    let output = fetch(&folder, &arm, &["-o", &file]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    let mode = fs::metadata(&file).expect("the bundle").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!fs::read_to_string(&file).expect("text").contains("canary"));
    let link = folder.path("link.json");
    symlink(&file, &link).expect("a link");
    let output = fetch(&folder, &arm, &["-o", &link]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn where_nothing_is_read_nothing_is_written_and_one_line_says_why() {
    let (runtime, folder) = (runtime(), Folder::new("nothing"));
    let rule = ArmRule { at: String::new(), fault: ArmFault::Unauthorized };
    let file = folder.path("bundle.json");
    let output = fetch(&folder, &format!("http://{}", lab(&runtime, vec![rule])), &["-o", &file]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(!PathBuf::from(&file).exists());
    assert!(
        stderr(&output).contains("hint: Azure was not read: the token is not accepted (Microsoft.ApiManagement/service/read of /subscriptions/"),
        "{}",
        stderr(&output)
    );
    // Nobody listens on port 9 of loopback.
    let output = fetch(&folder, "http://127.0.0.1:9", &[]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(3), ""));
    assert!(stderr(&output).contains("no connection to Azure Resource Manager"), "{}", stderr(&output));
}

#[test]
fn a_refusal_names_the_action_and_the_role_that_would_do() {
    let (runtime, folder) = (runtime(), Folder::new("refused"));
    let rule = ArmRule { at: "networkstatus".to_owned(), fault: ArmFault::Forbidden };
    let output = fetch(&folder, &format!("http://{}", lab(&runtime, vec![rule])), &[]);
    assert_eq!(output.status.code(), Some(0));
    let line = "the identity may not Microsoft.ApiManagement/service/networkstatus/read; `apim-probe fetch --print-role`";
    assert!(stderr(&output).contains(line), "{}", stderr(&output));
    let bundle: Value = serde_json::from_str(&stdout(&output)).expect("one JSON document");
    assert!(bundle["refused"].as_array().expect("refused").iter().any(|one| one["status"] == 403));
}

#[test]
fn the_role_is_printed_without_a_packet() {
    let output = probe(&["fetch", "--print-role", "--service", SERVICE]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let role: Value = serde_json::from_str(&stdout(&output)).expect("one JSON document");
    assert_eq!(role["AssignableScopes"][0], "/subscriptions/11111111-2222-3333-4444-555555555555");
    assert!(role["Actions"].as_array().expect("actions").iter().all(|one| !one.to_string().contains('*')));
    let text = stdout(&output);
    let keys = ["Name", "IsCustom", "Description", "Actions", "NotActions", "AssignableScopes"];
    let places: Vec<_> = keys.iter().map(|key| text.find(&format!("  \"{key}\": "))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

#[test]
fn plan_says_that_it_asks_nothing_of_azure() {
    for option in ["--azure", "--token-file", "--identity", "--arm-endpoint", "--azure-timeout"] {
        let output = probe(&["plan", option, "x"]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        let lines: Vec<&str> = said.lines().collect();
        let hint = "hint: plan sends nothing; `check`, `wait` and `review` take --azure, and `fetch` asks Azure alone";
        assert_eq!(lines, [format!("error: unknown option `{option}`").as_str(), hint]);
    }
}

#[test]
fn a_token_file_that_others_can_read_costs_a_warning_and_one_without_a_token_is_refused() {
    let (runtime, folder) = (runtime(), Folder::new("token"));
    let arm = format!("http://{}", lab(&runtime, Vec::new()));
    fs::set_permissions(folder.path("token"), fs::Permissions::from_mode(0o644)).expect("a mode");
    let output = fetch(&folder, &arm, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).starts_with("warning: others can read the token in "), "{}", stderr(&output));
    fs::write(folder.path("token"), "not a token").expect("a file");
    let output = fetch(&folder, &arm, &[]);
    assert_eq!(output.status.code(), Some(2));
    let expired = format!(r#"{{"accessToken":"{TOKEN}","expires_on":1}}"#);
    fs::write(folder.path("token"), expired).expect("a file");
    let output = fetch(&folder, &arm, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("has expired"), "{}", stderr(&output));
}

#[test]
fn what_would_send_the_token_elsewhere_is_refused_before_anything_is_sent() {
    refused(&["fetch", "--arm-endpoint", "http://10.0.0.1"], "only https is spoken");
    refused(&["fetch", "--arm-endpoint", "https://a.example/path"], "more than a scheme, a host and a port");
    refused(&["fetch", "--no-imds"], "without the metadata service");
    refused(
        &["fetch", "--service", "/subscriptions/1/resourceGroups/a/providers/Microsoft.Web/sites/x"],
        "expected /subscriptions/",
    );
    refused(&["fetch", "--app-gateway", "10.0.0.1"], "expected /subscriptions/");
}
