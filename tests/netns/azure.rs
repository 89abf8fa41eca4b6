//! `--azure` in the lab: with nothing typed everything is known; every fault of Azure ends in time, is said once, and changes
//! nothing about what was probed; no token is in any output.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::{NAMES, Test, check, lab, probe, report, roots};

/// What every token of the lab holds, and no output may.
const CANARY: &str = "canary";

/// A network in which the instance's own names lead to its private address, as `azure.toml` of the lab has it.
const USUAL: &str = include_str!("../lab/scenarios/azure.toml");

/// A run, and the requests that Azure Resource Manager and the proxy saw of it.
struct Asked {
    output: Output,
    requests: Vec<String>,
    seconds: f64,
}

impl Asked {
    fn all(&self) -> String {
        let Output { stdout, stderr, .. } = &self.output;
        format!("{}{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
    }

    fn hints(&self) -> Vec<String> {
        let said = String::from_utf8_lossy(&self.output.stderr).into_owned();
        said.lines().filter(|line| line.starts_with("hint: ")).map(str::to_owned).collect()
    }
}

/// A file of a test's own.
fn file(ending: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("apim-probe-azure-{}-{number}.{ending}", std::process::id()))
}

/// The usual network with other words under `[arm]`.
fn with(arm: &str) -> String {
    USUAL.replacen("[arm]\n", &format!("[arm]\n{arm}\n"), 1)
}

/// Runs words in a network of the lab, named or written out, with words before them.
fn run_in(scenario: &str, before: &[&str], words: &[&str]) -> Asked {
    let (plan, world, log) = (file("json"), file("toml"), file("log"));
    let own = ["--service", "contoso-lab", "--private-ip", "10.0.1.10", "--format", "json"];
    let planned = Command::new(probe()).arg("plan").args(NAMES).args(own).output().expect("a plan");
    std::fs::write(&plan, planned.stdout).expect("a file");
    let scenario = if scenario.contains('\n') {
        std::fs::write(&world, scenario).expect("a file");
        world.to_string_lossy().into_owned()
    } else {
        scenario.to_owned()
    };
    let begun = Instant::now();
    let output = Command::new(lab())
        .args(["--scenario", &scenario, "--plan", &plan.to_string_lossy(), "--"])
        .args(before)
        .arg(probe())
        .args(words)
        .env("APIM_PROBE_LAB_LOG", &log)
        .output()
        .expect("the lab runs");
    let seconds = begun.elapsed().as_secs_f64();
    assert_ne!(output.status.code(), Some(77), "{}", String::from_utf8_lossy(&output.stderr));
    let noted = std::fs::read_to_string(&log).unwrap_or_default();
    [&plan, &world, &log].into_iter().for_each(|file| drop(std::fs::remove_file(file)));
    let asked = Asked { output, requests: noted.lines().map(str::to_owned).collect(), seconds };
    assert!(!asked.all().contains(CANARY), "a token is in the output: {}", asked.all());
    let bad: Vec<&String> = asked.requests.iter().filter(|line| !is_allowed(line)).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(asked.requests.len() <= 80, "{} requests", asked.requests.len());
    asked
}

/// Reads alone: GET, and the POSTs that read.
fn is_allowed(line: &str) -> bool {
    let reads = [
        "effectiveNetworkSecurityGroups",
        "effectiveRouteTable",
        "listNetworkManagerEffectiveSecurityAdminRules",
        "backendhealth",
    ];
    let path = line.split('?').next().unwrap_or_default();
    let is_read = line.starts_with("POST ") && reads.iter().any(|read| path.ends_with(read));
    line.starts_with("GET ") || line.starts_with("CONNECT ") || is_read
}

/// `check --azure` as JSON.
fn asked(scenario: &str, more: &[&str]) -> (Asked, Value) {
    let usual = ["check", "--azure", "--format", "json", "--public-roots", "{roots}"];
    let asked = run_in(scenario, &[], &[&usual, more].concat());
    let report = report(&asked.output);
    (asked, report)
}

