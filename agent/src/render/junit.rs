//! JUnit XML: a suite for the required checks, one for the optional.

use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::{display_safe, markup};
use super::{json, words};

/// The report as JUnit XML. An optional failure is `<skipped>`, with `strict` a `<failure>`.
pub fn render(report: &Report, strict: bool) -> String {
    let run = &report.run;
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"apim-probe\">\n");
    for (suite, optional) in [("required", false), ("optional", true)] {
        let results: Vec<(&Check, &Outcome)> =
            run.results().filter(|(check, _)| check.is_optional == optional).collect();
        let cases: Vec<(&'static str, String)> =
            results.iter().map(|(check, outcome)| case(check, outcome, optional && !strict)).collect();
        let count = |kind: &str| cases.iter().filter(|(case, _)| *case == kind).count();
        let seconds = results.iter().map(|(_, outcome)| outcome.duration_ms).sum::<f64>() / 1000.0;
        text.push_str(&format!(
            "  <testsuite name=\"{suite}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\" timestamp=\"{}\">\n",
            cases.len(), count("failure"), count("error"), count("skipped"),
            json::rfc3339(run.started_at).trim_end_matches('Z'),
        ));
        cases.iter().for_each(|(_, case)| text.push_str(case));
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn case(check: &Check, outcome: &Outcome, lenient: bool) -> (&'static str, String) {
    let words = words::error(outcome).unwrap_or_else(|| words::ending(outcome));
    let (kind, body) = match &outcome.status {
        Status::Success => ("success", String::new()),
        Status::Failure(failure) if lenient => {
            ("skipped", format!("<skipped message=\"optional: {}: {}\"/>", failure.cause, attribute(&words)))
        }
        Status::Failure(failure) => {
            ("failure", format!("<failure type=\"{}\" message=\"{}\"/>", failure.cause, attribute(&words)))
        }
        Status::Undecided(_) if lenient => {
            ("skipped", format!("<skipped message=\"undecided: {}\"/>", attribute(&words)))
        }
        Status::Undecided(_) => {
            ("error", format!("<error type=\"undecided\" message=\"{}\"/>", attribute(&words)))
        }
        Status::Skipped(_) => ("skipped", format!("<skipped message=\"{}\"/>", attribute(&words))),
    };
    let class = check.resource_type.as_deref().unwrap_or(&check.group);
    let line = format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">{body}</testcase>\n",
        attribute(class),
        attribute(check.id.as_str()),
        outcome.duration_ms / 1000.0,
    );
    (kind, line)
}

/// Text for an attribute; what XML 1.0 forbids is already written out.
fn attribute(text: &str) -> String {
    markup(&display_safe(text))
}
