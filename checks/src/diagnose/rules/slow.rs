//! Names or connections that take long, and pass.

use std::collections::BTreeMap;

use crate::outcome::{Outcome, Stage};
use crate::run::Run;

use crate::diagnose::view::{Seen, count, finding, hosts, ids, listed, risk, run_checks, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule};

/// Slow resolution, and slow connects.
pub const RULE: Rule = Rule { code: Code::Slow, find: slow };

/// Milliseconds over which a stage is slow, and over which a time-out is near.
const SLOW: f64 = 1000.0;
const NEAR: f64 = 2400.0;

/// Checks of a group that must have passed the stage, so that most of them tell something about the group.
const ENOUGH: usize = 2;

fn slow(run: &Run) -> Vec<Finding> {
    [Stage::Resolve, Stage::Connect].into_iter().filter_map(|stage| slow_stage(run, stage)).collect()
}

fn slow_stage(run: &Run, stage: Stage) -> Option<Finding> {
    let mut groups: BTreeMap<&str, Vec<(Seen<'_>, f64)>> = BTreeMap::new();
    for seen in run_checks(run) {
        if let Some(took) = took(seen.1, stage) {
            groups.entry(seen.0.group.as_str()).or_default().push((seen, took));
        }
    }
    groups.retain(|_, checks| {
        let slow = checks.iter().filter(|(_, took)| *took > SLOW).count();
        checks.len() >= ENOUGH && slow * 2 > checks.len()
    });
    let slow: Vec<(Seen<'_>, f64)> =
        groups.values().flatten().filter(|(_, took)| *took > SLOW).copied().collect();
    let longest = slow.iter().map(|(_, took)| *took).fold(0.0, f64::max);
    if slow.is_empty() {
        return None;
    }
    let what = if stage == Stage::Resolve { "Name resolution" } else { "Opening connections" };
    let title =
        format!("{what} is slow: up to {:.1} s in {}.", longest / 1000.0, count(groups.len(), "group"));
    let seen: Vec<Seen<'_>> = slow.iter().map(|(seen, _)| *seen).collect();
    let detail = format!(
        "More than a second for most checks of {} ({}). They pass; API Management's own time-outs may not wait as long.",
        listed(groups.keys()),
        some_of(&hosts(seen.iter().copied())),
    );
    let found = finding(Code::Slow, Confidence::Medium, title, detail, ids(seen), fix(stage));
    Some(if longest > NEAR { risk(found) } else { found })
}

/// How long a stage took that passed at the first look, in milliseconds; a connect that took a second socket was lost, and
/// not slow.
fn took(outcome: &Outcome, stage: Stage) -> Option<f64> {
    let passed = outcome.steps.iter().find(|step| step.stage == stage)?;
    let is_lost = stage == Stage::Connect && passed.attempts.is_some_and(|attempts| attempts > 1);
    (passed.cause.is_none() && !is_lost).then_some(passed.duration_ms)
}

fn fix(stage: Stage) -> Remedy {
    let (summary, command) = match stage {
        Stage::Resolve => (
            "Look at the load of the DNS server and at how long its forwarders take: each question should be answered within \
             a few milliseconds from inside the virtual network.",
            "dig +stats login.microsoftonline.com A",
        ),
        _ => (
            "Look at the load of the firewall or tunnel on the way: a packet sent again, or a long detour, takes that long.",
            "apim-probe check -v",
        ),
    };
    Remedy { summary: summary.to_owned(), commands: vec![command.to_owned()], doc_url: None }
}
