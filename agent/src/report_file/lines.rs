//! A report in lines, put together again.

use std::collections::HashMap;

use serde_json::Value;

use super::read_error::ReadError;
use apim_probe_checks::arrange;

/// The lines put together again as one report, its checks in the order of the plan, each as its last line has it; `None`
/// where they are none.
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
    let mut plan = whole.remove("plan").unwrap_or_default();
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
        let seen = match plan.as_array().map_or(0, Vec::len) {
            0 => format!("{} checks", checks.len()),
            planned => format!("{} of {planned} checks", checks.len()),
        };
        return Err(ReadError::CutOff { seen });
    }
    // The plan may have grown: the last one holds.
    plan = whole.remove("plan").unwrap_or(plan);
    let places: HashMap<&str, usize> =
        plan.as_array().into_iter().flatten().filter_map(Value::as_str).zip(0..).collect();
    let mut later = std::collections::HashSet::new();
    checks.reverse();
    checks.retain(|check| check["id"].as_str().is_none_or(|id| later.insert(id.to_owned())));
    checks.reverse();
    arrange::by_key(&mut checks, |check| check["id"].as_str().and_then(|id| places.get(id)).copied());
    whole.insert("checks".to_owned(), Value::Array(checks));
    Ok(Some(Value::Object(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

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
