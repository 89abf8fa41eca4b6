//! JUnit XML: a suite for the required checks, one for the optional.

use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::Report;

use super::escape::{display_safe, markup};
use super::phrases;
use crate::time::rfc3339;

/// The report as JUnit XML. An optional failure is `<skipped>`, with `strict` a `<failure>`.
pub fn render(report: &Report, strict: bool) -> String {
    let suites = [("required", false), ("optional", true)].map(|(name, optional)| {
        let results = report.run.results().filter(|(check, _)| check.is_optional == optional);
        Suite { name, cases: results.map(|(check, outcome)| case(report, check, outcome, strict)).collect() }
    });
    let whole = suites.iter().flat_map(|suite| &suite.cases);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"apim-probe\" {}>\n",
        counts(whole)
    );
    suites.iter().for_each(|suite| text.push_str(&suite.written(report)));
    text + "</testsuites>\n"
}

struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

/// How a pipeline counts a check.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Success,
    Skipped,
    Failure,
    Error,
}

struct Case {
    kind: Kind,
    seconds: f64,
    line: String,
}

impl Suite {
    fn written(&self, report: &Report) -> String {
        let host = said(report.run.host.hostname.as_deref()).unwrap_or("localhost");
        // JUnit's times have no zone.
        let at = rfc3339(report.run.started_at);
        let mut text = format!(
            "  <testsuite name=\"{}\" {} timestamp=\"{}\" hostname=\"{}\">\n",
            self.name,
            counts(self.cases.iter()),
            at.trim_end_matches('Z'),
            attribute(host)
        );
        self.cases.iter().for_each(|case| text.push_str(&case.line));
        text + "  </testsuite>\n"
    }
}

fn counts<'a>(cases: impl Iterator<Item = &'a Case> + Clone) -> String {
    let count = |kind| cases.clone().filter(|case| case.kind == kind).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\"",
        cases.clone().count(),
        count(Kind::Failure),
        count(Kind::Error),
        count(Kind::Skipped),
        cases.map(|case| case.seconds).sum::<f64>()
    )
}

fn case(report: &Report, check: &Check, outcome: &Outcome, strict: bool) -> Case {
    let lenient = check.is_optional && !strict;
    let words = attribute(&phrases::error(outcome).unwrap_or_else(|| phrases::ending(outcome)));
    let advice = || attribute(&advice(report, check));
    let (kind, body) = match &outcome.status {
        Status::Success => (Kind::Success, String::new()),
        Status::Failure(failure) if lenient => {
            (Kind::Skipped, format!("<skipped message=\"optional: {}: {words}\"/>", failure.cause))
        }
        Status::Failure(failure) => (
            Kind::Failure,
            format!("<failure type=\"{}\" message=\"{words}\">{}</failure>", failure.cause, advice()),
        ),
        Status::Undecided(_) if lenient => {
            (Kind::Skipped, format!("<skipped message=\"undecided: {words}\"/>"))
        }
        Status::Undecided(_) => {
            (Kind::Error, format!("<error type=\"undecided\" message=\"{words}\">{}</error>", advice()))
        }
        Status::Skipped(_) => (Kind::Skipped, format!("<skipped message=\"{words}\"/>")),
    };
    let seconds = outcome.duration_ms / 1000.0;
    let class = said(check.resource_type.as_deref()).or(said(Some(&check.group))).unwrap_or("check");
    let class = attribute(class);
    let name = attribute(check.id.as_str());
    let line = format!(
        "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\">{body}</testcase>\n"
    );
    Case { kind, seconds, line }
}

/// A name that says something: a saved report may hold an empty one, and no reader takes that.
fn said(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.trim().is_empty())
}

/// What the findings say of a check: what is wrong, and the fix.
fn advice(report: &Report, check: &Check) -> String {
    let about = report.diagnosis.roots().filter(|finding| finding.affects.contains(&check.id));
    about
        .map(|finding| format!("{} Fix: {} ", finding.title, finding.remedy.summary))
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Text for an attribute or an element; what XML 1.0 forbids is already written out.
fn attribute(text: &str) -> String {
    markup(&display_safe(text))
}
