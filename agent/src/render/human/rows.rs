//! The checks for people: a headline for each half, and a row for what its reader must see.

use anstyle::AnsiColor;
use apim_probe_checks::catalogue::Requirement;
use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::{SkipReason, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::{Counts, Verdict};
use apim_probe_checks::run::RunKind;

use super::{Page, columns, elide_host, pad};
use crate::render::{Names, Verbosity, evidence, phrases};
use crate::time;

/// Columns of the longest name that others are aligned to.
const NAME: usize = 24;

/// Columns beyond which a time stands too far from its row's name.
const FAR: usize = 100;

impl Page<'_> {
    /// One half of the checks, worst first.
    pub(super) fn rows(&self, requirement: Requirement) -> Vec<String> {
        let counts = self.report.summary.counts(requirement);
        if counts.total == 0 {
            return Vec::new();
        }
        let results = phrases::worst_first(self.report, requirement);
        let has_row = |seen: &Seen<'_>| self.is_listed(*seen);
        let folded = |is: fn(&Status) -> bool| {
            results.iter().filter(|seen| is(seen.status()) && !has_row(seen)).count()
        };
        let accounted = [
            folded(|status| matches!(status, Status::Failure(_))),
            folded(|status| matches!(status, Status::Undecided(_))),
        ];
        let rows: Vec<Seen<'_>> = results.into_iter().filter(has_row).collect();
        let headline =
            self.wrapped(&headline(self.report.run.kind, phrases::half(requirement), counts, accounted), "");
        let mut lines: Vec<String> = headline.iter().map(|line| self.bold(line)).collect();
        let table = Table::of(&rows, self);
        for seen in rows {
            lines.extend(self.row(seen, &table));
            if self.style.verbosity == Verbosity::Verbose {
                lines.extend(self.details(seen));
            } else if !self.is_accounted(seen.check) {
                lines.extend(self.unaccounted(seen));
            }
        }
        lines
    }

    /// Whether a check has a row of its own.
    pub(super) fn is_listed(&self, seen: Seen<'_>) -> bool {
        let (optional, verbosity) = (seen.is_optional(), self.style.verbosity);
        let is_healthy = self.report.summary.verdict == Verdict::Healthy;
        verbosity == Verbosity::Verbose
            || match *seen.status() {
                // Forty optional rows that one finding accounts for say nothing that the finding does not say.
                Status::Failure(_) | Status::Undecided(_) => !optional || !self.is_accounted(seen.check),
                // Beside a failure the headline's count is all that a reader needs of what passed.
                Status::Success => !optional && verbosity == Verbosity::Normal && is_healthy,
                Status::Skipped(reason) => !optional && reason == SkipReason::NameUnknown,
            }
    }

    fn is_accounted(&self, check: &Check) -> bool {
        self.report.diagnosis.roots().any(|finding| finding.affects.contains(&check.id))
    }

    fn mark(&self, seen: Seen<'_>) -> String {
        let optional = seen.is_optional();
        let (pretty, plain, color) = match seen.status() {
            Status::Success => ("✓", "+", AnsiColor::Green),
            Status::Failure(_) if optional => ("!", "!", AnsiColor::Yellow),
            Status::Failure(_) => ("✗", "x", AnsiColor::Red),
            Status::Undecided(_) => ("?", "?", AnsiColor::Yellow),
            Status::Skipped(_) => ("-", "-", AnsiColor::BrightBlack),
        };
        self.paint(if self.style.unicode { pretty } else { plain }, color)
    }

    /// A row that stands alone.
    pub(super) fn lone_row(&self, seen: Seen<'_>) -> Vec<String> {
        self.row(seen, &Table::of(&[seen], self))
    }

    fn row(&self, seen: Seen<'_>, table: &Table) -> Vec<String> {
        let mark = self.mark(seen);
        let name = self.safe(&seen.check.endpoint);
        let name = pad(&name, table.name.max(columns(&name)));
        match seen.status() {
            Status::Success if phrases::configured(seen).is_some() => {
                self.beside(&mark, &name, &phrases::short_ending(seen))
            }
            Status::Success => {
                let fallback = if seen.check.fallback { " (fallback)" } else { "" };
                // What was read from documents took no time.
                let span = (seen.outcome.duration_ms > 0.0).then(|| time::span(seen.outcome.duration_ms));
                let took = format!("{}{fallback}", span.unwrap_or_default());
                // A narrow row says which check it is and how long it took.
                let room = self.style.width.saturating_sub(6 + columns(&took));
                let name = if columns(&name) > room { pad(name.trim_end(), room) } else { name };
                let target = self.fitted(seen.check, columns(&name), columns(&took));
                let target = pad(&target, columns(&target).max(table.target.min(room - columns(&name))));
                let row = format!("  {mark} {name} {target} {}", self.paint(&took, AnsiColor::BrightBlack));
                vec![row.trim_end().to_owned()]
            }
            Status::Skipped(reason) => {
                let words = match reason {
                    SkipReason::NameUnknown => format!("name not known: add {}", seen.check.naming_flag()),
                    reason => phrases::skip_words(*reason).to_owned(),
                };
                self.beside(&mark, &name, &words)
            }
            Status::Failure(_) | Status::Undecided(_) => {
                let target = self.safe(&seen.check.target());
                let mut lines = self.beside(&mark, &name, &target);
                lines.extend(self.tried(seen));
                lines
            }
        }
    }

    /// `text` behind mark and name, or whole on lines of its own where it does not fit.
    fn beside(&self, mark: &str, name: &str, text: &str) -> Vec<String> {
        if 5 + columns(name) + columns(text) <= self.style.width {
            return vec![format!("  {mark} {name} {text}")];
        }
        let row = format!("  {mark} {}", name.trim_end());
        std::iter::once(row).chain(super::wrap(text, self.style, "      ")).collect()
    }

    /// The target, on a terminal no wider than the row allows: there its first label gives way.
    fn fitted(&self, check: &Check, name: usize, took: usize) -> String {
        let target = self.safe(&check.target());
        match self.style.names {
            Names::Whole => target,
            Names::Fitted => elide_host(&target, self.style.width.saturating_sub(6 + name + took)),
        }
    }

    /// How a failed check ended: its cause, and each flow with its tries and the time of day.
    fn tried(&self, seen: Seen<'_>) -> Vec<String> {
        let ending = phrases::short_ending(seen);
        let attempts = evidence::attempts(&self.report.run, seen.check, seen.outcome);
        let mut lines = Vec::new();
        for attempt in &attempts {
            let words = format!(
                "{ending}: {}, {}, {}",
                attempt.short_flow(),
                attempt.tried(),
                time::of_day(attempt.at)
            );
            lines.extend(self.wrapped(&words, "      "));
        }
        if attempts.is_empty() {
            lines.extend(self.wrapped(&ending, "      "));
        }
        lines.extend(phrases::near_miss(seen).iter().flat_map(|near| self.wrapped(near, "      ")));
        lines.extend(
            phrases::beside_packets(self.report, seen).iter().flat_map(|line| self.wrapped(line, "      ")),
        );
        let color =
            if seen.is_optional() || seen.failure().is_none() { AnsiColor::Yellow } else { AnsiColor::Red };
        lines.into_iter().map(|line| line.replacen(&ending, &self.paint(&ending, color), 1)).collect()
    }

    /// What was seen of a failure that no finding speaks of: the row alone would leave the reader without a lead.
    fn unaccounted(&self, seen: Seen<'_>) -> Vec<String> {
        if phrases::configured(seen).is_some() {
            return Vec::new();
        }
        phrases::error(seen).map_or_else(Vec::new, |error| self.wrapped(&phrases::quoted(&error), "      "))
    }
}

