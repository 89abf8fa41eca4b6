//! A written rule of the subnet's group denies what API Management needs.

use crate::diagnose::configured::{
    self, Judged, affected, grouped, judged, judgement, near_sentences, needs, shown,
};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, Proposal, look};
use crate::network::decision::{By, RuleRef, Ruling};
use crate::network::judgement::Names;

/// A written rule denies needed flows: one finding a rule.
pub(crate) const RULE: Rule = Rule { code: Code::NsgRuleDenies, needs: &[Source::Network], find: rules };

fn rules(facts: &Facts<'_>) -> Vec<Finding> {
    let denied = judged(facts)
        .filter(|judged| (judged.decision.ruling, judged.decision.by) == (Ruling::Denied, By::Rule));
    // What one finding puts into the group another does not put there again.
    let mut names = judgement(facts).map(|network| network.names.clone()).unwrap_or_default();
    let by_rule = grouped(denied, |judged| judged.decision.nsg.clone());
    by_rule.iter().filter_map(|(rule, flows)| finding(facts, rule, flows, &mut names)).collect()
}

fn finding(facts: &Facts<'_>, rule: &RuleRef, flows: &[Judged<'_>], names: &mut Names) -> Option<Finding> {
    let affects = affected(flows);
    if affects.is_empty() {
        return None;
    }
    let open: Vec<Judged<'_>> = flows.iter().copied().filter(|judged| !judged.seen.is_success()).collect();
    let needed = needs(open.iter().map(|judged| judged.flow));
    let name = rule.name.as_deref().unwrap_or_default();
    let title = format!("The security rule {rule} denies {}.", shown(&needed));
    let detail = format!("No rule before it allows these flows.{}", near_sentences(&open));
    let summary = format!(
        "Let {} through ahead of {}: change the rule that came close, or put one at a free priority before it.",
        shown(&needed),
        rule
    );
    let mut steps = probed(facts, &open);
    steps.push(look(Look::Rule { group: None, name: name.to_owned() }));
    steps.extend(configured::allow(&open, names, rule.priority));
    let remedy = remedy::advise(facts, summary, steps);
    Some(Finding::new(Code::NsgRuleDenies, Confidence::High, title, detail, affects, remedy))
}

/// Which rule decides for a flow of this machine, where packets of it were sent.
pub(crate) fn probed(facts: &Facts<'_>, flows: &[Judged<'_>]) -> Vec<Proposal> {
    let sent = |judged: &&Judged<'_>| judged.seen.was_probed() && !judged.seen.is_inbound();
    let sent = flows.iter().find(sent).map(|judged| judged.seen);
    sent.map(|seen| remedy::deciding_rule(facts, Some(seen))).into_iter().collect()
}
