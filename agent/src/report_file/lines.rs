//! A report in lines, put together again.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::pieces::Pieces;
use super::read_error::ReadError;
use apim_probe_checks::arrange;

/// The lines put together again as one report and its checks, these in the order of the plan, each as its last line has it;
/// `None` where they are none.
///
/// # Errors
/// The last lines are missing.
pub(super) fn join(text: &str) -> Result<Option<(Pieces<'_>, Vec<&RawValue>)>, ReadError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().and_then(|line| serde_json::from_str::<Pieces<'_>>(line).ok());
    // A whole report on one line has its checks already.
    let is_start = |first: &Pieces<'_>| first.sections.contains_key("run") && !first.has_checks();
    let Some(mut whole) = first.filter(is_start) else { return Ok(None) };
    let mut plan = whole.sections.remove("plan").unwrap_or_default();
    let mut checks: Vec<&RawValue> = Vec::new();
    for line in lines {
        if whole.sections.contains_key("summary") {
            return Err(ReadError::More(format!("`{}`", line.chars().take(20).collect::<String>())));
        }
        match serde_json::from_str::<Pieces<'_>>(line) {
            Ok(mut line) => match line.check {
                Some(check) => checks.push(check),
                None => whole.sections.append(&mut line.sections),
            },
            Err(_) => break,
        }
    }
    if !whole.sections.contains_key("summary") {
        let seen = match plan.as_array().map_or(0, Vec::len) {
            0 => format!("{} checks", checks.len()),
            planned => format!("{} of {planned} checks", checks.len()),
        };
        return Err(ReadError::CutOff { seen });
    }
    // The plan may have grown: the last one holds.
    plan = whole.sections.remove("plan").unwrap_or(plan);
    Ok(Some((whole, ordered(checks, &plan))))
}

/// The last line of each check, in the order of the plan.
fn ordered<'a>(checks: Vec<&'a RawValue>, plan: &Value) -> Vec<&'a RawValue> {
    let places: HashMap<&str, usize> =
        plan.as_array().into_iter().flatten().filter_map(Value::as_str).zip(0..).collect();
    let mut later = HashSet::new();
    let last_first = checks.into_iter().rev().map(|check| (id(check), check));
    let mut checks: Vec<(Option<String>, &RawValue)> =
        last_first.filter(|(id, _)| id.as_ref().is_none_or(|id| later.insert(id.clone()))).collect();
    checks.reverse();
    arrange::by_key(&mut checks, |(id, _)| id.as_deref().and_then(|id| places.get(id)).copied());
    checks.into_iter().map(|(_, check)| check).collect()
}

/// What the check is called; `None` where nothing that is text says so.
pub(super) fn id(check: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    serde_json::from_str(check.get()).ok().map(|Named { id }| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    fn joined(text: &str) -> Option<Value> {
        let (whole, checks) = join(text).unwrap()?;
        let checks = checks.into_iter().map(|check| serde_json::from_str(check.get()).unwrap()).collect();
        let mut joined = Value::Object(whole.sections);
        joined["checks"] = Value::Array(checks);
        Some(joined)
    }

    #[test]
    fn lines_are_joined_in_the_order_of_the_plan_and_what_is_later_holds() {
        let text = "{\"run\":{},\"plan\":[\"a\",\"b\"]}\n{\"check\":{\"id\":\"b\"}}\n{\"check\":{\"id\":\"a\"}}\n\
                    {\"summary\":{},\"run\":{\"id\":1}}\n";
        let whole = json!({"checks":[{"id":"a"},{"id":"b"}],"run":{"id":1},"summary":{}});
        assert_eq!(joined(text), Some(whole));
    }

    #[test]
    fn a_later_line_of_a_check_replaces_the_earlier() {
        let text = "{\"run\":{},\"plan\":[\"a\"]}\n{\"check\":{\"id\":\"a\",\"n\":1}}\n{\"check\":{\"id\":\"a\",\"n\":2}}\n{\"summary\":{}}\n";
        assert_eq!(joined(text).unwrap()["checks"], json!([{"id":"a","n":2}]));
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
