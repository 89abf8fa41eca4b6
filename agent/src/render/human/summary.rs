//! The end of the human report for channels that keep the last bytes: verdict last, then what matters most before it.

use apim_probe_checks::diagnose::{Finding, Severity};
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;

use super::Page;
use crate::render::{Style, Verbosity};

/// Lines that stand together or not at all.
type Block = Vec<String>;

/// At most `bytes` bytes: the verdict, failed required checks, and root findings with their fixes, as many as fit, whole
/// lines only. What matters less is there only when all that matters more is.
#[must_use]
pub fn summary(report: &Report, style: Style, bytes: usize) -> String {
    let style = Style { color: false, verbosity: Verbosity::Normal, ..style };
    let page = Page { report, style };
    let mut left = bytes;
    let verdict = fit([verdict(&page)].into_iter(), &mut left);
    let failed = report.results().filter(|seen| {
        !seen.is_optional() && matches!(*seen.status(), Status::Failure(_) | Status::Undecided(_))
    });
    let rows: Vec<Vec<Block>> = failed.map(|seen| vec![page.lone_row(seen)]).collect();
    let wanted = rows.len();
    let rows = if verdict.is_empty() { Vec::new() } else { fit(rows.into_iter(), &mut left) };
    let roots = report.diagnosis.roots().filter(|finding| finding.severity != Severity::Info);
    let findings = if rows.len() == wanted && !verdict.is_empty() {
        fit(roots.map(|finding| forms(&page, finding)), &mut left)
    } else {
        Vec::new()
    };
    // The most important finding stands nearest to the end.
    let blocks = findings.into_iter().rev().chain(rows).chain(verdict);
    blocks.flatten().skip_while(String::is_empty).map(|line| line + "\n").collect()
}

/// The verdict in its own words, in two, in one.
fn verdict(page: &Page<'_>) -> Vec<Block> {
    let summary = page.report.summary;
    let word = summary.verdict.as_str().to_uppercase();
    vec![page.verdict(), vec![format!("{word} (exit {})", summary.exit_code)], vec![word]]
}

/// A finding whole, without its evidence, without its commands, as its title alone.
fn forms(page: &Page<'_>, finding: &Finding) -> Vec<Block> {
    // An empty line before each.
    let behind = |lines: Block| [vec![String::new()], lines].concat();
    let title = behind(page.finding_title(finding));
    let advised = [title.clone(), page.fix(finding)].concat();
    let commanded = [advised.clone(), page.steps(finding)].concat();
    vec![behind(page.finding(finding)), commanded, advised, title]
}

/// The blocks that fit into what is `left`, in order, each in its longest form that does; one that fits in none ends it.
/// After a short form come short ones only: what matters less does not get more room.
fn fit(blocks: impl Iterator<Item = Vec<Block>>, left: &mut usize) -> Vec<Block> {
    let size = |form: &Block| form.iter().map(|line| line.len() + 1).sum::<usize>();
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
