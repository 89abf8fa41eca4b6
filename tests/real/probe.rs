//! The program under test, run as a user runs it, and what its report must say.

use std::process::{Command, Output};

use serde_json::Value;

use crate::world::World;

/// The binary.
pub(crate) const PROBE: &str = env!("CARGO_BIN_EXE_apim-probe");

/// Runs `check` with the test authority as the public roots and without the platform's services.
pub(crate) fn run(world: &World, more: &[&str]) -> Output {
    run_under(&world.pki.root(), more)
}

/// The same under the roots in a file.
pub(crate) fn run_under(roots: &str, more: &[&str]) -> Output {
    let fixed = ["check", "--no-imds", "--no-azure-dns", "--format", "json", "--public-roots", roots];
    let mut command = Command::new(PROBE);
    command.args(fixed).args(more);
    // A machine may have a store of its own in these; the tests that need one say so.
    command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR").output().expect("the binary runs")
}

/// The checks of a report, which must be valid by the published schema.
pub(crate) fn checks(output: &Output) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report ({error}): {}", String::from_utf8_lossy(&output.stderr));
    });
    let schema = serde_json::from_str(&apim_probe::report_file::schema()).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let faults: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    report["checks"].as_array().expect("checks").clone()
}

/// Checks one endpoint, `HOST:PORT/PROTOCOL`, and nothing else.
pub(crate) fn ask(world: &World, endpoint: &str) -> Value {
    ask_with(world, endpoint, &[])
}

/// The same with more options.
pub(crate) fn ask_with(world: &World, endpoint: &str, more: &[&str]) -> Value {
    let output = run(world, &[&["--endpoint", endpoint, "--only", "custom"], more].concat());
    let mut checks = checks(&output);
    assert_eq!(checks.len(), 1, "{endpoint}: {checks:#?}");
    checks.remove(0)
}

/// Asserts that a check succeeded and that none of these stages is missing from its steps.
#[track_caller]
pub(crate) fn passed(check: &Value, stages: &[&str]) {
    assert_eq!(check["status"], "success", "{check:#}");
    let tried: Vec<&str> = steps(check).filter_map(|step| step["stage"].as_str()).collect();
    assert_eq!(tried, stages, "{check:#}");
    assert!(steps(check).all(|step| step.get("cause").is_none()), "{check:#}");
}

/// Asserts that a check failed at this stage for this cause, and gives its error.
#[track_caller]
pub(crate) fn failed<'a>(check: &'a Value, stage: &str, cause: &str) -> &'a str {
    assert_eq!(check["status"], "failure", "{check:#}");
    assert_eq!((&check["stage"], &check["cause"]), (&stage.into(), &cause.into()), "{check:#}");
    check["error"].as_str().expect("a failure says what was seen")
}

fn steps(check: &Value) -> impl Iterator<Item = &Value> {
    check["steps"].as_array().into_iter().flatten()
}

/// A fact of the exchange.
pub(crate) fn fact<'a>(check: &'a Value, key: &str) -> &'a Value {
    &check["evidence"]["exchange"][key]
}
