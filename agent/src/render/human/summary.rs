//! The end of the human report for channels that keep the last bytes: verdict last, then what matters most before it.

use apim_probe_checks::diagnose::Severity;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;

use super::Page;
use crate::render::{Style, Verbosity};

/// At most `bytes` bytes: the verdict, failed required checks, and root findings with their fixes, as many as fit,
/// whole lines only.
#[must_use]
pub fn summary(report: &Report, style: Style, bytes: usize) -> String {
    let style = Style { color: false, verbosity: Verbosity::Normal, ..style };
    let page = Page { report, style };
    let verdict = page.verdict();
    let failed = report.run.results().filter(|(check, outcome)| {
        !check.is_optional && matches!(outcome.status, Status::Failure(_) | Status::Undecided(_))
    });
    let rows: Vec<String> = failed.map(|(check, outcome)| page.row(check, outcome)).collect();
    let mut left = bytes.saturating_sub(verdict.len() + 1);
    let rows = fit(rows.into_iter().map(|row| vec![vec![row]]), &mut left);
    let roots = report.diagnosis.roots().filter(|finding| finding.severity != Severity::Info);
    let findings =
        fit(roots.map(|finding| vec![page.finding(finding), page.finding_title(finding)]), &mut left);
    // The most important finding stands nearest to the end.
    let blocks = findings.into_iter().rev().chain(rows).chain([vec![verdict]]);
    let text = blocks.flatten().map(|line| line + "\n").collect::<String>();
    // Characters by their numbers take more room than they did; a line that no longer fits goes from the front.
    let text = page.written(text);
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    starts
        .into_iter()
        .find(|start| text.len() - start <= bytes)
        .map_or_else(String::new, |start| text[start..].to_owned())
}

/// The blocks that fit into what is `left`, in order, each in its longest form that does; one that fits in none ends it.
/// After a short form come short ones only: what matters less does not get more room.
fn fit(blocks: impl Iterator<Item = Vec<Vec<String>>>, left: &mut usize) -> Vec<Vec<String>> {
    let size = |form: &Vec<String>| form.iter().map(|line| line.len() + 1).sum::<usize>();
    let mut fitting = Vec::new();
    let mut shortened = 0;
    for forms in blocks {
        let fits = forms.into_iter().enumerate().skip(shortened).find(|(_, form)| size(form) <= *left);
        let Some((place, block)) = fits else { break };
        shortened = place;
        *left -= size(&block);
        fitting.push(block);
    }
    fitting
}
