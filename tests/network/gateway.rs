//! An Application Gateway in front of an instance: one good estate, and single mistakes in it, each with exactly its reason.

use std::collections::BTreeSet;

use apim_probe_checks::catalogue::Published;
use apim_probe_checks::diagnose::{Code, Finding, StepKind};
use apim_probe_checks::network::publishing::reason::{FaultCode, HealthCode};
use apim_probe_checks::network::{Field, Network};
use apim_probe_checks::report::Report;
use serde_json::{Map, Value};

use crate::judged;
use mistake::{Case, cases, report};

mod mistake;
mod terraform;

impl Case {
    fn faults(&self) -> Vec<String> {
        let report = self.report();
        let found = &report.diagnosis.findings;
        let of = |code: Code| found.iter().filter(move |finding| finding.code == code);
        let mut faults = Vec::new();
        let publishing = &report.network.as_ref().expect("configuration").publishing;
        let mut unfit: Vec<String> = Vec::new();
        for (endpoint, reasons) in publishing.gateways.iter().flat_map(|front| &front.unfit) {
            let codes: Vec<&str> = reasons.iter().map(|fault| fault.code.as_str()).collect();
            let finding = of(Code::GatewayUnfit)
                .find(|finding| shown(finding) == codes && finding.reasons[0].text == reasons[0].says);
            let severity = finding.map_or("no finding", |finding| finding.severity.as_str());
            unfit.push(format!(
                "{severity} {} {}",
                endpoint.map_or("all", Published::as_str),
                codes.join(",")
            ));
        }
        if unfit != self.unfit || of(Code::GatewayUnfit).count() != self.unfit.len() {
            faults.push(format!("unfit {unfit:?}"));
        }
        let mut health: Vec<String> = Vec::new();
        for sick in publishing.gateways.iter().flat_map(|front| &front.health).chain(&publishing.health) {
            let codes: Vec<&str> = sick.complaints.iter().map(|complaint| complaint.code.as_str()).collect();
            let finding = of(Code::GatewayBackendUnhealthy).find(|finding| shown(finding) == codes);
            let severity = finding.map_or("no finding", |finding| finding.severity.as_str());
            health.push(format!(
                "{severity} {} {}",
                sick.endpoint.map_or("all", Published::as_str),
                codes.join(",")
            ));
        }
        if health != self.health {
            faults.push(format!("health {health:?}"));
        }
        faults.extend(self.wrong_words(&report));
        faults
    }

    fn wrong_words(&self, report: &Report) -> Vec<String> {
        let mut faults = Vec::new();
        let found = &report.diagnosis.findings;
        let is_folded = found.iter().any(|finding| {
            finding.code == Code::GatewayBackendUnhealthy && finding.explained_by == Some(Code::GatewayUnfit)
        });
        let explains = found.iter().any(|finding| finding.explains.contains(&Code::GatewayBackendUnhealthy));
        if (is_folded, explains) != (self.folded, self.folded) {
            faults.push(format!("folded: {is_folded}, explains: {explains}"));
        }
        let first = found.iter().find(|finding| finding.code == Code::GatewayUnfit);
        let reasons = first
            .map(|finding| finding.reasons.iter().map(|reason| reason.text.as_str()).collect::<String>());
        let commands = first.map(|finding| finding.remedy.commands().collect::<Vec<_>>().join("\n"));
        for (wanted, text) in [(&self.says, &reasons), (&self.commands, &commands)] {
            let is_there =
                wanted.as_ref().is_none_or(|wanted| text.as_ref().is_some_and(|text| text.contains(wanted)));
            if !is_there {
                faults.push(format!("{wanted:?} is not in {text:?}"));
            }
        }
        let assumptions = &report.network.as_ref().expect("configuration").basis.assumptions;
        if let Some(wanted) = &self.assumes
            && !assumptions.iter().any(|text| text.contains(wanted))
        {
            faults.push(format!("{wanted} is not in {assumptions:?}"));
        }
        faults
    }
}

/// As `az` writes it: what stands in `properties` stands beside them.
fn az(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(az).collect(),
        Value::Object(object) => {
            let mut flat = Map::new();
            for (key, value) in object {
                match (key.as_str(), az(value)) {
                    ("properties", Value::Object(inner)) => flat.extend(inner),
                    (_, value) => drop(flat.insert(key.clone(), value)),
                }
            }
            Value::Object(flat)
        }
        other => other.clone(),
    }
}

/// As PowerShell's typed commands write it: flat, with capitals.
fn powershell(value: &Value) -> Value {
    match az(value) {
        Value::Array(list) => list.iter().map(powershell).collect(),
        Value::Object(object) => {
            let capital = |key: &str| key[..1].to_ascii_uppercase() + &key[1..];
            Value::Object(object.iter().map(|(key, value)| (capital(key), powershell(value))).collect())
        }
        other => other,
    }
}

