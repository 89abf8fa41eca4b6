//! Firewall lists that are older than the service: a retired name passes and the new one does not.

use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy::{self, Prefer};
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::Group;
use crate::facts::{Facts, Source};

/// One finding a pair of names.
pub(crate) const RULE: Rule =
    Rule { code: Code::FirewallListOutdated, needs: &[Source::Run], find: outdated };

/// One finding a pair of names, of which the retired one passes.
pub(crate) fn outdated(facts: &Facts<'_>) -> Vec<Finding> {
    successors(facts).into_iter().filter_map(|(new, retired)| pair(facts, new, retired)).collect()
}

/// Rows that came in the place of others, each with the ids of those.
fn successors<'a>(facts: &Facts<'a>) -> Vec<(&'a str, &'a [String])> {
    let mut found: Vec<(&str, &[String])> = Vec::new();
    for check in facts.plan.checks.iter().filter(|check| !check.meaning.replaces.is_empty()) {
        if !found.iter().any(|(endpoint, _)| *endpoint == check.endpoint) {
            found.push((&check.endpoint, &check.meaning.replaces));
        }
    }
    found
}

fn pair(facts: &Facts<'_>, new: &str, retired: &[String]) -> Option<Finding> {
    let failing: Group<'_> =
        facts.ended().filter(|seen| seen.check.endpoint == new && seen.failure().is_some()).collect();
    let passing: Group<'_> =
        facts.ended().filter(|seen| retired.contains(&seen.check.endpoint) && seen.is_success()).collect();
    if failing.is_empty() || passing.is_empty() {
        return None;
    }
    let (new, old) = (failing.hosts(), passing.hosts());
    let title = format!(
        "The firewall's list is out of date: {} {}, the successor {} does not.",
        some_of(&old),
        if old.len() == 1 { "passes" } else { "pass" },
        some_of(&new)
    );
    let detail = "The retired name was replaced; a list that was written before still allows it.".to_owned();
    let advice = format!("Replace {} by {} in the firewall's rules.", some_of(&old), some_of(&new));
    let mut steps =
        vec![remedy::next_hop(facts, failing.first().copied()).saying("which firewall is on the route")];
    steps.extend(remedy::firewall(facts, &failing, Prefer::Names));
    let fix = remedy::advise(facts, advice, steps);
    Some(Finding::new(Code::FirewallListOutdated, Confidence::High, title, detail, failing.ids(), fix))
}
