//! `json`: the report as one object; and a plan likewise.

use apim_probe_checks::catalogue::{Catalogue, Source};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::Report;
use apim_probe_checks::security_rule;
use serde::Serialize;
use serde_json::Value;

use super::escape::json_safe;
use crate::report_file::document::check::{CheckDoc, PlannedDoc};
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
            rule: security_rule::of_check(check),
            documents: documents.filter(|source| source.location != "-").collect(),
        }
    }
}

/// Writes a report as one object and a newline: what stands before its checks, each of them, and the end.
pub fn pieces(report: &Report) -> impl Iterator<Item = String> {
    let head = std::iter::once_with(|| {
        let head = lines(&Document::before_checks(report), 0);
        format!("{},\n  \"checks\": [", head.trim_end_matches("\n}"))
    });
    let checks = report.results().enumerate().map(|(place, seen)| {
        let check = CheckDoc::of(seen, report.portal.as_ref(), report.judgement());
        format!("{}\n    {}", if place == 0 { "" } else { "," }, lines(&check, 2))
    });
    let end = if report.run.plan.checks.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" };
    head.chain(checks).chain([end.to_owned()])
}

/// Writes a report on one line, without a newline.
///
/// # Panics
/// Never, as [`pieces`].
#[must_use]
pub fn to_line(report: &Report) -> String {
    json_safe(&written(&Document::from(report)))
}

/// Writes a plan as one object and a newline.
#[must_use]
pub fn plan_to_json(known: &Catalogue, plan: &Plan) -> String {
    let document = PlanDoc {
        schema_version: VERSION,
        tool: ToolDoc::new(),
        catalogue: CatalogueDoc::from(plan),
        instance: InstanceDoc::from(plan),
        checks: plan.checks.iter().map(|check| PlanCheckDoc::of(known, check)).collect(),
    };
    lines(&document, 0) + "\n"
}

/// A document in lines of two blanks a level, where its braces stand at `level`.
pub(crate) fn lines(document: &impl Serialize, level: usize) -> String {
    json_safe(&indented(&written(document), level))
}

/// A document as a value, by way of its text.
///
/// # Panics
/// Never: what was written is JSON.
pub(crate) fn value(document: &impl Serialize) -> Value {
    serde_json::from_str(&written(document)).expect("what was written is JSON")
}

/// # Panics
/// Never: the documents are plain data with string keys and finite numbers.
fn written(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("plain data")
}

/// JSON without blanks in lines of two blanks a level. By hand, since a second serializer would have every document
/// compiled a second time.
fn indented(json: &str, mut level: usize) -> String {
    let mut text = String::with_capacity(json.len() * 3 / 2);
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' | '[' => {
                text.push(character);
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    level += 1;
                    new_line(&mut text, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                new_line(&mut text, level);
                text.push(character);
            }
            ',' => {
                text.push(character);
                new_line(&mut text, level);
            }
            ':' => text.push_str(": "),
            '"' => {
                text.push(character);
                while let Some(inner) = characters.next() {
                    text.push(inner);
                    match inner {
                        '"' => break,
                        '\\' => text.extend(characters.next()),
                        _ => {}
                    }
                }
            }
            _ => text.push(character),
        }
    }
    text
}

fn new_line(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_library() {
        let value = serde_json::json!({
            "empty": [{}, [], ""], "a\"b\\": ["{,:}", "\\", "\n", "ä"], "n": [1, -2.5e9, null, true], "deep": {"x": {"y": [[1]]}}
        });
        for value in [value, Value::Null, serde_json::json!([]), serde_json::json!("a:b")] {
            assert_eq!(indented(&value.to_string(), 0), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
