//! This machine's own interface group denies what the subnet's lets through: a fault that API Management has not.

use crate::diagnose::configured::{Judged, grouped, judged, needs, shown};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::Access;
use crate::network::decision::{RuleRef, Ruling};
use crate::plan::CheckId;

/// The interface's group denies, the subnet's does not: one finding a rule.
pub(crate) const RULE: Rule = Rule { code: Code::NicRuleDenies, needs: &[Source::Network], find: rules };

fn rules(facts: &Facts<'_>) -> Vec<Finding> {
    let denied = judged(facts).filter(|judged| {
        let by_interface = judged.decision.nic.as_ref().is_some_and(|rule| rule.access == Some(Access::Deny));
        by_interface && judged.decision.ruling != Ruling::Denied
    });
    let by_rule = grouped(denied, |judged| judged.decision.nic.clone());
    by_rule.iter().filter_map(|(rule, flows)| finding(facts, rule, flows)).collect()
}

fn finding(facts: &Facts<'_>, rule: &RuleRef, flows: &[Judged<'_>]) -> Option<Finding> {
    // What packets have shown to pass contradicts the document, and nothing is to be explained then; without packets there is
    // nothing to explain but what API Management is not denied anyway.
    let explains = |judged: &&Judged<'_>| match facts.run {
        Some(_) => !judged.seen.is_success(),
        None => judged.seen.failure().is_none(),
    };
    let open: Vec<Judged<'_>> = flows.iter().filter(explains).copied().collect();
    let mut affects: Vec<CheckId> = open.iter().map(|judged| judged.seen.check.id.clone()).collect();
    affects.dedup();
    if affects.is_empty() {
        return None;
    }
    let needed = shown(&needs(open.iter().map(|judged| judged.flow)));
    let title =
        format!("This machine's own security rule {rule} denies {needed}; API Management has no such rule.");
    let detail = "The group hangs on this machine's network interface. The nodes of API Management have the subnet's group alone, which \
                  does not deny these flows."
        .to_owned();
    let deciding = remedy::deciding_rule(facts, open.first().map(|judged| judged.seen));
    let summary =
        "Probe from a machine whose interface has no security group, or remove the rule from this one."
            .to_owned();
    let rule = Look::Rule { group: Some(rule.group.clone()), name: rule.name.clone().unwrap_or_default() };
    let remedy = remedy::advise(facts, summary, vec![deciding, look(rule)]);
    Some(Finding::new(Code::NicRuleDenies, Confidence::High, title, detail, affects, remedy))
}
