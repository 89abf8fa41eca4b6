//! The real binary in the lab's network: every scenario ends with the right verdict and the right root finding.
//!
//! Needs user and network namespaces. Where they are not allowed the tests fail, unless `APIM_PROBE_NO_NETNS` says
//! that this is known: then they are reported as ignored.

mod azure;
mod configured;
mod devices;
mod gateway;
mod limits;
mod loss;
mod networks;
mod pace;
mod rejects;
mod surroundings;

mod judgement;
mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

mod reports;

/// A test and its name.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_forbidden = std::env::var_os("APIM_PROBE_NO_NETNS").is_some();
    let groups = [
        TESTS,
        azure::TESTS,
        gateway::TESTS,
        judgement::TESTS,
        configured::TESTS,
        devices::TESTS,
        limits::TESTS,
        loss::TESTS,
        machine::TESTS,
        networks::TESTS,
        pace::TESTS,
        rejects::TESTS,
        reports::TESTS,
        surroundings::TESTS,
    ];
    let trial = |(name, test): &Test| {
        let test = *test;
        let run = move || {
            test();
            Ok(())
        };
        Trial::test(*name, run).with_ignored_flag(is_forbidden)
    };
    let trials = groups.into_iter().flatten().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Names that the instance of the scenarios has.
const NAMES: [&str; 12] = [
    "--region",
    "eastus2",
    "--storage-account",
    "apimstabc123def456ghi789",
    "--sql-server",
    "apirpsqlabc123def456gh",
    "--key-vault",
    "apikv-abc123def456ghi789",
    "--event-hub",
    "contoso-logs",
    "--redis",
    "contoso-cache",
];

fn probe() -> &'static str {
    env!("CARGO_BIN_EXE_apim-probe")
}

/// The lab's binary: `cargo build --workspace` puts it beside ours; built here where that has not happened.
fn lab() -> &'static Path {
    static LAB: OnceLock<PathBuf> = OnceLock::new();
    LAB.get_or_init(|| {
        let beside = Path::new(probe()).with_file_name("apim-probe-lab");
        let built =
            Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "apim-probe-lab"]).status();
        assert!(built.is_ok_and(|status| status.success()) && beside.exists(), "the lab cannot be built");
        beside
    })
}

/// Runs `check` in a scenario.
fn run(scenario: &str, more: &[&str]) -> Output {
    run_with(scenario, &[], more)
}

/// The same, with words before the program: `env NAME=VALUE` and the like.
fn run_with(scenario: &str, before: &[&str], more: &[&str]) -> Output {
    command_in(scenario, before, &[&["check", "--format", "json"], more].concat())
}

/// Runs any command that takes the options of `check`.
fn command_in(scenario: &str, before: &[&str], words: &[&str]) -> Output {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let plan = std::env::temp_dir().join(format!("apim-probe-netns-{}-{number}.json", std::process::id()));
    let options = Command::new(lab()).args(["--options", scenario]).output().expect("the options");
    let options = String::from_utf8_lossy(&options.stdout).into_owned();
    let planned =
        Command::new(probe()).arg("plan").args(NAMES).args(["--format", "json"]).output().expect("a plan");
    std::fs::write(&plan, planned.stdout).expect("a file in the temporary folder");
    let output = Command::new(lab())
        .args(["--scenario", scenario, "--plan"])
        .arg(&plan)
        .arg("--")
        .args(before)
        .arg(probe())
        .args(words)
        .args(NAMES)
        .args(["--public-roots", "{roots}"])
        .args(options.lines())
        .output()
        .expect("the lab runs");
    let _ = std::fs::remove_file(&plan);
    assert_ne!(output.status.code(), Some(77), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The report, which must be valid by the published schema.
fn report(output: &Output) -> Value {
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report ({error}): {}", String::from_utf8_lossy(&output.stderr));
    });
    let schema = serde_json::from_str(&apim_probe::report_file::schema()).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let faults: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    report
}

/// Codes of the root findings above `info`.
fn roots(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let roots = findings
        .iter()
        .filter(|finding| finding.get("explainedBy").is_none() && finding["severity"] != "info");
    roots.map(|finding| finding["code"].as_str().unwrap_or_default().to_owned()).collect()
}

fn check<'a>(report: &'a Value, endpoint: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    checks
        .iter()
        .find(|check| check["endpoint"] == endpoint)
        .unwrap_or_else(|| panic!("no check `{endpoint}`"))
}

/// A scenario ends with this code and these roots.
fn ends(scenario: &str, code: i32, expected: &[&str]) -> Value {
    let output = run(scenario, &[]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(code), "{scenario}: {}", report["summary"]);
    assert_eq!(roots(&report), expected, "{scenario}: {:#}", report["findings"]);
    judgement::is_judged_again(&output, &report);
    report
}

