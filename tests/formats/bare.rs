//! Reports with the promised keys only, as another program writes them or an older version did: what a writer leaves out
//! because it is empty, false or not known costs no finding.

use apim_probe::render::Format;
use apim_probe::report_file::read::from_json;
use apim_probe::report_file::read_error::ReadError;
use apim_probe_checks::diagnose::{Code, Diagnosis};
use apim_probe_checks::outcome::Stage;
use apim_probe_checks::report::{ExitPolicy, Report};
use serde_json::{Value, json};

use crate::judged::{recorded, without_later_keys};
use crate::{options, render};

fn whole(report: &Report) -> Value {
    serde_json::from_str(&render(report, &options(Format::Json))).unwrap()
}

fn judged(value: &Value) -> Report {
    Report::new(
        from_json(&value.to_string()).unwrap_or_else(|error| panic!("{error}")),
        ExitPolicy::default(),
    )
}

/// Severity, code and extent of every finding that does not stand on a key of our own.
fn told(diagnosis: &Diagnosis) -> Vec<String> {
    let said = diagnosis.findings.iter().filter(|finding| finding.code != Code::PortalDisagrees);
    said.map(|finding| {
        format!("{} {} {:?} {:?}", finding.severity, finding.code, finding.affects, finding.explained_by)
    })
    .collect()
}

/// Empty lists and objects, `false`, and the port that every name server has.
fn without_what_goes_without_saying(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| {
                let empty = value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty);
                !(empty || (*value == json!(false) && key != "detected"))
            });
            if let Some(Value::String(server)) = map.get_mut("server") {
                *server = server.trim_end_matches(":53").to_owned();
            }
            map.values_mut().for_each(without_what_goes_without_saying);
        }
        Value::Array(items) => items.iter_mut().for_each(without_what_goes_without_saying),
        _ => {}
    }
}

