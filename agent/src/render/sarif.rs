//! SARIF 2.1.0, for code scanning in a pipeline: a rule for each finding code, a result for each finding, at the file and
//! line of the security rule, route or setting that decides.

use std::path::Path;

use apim_probe_checks::diagnose::{Code, Finding, Severity};
use apim_probe_checks::network::decision::{By, Decision, RuleRef};
use apim_probe_checks::network::{DocumentKind, Place};
use apim_probe_checks::report::Report;
use serde_json::{Value, json};

use super::escape::{display_safe, json_safe};
use super::phrases;

/// The report as SARIF. Files below `folder` are named by their path from there, as code scanning looks them up.
pub(super) fn render(report: &Report, folder: &Path) -> String {
    let findings = &report.diagnosis.findings;
    let mut codes: Vec<Code> = Vec::new();
    for finding in findings {
        if !codes.contains(&finding.code) {
            codes.push(finding.code);
        }
    }
    let results: Vec<Value> =
        findings.iter().map(|finding| result(report, finding, &codes, folder)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "apim-probe",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code, findings)).collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": true, "exitCode": report.summary.exit_code }],
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    json_safe(&format!("{log:#}")) + "\n"
}

fn rule(code: Code, findings: &[Finding]) -> Value {
    let url = findings.iter().find(|finding| finding.code == code).and_then(|one| one.remedy.doc_url.clone());
    let mut rule = json!({ "id": code.as_str(), "shortDescription": { "text": code.as_str() } });
    if let Some(url) = url.filter(|url| url.starts_with("https://")) {
        rule["helpUri"] = url.into();
    }
    rule
}

fn result(report: &Report, finding: &Finding, codes: &[Code], folder: &Path) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let text = format!(
        "{} {} Fix: {}",
        phrases::quoted(&finding.title),
        phrases::quoted(&finding.detail),
        phrases::quoted(&finding.remedy.summary)
    );
    // Each line is made safe before they are joined: a line break in one would be written out.
    let lines = std::iter::once(text).chain(phrases::step_lines(&finding.remedy));
    let text = lines.map(|line| display_safe(&line)).collect::<Vec<_>>().join("\n");
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": codes.iter().position(|code| *code == finding.code),
        "level": level,
        "message": { "text": text },
    });
    if let Some(location) = place(report, finding).and_then(|place| location(&place, folder)) {
        result["locations"] = json!([location]);
    }
    result
}

/// Where it stands what decides: the rule or route of the first check that names one, else the first of its
/// reasons, else the group whose default rule it is, else the first document.
fn place(report: &Report, finding: &Finding) -> Option<Place> {
    let configuration = report.network.as_ref()?;
    let judgement = &configuration.judgement;
    let decisions = finding.affects.iter().filter_map(|id| judgement.decision(id));
    let of_reason = finding.reasons.iter().find_map(|reason| reason.place.clone());
    let documents = &configuration.basis.documents;
    let mut groups = decisions.clone().filter_map(|decision| Some(decision.nsg.as_ref()?.group.as_str()));
    let group = groups.next();
    let of_group = documents
        .iter()
        .find(|it| it.kind == DocumentKind::SecurityGroup && Some(it.name.as_str()) == group)
        .or_else(|| documents.first());
    let decided = decisions.filter_map(|decision| deciding(finding.code, decision)).next();
    decided.or(of_reason).or_else(|| of_group.map(|document| document.place.clone()))
}

/// Where the rule or route stands that a finding blames for a flow.
fn deciding(code: Code, decision: &Decision) -> Option<Place> {
    let rule = |rule: &Option<RuleRef>| rule.as_ref()?.place.clone();
    let route = || decision.route.as_ref()?.place.clone();
    match code {
        Code::AdminRuleDenies => rule(&decision.admin),
        Code::NicRuleDenies => rule(&decision.nic),
        Code::RouteDrops | Code::RouteToAppliance | Code::ManagementRouteMissing => route(),
        _ if decision.by == By::AdminRule => rule(&decision.admin),
        _ if decision.by == By::Route => route(),
        _ => rule(&decision.nsg).or_else(route),
    }
}

/// A place in a file; what came from standard input has none.
fn location(place: &Place, folder: &Path) -> Option<Value> {
    if place.file == "-" {
        return None;
    }
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.file, folder) } });
    if let Some(line) = place.line {
        physical["region"] = json!({ "startLine": line });
    }
    Some(json!({ "physicalLocation": physical }))
}

/// The file as a URI: relative where it is below `folder`.
fn uri(file: &str, folder: &Path) -> String {
    let path = Path::new(file);
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let text = relative.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    let escaped: String = text.bytes().map(escape).collect();
    if relative.is_absolute() { format!("file://{escaped}") } else { escaped }
}

fn escape(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_uri_whatever_its_name() {
        let below = |file| uri(file, Path::new("/repository"));
        assert_eq!(below("./infra/main template.json"), "infra/main%20template.json");
        assert_eq!(below("/no/such/x#y.json"), "file:///no/such/x%23y.json");
        assert_eq!(below("/repository/a.json"), "a.json");
    }
}
