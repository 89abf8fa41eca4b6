//! JUnit XML: a suite for the required checks, one for the optional.

use apim_probe_checks::catalogue::Requirement;
use apim_probe_checks::diagnose::{Finding, Seen};
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;

use super::escape::{display_safe, markup};
use super::evidence::{self, Attempt};
use super::{Options, phrases};
use crate::time::rfc3339;

/// The report as JUnit XML. An optional failure is `<skipped>`, with `--strict` a `<failure>`.
pub(super) fn render(report: &Report, options: &Options) -> String {
    let suites = [Requirement::Required, Requirement::Optional].map(|requirement| {
        let results = report.results().filter(|seen| seen.class.requirement == requirement);
        Suite { requirement, cases: results.map(|seen| case(report, seen, options)).collect() }
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
    requirement: Requirement,
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
            self.requirement,
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

fn case(report: &Report, seen: Seen<'_>, options: &Options) -> Case {
    let lenient = seen.is_optional() && !options.strict;
    let told = phrases::error(seen).unwrap_or_else(|| phrases::ending(seen));
    let finding = phrases::finding_of(report, seen.check);
    // What a pipeline shows in its list: what is wrong, where that is known.
    let words = attribute(finding.map_or(&told, |finding| &finding.title));
    let advice = || markup(&advice(report, seen, finding));
    let (kind, body) = match seen.status() {
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
    let seconds = seen.outcome.duration_ms / 1000.0;
    let class =
        said(seen.check.resource_type.as_deref()).or(said(Some(&seen.check.group))).unwrap_or("check");
    let class = attribute(class);
    let name = attribute(seen.check.id.as_str());
    let line = format!(
        "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\">{body}</testcase>\n"
    );
    Case { kind, seconds, line }
}

/// A name that says something: a saved report may hold an empty one, and no reader takes that.
fn said(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.trim().is_empty())
}

/// What was seen and where the packets went; then the finding's evidence and fix with its commands.
fn advice(report: &Report, seen: Seen<'_>, finding: Option<&Finding>) -> String {
    let told = match phrases::error(seen) {
        Some(error) => format!("{}: {error}", phrases::ending(seen)),
        None => phrases::ending(seen),
    };
    let flows = evidence::attempts(&report.run, seen.check, seen.outcome);
    let mut lines: Vec<String> = std::iter::once(told).chain(flows.iter().map(Attempt::sentence)).collect();
    if let Some(finding) = finding {
        lines.extend(phrases::impact(report, finding).map(|impact| format!("Impact: {impact}")));
        lines.push(finding.detail.clone());
        lines.push(format!("Fix: {}", finding.remedy.summary));
        lines.extend(phrases::step_lines(&finding.remedy));
    }
    // Each line is made safe before they are joined: a line break in one would be written out.
    lines.iter().map(|line| display_safe(line)).collect::<Vec<_>>().join("\n")
}

/// Text for an attribute or an element; what XML 1.0 forbids is already written out.
fn attribute(text: &str) -> String {
    markup(&display_safe(text))
}
