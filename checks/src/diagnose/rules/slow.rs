//! Names or connections that take long, and pass.

use std::collections::BTreeMap;

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, listed, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::{Outcome, Stage};

/// Slow resolution, and slow connects.
pub(crate) const RULE: Rule = Rule { code: Code::Slow, needs: &[Source::Run], find: slow };

/// Milliseconds over which a stage is slow, and over which a time-out is near.
const SLOW_MS: f64 = 1000.0;
const NEAR_MS: f64 = 2400.0;

/// Checks of a group that must have passed the stage, so that most of them tell something about the group.
const MIN_CHECKS: usize = 2;

fn slow(facts: &Facts<'_>) -> Vec<Finding> {
    [Stage::Resolve, Stage::Connect].into_iter().filter_map(|stage| slow_stage(facts, stage)).collect()
}

fn slow_stage(facts: &Facts<'_>, stage: Stage) -> Option<Finding> {
    let mut groups: BTreeMap<&str, Vec<(Seen<'_>, f64)>> = BTreeMap::new();
    for seen in facts.ended() {
        if let Some(took) = took(seen.outcome, stage) {
            groups.entry(seen.check.group.as_str()).or_default().push((seen, took));
        }
    }
    groups.retain(|_, checks| {
        let slow = checks.iter().filter(|(_, took)| *took > SLOW_MS).count();
        checks.len() >= MIN_CHECKS && slow * 2 > checks.len()
    });
    let slow: Vec<(Seen<'_>, f64)> =
        groups.values().flatten().filter(|(_, took)| *took > SLOW_MS).copied().collect();
    let longest = slow.iter().map(|(_, took)| *took).fold(0.0, f64::max);
    if slow.is_empty() {
        return None;
    }
    let what = if stage == Stage::Resolve { "Name resolution" } else { "Opening connections" };
    let title =
        format!("{what} is slow: up to {:.1} s in {}.", longest / 1000.0, count(groups.len(), "group"));
    let seen: Group<'_> = slow.iter().map(|(seen, _)| *seen).collect();
    let detail = format!(
        "More than a second for most checks of {} ({}). They pass; API Management's own time-outs may not wait as long.",
        listed(groups.keys()),
        some_of(&seen.hosts()),
    );
    let found = Finding::new(Code::Slow, Confidence::Medium, title, detail, seen.ids(), fix(facts, stage));
    Some(if longest > NEAR_MS { found.into_risk() } else { found })
}

/// How long a stage took that passed at the first look, in milliseconds; a connect that took a second socket was lost, and
/// not slow.
fn took(outcome: &Outcome, stage: Stage) -> Option<f64> {
    let passed = outcome.steps.iter().find(|step| step.stage == stage)?;
    let is_lost = stage == Stage::Connect && passed.attempts.is_some_and(|attempts| attempts > 1);
    (passed.cause.is_none() && !is_lost).then_some(passed.duration_ms)
}

fn fix(facts: &Facts<'_>, stage: Stage) -> Remedy {
    let (summary, step) = match stage {
        Stage::Resolve => (
            "Look at the load of the DNS server and at how long its forwarders take: each question should be answered within \
             a few milliseconds from inside the virtual network.",
            remedy::dig("login.microsoftonline.com", DnsQuestion::Timed).saying("how long the server takes"),
        ),
        _ => (
            "Look at the load of the firewall or tunnel on the path: a packet sent again, or a long detour, takes that long.",
            look(Look::Probe(vec!["check".to_owned(), "-v".to_owned()])).saying("every stage with its time"),
        ),
    };
    remedy::advise(facts, summary, vec![step])
}