/// The columns that the rows of one half share.
struct Table {
    name: usize,
    target: usize,
}

impl Table {
    fn of(rows: &[Seen<'_>], page: &Page<'_>) -> Self {
        let name = rows
            .iter()
            .map(|seen| columns(&page.safe(&seen.check.endpoint)))
            .filter(|length| *length <= NAME);
        let name = name.max().unwrap_or(0);
        let passed = rows.iter().filter(|seen| seen.is_success());
        let targets = passed.map(|seen| {
            columns(&page.fitted(seen.check, name, columns(&time::span(seen.outcome.duration_ms))))
        });
        let target = targets.filter(|length| *length < FAR).max().unwrap_or(0);
        Self { name, target }
    }
}

/// The counts of one half; so many failures and undecided checks have no row, since a finding below tells of them.
fn headline(kind: RunKind, title: &str, counts: Counts, accounted: [usize; 2]) -> String {
    let run = counts.total - counts.skipped;
    let [passed, failed, undecided, skipped] = match kind {
        RunKind::Check => ["passed", "failed", "undecided", "not run"],
        RunKind::Review => ["allowed", "denied", "cannot tell", "not judged"],
    };
    let mut words = format!("{title}: {} of {run} {passed}", counts.success);
    let [failures, open] = accounted;
    let parts = [
        (counts.failure, failed, failures),
        (counts.undecided, undecided, open),
        (counts.skipped, skipped, 0),
    ];
    for (count, what, folded) in parts.into_iter().filter(|(count, ..)| *count > 0) {
        let below = match folded {
            0 => String::new(),
            all if all == count as usize => " (see below)".to_owned(),
            some => format!(" ({some} of them: see below)"),
        };
        words.push_str(&format!(", {count} {what}{below}"));
    }
    words
}
