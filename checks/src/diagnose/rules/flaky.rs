//! Checks that passed at the second look only, and those of the same run that chance alone explains.

use std::collections::BTreeSet;

use crate::diagnose::arrivals::{limited, lost_by_chance, refused_by_chance};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{a_host_or_count, count, seen_at};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::outcome::{CauseClass, Stage};
use crate::plan::CheckId;

/// It failed first and succeeded on the second look.
pub(crate) const RULE: Rule = Rule { code: Code::Flaky, needs: &[Source::Run], find: flaky };

fn flaky(facts: &Facts<'_>) -> Vec<Finding> {
    let limited: BTreeSet<&CheckId> =
        limited(facts).iter().flat_map(|limited| limited.checks.each()).map(|seen| &seen.check.id).collect();
    let is_left = |seen: &Seen<'_>| !limited.contains(&seen.check.id);
    let lucky: Group<'_> = facts.ended().filter(|seen| seen.outcome.recovered).filter(is_left).collect();
    let (lost, refused) = (lost_by_chance(facts), refused_by_chance(facts));
    let unlucky: Group<'_> = lost.each().chain(refused.each()).filter(is_left).collect();
    if lucky.is_empty() && unlucky.is_empty() {
        return Vec::new();
    }
    let all: Group<'_> = lucky.each().chain(unlucky.each()).collect();
    let names = all.hosts();
    let says_no = all.each().all(was_refused);
    let what = if says_no { "Connections are refused by chance" } else { "Packets are lost on the way" };
    let title = match unlucky.len() {
        0 => format!("{what}: {} failed first and passed only on retry.", a_host_or_count(&names)),
        _ => format!("{what}, whatever the target: {} met that.", a_host_or_count(&names)),
    };
    let rest = match unlucky.len() {
        0 => String::new(),
        number => format!(
            "{} passed at no try, which so many failures bring about by chance: nothing can be said of them. ",
            count(number, "check")
        ),
    };
    let detail = match format!("{}{rest}", seen_at(&names)) {
        nothing if nothing.is_empty() => {
            let first = if says_no { "was refused" } else { "got no answer" };
            format!("Its first connection {first}, and a later one passed.")
        }
        words => words.trim_end().to_owned(),
    };
    let summary = match says_no {
        true => {
            "Look for a load balancer of which one backend is down, or an appliance on the way out that refuses new connections \
             under load. Run again a few times to see how often it happens."
        }
        false => {
            "Look for exhausted SNAT ports or an overloaded appliance on the way out: both drop new connections under load only. \
             Run again a few times to see how often it happens."
        }
    };
    let fix = remedy::advise(facts, summary, vec![look(Look::SnatPorts), look(Look::ProbeAgain)]);
    vec![Finding::new(Code::Flaky, Confidence::Medium, title, detail, all.ids(), fix).into_risk()]
}

/// Something said no to its first connection.
fn was_refused(seen: Seen<'_>) -> bool {
    let mut connects = seen.outcome.steps.iter().filter(|step| step.stage == Stage::Connect);
    let first = connects.next().and_then(|step| step.cause);
    first.is_some_and(|cause| cause.class() == CauseClass::Rejected)
}
