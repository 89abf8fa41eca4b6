//! The configuration denies what packets show to pass, or tells something else than what was typed.

use crate::diagnose::configured::judged;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::count;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::decision::{By, Decision, Ruling};
use crate::network::told::Disagreement;
use crate::plan::CheckId;

/// Documents against packets, and against what was typed.
pub(crate) const RULE: Rule =
    Rule { code: Code::ConfigurationDisagrees, needs: &[Source::Network], find: contradictions };

fn contradictions(facts: &Facts<'_>) -> Vec<Finding> {
    let typed = facts.network.into_iter().flat_map(|network| &network.disagreements).map(|disagreement| {
        let Disagreement { option, typed, told, place } = disagreement;
        let title = format!("{option} is {typed}, and the documents say {told} ({}).", place.file);
        let detail = "What was typed was used.";
        let summary = format!("Leave {option} out, or give the documents of the instance that is meant.");
        let fix = remedy::advise(facts, summary, vec![look(Look::Instance)]);
        Finding::new(
            Code::ConfigurationDisagrees,
            Confidence::High,
            title,
            detail.to_owned(),
            Vec::new(),
            fix,
        )
        .into_risk()
    });
    typed.chain(against_packets(facts)).collect()
}

/// What the documents deny and packets reached all the same. A flow that the probe does not send proves nothing.
fn against_packets(facts: &Facts<'_>) -> Option<Finding> {
    facts.run?;
    let passes: Vec<_> = judged(facts)
        .filter(|judged| {
            judged.decision.ruling == Ruling::Denied && judged.seen.is_success() && judged.seen.was_probed()
        })
        .filter(|judged| !judged.seen.is_inbound())
        .collect();
    let first = passes.first()?;
    let mut affects: Vec<CheckId> = passes.iter().map(|judged| judged.seen.check.id.clone()).collect();
    affects.dedup();
    let by = denier(first.decision).map(|rule| format!(" (by {rule})")).unwrap_or_default();
    let title =
        format!("The configuration denies {}{by} that packets show to pass.", count(affects.len(), "flow"));
    let detail = "The documents are of another subnet, or older than the rules that are at work; connections that were open before a rule \
                  came stay open."
        .to_owned();
    let remedy = remedy::advise(
        facts,
        "Export the effective rules and routes of this machine's interface again, and judge those.",
        vec![
            remedy::deciding_rule(facts, passes.first().map(|judged| judged.seen)),
            look(Look::EffectiveRules),
            look(Look::EffectiveRoutes),
        ],
    );
    Some(
        Finding::new(Code::ConfigurationDisagrees, Confidence::High, title, detail, affects, remedy)
            .into_risk(),
    )
}

/// The rule or route that denies.
fn denier(decision: &Decision) -> Option<String> {
    match decision.by {
        By::AdminRule => decision.admin.as_ref().map(ToString::to_string),
        By::Route => decision.route.as_ref().map(ToString::to_string),
        _ => decision.nsg.as_ref().map(ToString::to_string),
    }
}