fn with_nothing_blocked_every_check_succeeds_with_its_stages_timed() {
    let report = ends("healthy", 0, &[]);
    assert_eq!(report["summary"]["verdict"], "healthy");
    for check in
        report["checks"].as_array().expect("checks").iter().filter(|check| check["status"] != "skipped")
    {
        assert_eq!(check["status"], "success", "{check:#}");
        let stages: Vec<&str> =
            check["steps"].as_array().expect("steps").iter().filter_map(|s| s["stage"].as_str()).collect();
        let wanted: &[&str] = match check["protocol"].as_str().unwrap_or_default() {
            "https" | "amqp" | "redis" => &["resolve", "connect", "handshake", "exchange"],
            "tds" => &["resolve", "connect", "exchange", "handshake"],
            "http" if check["endpoint"] == "imds" => &["connect", "exchange"],
            "dns" => &["exchange"],
            "ntp" => &["resolve", "exchange"],
            _ => &["resolve", "connect", "exchange"],
        };
        assert!(wanted.iter().all(|stage| stages.contains(stage)), "{}: {stages:?}", check["id"]);
        assert!(check["durationMs"].as_f64().is_some_and(|ms| ms > 0.0), "{}", check["id"]);
    }
    assert_eq!(report["host"]["azure"]["region"], "eastus2");
    assert_eq!(report["host"]["azure"]["subscriptionId"], "[redacted]");
}

fn sql_blocked_is_one_missing_rule_for_sql_on_1433() {
    let report = ends("sql-blocked", 1, &["service-tag-blocked"]);
    assert_eq!(check(&report, "sql-database")["cause"], "connect-timeout");
    let finding = &report["findings"][0];
    let commands = &finding["remedy"]["commands"];
    let look = commands[0].as_str().unwrap_or_default();
    assert!(look.contains("test-ip-flow") && look.contains("--remote 20.62.0.15:1433"), "{look}");
    let command = commands[1].as_str().unwrap_or_default();
    assert!(finding["title"].as_str().is_some_and(|title| title.contains("Sql") && title.contains("1433")));
    assert!(
        command.contains("--destination-address-prefixes Sql --destination-port-ranges 1433"),
        "{command}"
    );
}

fn a_dead_name_server_is_one_finding_and_not_sixty() {
    let report = ends("dns-dead", 1, &["dns-server-silent"]);
    assert!(report["findings"][0]["affects"].as_array().is_some_and(|affects| affects.len() > 50));
    assert!(report["run"]["durationMs"].as_f64().is_some_and(|ms| ms < 4000.0), "{}", report["run"]);
}

fn a_forced_tunnel_accounts_for_everything() {
    let report = ends("forced-tunnel", 1, &["outbound-all-blocked"]);
    assert!(report["run"]["durationMs"].as_f64().is_some_and(|ms| ms < 4000.0), "{}", report["run"]);
    let _ = ends("all-dropped", 1, &["outbound-all-blocked"]);
}

fn tls_inspection_names_its_issuer_and_keeps_the_chain() {
    let report = ends("tls-inspected", 1, &["tls-interception"]);
    assert!(
        report["findings"][0]["title"]
            .as_str()
            .is_some_and(|title| title.contains("Contoso Inspection Root"))
    );
    let vault = check(&report, "keyvault-apim");
    assert_eq!(vault["cause"], "cert-untrusted");
    assert_eq!(vault["evidence"]["tls"]["chain"].as_array().map(Vec::len), Some(2));
}

fn a_root_of_this_machine_alone_is_private_and_passes_for_given_endpoints_only() {
    let more = ["--endpoint", "login.microsoftonline.com:443,required"];
    let output = run_with("tls-inspected", &["env", "SSL_CERT_FILE={company}"], &more);
    let report = report(&output);
    let vault = check(&report, "keyvault-apim");
    assert_eq!(
        (&vault["cause"], &vault["evidence"]["tls"]["trust"]),
        (&"cert-untrusted".into(), &"private".into())
    );
    let given = check(&report, "custom");
    assert_eq!(
        (&given["status"], &given["evidence"]["tls"]["trust"]),
        (&"success".into(), &"private".into())
    );
}

fn a_firewall_that_answers_for_the_target_does_not_pass() {
    let report = ends("firewall-answers", 1, &["firewall-answers-for-target"]);
    assert_eq!(check(&report, "keyvault-apim")["cause"], "tls-reset");
}

