//! The checks on the page: failed ones open with their evidence, the others folded.

use std::iter::{once, once_with};

use apim_probe_checks::catalogue::Requirement;
use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::{Status, Step};
use apim_probe_checks::report::Report;

use super::waterfall::Axis;
use super::{prose, safe, sentence};
use crate::render::{Pieces, evidence, phrases};
use crate::time;

/// Failed checks whose steps stand open at most.
const OPEN: u32 = 5;

/// Both halves, and what can be said of several checks once.
pub(super) fn halves(report: &Report) -> Pieces<'_> {
    let failed = report.summary.required.failure + report.summary.optional.failure;
    let page = Tables { report, axis: Axis::of(&report.run), is_short: failed <= OPEN };
    let halves = Requirement::ALL.iter().flat_map(move |requirement| page.half(*requirement));
    Box::new(halves.chain(once_with(|| notes(report))))
}

/// A report, and the axis of time that its tables share, so that their bars can be compared.
#[derive(Clone, Copy)]
struct Tables<'a> {
    report: &'a Report,
    axis: Axis,
    /// So few checks failed that the steps of each are read without a click.
    is_short: bool,
}

impl<'a> Tables<'a> {
    fn half(self, requirement: Requirement) -> Pieces<'a> {
        let counts = self.report.summary.counts(requirement);
        let run = counts.total - counts.skipped;
        let all = phrases::worst_first(self.report, requirement);
        let part = |wanted: fn(&Status) -> bool| -> Vec<Seen<'a>> {
            all.iter().copied().filter(|seen| wanted(seen.status())).collect()
        };
        let broken = part(|status| matches!(status, Status::Failure(_) | Status::Undecided(_)));
        let passed = part(|status| matches!(status, Status::Success));
        let skipped = part(|status| matches!(status, Status::Skipped(_)));
        let (title, lower) = (phrases::half(requirement), requirement.as_str());
        let heading = once(format!("<h2>{title}: {} of {run} passed</h2>\n", counts.success));
        let mut pieces: Pieces<'a> = Box::new(heading);
        if !broken.is_empty() {
            let table = self.table(broken, &format!("The {lower} checks that did not pass"));
            pieces = Box::new(pieces.chain(table));
        }
        for (rows, what) in [(passed, "passed"), (skipped, "not run")] {
            if !rows.is_empty() {
                let heading = format!("<details><summary>{} {what}</summary>\n", rows.len());
                let table = self.table(
                    rows,
                    &format!(
                        "The {lower} checks that {}",
                        if what == "passed" { "passed" } else { "were not run" }
                    ),
                );
                let folded = once(heading).chain(table).chain(once("</details>\n".to_owned()));
                pieces = Box::new(pieces.chain(folded));
            }
        }
        pieces
    }

    fn table(self, results: Vec<Seen<'a>>, caption: &str) -> Pieces<'a> {
        let has_times = results.iter().any(|seen| !seen.outcome.steps.is_empty());
        let times = if has_times {
            format!(
                "<th scope=\"col\" class=\"stages\">{}</th><th scope=\"col\" class=\"took\">Took</th>",
                self.axis.header()
            )
        } else {
            String::new()
        };
        let head = format!(
            "<table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\" class=\"mark\"><span class=\"unseen\">Status</span></th>\
             <th scope=\"col\" class=\"check\">Check</th><th scope=\"col\">Result</th>{times}</tr></thead>\n\
             <tbody>\n"
        );
        let rows = results.into_iter().map(move |seen| self.row(seen));
        Box::new(once(head).chain(rows).chain(once("</tbody>\n</table>\n".to_owned())))
    }

    fn row(&self, seen: Seen<'_>) -> String {
        let (class, mark, word) = match *seen.status() {
            Status::Success => ("success", "✓", "passed"),
            Status::Failure(_) if seen.is_optional() => ("warning", "!", "failed, optional"),
            Status::Failure(_) => ("failure", "✗", "failed"),
            Status::Undecided(_) => ("undecided", "?", "undecided"),
            Status::Skipped(_) => ("skipped", "–", "not run"),
        };
        let target = if seen.check.host().is_some() {
            format!("<small>{}</small>", safe(&seen.check.target()))
        } else {
            String::new()
        };
        let result = match *seen.status() {
            Status::Success => self.peer(seen),
            Status::Skipped(reason) => safe(phrases::skip_words(reason)),
            Status::Failure(_) | Status::Undecided(_) => self.evidence(seen),
        };
        let times = if seen.outcome.steps.is_empty() {
            String::new()
        } else {
            format!(
                "<td class=\"stages\">{}</td><td class=\"took\">{}</td>",
                self.axis.bars(seen.outcome),
                time::span(seen.outcome.duration_ms)
            )
        };
        format!(
            "<tr class=\"{class}\"><td class=\"mark\"><span aria-hidden=\"true\">{mark}</span><span class=\"unseen\">{word}</span></td>\
             <th scope=\"row\"><strong>{}</strong>{target}</th><td>{result}</td>{times}</tr>\n",
            safe(&seen.check.endpoint)
        )
    }

    /// What a check that passed has reached.
    fn peer(&self, seen: Seen<'_>) -> String {
        let peer = seen.outcome.evidence.peer.as_ref().map(|peer| peer.address.to_string());
        let said =
            peer.map_or_else(|| phrases::ending(seen), |peer| format!("{} at {peer}", phrases::ending(seen)));
        safe(&said)
    }

    /// How a check failed: the cause, each flow, and its steps to unfold.
    fn evidence(&self, seen: Seen<'_>) -> String {
        let error = phrases::error(seen).map(|error| format!(": {}", prose(&error))).unwrap_or_default();
        let flows = evidence::attempts(&self.report.run, seen.check, seen.outcome);
        let flows: String = flows.iter().map(|flow| format!("<small>{}</small>", sentence(flow))).collect();
        let steps: String =
            seen.outcome.steps.iter().map(|step| format!("<li>{}</li>", safe(&told(step)))).collect();
        let dns = seen.outcome.evidence.dns.as_ref().filter(|dns| !dns.cnames.is_empty());
        let cnames =
            dns.map(|dns| format!("<li>CNAME {}</li>", safe(&dns.cnames.join(" → ")))).unwrap_or_default();
        let chain = seen.outcome.evidence.tls.iter().flat_map(|tls| &tls.chain);
        let chain: String = chain
            .map(|one| {
                let said =
                    format!("certificate {}, issued by {}, until {}", one.subject, one.issuer, one.not_after);
                format!("<li>{}</li>", safe(&said))
            })
            .collect();
        let open = if self.is_short { " open" } else { "" };
        let all = steps + &cnames + &chain;
        let all = if all.is_empty() {
            all
        } else {
            format!("<details{open}><summary>Steps</summary><ul>{all}</ul></details>")
        };
        let beside: String = phrases::beside_packets(self.report, seen)
            .iter()
            .map(|line| format!("<small>{}</small>", safe(line)))
            .collect();
        format!(
            "<span class=\"cause\">{}</span>{error}{beside}{flows}{all}",
            safe(&phrases::short_ending(seen))
        )
    }
}

