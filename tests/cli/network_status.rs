//! NetworkStatus documents, in the shapes in which people save them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{BINARY, probe, refused, stderr};

/// Real shapes, their masked names filled in.
fn samples() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cli/network-status");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("samples").map(|entry| entry.expect("a sample").path()).collect();
    files.sort();
    files
}

/// The entries of every location, whatever the case of the keys.
fn entries(file: &Path) -> Vec<Value> {
    let bytes = fs::read(file).expect("a sample");
    let text = match bytes.strip_prefix(b"\xFF\xFE") {
        Some(wide) => {
            let units: Vec<u16> = wide.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).expect("UTF-16")
        }
        None => String::from_utf8(bytes).expect("UTF-8"),
    };
    let document: Value = serde_json::from_str(&as_rest_writes(&text)).expect("JSON");
    found(&document)
}

/// The keys that matter with a small first letter, as REST writes them.
fn as_rest_writes(text: &str) -> String {
    ["ConnectivityStatus", "Name", "ResourceType", "IsOptional"].iter().fold(text.to_owned(), |text, key| {
        let small = format!("{}{}", key[..1].to_lowercase(), &key[1..]);
        text.replace(&format!("\"{key}\":"), &format!("\"{small}\":"))
    })
}

fn found(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.iter().flat_map(found).collect(),
        Value::Object(object) => match object.get("connectivityStatus") {
            Some(Value::Array(list)) => list.clone(),
            _ => object.values().flat_map(found).collect(),
        },
        _ => Vec::new(),
    }
}