fn a_rejecting_firewall_is_named_by_its_address() {
    let report = ends("rejected", 1, &["firewall-rejects"]);
    let sql = check(&report, "sql-database");
    assert_eq!(sql["cause"], "connect-rejected");
    let icmp = sql["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .find_map(|step| step.get("icmp"))
        .expect("an ICMP message");
    assert_eq!((&icmp["type"], &icmp["code"], &icmp["from"]), (&3.into(), &13.into(), &"10.0.1.1".into()));
}

fn optional_failures_degrade_and_count_only_with_strict() {
    let _ = ends("metrics-blocked", 0, &["service-tag-blocked"]);
    let _ = ends("dns-one-of-two", 0, &["dns-server-silent"]);
    let output = run("metrics-blocked", &["--strict"]);
    assert_eq!(output.status.code(), Some(4));
}

fn the_azure_resolver_as_the_configured_server_is_required_and_no_other_is() {
    let report = ends("azure-dns", 0, &[]);
    let azure = check(&report, "dns-azure");
    assert_eq!((&azure["status"], &azure["isOptional"]), (&"success".into(), &false.into()));
    assert_eq!(check(&report, "dns-vnet")["skipReason"], "same-as-dns-azure");
}

fn each_other_scenario_ends_with_its_one_root() {
    let _ = ends("dns-not-forwarding", 1, &["dns-not-forwarding"]);
    let _ = ends("http-blocked", 1, &["port-blocked"]);
    let _ = ends("captive-portal", 1, &["captive-proxy"]);
    let _ = ends("private-link-gone", 1, &["private-link-no-record"]);
    let _ = ends("private-endpoint-dead", 1, &["private-endpoint-unreachable"]);
    let _ = ends("clock-skew", 0, &[]);
    let _ = ends("two-faults", 1, &["service-tag-blocked", "service-tag-blocked"]);
}

fn a_short_deadline_leaves_checks_undecided_and_ends_in_time() {
    let output = run("forced-tunnel", &["--deadline", "1s"]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(3), "{}", report["summary"]);
    let sql = check(&report, "sql-database");
    assert_eq!((&sql["cause"], &sql["stage"]), (&"deadline".into(), &"connect".into()));
    assert!(report["run"]["durationMs"].as_f64().is_some_and(|ms| ms < 1500.0), "{}", report["run"]);
}

/// Words that run a shell line in the VM before the program.
fn first(line: &str) -> Vec<String> {
    ["sh", "-c", &format!("{line} && exec \"$@\""), "sh"].map(str::to_owned).to_vec()
}

fn a_missing_route_is_this_machines_and_no_firewalls() {
    for kind in ["unreachable", "prohibit"] {
        let before = first(&format!("ip route add {kind} 20.62.0.0/16"));
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let output = run_with("healthy", &before, &["--only", "sql"]);
        let report = report(&output);
        assert_eq!(check(&report, "sql-database")["cause"], "connect-no-route", "{kind}");
    }
}

fn a_wait_ends_well_where_all_is_well_and_at_the_timeout_where_it_is_not() {
    let healthy = command_in("healthy", &[], &["wait", "--timeout", "30s"]);
    let said = String::from_utf8_lossy(&healthy.stdout);
    assert_eq!((healthy.status.code(), said.lines().count()), (Some(0), 1), "{said}");
    let blocked = command_in("sql-blocked", &[], &["wait", "--timeout", "9s"]);
    let said = String::from_utf8_lossy(&blocked.stdout);
    assert_eq!(blocked.status.code(), Some(1), "{said}");
    // The change is told once, at its time; the finding follows when it gives up.
    assert_eq!(said.lines().filter(|line| line.contains("Z  UNHEALTHY")).count(), 1, "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("Z  sql-database")).count(), 1, "{said}");
}

/// The tests of this file.
pub const TESTS: &[Test] = &[
    (
        "ends::with_nothing_blocked_every_check_succeeds_with_its_stages_timed",
        with_nothing_blocked_every_check_succeeds_with_its_stages_timed,
    ),
    (
        "ends::sql_blocked_is_one_missing_rule_for_sql_on_1433",
        sql_blocked_is_one_missing_rule_for_sql_on_1433,
    ),
    (
        "ends::a_dead_name_server_is_one_finding_and_not_sixty",
        a_dead_name_server_is_one_finding_and_not_sixty,
    ),
    ("ends::a_forced_tunnel_accounts_for_everything", a_forced_tunnel_accounts_for_everything),
    (
        "ends::tls_inspection_names_its_issuer_and_keeps_the_chain",
        tls_inspection_names_its_issuer_and_keeps_the_chain,
    ),
    (
        "ends::a_root_of_this_machine_alone_is_private_and_passes_for_given_endpoints_only",
        a_root_of_this_machine_alone_is_private_and_passes_for_given_endpoints_only,
    ),
    (
        "ends::a_firewall_that_answers_for_the_target_does_not_pass",
        a_firewall_that_answers_for_the_target_does_not_pass,
    ),
    ("ends::a_rejecting_firewall_is_named_by_its_address", a_rejecting_firewall_is_named_by_its_address),
    (
        "ends::optional_failures_degrade_and_count_only_with_strict",
        optional_failures_degrade_and_count_only_with_strict,
    ),
    (
        "ends::the_azure_resolver_as_the_configured_server_is_required_and_no_other_is",
        the_azure_resolver_as_the_configured_server_is_required_and_no_other_is,
    ),
    ("ends::each_other_scenario_ends_with_its_one_root", each_other_scenario_ends_with_its_one_root),
    (
        "ends::a_short_deadline_leaves_checks_undecided_and_ends_in_time",
        a_short_deadline_leaves_checks_undecided_and_ends_in_time,
    ),
    (
        "ends::a_missing_route_is_this_machines_and_no_firewalls",
        a_missing_route_is_this_machines_and_no_firewalls,
    ),
    (
        "ends::a_wait_ends_well_where_all_is_well_and_at_the_timeout_where_it_is_not",
        a_wait_ends_well_where_all_is_well_and_at_the_timeout_where_it_is_not,
    ),
];
