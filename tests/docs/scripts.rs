//! The scripts say what is missing before they begin, in words that help.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A machine whose only commands are those of this one without Rust, C compilers and package managers, and `programs`:
/// names and shell scripts.
fn machine(name: &str, programs: &[(&str, &str)]) -> Folder {
    let folder = std::env::temp_dir().join(format!("apim-probe-machine-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for from in ["/usr/sbin", "/usr/bin"] {
        for entry in fs::read_dir(from).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_left_out = ["cc", "gcc", "clang", "apt-get", "sudo"].contains(&name.as_str())
                || name.starts_with("rust")
                || name.starts_with("cargo");
            if !is_left_out {
                let _ = symlink(entry.path(), folder.join(name));
            }
        }
    }
    for (name, text) in programs {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
    Folder(folder)
}

/// Runs a script of the project there.
fn run(machine: &Folder, words: &[&str]) -> Output {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new("bash")
        .args(words)
        .current_dir(project)
        .env("PATH", &machine.0)
        .env("HOME", &machine.0)
        .env_remove("CARGO_HOME")
        .env_remove("RUSTUP_HOME")
        .output()
        .expect("bash runs")
}

/// The script ends with 2, one `error:` that holds the words, and a hint.
#[track_caller]
fn refused(output: &Output, error: &[&str], hint: &str) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let line = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{said}"));
    for word in error {
        assert!(line.contains(word), "{word}: {said}");
    }
    assert!(said.lines().any(|line| line.starts_with("hint: ") && line.contains(hint)), "{said}");
    assert!(!said.contains("building"), "{said}");
}

const CC: (&str, &str) = ("cc", "exit 0");
const CARGO: (&str, &str) = ("cargo", "echo cargo 1.99.0");

/// Rust as this project asks for it: the version in Cargo.toml.
fn needed() -> String {
    let manifest = include_str!("../../Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("rust-version")).expect("rust-version");
    format!("Rust {}", line.split('"').nth(1).expect("a version"))
}

#[test]
fn a_machine_without_rust_is_told_so() {
    let machine = machine("bare", &[CC]);
    for script in ["scripts/demo", "scripts/test", "scripts/release", "scripts/uses", "scripts/bench"] {
        refused(&run(&machine, &[script]), &[&needed(), "not found"], "https://rustup.rs");
    }
}

#[test]
fn rust_that_is_too_old_is_named_beside_what_is_needed() {
    let machine = machine("old", &[CC, CARGO, ("rustc", "echo 'rustc 1.63.0 (4b91a6ea7 2022-08-08)'")]);
    for script in ["scripts/demo", "scripts/test"] {
        refused(&run(&machine, &[script]), &[&needed(), "1.63.0"], "rustup");
    }
}

#[test]
fn what_rustc_itself_says_is_passed_on() {
    let broken = "echo 'error: rustup could not choose a version of rustc to run' >&2; exit 1";
    let machine = machine("broken", &[CC, CARGO, ("rustc", broken)]);
    let output = run(&machine, &["scripts/demo"]);
    refused(&output, &["rustup could not choose a version of rustc to run"], "rustup");
}

#[test]
fn a_toolchain_without_a_target_for_this_machine_says_so() {
    let rustc = "case $1 in --version) echo 'rustc 1.99.0 (x)' ;; *) echo 'error: cannot find the sysroot' >&2; exit 1 ;; esac";
    let machine = machine("target", &[CC, CARGO, ("rustc", rustc)]);
    let output = run(&machine, &["scripts/demo"]);
    refused(&output, &["target", "cannot find the sysroot"], "rustup target add");
}

#[test]
fn a_missing_c_compiler_is_named_with_its_package() {
    let machine = machine("no-cc", &[CARGO, ("rustc", "echo 'rustc 1.99.0 (x)'")]);
    for script in ["scripts/demo", "scripts/test"] {
        refused(&run(&machine, &[script]), &["cc", "gcc"], "gcc");
    }
}

#[test]
fn help_of_the_scripts_needs_nothing() {
    let machine = machine("help", &[]);
    for script in ["demo", "test", "release", "bench", "uses", "catalogue"] {
        for word in ["--help", "-h"] {
            let output = run(&machine, &[&format!("scripts/{script}"), word]);
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(text.contains(&format!("scripts/{script}")), "{text}");
            assert!(output.stderr.is_empty(), "{script}");
        }
    }
}
