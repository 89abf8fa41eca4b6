//! Findings for people: what is wrong, where the packets went, why, and what to do.

use anstyle::AnsiColor;
use apim_probe_checks::diagnose::{Code, Finding, Instruction, Severity, explain};

use super::{Page, columns, command, wrap};
use crate::render::{Verbosity, evidence, phrases};

/// Flows that a finding lists before it counts the rest.
const FLOWS: usize = 3;

/// Endpoints that a finding names before it counts the checks of the rest.
const MAX_NAMED: usize = 3;

impl Page<'_> {
    /// A block for each root, the worst last: it is what stays on the screen.
    pub(super) fn findings(&self) -> Vec<Vec<String>> {
        let wanted = |finding: &&Finding| {
            finding.severity != Severity::Info || self.style.verbosity == Verbosity::Verbose
        };
        let mut roots: Vec<&Finding> = self.report.diagnosis.roots().filter(wanted).collect();
        roots.reverse();
        let told = |place: usize| self.told(roots[place], self.advice(roots[place], &roots[..place]));
        (0..roots.len()).map(told).collect()
    }

    /// The whole of a finding.
    pub(super) fn finding(&self, finding: &Finding) -> Vec<String> {
        self.told(finding, self.advice(finding, &[]))
    }

    /// What is wrong.
    pub(super) fn finding_title(&self, finding: &Finding) -> Vec<String> {
        let (pretty, plain, color) = match finding.severity {
            Severity::Error => ("✗", "x", AnsiColor::Red),
            Severity::Warning => ("!", "!", AnsiColor::Yellow),
            Severity::Info => ("i", "i", AnsiColor::Cyan),
        };
        let mark = self.paint(if self.style.unicode { pretty } else { plain }, color);
        let lines = self.wrapped(&phrases::quoted(&finding.title), "  ").into_iter().enumerate();
        let lines = lines.map(|(place, line)| match place {
            0 => format!("{mark} {}", self.bold(line.trim_start())),
            _ => format!("  {}", self.bold(line.trim_start())),
        });
        lines.collect()
    }

    /// What to do, in words.
    pub(super) fn fix(&self, finding: &Finding) -> Vec<String> {
        self.labelled("Fix:", &phrases::quoted(&finding.remedy.summary))
    }

    /// What to do, to be pasted: each command under what it is for.
    pub(super) fn steps(&self, finding: &Finding) -> Vec<String> {
        let told = |step: &Instruction| {
            let label = phrases::step_label(step);
            let label = label.map(|(label, text)| self.labelled(&label, text)).unwrap_or_default();
            let lines = command(&self.safe(&step.command), self.style.width, "    ").into_iter();
            label.into_iter().chain(lines.map(|line| self.paint(&line, AnsiColor::Cyan))).collect::<Vec<_>>()
        };
        finding.remedy.steps.iter().flat_map(told).collect()
    }

    /// What to do about a finding, unless one before it has said the same.
    fn advice(&self, finding: &Finding, before: &[&Finding]) -> Vec<String> {
        let said = |other: &&Finding| {
            other.remedy.summary == finding.remedy.summary && other.remedy.steps == finding.remedy.steps
        };
        if before.iter().any(said) {
            self.labelled("Fix:", "the same as above.")
        } else {
            [self.fix(finding), self.steps(finding)].concat()
        }
    }

    fn told(&self, finding: &Finding, advice: Vec<String>) -> Vec<String> {
        let mut lines = self.finding_title(finding);
        let impact = phrases::impact(self.report, finding);
        lines.extend(impact.iter().flat_map(|impact| self.labelled("Impact:", impact)));
        lines.extend(self.flows(finding));
        lines.extend(self.wrapped(&phrases::quoted(&finding.detail), "  "));
        if self.style.verbosity == Verbosity::Verbose {
            lines.extend(self.labelled("Ruled out by:", &ruled_out_by(finding.code)));
        }
        lines.extend(advice);
        lines.extend(self.footer(finding));
        lines
    }

    /// A paragraph behind a bold word.
    fn labelled(&self, label: &str, text: &str) -> Vec<String> {
        let mut lines = self.wrapped(&format!("{label} {text}"), "  ");
        if let Some(first) = lines.first_mut() {
            *first = first.replacen(label, &self.bold(label), 1);
        }
        lines
    }

    /// Where the packets went that did not arrive, with time and tries.
    fn flows(&self, finding: &Finding) -> Vec<String> {
        let flows = evidence::of_finding(&self.report.run, finding);
        let listed = if self.style.verbosity == Verbosity::Verbose { flows.len() } else { FLOWS };
        let mut lines: Vec<String> =
            flows.iter().take(listed).flat_map(|flow| self.labelled("Flow:", &flow.sentence())).collect();
        let rest = flows.len().saturating_sub(listed);
        if rest > 0 {
            lines.extend(
                self.wrapped(&format!("and {} (-v lists all)", phrases::plural(rest, "more flow")), "  "),
            );
        }
        lines
    }

    /// A single check whose row stands above, with the same flow.
    fn is_told_by_its_row(&self, finding: &Finding) -> bool {
        let [only] = finding.affects.as_slice() else { return false };
        self.report.results().any(|seen| seen.check.id == *only && self.is_listed(seen))
    }

    fn footer(&self, finding: &Finding) -> Vec<String> {
        let is_verbose = self.style.verbosity == Verbosity::Verbose;
        let named = if is_verbose { usize::MAX } else { MAX_NAMED };
        let affected =
            if self.is_told_by_its_row(finding) { String::new() } else { phrases::affected(finding, named) };
        let explained: Vec<&str> = finding.explains.iter().map(|code| code.as_str()).collect();
        let explained = if is_verbose && !explained.is_empty() {
            format!(" It accounts for {}.", explained.join(", "))
        } else {
            String::new()
        };
        let affected = self.safe(&format!("{affected}{explained}"));
        let more = format!("Confidence {}. More: apim-probe explain {}", finding.confidence, finding.code);
        // One line where both fit; else each begins its own.
        let both = format!("{affected} {more}").trim_start().to_owned();
        let paragraphs =
            if columns(&both) + 2 <= self.style.width { vec![both] } else { vec![affected, more] };
        let lines =
            paragraphs.iter().filter(|text| !text.is_empty()).flat_map(|text| wrap(text, self.style, "  "));
        lines.map(|line| self.dim(&line)).collect()
    }
}

/// What would rule the finding out, from its page.
fn ruled_out_by(code: Code) -> String {
    let page = explain(code);
    let section = page.split("\n## ").find_map(|section| section.strip_prefix("What rules it out\n"));
    section.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
