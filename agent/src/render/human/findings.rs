//! Findings for people: what is wrong, where the packets went, why, and what to do.

use anstyle::AnsiColor;
use apim_probe_checks::diagnose::{Finding, Severity};

use super::{Page, columns, command, wrap};
use crate::render::{Verbosity, evidence, phrases};

/// Flows that a finding lists before it counts the rest.
const FLOWS: usize = 3;

/// Endpoints that a finding names before it counts the checks of the rest.
const NAMED: usize = 3;

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

    /// What to do, to be pasted.
    pub(super) fn commands(&self, finding: &Finding) -> Vec<String> {
        let lines = finding.remedy.commands.iter();
        let lines = lines.flat_map(|line| command(&self.safe(line), self.style.width, "    "));
        lines.map(|line| self.paint(&line, AnsiColor::Cyan)).collect()
    }

    /// What to do about a finding, unless one before it has said the same.
    fn advice(&self, finding: &Finding, before: &[&Finding]) -> Vec<String> {
        let said = |other: &&Finding| {
            other.remedy.summary == finding.remedy.summary && other.remedy.commands == finding.remedy.commands
        };
        match before.iter().any(said) {
            true => self.labelled("Fix:", "the same as above."),
            false => [self.fix(finding), self.commands(finding)].concat(),
        }
    }

    fn told(&self, finding: &Finding, advice: Vec<String>) -> Vec<String> {
        let mut lines = self.finding_title(finding);
        let impact = phrases::impact(self.report, finding);
        lines.extend(impact.iter().flat_map(|impact| self.labelled("Impact:", impact)));
        lines.extend(self.flows(finding));
        lines.extend(self.wrapped(&phrases::quoted(&finding.detail), "  "));
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

    fn footer(&self, finding: &Finding) -> Vec<String> {
        let is_verbose = self.style.verbosity == Verbosity::Verbose;
        let affected = phrases::affected(finding, if is_verbose { usize::MAX } else { NAMED });
        let explained: Vec<&str> = finding.explains.iter().map(|code| code.as_str()).collect();
        let explained = match is_verbose && !explained.is_empty() {
            true => format!(" It accounts for {}.", explained.join(", ")),
            false => String::new(),
        };
        let affected = self.safe(&format!("{affected}{explained}"));
        let more = format!("Confidence {}. More: apim-probe explain {}", finding.confidence, finding.code);
        // One line where both fit; else each begins its own.
        let both = format!("{affected} {more}");
        let paragraphs = match columns(&both) + 2 <= self.style.width {
            true => vec![both],
            false => vec![affected, more],
        };
        let lines =
            paragraphs.iter().filter(|text| !text.is_empty()).flat_map(|text| wrap(text, self.style, "  "));
        lines.map(|line| self.dim(&line)).collect()
    }
}
