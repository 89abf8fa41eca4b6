//! Folding: what an earlier finding accounts for is hidden under it, and every failed check has one root.

use std::collections::BTreeSet;

use crate::arrange;
use crate::diagnose::finding::{Code, Finding, Severity};
use crate::facts::Facts;
use crate::outcome::{SkipReason, Status};
use crate::plan::CheckId;

/// Settles severities and consequences. Roots come first, the worst before the others.
pub(super) fn fold(facts: &Facts<'_>, found: Vec<Finding>) -> Vec<Finding> {
    let broken: BTreeSet<&CheckId> = facts
        .seen()
        .filter(|seen| matches!(seen.status(), Status::Failure(_) | Status::Undecided(Some(_))))
        .map(|seen| &seen.check.id)
        .collect();
    let mut settled: Vec<Finding> = Vec::new();
    for mut finding in found {
        let named = named_cause(&settled, &finding, &broken).or_else(|| shut_out(&settled, &finding));
        if let Some(named) = named {
            explain(&mut settled, &mut finding, Some(named));
            settled.push(finding);
            continue;
        }
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
    let healthy = is_healthy(facts);
    for finding in &mut settled {
        let own = finding.severity;
        finding.severity = match (healthy, finding.code.is_of_configuration()) {
            // What documents say weighs what it weighs, whatever packets found.
            (true, true) => own,
            (false, true) => severity(facts, finding).min(own),
            (true, false) if finding.code.is_latent() => own,
            (true, false) => Severity::Info,
            (false, false) => severity(facts, finding),
        };
    }
    arrange::by_key(&mut settled, |finding| (finding.explained_by.is_some(), finding.severity));
    settled
}

/// Nothing failed, nothing is open: such a run has nothing above `info` but what makes it degraded.
fn is_healthy(facts: &Facts<'_>) -> bool {
    facts.seen().all(|seen| match seen.status() {
        Status::Success => true,
        Status::Skipped(reason) => seen.is_optional() || *reason != SkipReason::NameUnknown,
        Status::Failure(_) | Status::Undecided(_) => false,
    })
}

/// Place of the root that accounts for a check.
fn owner(settled: &[Finding], id: &CheckId) -> Option<usize> {
    settled.iter().position(|finding| finding.explained_by.is_none() && finding.affects.contains(id))
}

/// Place of the finding that names the rule or route behind what packets tell without a name: of several the one that comes
/// first in the order of evaluation. One shared check is enough: a device that drops does not drop one of them by chance.
fn named_cause(settled: &[Finding], finding: &Finding, broken: &BTreeSet<&CheckId>) -> Option<usize> {
    if !finding.code.is_nameless() {
        return None;
    }
    let shares =
        |root: &Finding| root.affects.iter().any(|id| broken.contains(id) && finding.affects.contains(id));
    let named = settled.iter().enumerate().filter(|(_, root)| root.explained_by.is_none() && shares(root));
    let ordered = named.filter_map(|(place, root)| Some((root.code.order_of_evaluation()?, place)));
    ordered.min().map(|(_, place)| place)
}

/// Place of the finding that accounts for a control plane that cannot come in: of the group or the routes, else of the setting.
fn shut_out(settled: &[Finding], finding: &Finding) -> Option<usize> {
    if finding.code != Code::ControlPlaneUnreachable {
        return None;
    }
    let is_root = |root: &&Finding| root.explained_by.is_none();
    let shares = |root: &Finding| {
        root.code.order_of_evaluation().is_some()
            && root.affects.iter().any(|id| finding.affects.contains(id))
    };
    let by_rule = settled.iter().position(|root| is_root(&root) && shares(root));
    let by_setting =
        || settled.iter().position(|root| is_root(&root) && root.code.shuts_out_the_control_plane());
    by_rule.or_else(by_setting)
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
fn severity(facts: &Facts<'_>, finding: &Finding) -> Severity {
    let failed =
        || facts.seen().filter(|seen| seen.failure().is_some() && finding.affects.contains(&seen.check.id));
    if failed().any(|seen| !seen.is_optional()) {
        Severity::Error
    } else if failed().next().is_some() {
        Severity::Warning
    } else {
        finding.severity
    }
}