fn plan(file: &Path, flags: &[&str]) -> Value {
    let file = file.to_string_lossy().into_owned();
    let output = probe(&[&["plan", "--format", "json", "--from-network-status", &file], flags].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("a plan in JSON")
}

#[test]
fn every_entry_becomes_a_check_with_the_portals_own_classification() {
    for file in samples() {
        let (plan, entries) = (plan(&file, &[]), entries(&file));
        let checks = plan["checks"].as_array().expect("checks");
        assert!(!entries.is_empty(), "{}", file.display());
        for entry in entries {
            let same = |check: &&Value| {
                check["name"] == entry["name"] && check["resourceType"] == entry["resourceType"]
            };
            let check = checks.iter().find(same).unwrap_or_else(|| panic!("{}: {entry}", file.display()));
            assert_eq!(check["isOptional"], entry["isOptional"], "{}: {entry}", file.display());
        }
    }
}

#[test]
fn the_sample_of_2025_fills_every_name() {
    let file = samples().into_iter().find(|file| file.ends_with("2025-east-us-2.json")).expect("the sample");
    let plan = plan(&file, &[]);
    assert_eq!((plan["instance"]["region"].as_str(), entries(&file).len()), (Some("eastus2"), 18));
    let checks = plan["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["fallback"] == false));
    let named = checks.iter().filter(|check| check["origin"] == "network-status");
    assert!(named.clone().all(|check| check["endpoint"] != "custom"));
    assert!(named.count() >= 16);
}

#[test]
fn of_two_locations_the_one_of_the_region_counts() {
    let file = samples().into_iter().find(|file| file.ends_with("two-locations.json")).expect("the sample");
    let blobs = |flags: &[&str]| -> Vec<String> {
        let plan = plan(&file, flags);
        let checks = plan["checks"].as_array().expect("checks").iter();
        let blobs = checks.filter(|check| check["endpoint"] == "storage-blob");
        blobs.filter_map(|check| check["host"].as_str().map(|host| host[..11].to_owned())).collect()
    };
    assert_eq!(blobs(&[]).len(), 2);
    assert_eq!(blobs(&["--region", "westeurope"]), ["apimstvwxyz"]);
    assert_eq!(blobs(&["--region", "eastus2"]), ["apimstabcde"]);
}

#[test]
fn an_unknown_entry_is_a_check_by_its_shape() {
    let file = samples().into_iter().find(|file| file.ends_with("two-locations.json")).expect("the sample");
    let plan = plan(&file, &[]);
    let check = |name: &str| {
        let mut checks = plan["checks"].as_array().expect("checks").iter();
        checks.find(|check| check["name"] == name).cloned().expect("the entry")
    };
    let new = check("a-new-thing.prod.contoso.microsoft.com:8443");
    assert_eq!(
        (&new["endpoint"], &new["port"], &new["protocol"]),
        (&"custom".into(), &8443.into(), &"https".into())
    );
    assert_eq!(check("NewLabel")["skipReason"], "not-checkable");
}

#[test]
fn a_file_that_is_no_network_status_is_refused() {
    let entry = |body: &str| format!(r#"[{{"networkStatus":{{"connectivityStatus":[{body}]}}}}]"#);
    let many = vec![r#"{"name":"x.example.com"}"#; 1001].join(",");
    let long = format!("[{}", " ".repeat(9 * 1024 * 1024));
    let deep = "[".repeat(100_000);
    let texts =
        ["", "[", "{}", "null", "\u{FEFF}", &entry("7"), &entry(r#"{"name":1}"#), &entry(r#"{"name":" "}"#)];
    let texts = texts.into_iter().chain([entry(&many).leak() as &str, &long, &deep]);
    let file = std::env::temp_dir().join(format!("apim-probe-cli-ns-{}.json", std::process::id()));
    for text in texts {
        fs::write(&file, text).expect("a file in the temporary folder");
        refused(&["plan", "--from-network-status", &file.to_string_lossy()], "NetworkStatus");
    }
    fs::write(&file, b"\xFF\xFE\x00").expect("a file in the temporary folder");
    refused(&["plan", "--from-network-status", &file.to_string_lossy()], "UTF-16");
    let _ = fs::remove_file(&file);
    refused(
        &["plan", "--from-network-status", "/nonexistent.json"],
        "cannot read `/nonexistent.json`: no such file",
    );
    refused(&["plan", "--from-network-status", "/"], "it is a folder");
}

/// Bounded by what is read, not by what is there: a sparse file of 100 MB costs neither time nor memory.
#[test]
fn a_hundred_megabytes_are_refused_at_once() {
    let file = std::env::temp_dir().join(format!("apim-probe-cli-100mb-{}.json", std::process::id()));
    fs::File::create(&file).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
    let limited = format!("ulimit -v 400000; exec {BINARY} plan --from-network-status {}", file.display());
    let output = Command::new("bash").args(["-c", &limited]).output().expect("bash");
    let _ = fs::remove_file(&file);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("larger than"), "{}", stderr(&output));
}

#[test]
fn hostile_names_are_shown_as_text_and_never_sent() {
    let names = [
        "\u{1b}[2J.example.com",
        "x.example.com:99999",
        "$(reboot).example.com",
        "../../etc/passwd",
        "a\u{202e}b.example.com",
    ];
    let entries: Vec<Value> = names
        .iter()
        .map(|name| serde_json::json!({"name": name, "status": "success", "resourceType": "Queue", "isOptional": false}))
        .collect();
    let text = serde_json::json!({"dnsServers": [7, "\u{1b}"], "connectivityStatus": entries}).to_string();
    let file = std::env::temp_dir().join(format!("apim-probe-cli-hostile-{}.json", std::process::id()));
    fs::write(&file, text).expect("a file in the temporary folder");
    let human =
        probe(&["plan", "-v", "--region", "eastus2", "--from-network-status", &file.to_string_lossy()]);
    let plan = plan(&file, &["--region", "eastus2"]);
    let _ = fs::remove_file(&file);
    assert!(!String::from_utf8_lossy(&human.stdout).contains(['\u{1b}', '\u{202e}']));
    let checks = plan["checks"].as_array().expect("checks");
    for name in names {
        let check = checks
            .iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("{name:?}: {checks:?}"));
        assert!(check.get("host").is_none(), "{check}");
    }
}