#[test]
fn every_recorded_run_is_judged_the_same_from_the_promised_keys_alone() {
    let mut wrong = Vec::new();
    for (name, report) in recorded() {
        let mut value = whole(&report);
        without_later_keys(&mut value);
        without_what_goes_without_saying(&mut value);
        value["summary"] = json!({"verdict": "healthy", "exitCode": 0});
        value["findings"] = json!([{"code": "of-tomorrow"}]);
        let again = judged(&value);
        if told(&again.diagnosis) != told(&report.diagnosis) {
            wrong.push(format!("{name}:\n  {:?}\n  {:?}", told(&report.diagnosis), told(&again.diagnosis)));
        }
        assert_eq!(again.summary, report.summary, "{name}");
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// A report of one failed check, with nothing but what a report cannot do without.
fn smallest() -> Value {
    json!({
        "schemaVersion": "1.0",
        "tool": {"name": "apim-probe"},
        "run": {"startedAt": "2026-11-21T02:00:00.000Z"},
        "host": {"azure": {"detected": false}, "dnsServers": ["10.0.2.4"]},
        "instance": {},
        "checks": [{
            "id": "keyvault-apim/kv.vault.azure.net:443",
            "endpoint": "keyvault-apim",
            "host": "kv.vault.azure.net",
            "port": 443,
            "protocol": "https",
            "serviceTag": "AzureKeyVault",
            "status": "failure",
            "cause": "connect-timeout",
        }],
    })
}

fn codes(report: &Report) -> Vec<&str> {
    report.diagnosis.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn the_smallest_report_is_judged_and_can_be_written_in_every_format() {
    let report = judged(&smallest());
    assert_eq!((codes(&report), report.summary.exit_code), (vec!["service-tag-blocked", "outside-azure"], 1));
    assert_eq!(report.run.outcomes[0].failure().unwrap().stage, Stage::Connect);
    for &format in Format::ALL {
        assert!(!render(&report, &options(format)).is_empty(), "{}", format.as_str());
    }
    let again = judged(&whole(&report));
    assert_eq!(again.diagnosis, report.diagnosis);
}

#[test]
fn a_check_of_the_metadata_service_that_was_switched_off_says_nothing_about_azure() {
    let mut value = smallest();
    value["run"]["args"] = json!(["apim-probe", "--no-imds"]);
    assert_eq!(codes(&judged(&value)), ["service-tag-blocked"]);
}

#[test]
fn what_the_steps_say_is_evidence_where_nothing_else_is_there() {
    let mut value = smallest();
    let mut step = json!({"stage": "connect", "address": "10.1.0.5", "cause": "connect-timeout"});
    value["checks"][0]["steps"] = json!([{"stage": "resolve", "server": "10.0.2.4"}, step]);
    assert_eq!(codes(&judged(&value))[0], "private-endpoint-unreachable");
    value["checks"][0]["cause"] = "connect-rejected".into();
    step["icmp"] = json!({"type": 3, "code": 13, "from": "10.0.0.4"});
    value["checks"][0]["steps"] = json!([step]);
    let report = judged(&value);
    assert_eq!(codes(&report)[0], "firewall-rejects");
    assert!(report.diagnosis.findings[0].title.contains("10.0.0.4"));
}

#[test]
fn a_clock_that_only_a_time_server_tells_is_judged() {
    let mut value = smallest();
    let mut ntp = value["checks"][0].clone();
    ntp["id"] = "ntp/time.windows.com:123".into();
    ntp["endpoint"] = "ntp".into();
    ntp["protocol"] = "ntp".into();
    ntp["status"] = "success".into();
    ntp["evidence"] = json!({"exchange": {"offsetMs": 600_000.0}});
    value["checks"].as_array_mut().unwrap().push(ntp);
    assert!(codes(&judged(&value)).contains(&"clock-skew"));
}

#[test]
fn microsofts_own_authority_is_no_interception() {
    let mut value = smallest();
    let check = &mut value["checks"][0];
    check["endpoint"] = "windows-update".into();
    check["cause"] = "cert-untrusted".into();
    check["evidence"] = json!({"tls": {"trust": "untrusted", "chain": [
        {"subject": "CN=sls.update.microsoft.com", "issuer": "CN=Microsoft Update Secure Server CA 2.1"},
        {"subject": "CN=Microsoft Update Secure Server CA 2.1", "issuer": "CN=Microsoft Root"},
    ]}});
    assert!(!codes(&judged(&value)).contains(&"tls-interception"));
    value["checks"][0]["endpoint"] = "captcha".into();
    assert!(codes(&judged(&value)).contains(&"tls-interception"));
}

#[test]
fn lines_need_no_more_than_their_promised_keys() {
    let whole = smallest();
    let first = json!({"run": whole["run"], "host": whole["host"], "instance": whole["instance"]});
    let last = json!({"summary": {}, "findings": []});
    let lines = format!("{first}\n{}\n{last}\n", json!({"check": whole["checks"][0]}));
    let report = Report::new(from_json(&lines).unwrap(), ExitPolicy::default());
    assert_eq!(codes(&report), ["service-tag-blocked", "outside-azure"]);
    assert!(matches!(from_json(&lines.repeat(2)), Err(ReadError::More(_))));
    let (_, headless) = lines.split_once('\n').unwrap();
    assert!(matches!(from_json(headless), Err(ReadError::Headless)));
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let said = |change: fn(&mut Value)| {
        let mut value = smallest();
        change(&mut value);
        from_json(&value.to_string()).unwrap_err().to_string()
    };
    let of_check = "it is damaged: check `keyvault-apim/kv.vault.azure.net:443`: ";
    assert_eq!(
        said(|value| value["checks"][0]["cause"] = "tea".into()),
        format!("{of_check}unknown variant `tea`")
    );
    assert_eq!(
        said(|value| value["checks"][0]["status"] = "fine".into()),
        format!("{of_check}`fine` is not a status")
    );
    assert!(said(|value| value["schemaVersion"] = "0.9".into()).contains("`0.9` is not a version"));
    let twice = said(|value| value["checks"] = json!([value["checks"][0], value["checks"][0]]));
    assert!(twice.contains("two checks `keyvault-apim/"), "{twice}");
}

#[test]
fn an_address_that_works_is_known_by_its_steps_too() {
    let mut value = smallest();
    let step = |address, cause: Option<&str>| json!({"stage": "connect", "address": address, "cause": cause});
    let check = &mut value["checks"][0];
    check["status"] = "success".into();
    check["steps"] = json!([step("20.60.0.2", Some("connect-timeout")), step("20.60.0.1", None)]);
    assert!(codes(&judged(&value)).contains(&"address-partial"));
}
