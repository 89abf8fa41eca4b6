//! Only a default rule of the subnet's group denies: a rule is missing.

use crate::diagnose::configured::{
    self, Judged, Need, affected, grouped, judged, judgement, near_sentences, needs, shown,
};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::nsg_rule_denies::probed;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::decision::{By, Ruling};
use crate::network::judgement::Names;

/// No rule allows a flow: one finding a direction, tag and port.
pub(crate) const RULE: Rule = Rule { code: Code::NsgRuleMissing, needs: &[Source::Network], find: flows };

fn flows(facts: &Facts<'_>) -> Vec<Finding> {
    let denied = judged(facts)
        .filter(|judged| (judged.decision.ruling, judged.decision.by) == (Ruling::Denied, By::DefaultRule));
    let one = |judged: &Judged<'_>| needs([judged.flow]).into_iter().next();
    // What one finding puts into the group another does not put there again.
    let mut names = judgement(facts).map(|network| network.names.clone()).unwrap_or_default();
    let by_need = grouped(denied, one);
    by_need.iter().filter_map(|(need, flows)| finding(facts, need, flows, &mut names)).collect()
}

fn finding(facts: &Facts<'_>, need: &Need, flows: &[Judged<'_>], names: &mut Names) -> Option<Finding> {
    let affects = affected(flows);
    if affects.is_empty() {
        return None;
    }
    let needed = shown(std::slice::from_ref(need));
    let decider = flows.first()?.decision.nsg.as_ref()?;
    let title = format!("No security rule allows {needed}: {decider} denies it.");
    let detail = format!("Only Azure's own rule at the end of the group matches.{}", near_sentences(flows));
    let mut steps = probed(facts, flows);
    steps.push(look(Look::Rules));
    steps.extend(configured::allow(flows, names, decider.priority));
    let remedy = remedy::advise(facts, format!("Allow {needed} in the security group of the subnet."), steps);
    Some(Finding::new(Code::NsgRuleMissing, Confidence::High, title, detail, affects, remedy))
}