/// How each check that was probed ended, in order.
fn probed(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().expect("checks").iter();
    let probed = checks.filter(|check| check["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
    let mut probed: Vec<(String, String)> =
        probed.map(|check| (text(&check["id"]), text(&check["status"]))).collect();
    probed.sort();
    probed
}

fn with_nothing_typed_everything_is_known_and_healthy() {
    let (asked, report) = asked("azure", &[]);
    assert_eq!(asked.output.status.code(), Some(0), "{:#}", report["findings"]);
    assert_eq!(report["summary"]["verdict"], "healthy");
    let instance = &report["instance"];
    assert_eq!(
        (&instance["service"], &instance["privateIp"], &instance["vnetMode"], &instance["region"]),
        (&"contoso-lab".into(), &"10.0.1.10".into(), &"internal".into(), &"eastus2".into())
    );
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["fallback"] != true && check["skipReason"] != "name-unknown"
        || check["isOptional"] == true));
    let ends = |id: &str| check(&report, id)["status"].clone();
    for id in ["storage-blob", "storage-queue", "sql-database", "keyvault-apim", "own-gateway", "in-lb-6390"]
    {
        assert_eq!(ends(id), "success", "{id}");
    }
    let inbound = check(&report, "controlplane-inbound");
    assert_eq!(inbound["evidence"]["exchange"], serde_json::json!({"protocol": "arm", "armStatus": 200}));
    assert_eq!(report["configuration"]["subnet"]["name"], "snet-apim");
    assert!(report["configuration"]["refused"].is_null(), "{}", report["configuration"]["refused"]);
    assert_eq!(asked.hints(), Vec::<String>::new());
    assert_eq!(report["run"]["deadlineMs"], 55_000.0);
    crate::judgement::is_judged_again(&asked.output, &report);
}

fn a_denied_sql_is_one_root_that_names_the_rule_and_a_fix_without_a_gap() {
    let (asked, report) = asked("azure-sql-denied", &[]);
    assert_eq!((asked.output.status.code(), roots(&report)), (Some(1), vec!["nsg-rule-denies".to_owned()]));
    let finding = &report["findings"][0];
    assert!(finding["title"].as_str().is_some_and(|title| title.contains("deny-by-order")), "{finding:#}");
    let fixes = format!("{}", finding["remedy"]);
    assert!(fixes.contains("nsg-apim") && fixes.contains("rg-lab") && !fixes.contains('<'), "{fixes}");
}

fn review_and_fetch_say_the_same_without_a_probe() {
    let roots = ["--public-roots", "{roots}"];
    let asked = run_in("azure", &[], &[&["review", "--azure", "--format", "json"], &roots[..]].concat());
    let report = report(&asked.output);
    assert_eq!((asked.output.status.code(), &report["run"]["kind"]), (Some(0), &"review".into()));
    assert_eq!(check(&report, "controlplane-inbound")["status"], "success");
    assert_eq!(report["instance"]["service"], "contoso-lab");
    let line = "\"$0\" fetch --public-roots {roots} -o {dir}/bundle.json && exec \"$0\" review {dir}/bundle.json --format json";
    let fetched = run_in("azure", &["sh", "-c", line], &[]);
    let bundle = crate::report(&fetched.output);
    let verdicts = |report: &Value| {
        let checks = report["checks"].as_array().expect("checks").iter();
        checks.map(|check| format!("{} {}", check["id"], check["status"])).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&bundle), verdicts(&report));
}

fn a_wait_takes_its_names_from_azure_and_asks_once_a_minute() {
    let roots = ["--public-roots", "{roots}"];
    let asked = run_in("azure", &[], &[&["wait", "--azure", "--timeout", "20s"], &roots[..]].concat());
    assert_eq!((asked.output.status.code(), asked.all().lines().count()), (Some(0), 1), "{}", asked.all());
    let asked =
        run_in("azure-sql-denied", &[], &[&["wait", "--azure", "--timeout", "14s"], &roots[..]].concat());
    assert_eq!(asked.output.status.code(), Some(1), "{}", asked.all());
    assert!(asked.all().contains("deny-by-order"), "{}", asked.all());
    let of_machine = |line: &&String| line.contains("virtualMachines/vm-probe?");
    assert_eq!(asked.requests.iter().filter(of_machine).count(), 1, "{:?}", asked.requests);
}