fn shown(finding: &Finding) -> Vec<&str> {
    finding.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

#[test]
fn every_mistake_has_exactly_its_reason() {
    let wrong: Vec<String> = cases()
        .iter()
        .flat_map(|case| case.faults().into_iter().map(move |fault| format!("{}: {fault}", case.name)))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_mistake_has_a_command_that_takes_it_away_or_a_word_why_not() {
    let is_told = |finding: &&Finding| {
        let remedy = &finding.remedy;
        remedy.steps.iter().any(|step| step.kind == StepKind::Change)
            || ["the Azure CLI", "The Azure CLI", "apim-probe rules", "Wait until"]
                .iter()
                .any(|why| remedy.summary.contains(why))
    };
    let mut wrong = Vec::new();
    for case in cases() {
        let findings = case.report().diagnosis.findings;
        let unfit = findings.iter().filter(|finding| finding.code == Code::GatewayUnfit);
        for finding in unfit.filter(|finding| !is_told(finding)) {
            wrong.push(format!("{}: {:?} {}", case.name, shown(finding), finding.remedy.summary));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dialect_tells_the_same() {
    let said = |network: &Network| -> Vec<String> {
        let findings = report(network).diagnosis.findings;
        let of_gateway = findings.iter().filter(|finding| !finding.reasons.is_empty());
        of_gateway.map(|finding| format!("{} {}", finding.title, shown(finding).join(","))).collect()
    };
    for case in cases() {
        let rest = said(&case.network());
        assert_eq!(said(&case.network_as(az)), rest, "az: {}", case.name);
        assert_eq!(said(&case.network_as(powershell)), rest, "PowerShell: {}", case.name);
        // Terraform does not know whether a gateway runs.
        if case.unfit != ["error all not-running"] {
            assert_eq!(said(&case.network_as(terraform::state)), rest, "Terraform: {}", case.name);
        }
    }
}

/// The address of an instance that is still to be made is unknown, and its pool not empty.
#[test]
fn what_a_plan_does_not_know_yet_is_never_a_mistake() {
    let mut plan = terraform::plan();
    let network = terraform::read(&plan);
    let gateway = &network.gateways[0];
    assert_eq!(gateway.pools[0].targets, Field::Unreadable);
    assert_eq!(gateway.subnets, [network.subnets[0].id.clone()]);
    assert_eq!(network.services[0].hostnames[0].name, "api.contoso.example");
    let unfit = |network: &Network| -> Vec<String> {
        let findings = report(network).diagnosis.findings;
        let unfit = findings.iter().filter(|finding| finding.code == Code::GatewayUnfit);
        unfit.map(|finding| shown(finding).join(",")).collect()
    };
    assert_eq!(unfit(&network), Vec::<String>::new());
    let values = &mut plan["planned_values"]["root_module"]["resources"][0]["values"];
    values["probe"][0]["path"] = "/".into();
    assert_eq!(unfit(&terraform::read(&plan)), ["probe-path"]);
}

#[test]
fn every_reason_is_tried_and_no_name_is_used_twice() {
    let cases = cases();
    let words = |lines: fn(&Case) -> &Vec<String>| -> BTreeSet<String> {
        let codes = cases.iter().flat_map(lines).filter_map(|line| line.rsplit(' ').next());
        codes.flat_map(|codes| codes.split(',')).map(str::to_owned).collect()
    };
    let unfit = words(|case| &case.unfit);
    let missing: Vec<&FaultCode> =
        FaultCode::ALL.iter().filter(|code| !unfit.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let health = words(|case| &case.health);
    let missing: Vec<&HealthCode> =
        HealthCode::ALL.iter().filter(|code| !health.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    let single = cases.iter().filter(|case| !case.unfit.is_empty()).count();
    assert!(single >= 30, "{single} single mistakes");
}

#[test]
fn every_reason_says_what_and_where_and_has_a_step_of_its_own() {
    for case in cases() {
        for finding in case.report().diagnosis.findings {
            if !matches!(finding.code, Code::GatewayUnfit | Code::GatewayBackendUnhealthy) {
                continue;
            }
            assert!(
                finding.title.ends_with('.') && finding.remedy.summary.ends_with('.'),
                "{}",
                finding.title
            );
            for reason in &finding.reasons {
                assert!(reason.text.ends_with('.'), "{}", reason.text);
                let place = reason.place.as_ref();
                assert!(
                    place.is_some() || case.unfit == ["error all instance-inbound"],
                    "{}: {}",
                    case.name,
                    reason.text
                );
            }
        }
    }
}

/// The findings of a gateway never change the verdict.
#[test]
fn the_verdict_is_that_of_the_flows() {
    let verdicts: BTreeSet<String> = cases()
        .iter()
        .filter(|case| !case.remove.iter().any(|at| at == "/instance" || at == "/network"))
        .filter(|case| {
            !case.set.iter().any(|set| set.at.starts_with("/instanceRules") || set.at.starts_with("/zone"))
        })
        .map(|case| case.report().summary.verdict.to_string())
        .collect();
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
}
