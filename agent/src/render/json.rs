//! `json`: the report as one object; and a plan likewise.

use apim_probe_checks::catalogue::{Catalogue, Source};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::Report;
use apim_probe_checks::rule;
use serde::Serialize;

use super::escape::json_safe;
use crate::report_file::document::check::PlannedDoc;
use crate::report_file::document::{CatalogueDoc, Document, InstanceDoc, ToolDoc, VERSION};

/// The plan, without a packet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanDoc<'a> {
    schema_version: &'static str,
    tool: ToolDoc,
    catalogue: CatalogueDoc,
    instance: InstanceDoc,
    checks: Vec<PlanCheckDoc<'a>>,
}

/// A check of `plan`: beside the keys of a report's check the rule that lets it through and the documents behind it.
#[derive(Debug, Serialize)]
struct PlanCheckDoc<'a> {
    #[serde(flatten)]
    planned: PlannedDoc,
    /// Rule of a network security group, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    documents: Vec<&'a Source>,
}

impl<'a> PlanCheckDoc<'a> {
    /// The document of a check, with what the catalogue knows of its sources.
    fn of(catalogue: &'a Catalogue, check: &Check) -> Self {
        let documents = check.sources.iter().filter_map(|code| catalogue.sources.get(code));
        Self {
            planned: PlannedDoc::from(check),
            rule: rule::of_check(check),
            documents: documents.filter(|source| source.location != "-").collect(),
        }
    }
}

/// Writes a report as one object and a newline.
#[must_use]
pub fn to_json(report: &Report) -> String {
    text(&Document::from(report))
}

/// Writes a report on one line, without a newline.
///
/// # Panics
/// Never, as [`to_json`].
#[must_use]
pub fn to_line(report: &Report) -> String {
    json_safe(&serde_json::to_string(&Document::from(report)).expect("plain data"))
}

/// Writes a plan as one object and a newline.
#[must_use]
pub fn plan_to_json(known: &Catalogue, plan: &Plan) -> String {
    text(&PlanDoc {
        schema_version: VERSION,
        tool: ToolDoc::new(),
        catalogue: CatalogueDoc::from(plan),
        instance: InstanceDoc::from(plan),
        checks: plan.checks.iter().map(|check| PlanCheckDoc::of(known, check)).collect(),
    })
}

/// # Panics
/// Never: the documents are plain data with string keys and finite numbers.
fn text(document: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(document).expect("plain data");
    json_safe(&json) + "\n"
}