fn a_control_plane_that_is_shut_out_is_told_by_azures_own_call() {
    let shut = with(
        "estate = { shuts_out_the_control_plane = true }\nrules = [{ at = \"/apis\", fault = \"management\" }]",
    );
    let (asked, report) = asked(&shut, &[]);
    assert_eq!(asked.output.status.code(), Some(1));
    let inbound = check(&report, "controlplane-inbound");
    assert_eq!(inbound["cause"], "control-plane-unreachable", "{inbound:#}");
    assert_eq!(inbound["evidence"]["exchange"]["armStatus"], 500);
    let call = report["findings"].as_array().expect("findings").iter();
    let call = call.filter(|finding| finding["code"] == "control-plane-unreachable").collect::<Vec<_>>();
    assert_eq!(call[0]["explainedBy"], "nsg-rule-missing", "{:#}", report["findings"]);
}

fn of_two_regions_the_one_of_this_machine_counts() {
    let (asked, report) = asked(&with("estate = { is_second_location = true }"), &[]);
    assert_eq!(report["instance"]["region"], "eastus2", "{:#}", report["findings"]);
    assert_eq!(report["instance"]["privateIp"], "10.0.1.10");
    assert_eq!(report["configuration"]["subnet"]["name"], "snet-apim");
    assert_ne!(asked.output.status.code(), Some(2), "{}", asked.all());
}

fn an_instance_that_asks_other_dns_servers_than_its_network_is_told_to_take_them_over() {
    let (_, report) = asked(&with("estate = { instance_dns = [\"10.0.9.9\"] }"), &[]);
    let findings = report["findings"].as_array().expect("findings");
    let finding =
        findings.iter().find(|finding| finding["code"] == "dns-configuration").expect("the finding");
    assert_eq!(finding["severity"], "warning", "{finding:#}");
    let told = format!("{finding}");
    assert!(told.contains("10.0.9.9") && told.contains("10.0.2.4"), "{told}");
    assert!(
        told.contains("az apim apply-network-updates --resource-group rg-lab --name contoso-lab"),
        "{told}"
    );
}

/// A fault: the words under `[arm]`, parts of the lines that are said, and how many there are at most.
type Fault = (&'static str, &'static str, usize);

/// Faults that leave nothing of Azure: one line each.
const NOTHING_READ: [Fault; 12] = [
    ("identity = \"none\"", "Identity not found", 1),
    ("identity = \"several\"", "Multiple user assigned identities exist", 1),
    ("token = [\"empty\"]", "without a token", 1),
    ("token_lasts = \"gone\"", "gave no token in time", 1),
    ("token = [\"silent\"]", "gave no token in time", 1),
    ("rules = [{ fault = \"unauthorized\" }]", "the token is not accepted", 1),
    ("token_lasts = \"stale\"", "the token is not accepted", 1),
    ("fault = \"inspected\"", "must end in a public root", 1),
    ("fault = \"self-signed\"", "must end in a public root", 1),
    ("fault = \"silent\"", "no ", 1),
    ("has_no_name = true", "no connection", 1),
    ("fault = \"reset\"", "no connection", 1),
];

/// Faults of one document.
const PARTLY_READ: [Fault; 14] = [
    ("rules = [{ at = \"networkSecurityGroups/\", fault = \"forbidden\" }]", "networkSecurityGroups/read", 1),
    ("rules = [{ at = \"effectiveRouteTable\", fault = \"forbidden\" }]", "effectiveRouteTable", 1),
    ("rules = [{ at = \"vnet-lab?\", fault = \"not-found\" }]", "no such resource", 1),
    ("rules = [{ at = \"effectiveNetworkSecurityGroups\", fault = \"conflict\" }]", "another operation", 1),
    ("rules = [{ at = \"vnet-lab?\", fault = \"gone\" }]", "no such resource", 1),
    ("rules = [{ at = \"subnets/\", fault = \"throttled-long\" }]", "throttles", 1),
    ("rules = [{ at = \"subnets/\", fault = \"server-error\" }]", "Azure failed", 1),
    ("rules = [{ at = \"subnets/\", fault = \"half-body\" }]", "cannot be read", 1),
    ("rules = [{ at = \"effectiveRouteTable\", fault = \"huge\" }]", "larger than is read", 1),
    ("rules = [{ at = \"subnets/\", fault = \"foreign-redirect\" }]", "another host", 1),
    ("rules = [{ at = \"effectiveRouteTable\", fault = \"foreign-location\" }]", "another host", 1),
    ("rules = [{ at = \"subnets/\", fault = \"encoded\" }]", "cannot be read", 1),
    ("rules = [{ at = \"subnets/\", fault = \"echo\" }]", "cannot be read", 1),
    ("rules = [{ at = \"effectiveRouteTable\", fault = \"not-running\" }]", "running machine", 1),
];

