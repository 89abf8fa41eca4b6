//! A security admin rule of a network manager denies what API Management needs.

use crate::diagnose::configured::{Judged, affected, grouped, judged, needs, shown};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::decision::{By, RuleRef, Ruling};

/// An admin rule denies needed flows: one finding a rule.
pub(crate) const RULE: Rule = Rule { code: Code::AdminRuleDenies, needs: &[Source::Network], find: rules };

fn rules(facts: &Facts<'_>) -> Vec<Finding> {
    let denied = judged(facts)
        .filter(|judged| (judged.decision.ruling, judged.decision.by) == (Ruling::Denied, By::AdminRule));
    let by_rule = grouped(denied, |judged| judged.decision.admin.clone());
    by_rule.iter().filter_map(|(rule, flows)| finding(facts, rule, flows)).collect()
}

fn finding(facts: &Facts<'_>, rule: &RuleRef, flows: &[Judged<'_>]) -> Option<Finding> {
    let affects = affected(flows);
    if affects.is_empty() {
        return None;
    }
    let needed = shown(&needs(flows.iter().map(|judged| judged.flow)));
    let title = format!("The security admin rule {rule} denies {needed}.");
    let detail =
        "Admin rules are evaluated before every security group, so that no rule of the group can help."
            .to_owned();
    let summary = format!(
        "Ask whoever runs the network manager to allow {needed} for this network ahead of {rule}, with access Allow or AlwaysAllow."
    );
    let remedy = remedy::advise(facts, summary, vec![look(Look::AdminRules)]);
    Some(Finding::new(Code::AdminRuleDenies, Confidence::High, title, detail, affects, remedy))
}
