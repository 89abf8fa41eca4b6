//! What changed between two reports: worse, better, new or gone, by check and by root finding. Pure.

use std::collections::BTreeMap;

use crate::arrange;
use crate::catalogue::words;
use crate::diagnose::{Finding, Seen, Severity};
use crate::outcome::Status;
use crate::plan::CheckId;
use crate::report::{Report, leaves_undecided};

words! {
    /// How something changed.
    Change {
        /// It ends worse than before.
        Worse = "worse",
        /// It ends better than before.
        Better = "better",
        /// It was not there before.
        New = "new",
        /// It is not there any more.
        Gone = "gone",
    }
}

/// The changes from one report to another.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// Checks whose ending changed, the worst kind of change first.
    pub checks: Vec<CheckChange<'a>>,
    /// Root findings that changed, likewise.
    pub findings: Vec<FindingChange<'a>>,
}

/// A check that ended, with what is thought of it.
pub type Ended<'a> = Seen<'a>;

/// A check whose ending changed.
#[derive(Debug, Clone, Copy)]
pub struct CheckChange<'a> {
    /// How.
    pub change: Change,
    /// Before; `None` where it was not run.
    pub before: Option<Ended<'a>>,
    /// After; `None` where it was not run.
    pub after: Option<Ended<'a>>,
    /// The newer of the two.
    pub seen: Seen<'a>,
}

/// A root finding that changed.
#[derive(Debug, Clone, Copy)]
pub struct FindingChange<'a> {
    /// How.
    pub change: Change,
    /// Before.
    pub before: Option<&'a Finding>,
    /// After.
    pub after: Option<&'a Finding>,
    /// The newer of the two.
    pub finding: &'a Finding,
}

impl<'a> Comparison<'a> {
    /// Compares two reports, both judged by the same rules.
    #[must_use]
    pub fn new(before: &'a Report, after: &'a Report) -> Self {
        Self { checks: checks(before, after), findings: findings(before, after) }
    }

    /// True when something required got worse: a check that is required now, and that ends worse than it did or is new
    /// and did not succeed.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.checks.iter().any(|changed| {
            let not_proved = changed.after.is_some_and(|ended| end_rank(ended) != EndRank::Good);
            matches!(changed.change, Change::Worse | Change::New) && not_proved && !changed.seen.is_optional()
        })
    }

    /// How many checks changed so.
    #[must_use]
    pub fn count(&self, change: Change) -> usize {
        self.checks.iter().filter(|changed| changed.change == change).count()
    }
}

/// How a check that was run ended, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EndRank {
    Good,
    Open,
    Failed,
}

const fn end_rank(ended: Ended<'_>) -> EndRank {
    match ended.status() {
        Status::Success => EndRank::Good,
        Status::Undecided(_) | Status::Skipped(_) => EndRank::Open,
        Status::Failure(_) => EndRank::Failed,
    }
}

/// Checks that count, by their ids: what was left out with a reason is as if it were not there, but for a required
/// check whose name nobody gave, which keeps the verdict open.
fn counting(report: &Report) -> BTreeMap<&CheckId, Ended<'_>> {
    let counts =
        |ended: &Ended<'_>| !matches!(ended.status(), Status::Skipped(_)) || leaves_undecided(*ended);
    report.results().filter(counts).map(|ended| (&ended.check.id, ended)).collect()
}

fn checks<'a>(before: &'a Report, after: &'a Report) -> Vec<CheckChange<'a>> {
    let (old, new) = (counting(before), counting(after));
    let kept = new.iter().map(|(id, ended)| (old.get(id).copied(), Some(*ended)));
    let gone = old.iter().filter(|(id, _)| !new.contains_key(*id)).map(|(_, ended)| (Some(*ended), None));
    let mut changed: Vec<CheckChange<'a>> = kept.chain(gone).filter_map(|(a, b)| changed(a, b)).collect();
    arrange::by_key(&mut changed, |changed| (changed.change, changed.seen.is_optional()));
    changed
}

fn changed<'a>(before: Option<Ended<'a>>, after: Option<Ended<'a>>) -> Option<CheckChange<'a>> {
    // A failure of a check that has become required weighs more than the same failure of an optional one.
    let weight = |ended: Ended<'_>| {
        let bad = end_rank(ended);
        (bad, bad != EndRank::Good && !ended.is_optional())
    };
    let change = match (before, after) {
        (Some(old), Some(new)) if weight(new) > weight(old) => Change::Worse,
        (Some(old), Some(new)) if weight(new) < weight(old) => Change::Better,
        (None, Some(_)) => Change::New,
        (Some(_), None) => Change::Gone,
        _ => return None,
    };
    let seen = after.or(before)?;
    Some(CheckChange { change, before, after, seen })
}

/// Root findings are the same when code and title are; else when the code is, and they account for a common check.
fn findings<'a>(before: &'a Report, after: &'a Report) -> Vec<FindingChange<'a>> {
    let mut old: Vec<&Finding> = before.diagnosis.roots().collect();
    let mut new: Vec<&Finding> = after.diagnosis.roots().collect();
    let mut changed = Vec::new();
    let same_title = |a: &Finding, b: &Finding| a.code == b.code && a.title == b.title;
    let same_check = |a: &Finding, b: &Finding| {
        a.code == b.code && (a.affects == b.affects || a.affects.iter().any(|id| b.affects.contains(id)))
    };
    for same in [&same_title as &dyn Fn(&Finding, &Finding) -> bool, &same_check] {
        new.retain(|b| {
            let Some(place) = old.iter().position(|a| same(a, b)) else { return true };
            changed.extend(kept(old.remove(place), b));
            false
        });
    }
    let alone = |change, finding, before, after| FindingChange { change, before, after, finding };
    changed.extend(new.into_iter().map(|finding| alone(Change::New, finding, None, Some(finding))));
    changed.extend(old.into_iter().map(|finding| alone(Change::Gone, finding, Some(finding), None)));
    arrange::by_key(&mut changed, |changed| changed.change);
    changed
}

/// A finding that stands in both is worse when it is more severe, or accounts for more checks.
fn kept<'a>(before: &'a Finding, after: &'a Finding) -> Option<FindingChange<'a>> {
    let weight = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Error => 2,
            Severity::Warning => 1,
            Severity::Info => 0,
        };
        (severity, finding.affects.len())
    };
    let change = match weight(after).cmp(&weight(before)) {
        std::cmp::Ordering::Greater => Change::Worse,
        std::cmp::Ordering::Less => Change::Better,
        std::cmp::Ordering::Equal => return None,
    };
    Some(FindingChange { change, before: Some(before), after: Some(after), finding: after })
}
