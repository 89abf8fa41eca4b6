//! One JSON object a line: the run first, a line for each check, summary and findings last.

use apim_probe_checks::report::Report;
use serde_json::{Value, json};

use super::escape::json_safe;
use super::json::document;

/// The report in lines.
pub fn render(report: &Report) -> String {
    let document = document(report);
    let first = json!({
        "schemaVersion": document.schema_version,
        "tool": document.tool,
        "catalogue": document.catalogue,
        "run": document.run,
        "host": document.host,
        "instance": document.instance,
    });
    let checks = document.checks.iter().map(|check| json!({ "check": check }));
    let last = json!({ "summary": document.summary, "findings": document.findings });
    std::iter::once(first)
        .chain(checks)
        .chain([last])
        .map(|line| json_safe(&line.to_string()) + "\n")
        .collect()
}

/// The lines put together again as one report; `None` where they are none.
pub fn join(text: &str) -> Option<String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut whole: Value = serde_json::from_str(lines.next()?).ok()?;
    // A whole report on one line has its checks already.
    if whole.get("run").is_none() || whole.get("checks").is_some() {
        return None;
    }
    let mut checks = Vec::new();
    for line in lines {
        let mut line: Value = serde_json::from_str(line).ok()?;
        if let Some(check) = line.get_mut("check") {
            checks.push(check.take());
        } else {
            whole.as_object_mut()?.append(line.as_object_mut()?);
        }
    }
    whole.as_object_mut()?.insert("checks".to_owned(), Value::Array(checks));
    Some(whole.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_a_whole_report_on_one_line_keeps_its_checks() {
        let joined = join("{\"run\":{}}\n{\"check\":{\"id\":\"a\"}}\n{\"summary\":{}}\n").unwrap();
        assert_eq!(joined, r#"{"checks":[{"id":"a"}],"run":{},"summary":{}}"#);
        assert_eq!(join(r#"{"run":{},"checks":[{"id":"a"}]}"#), None);
        assert_eq!(join("{\n}"), None);
    }
}
