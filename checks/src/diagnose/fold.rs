//! Folding: what an earlier finding accounts for is hidden under it, and every failed check has one root.

use std::collections::BTreeSet;

use crate::outcome::{SkipReason, Status};
use crate::plan::CheckId;
use crate::run::Run;

use super::{Code, Finding, Severity};

/// Settles severities and consequences. Roots come first, the worst before the others.
pub fn fold(run: &Run, found: Vec<Finding>) -> Vec<Finding> {
    let broken: BTreeSet<&CheckId> = run
        .results()
        .filter(|(_, outcome)| matches!(outcome.status, Status::Failure(_) | Status::Undecided(Some(_))))
        .map(|(check, _)| &check.id)
        .collect();
    let mut settled: Vec<Finding> = Vec::new();
    for mut finding in found {
        let own: Vec<CheckId> = finding.affects.iter().filter(|id| broken.contains(id)).cloned().collect();
        let left = own.iter().filter(|id| owner(&settled, id).is_none()).count();
        if !own.is_empty() && left == 0 {
            let cause = own.iter().find_map(|id| owner(&settled, id));
            explain(&mut settled, &mut finding, cause);
        } else {
            let taken: BTreeSet<CheckId> =
                own.iter().filter(|id| owner(&settled, id).is_some()).cloned().collect();
            finding.affects.retain(|id| !taken.contains(id));
        }
        settled.push(finding);
    }
    let calm = is_healthy(run);
    for finding in &mut settled {
        finding.severity = if calm { Severity::Info } else { severity(run, finding) };
    }
    settled.sort_by_key(|finding| (finding.explained_by.is_some(), finding.severity));
    settled
}

/// Nothing failed, nothing is open: a healthy run has nothing above `info`.
fn is_healthy(run: &Run) -> bool {
    run.results().all(|(check, outcome)| match outcome.status {
        Status::Success => true,
        Status::Skipped(reason) => check.is_optional || reason != SkipReason::NameUnknown,
        Status::Failure(_) | Status::Undecided(_) => false,
    })
}

/// Place of the root that accounts for a check.
fn owner(settled: &[Finding], id: &CheckId) -> Option<usize> {
    settled.iter().position(|finding| finding.explained_by.is_none() && finding.affects.contains(id))
}

fn explain(settled: &mut [Finding], finding: &mut Finding, cause: Option<usize>) {
    let Some(root) = cause.and_then(|place| settled.get_mut(place)) else { return };
    let code: Code = finding.code;
    finding.explained_by = Some(root.code);
    if root.code != code && !root.explains.contains(&code) {
        root.explains.push(code);
    }
}

/// `error` where it accounts for a failed required check, `warning` for a failed optional one or a risk, else `info`.
fn severity(run: &Run, finding: &Finding) -> Severity {
    let failed = |optional: bool| {
        run.results().any(|(check, outcome)| {
            check.is_optional == optional
                && outcome.failure().is_some()
                && finding.affects.contains(&check.id)
        })
    };
    if failed(false) {
        Severity::Error
    } else if failed(true) {
        Severity::Warning
    } else {
        finding.severity
    }
}
