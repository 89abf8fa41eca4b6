//! The report for people: where and when, what failed, then what is wrong with its fix, the worst last, and the verdict.

use std::time::SystemTime;

use anstyle::{AnsiColor, Style as Ansi};
use apim_probe_checks::catalogue::Requirement;
use apim_probe_checks::diagnose::{Finding, Severity};
use apim_probe_checks::report::{Report, Verdict};

use super::{Style, Verbosity, phrases};

mod details;
mod findings;
mod layout;
mod rows;
mod summary;

pub use summary::summary;

pub(super) use layout::{columns, command, elide_host, pad, wrap};

/// The whole report; `read_at` is the time at which a saved one is read.
#[must_use]
pub fn report(report: &Report, style: Style, read_at: Option<SystemTime>) -> String {
    let page = Page { report, style };
    let is_calm = report.summary.verdict == Verdict::Healthy;
    let mut blocks = Vec::new();
    if style.verbosity > Verbosity::Quiet || !is_calm {
        blocks.push(page.header(read_at));
        blocks.push(
            [page.rows(Requirement::Required), page.rows(Requirement::Optional), page.not_run()].concat(),
        );
        blocks.push(page.shared_notes());
        blocks.push(page.configuration());
        blocks.push(page.notes());
        blocks.extend(page.findings());
    }
    blocks.push(page.verdict());
    blocks.retain(|block| !block.is_empty());
    blocks.iter().map(|block| block.join("\n")).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The findings alone, each behind an empty line.
#[must_use]
pub fn findings(report: &Report, style: Style) -> String {
    let blocks = Page { report, style }.findings().into_iter();
    blocks.map(|block| format!("\n{}\n", block.join("\n"))).collect()
}

/// A finding that only informs, in one sentence, and where more of it is.
fn note(finding: &Finding) -> String {
    format!("Note: {} See: apim-probe explain {}", phrases::quoted(&finding.title), finding.code)
}

/// A report and how it is to look.
struct Page<'a> {
    report: &'a Report,
    style: Style,
}

impl Page<'_> {
    fn painted(&self, text: &str, ansi: Ansi) -> String {
        if self.style.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }

    fn paint(&self, text: &str, color: AnsiColor) -> String {
        self.painted(text, Ansi::new().fg_color(Some(color.into())))
    }

    fn bold(&self, text: &str) -> String {
        self.painted(text, Ansi::new().bold())
    }

    fn dim(&self, text: &str) -> String {
        self.painted(text, Ansi::new().dimmed())
    }

    fn safe(&self, text: &str) -> String {
        self.style.shown(text)
    }

    /// A paragraph.
    fn wrapped(&self, text: &str, indent: &str) -> Vec<String> {
        wrap(&self.safe(text), self.style, indent)
    }

    fn header(&self, read_at: Option<SystemTime>) -> Vec<String> {
        let run = &self.report.run;
        let mut lines: Vec<String> =
            self.wrapped(&phrases::scope(run), "").iter().map(|line| self.bold(line)).collect();
        lines.extend(self.wrapped(&phrases::vantage(run), ""));
        lines.extend(self.wrapped(&phrases::identity(run), ""));
        let notes = read_at.map(|now| phrases::age(run, now)).into_iter();
        let notes = notes.chain(phrases::subnet_note(run.plan.instance.profile).map(str::to_owned));
        lines.extend(notes.flat_map(|note| self.wrapped(&note, "")));
        lines
    }

    /// What was not run, and what the reader can do about it.
    fn not_run(&self) -> Vec<String> {
        // Beside a failure it is not what the reader needs next; the headlines count it.
        let fails = self.report.summary.verdict == Verdict::Unhealthy;
        if self.style.verbosity != Verbosity::Normal || fails {
            return Vec::new();
        }
        phrases::not_run(self.report).map_or_else(Vec::new, |words| self.wrapped(&words, ""))
    }

    /// What decisions of configuration stand on.
    fn configuration(&self) -> Vec<String> {
        let Some(configuration) = &self.report.network else { return Vec::new() };
        let lines = phrases::basis(&configuration.basis, self.style.verbosity);
        lines.iter().flat_map(|line| self.wrapped(line, "")).collect()
    }

    /// Findings that only inform, in one sentence each.
    fn notes(&self) -> Vec<String> {
        if self.style.verbosity != Verbosity::Normal {
            return Vec::new();
        }
        let infos = self.report.diagnosis.roots().filter(|finding| finding.severity == Severity::Info);
        let machine = phrases::machine_notes(self.report);
        let machine = machine.iter().map(|(note, names)| format!("Note: {note} ({}).", names.join(", ")));
        infos.map(note).chain(machine).flat_map(|note| self.wrapped(&note, "")).collect()
    }

    /// The last line; where it is too long for one, what comes last is what decides.
    fn verdict(&self) -> Vec<String> {
        let color = match self.report.summary.verdict {
            Verdict::Healthy => AnsiColor::Green,
            Verdict::Degraded | Verdict::Undecided => AnsiColor::Yellow,
            Verdict::Unhealthy => AnsiColor::Red,
        };
        let ansi = Ansi::new().bold().fg_color(Some(color.into()));
        self.wrapped(&phrases::verdict(self.report), "").iter().map(|line| self.painted(line, ansi)).collect()
    }
}