/// `connect 20.62.0.15, 3.2 s, 3 tries: connect-timeout`.
fn told(step: &Step) -> String {
    let whom = step.server.map(|asked| asked.to_string()).or_else(|| step.address.map(|ip| ip.to_string()));
    let whom = whom.map(|whom| format!(" {whom}")).unwrap_or_default();
    let tries =
        step.attempts.filter(|tries| *tries > 1).map(|tries| format!(", {tries} tries")).unwrap_or_default();
    let result = step.cause.map_or("ok", |cause| cause.as_str());
    let icmp = step.icmp.map_or_else(String::new, |icmp| {
        let from = icmp.from.map(|hop| format!(" from {hop}")).unwrap_or_default();
        format!(", ICMP type {} code {}{from}", icmp.kind, icmp.code)
    });
    format!("{}{whom}, {}{tries}: {result}{icmp}", step.stage, time::span(step.duration_ms))
}

/// What can be said of several checks, once, with their names.
fn notes(report: &Report) -> String {
    let notes = phrases::notes(report);
    let items =
        notes.iter().map(|(note, names)| format!("<li>{}: {}</li>\n", safe(&names.join(", ")), safe(note)));
    let items: String = items.collect();
    if items.is_empty() { items } else { format!("<h2>Notes</h2>\n<ul class=\"notes\">\n{items}</ul>\n") }
}
