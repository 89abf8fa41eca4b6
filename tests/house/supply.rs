//! What `SECURITY.md` promises of the code and of what is linked into it, held by reading both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every package of the workspace and of what it is built with, as cargo tells.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let told = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(project())
        .output()
        .unwrap();
    let mut told: Value = serde_json::from_slice(&told.stdout).unwrap();
    told["packages"].as_array_mut().map(std::mem::take).unwrap()
}

#[test]
fn our_code_holds_no_unsafe() {
    let root = text("Cargo.toml");
    assert!(root.contains("\nunsafe_code = \"forbid\"\n"));
    let ours: Vec<Value> = packages().into_iter().filter(|package| package["source"].is_null()).collect();
    assert!(ours.len() > 4, "the workspace has more packages");
    for package in ours {
        let manifest = fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} forbids nothing", package["name"]);
    }
}

#[test]
fn no_build_script_reads_the_network() {
    let words = ["std::net", "TcpStream", "UdpSocket", "reqwest", "ureq", "curl", "wget", "git2", "hyper::"];
    let mut read = 0;
    for package in packages() {
        let targets = package["targets"].as_array().unwrap();
        for script in targets.iter().filter(|target| target["kind"][0] == "custom-build") {
            let script = fs::read_to_string(script["src_path"].as_str().unwrap()).unwrap();
            let found: Vec<_> = words.iter().filter(|word| script.contains(**word)).collect();
            assert!(found.is_empty(), "the build script of {} holds {found:?}", package["name"]);
            read += 1;
        }
    }
    assert!(read > 10, "there are more build scripts");
}

#[test]
fn every_test_that_proves_a_promise_is_there() {
    let security = text("SECURITY.md");
    let proofs: Vec<(&str, &str)> = security
        .split('`')
        .filter_map(|word| word.split_once("::"))
        .filter(|(file, _)| file.contains('/'))
        .collect();
    assert!(proofs.len() > 12, "{proofs:?}");
    for (file, name) in proofs {
        let keyword = if file.ends_with(".py") { "def" } else { "fn" };
        assert!(text(file).contains(&format!("{keyword} {name}(")), "{file} has no test {name}");
    }
}

#[test]
fn every_dependency_of_the_program_has_its_reason() {
    let page = text("docs/dependencies.md");
    let linked = ["apim-probe", "apim-probe-azure", "apim-probe-catalogue", "apim-probe-checks"];
    for package in packages().iter().filter(|package| linked.iter().any(|name| package["name"] == *name)) {
        let needs = package["dependencies"].as_array().unwrap().iter();
        for need in needs.filter(|need| need["kind"].is_null() && need["path"].is_null()) {
            let name = need["name"].as_str().unwrap();
            let row = page.lines().find(|line| line.starts_with(&format!("| {name} |")));
            let reason = row.and_then(|row| row.split(" | ").nth(2)).unwrap_or_default();
            assert!(
                reason.len() > 10,
                "{name} has no reason in docs/dependencies.md: run scripts/dependencies"
            );
        }
    }
}
