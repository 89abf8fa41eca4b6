//! Checks that passed at the second look only, and those of the same run that chance alone explains.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::diagnose::arrivals::{limited, lost_by_chance, refused_by_chance};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{a_host_or_count, count, seen_at};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::outcome::{Cause, CauseClass};
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
    let end = first_end(&all);
    let what = end.words();
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
            format!("Its first connection {}, and a later one passed.", end.of_one())
        }
        words => words.trim_end().to_owned(),
    };
    let fix = remedy::advise(facts, end.advice(), vec![look(Look::SnatPorts), look(Look::ProbeAgain)]);
    vec![Finding::new(Code::Flaky, Confidence::Medium, title, detail, all.ids(), fix).into_risk()]
}

/// How the first connections ended that passed later or might have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstEnd {
    /// Something said no to each.
    Refused,
    /// Each opened, and was silent, reset or closed then.
    CutOff,
    /// Some got no answer.
    Lost,
}

impl FirstEnd {
    const fn words(self) -> &'static str {
        match self {
            Self::Refused => "Connections are refused by chance",
            Self::CutOff => "First connections are held or cut off on the way",
            Self::Lost => "Packets are lost on the way",
        }
    }

    /// What one first connection met.
    const fn of_one(self) -> &'static str {
        match self {
            Self::Refused => "was refused",
            Self::CutOff => "opened and went no further",
            Self::Lost => "got no answer",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Refused => {
                "Look for a load balancer of which one backend is down, or an appliance on the way out that refuses new \
                 connections under load. Run again a few times to see how often it happens."
            }
            Self::CutOff => {
                "Look for a firewall that filters by name and looks the name up while the first connection waits. Run again: \
                 what passes at once then had been looked up."
            }
            Self::Lost => {
                "Look for exhausted SNAT ports or an overloaded appliance on the way out: both drop new connections under load \
                 only. Run again a few times to see how often it happens."
            }
        }
    }
}

fn first_end(all: &Group<'_>) -> FirstEnd {
    let first = all.each().filter_map(|seen| seen.outcome.steps.iter().find_map(|step| step.cause));
    let classes: Vec<CauseClass> = first.map(Cause::class).collect();
    if classes.iter().all(|class| *class == CauseClass::Rejected) {
        FirstEnd::Refused
    } else if all.each().all(|seen| seen.check.transport == Transport::Tcp)
        && classes.iter().all(|class| matches!(class, CauseClass::Stalled | CauseClass::Broken))
    {
        FirstEnd::CutOff
    } else {
        FirstEnd::Lost
    }
}
