//! One JSON object a line: the run as it starts, a line for each check as it ends, summary and findings last.

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::network::judgement::Judgement;
use apim_probe_checks::portal::Portal;
use apim_probe_checks::report::Report;
use apim_probe_checks::run::Run;
use serde_json::{Value, json};

use super::escape::json_safe;
use super::json::value;
use crate::report_file::document::check::CheckDoc;
use crate::report_file::document::configuration::ConfigurationDoc;
use crate::report_file::document::host::HostDoc;
use crate::report_file::document::judgement::{FindingDoc, SummaryDoc};
use crate::report_file::document::{CatalogueDoc, InstanceDoc, PortalDoc, RunDoc, ToolDoc, VERSION};

/// The report in lines.
pub fn lines(report: &Report) -> impl Iterator<Item = String> {
    let checks = report.results().map(|seen| line(seen, report.portal.as_ref(), report.judgement()));
    let last = std::iter::once_with(|| last(report));
    std::iter::once_with(|| first(&report.run)).chain(checks).chain(last)
}

/// The first line: what is known before the first packet. `plan` holds the ids of the checks in the report's order.
pub fn first(run: &Run) -> String {
    let mut started = value(&RunDoc::from(run));
    let mut host = value(&HostDoc::from(&run.host));
    // What only the end of the run can tell is absent here and stands in the last line.
    for (part, keys) in
        [(&mut started, &["finishedAt", "durationMs", "interrupted"][..]), (&mut host, &["azure", "clock"])]
    {
        keys.iter().for_each(|key| drop(part.as_object_mut().and_then(|part| part.remove(*key))));
    }
    written(&json!({
        "schemaVersion": VERSION,
        "tool": value(&ToolDoc::new()),
        "catalogue": value(&CatalogueDoc::from(&run.plan)),
        "run": started,
        "host": host,
        "instance": value(&InstanceDoc::from(&run.plan)),
        "plan": run.plan.checks.iter().map(|check| check.id.as_str()).collect::<Vec<_>>(),
    }))
}

/// The line of a check.
pub fn line(seen: Seen<'_>, portal: Option<&Portal>, network: Option<&Judgement>) -> String {
    written(&json!({ "check": value(&CheckDoc::of(seen, portal, network)) }))
}

/// The last line: the judgement, and run, host, instance and plan again with what the end has told.
pub fn last(report: &Report) -> String {
    let mut last = json!({
        "summary": value(&SummaryDoc::from(report.summary)),
        "findings": value(&report.diagnosis.findings.iter().map(FindingDoc::from).collect::<Vec<_>>()),
        "run": value(&RunDoc::from(&report.run)),
        "host": value(&HostDoc::of(report)),
        // What became known while the checks ran.
        "instance": value(&InstanceDoc::from(&report.run.plan)),
        "plan": report.run.plan.checks.iter().map(|check| check.id.as_str()).collect::<Vec<_>>(),
    });
    if let Some(configuration) = &report.network {
        last["configuration"] = value(&ConfigurationDoc::from(configuration));
    }
    if let Some(portal) = &report.portal {
        last["portal"] = value(&PortalDoc::from(portal));
    }
    written(&last)
}

fn written(line: &Value) -> String {
    json_safe(&line.to_string()) + "\n"
}