/// Faults that last until the time is over.
const LASTING: [Fault; 3] = [
    ("rules = [{ at = \"effectiveRouteTable\", fault = \"accepted202\" }]", "no answer in time", 3),
    ("rules = [{ at = \"networkSecurityGroups/\", fault = \"accepted202\" }]", "no answer in time", 3),
    ("rules = [{ at = \"subnets/\", fault = \"silent\" }]", "no answer in time", 3),
];

/// Milliseconds of the run itself, without what the network takes to be made.
fn lasted(report: &Value) -> f64 {
    report["run"]["durationMs"].as_f64().expect("a duration")
}

/// `--azure-timeout` without the option, in milliseconds: a run that kept to no less would last at least so long, on a busy
/// machine and on an idle one.
const USUAL_TIMEOUT: f64 = 45_000.0;

fn without_anything_of_azure_the_run_is_as_without_the_option() {
    let bare = run_in("azure", &[], &["check", "--format", "json", "--public-roots", "{roots}"]);
    let bare = report(&bare.output);
    let mut wrong = Vec::new();
    for (arm, said, lines) in NOTHING_READ {
        let (asked, report) = asked(&with(arm), &["--azure-timeout", "3s"]);
        let hints = asked.hints();
        if report["summary"] != bare["summary"] || probed(&report) != probed(&bare) {
            wrong.push(format!("{arm}: {} in place of {}", report["summary"], bare["summary"]));
        }
        if hints.len() > lines || !hints.iter().any(|hint| hint.contains(said)) {
            wrong.push(format!("{arm}: {hints:?}"));
        }
        if lasted(&report) >= USUAL_TIMEOUT {
            wrong.push(format!("{arm}: {} ms", lasted(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn a_document_that_is_refused_is_said_once_and_decides_nothing() {
    let mut wrong = Vec::new();
    for (arm, said, lines) in PARTLY_READ.into_iter().chain(LASTING) {
        let (asked, report) = asked(&with(arm), &["--azure-timeout", "6s"]);
        let hints = asked.hints();
        // What was probed with the names that Azure did give is well, and so is the verdict.
        if report["summary"]["verdict"] != "healthy" || asked.output.status.code() != Some(0) {
            wrong.push(format!("{arm}: {} {:#}", report["summary"], report["findings"]));
        }
        if probed(&report).iter().any(|(_, status)| status != "success") {
            wrong.push(format!("{arm}: {:?}", probed(&report)));
        }
        if hints.len() > lines || !hints.iter().any(|hint| hint.contains(said)) {
            wrong.push(format!("{arm}: {hints:?}"));
        }
        let refused = report["configuration"]["refused"].as_array().map_or(0, Vec::len);
        if refused == 0 || lasted(&report) >= USUAL_TIMEOUT {
            wrong.push(format!("{arm}: {refused} refused, {} ms", lasted(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The checks have ended long before, and Azure has not answered.
fn a_signal_while_azure_is_asked_marks_the_run_interrupted() {
    let arm = "rules = [{ at = \"effectiveRouteTable\", fault = \"silent\" }]";
    let before = ["timeout", "--preserve-status", "--signal=INT", "4"];
    let words =
        ["check", "--azure", "--azure-timeout", "30s", "--format", "json", "--public-roots", "{roots}"];
    let asked = run_in(&with(arm), &before, &words);
    assert_eq!(asked.output.status.code(), Some(130), "{}", asked.all());
    let report = report(&asked.output);
    assert_eq!(report["run"]["interrupted"], true);
    assert_eq!(report["summary"]["exitCode"], 130);
    assert!(report["summary"]["required"]["success"].as_u64() > Some(0), "{}", report["summary"]);
    assert!(lasted(&report) < 10_000.0, "{} ms", lasted(&report));
}

fn a_token_that_is_not_accepted_is_renewed_once_and_waits_are_those_of_the_documents() {
    for (arm, least) in [
        ("token = [\"stale\"]", 0.0),
        ("token = [\"gone\", \"throttled\"]", 8.0),
        ("identity = \"user\"", 0.0),
    ] {
        let (asked, report) = asked(&with(arm), &[]);
        assert_eq!(report["summary"]["verdict"], "healthy", "{arm}: {}", asked.all());
        assert_eq!(asked.hints(), Vec::<String>::new(), "{arm}");
        assert!(asked.seconds >= least, "{arm}: {} s", asked.seconds);
    }
    let several = with("identity = \"several\"");
    let (asked, report) = asked(&several, &["--identity", "66666666-7777-8888-9999-000000000000"]);
    assert_eq!(report["summary"]["verdict"], "healthy", "{}", asked.all());
}

/// Only the proxy reaches Azure Resource Manager.
fn behind_a_proxy(tunnels: &str) -> String {
    let blocked = "nft = [\"ip daddr 20.99.255.1 drop\"]\n\n[arm]\n";
    with(&format!("proxy = \"{tunnels}\"")).replacen("[arm]\n", blocked, 1)
}

fn a_proxy_is_asked_for_azure_and_never_for_the_metadata_service() {
    let words =
        ["check", "--azure", "--format", "json", "--public-roots", "{roots}", "--azure-timeout", "8s"];
    let proxy = "HTTPS_PROXY=http://user:hunter-of-the-proxy@10.0.2.8:3128";
    let through = run_in(&behind_a_proxy("opens"), &["env", proxy, "HTTP_PROXY=http://10.0.2.9:1"], &words);
    assert_eq!(report(&through.output)["summary"]["verdict"], "healthy", "{}", through.all());
    assert!(!through.all().contains("hunter-of"));
    let tunnels = through.requests.iter().filter(|line| line.starts_with("CONNECT "));
    assert!(tunnels.clone().all(|line| line.starts_with("CONNECT management.azure.com:443 ")));
    assert!(tunnels.count() > 0, "{:?}", through.requests);
    let refused = run_in(&behind_a_proxy("refuses"), &["env", proxy], &words);
    assert!(refused.hints().iter().any(|hint| hint.contains("the proxy refused")), "{:?}", refused.hints());
    // What NO_PROXY names is asked directly, and does not answer here.
    let direct = ["env", proxy, "NO_PROXY=.azure.com"];
    let direct = run_in(&behind_a_proxy("opens"), &direct, &words);
    assert!(
        direct.requests.is_empty() && direct.hints().len() == 1,
        "{:?} {:?}",
        direct.requests,
        direct.hints()
    );
}

fn no_format_no_verbosity_and_no_trace_shows_a_token() {
    let formats = [
        "human",
        "json",
        "jsonl",
        "network-status",
        "markdown",
        "html",
        "junit",
        "tap",
        "nagios",
        "openmetrics",
    ];
    let echo = with("rules = [{ at = \"subnets/\", fault = \"echo\" }]");
    let trace = ["env", "RUST_LOG=trace", "RUST_BACKTRACE=full", "SSLKEYLOGFILE=/dev/null"];
    for format in formats {
        for more in [&["-v"][..], &["--no-redact"][..]] {
            let words = ["check", "--azure", "--format", format, "--public-roots", "{roots}"];
            let asked = run_in(&echo, &trace, &[&words, more].concat());
            assert_ne!(asked.output.status.code(), Some(2), "{format}: {}", asked.all());
        }
    }
    let words = ["review", "--azure", "-v", "--no-redact", "--public-roots", "{roots}"];
    for format in ["human", "json", "sarif"] {
        let _ = run_in(&echo, &trace, &[&words, &["--format", format][..]].concat());
    }
    let _ = run_in(&echo, &trace, &["fetch", "--public-roots", "{roots}"]);
    let _ =
        run_in(&echo, &trace, &["wait", "--azure", "-v", "--timeout", "10s", "--public-roots", "{roots}"]);
}

fn lines_of_jsonl_are_one_report_though_the_plan_grew() {
    let words = ["check", "--azure", "--format", "jsonl", "--public-roots", "{roots}"];
    let asked = run_in("azure", &[], &words);
    let lines: Vec<Value> = String::from_utf8_lossy(&asked.output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let last = lines.last().expect("a last line");
    let ids: std::collections::BTreeSet<&str> =
        lines.iter().filter_map(|line| line["check"]["id"].as_str()).collect();
    let total = |half: &str| last["summary"][half]["total"].as_u64().unwrap_or_default();
    assert_eq!(ids.len() as u64, total("required") + total("optional"));
    let plan: std::collections::BTreeSet<&str> =
        last["plan"].as_array().expect("a plan").iter().filter_map(Value::as_str).collect();
    assert_eq!(ids, plan);
    assert_eq!(last["instance"]["service"], "contoso-lab");
    assert!(ids.iter().any(|id| id.starts_with("sql-database/")), "{ids:?}");
    assert!(!ids.iter().any(|id| id.starts_with("sql-regional-gateway/")), "{ids:?}");
}

fn a_token_file_and_an_id_do_without_the_metadata_service() {
    let token = file("token");
    std::fs::write(&token, apim_probe_lab::arm::TOKEN).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&token, mode).expect("a mode");
    let service = apim_probe_lab::arm::SERVICE;
    let words = [
        "check",
        "--azure",
        "--no-imds",
        "--service",
        service,
        "--token-file",
        &token.to_string_lossy(),
        "--region",
        "eastus2",
        "--format",
        "json",
        "--public-roots",
        "{roots}",
    ]
    .map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let asked = run_in(&with("identity = \"none\""), &[], &words);
    let _ = std::fs::remove_file(Path::new(&token));
    let report = report(&asked.output);
    assert_eq!(report["summary"]["verdict"], "healthy", "{}", asked.all());
    assert_eq!(asked.hints().len(), 2, "effective rules and routes need the machine: {:?}", asked.hints());
    assert_eq!(check(&report, "sql-database")["status"], "success");
}

/// The tests of this file.
pub(super) const TESTS: &[Test] = &[
    (
        "azure::with_nothing_typed_everything_is_known_and_healthy",
        with_nothing_typed_everything_is_known_and_healthy,
    ),
    (
        "azure::a_denied_sql_is_one_root_that_names_the_rule_and_a_fix_without_a_gap",
        a_denied_sql_is_one_root_that_names_the_rule_and_a_fix_without_a_gap,
    ),
    ("azure::review_and_fetch_say_the_same_without_a_probe", review_and_fetch_say_the_same_without_a_probe),
    (
        "azure::a_wait_takes_its_names_from_azure_and_asks_once_a_minute",
        a_wait_takes_its_names_from_azure_and_asks_once_a_minute,
    ),
    (
        "azure::a_control_plane_that_is_shut_out_is_told_by_azures_own_call",
        a_control_plane_that_is_shut_out_is_told_by_azures_own_call,
    ),
    ("azure::of_two_regions_the_one_of_this_machine_counts", of_two_regions_the_one_of_this_machine_counts),
    (
        "azure::an_instance_that_asks_other_dns_servers_than_its_network_is_told_to_take_them_over",
        an_instance_that_asks_other_dns_servers_than_its_network_is_told_to_take_them_over,
    ),
    (
        "azure::without_anything_of_azure_the_run_is_as_without_the_option",
        without_anything_of_azure_the_run_is_as_without_the_option,
    ),
    (
        "azure::a_signal_while_azure_is_asked_marks_the_run_interrupted",
        a_signal_while_azure_is_asked_marks_the_run_interrupted,
    ),
    (
        "azure::a_document_that_is_refused_is_said_once_and_decides_nothing",
        a_document_that_is_refused_is_said_once_and_decides_nothing,
    ),
    (
        "azure::a_token_that_is_not_accepted_is_renewed_once_and_waits_are_those_of_the_documents",
        a_token_that_is_not_accepted_is_renewed_once_and_waits_are_those_of_the_documents,
    ),
    (
        "azure::a_proxy_is_asked_for_azure_and_never_for_the_metadata_service",
        a_proxy_is_asked_for_azure_and_never_for_the_metadata_service,
    ),
    (
        "azure::no_format_no_verbosity_and_no_trace_shows_a_token",
        no_format_no_verbosity_and_no_trace_shows_a_token,
    ),
    (
        "azure::lines_of_jsonl_are_one_report_though_the_plan_grew",
        lines_of_jsonl_are_one_report_though_the_plan_grew,
    ),
    (
        "azure::a_token_file_and_an_id_do_without_the_metadata_service",
        a_token_file_and_an_id_do_without_the_metadata_service,
    ),
];
