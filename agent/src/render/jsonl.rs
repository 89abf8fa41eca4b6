//! One JSON object a line: the run as it starts, a line for each check as it ends, summary and findings last.

use std::collections::HashMap;

use apim_probe_checks::outcome::Outcome;
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;
use apim_probe_checks::run::Run;
use serde_json::{Value, json};

use super::escape::json_safe;
use super::json::{self, CheckDoc, ReadError};

/// The report in lines.
pub fn render(report: &Report) -> String {
    let checks = report.run.results().map(|(check, outcome)| line(check, outcome));
    std::iter::once(first(&report.run)).chain(checks).chain([last(report)]).collect()
}

/// The first line: what is known before the first packet. `plan` holds the ids of the checks in the report's order.
pub fn first(run: &Run) -> String {
    let mut started = json!(json::run_doc(run));
    let mut host = json!(run.host);
    // What only the end of the run can tell is absent here and stands in the last line.
    for (part, keys) in
        [(&mut started, &["finishedAt", "durationMs", "interrupted"][..]), (&mut host, &["azure", "clock"])]
    {
        keys.iter().for_each(|key| drop(part.as_object_mut().and_then(|part| part.remove(*key))));
    }
    written(&json!({
        "schemaVersion": json::VERSION,
        "tool": json::tool(),
        "catalogue": json::catalogue(&run.plan),
        "run": started,
        "host": host,
        "instance": json::instance(&run.plan),
        "plan": run.plan.checks.iter().map(|check| &check.id).collect::<Vec<_>>(),
    }))
}

/// The line of a check.
pub fn line(check: &Check, outcome: &Outcome) -> String {
    written(&json!({ "check": CheckDoc::of(check, outcome) }))
}

/// The last line: the judgement, and run and host again with what the end has told.
pub fn last(report: &Report) -> String {
    written(&json!({
        "summary": report.summary,
        "findings": report.diagnosis.findings,
        "run": json::run_doc(&report.run),
        "host": report.run.host,
    }))
}

fn written(line: &Value) -> String {
    json_safe(&line.to_string()) + "\n"
}

/// The lines put together again as one report, its checks in the order of the plan; `None` where they are none.
///
/// # Errors
/// The last lines are missing.
pub fn join(text: &str) -> Result<Option<Value>, ReadError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().and_then(|line| serde_json::from_str(line).ok());
    let Some(Value::Object(mut whole)) = first else { return Ok(None) };
    // A whole report on one line has its checks already.
    if !whole.contains_key("run") || whole.contains_key("checks") {
        return Ok(None);
    }
    let plan = whole.remove("plan").unwrap_or_default();
    let places: HashMap<&str, usize> =
        plan.as_array().into_iter().flatten().filter_map(Value::as_str).zip(0..).collect();
    let mut checks: Vec<Value> = Vec::new();
    for line in lines {
        if whole.contains_key("summary") {
            return Err(ReadError::More(format!("`{}`", line.chars().take(20).collect::<String>())));
        }
        match serde_json::from_str(line) {
            Ok(Value::Object(mut line)) => match line.remove("check") {
                Some(check) => checks.push(check),
                None => whole.append(&mut line),
            },
            _ => break,
        }
    }
    if !whole.contains_key("summary") {
        let seen = match places.len() {
            0 => format!("{} checks", checks.len()),
            planned => format!("{} of {planned} checks", checks.len()),
        };
        return Err(ReadError::CutOff { seen });
    }
    checks.sort_by_key(|check| check["id"].as_str().and_then(|id| places.get(id)).copied());
    whole.insert("checks".to_owned(), Value::Array(checks));
    Ok(Some(Value::Object(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Option<Value> {
        join(text).unwrap()
    }

    #[test]
    fn lines_are_joined_in_the_order_of_the_plan_and_what_is_later_holds() {
        let text = "{\"run\":{},\"plan\":[\"a\",\"b\"]}\n{\"check\":{\"id\":\"b\"}}\n{\"check\":{\"id\":\"a\"}}\n\
                    {\"summary\":{},\"run\":{\"id\":1}}\n";
        let whole = json!({"checks":[{"id":"a"},{"id":"b"}],"run":{"id":1},"summary":{}});
        assert_eq!(joined(text), Some(whole));
    }

    #[test]
    fn a_report_that_is_one_object_is_left_alone() {
        assert_eq!(joined(r#"{"run":{},"checks":[{"id":"a"}]}"#), None);
        assert_eq!(joined("{\n}"), None);
        assert_eq!(joined(""), None);
    }

    #[test]
    fn lines_without_their_end_are_cut_off() {
        let text = "{\"run\":{},\"plan\":[\"a\",\"b\"]}\n{\"check\":{\"id\":\"b\"}}\n{\"summ";
        assert!(matches!(join(text), Err(ReadError::CutOff { seen }) if seen == "1 of 2 checks"));
    }
}
