//! Some addresses of a name work and others do not.

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::DnsQuestion;
use crate::outcome::{Cause, Stage, Step};

/// Some of a name's addresses do not work.
pub(crate) const RULE: Rule = Rule { code: Code::AddressPartial, needs: &[Source::Run], find: partial };

fn partial(facts: &Facts<'_>) -> Vec<Finding> {
    let halves: Group<'_> = facts
        .ended()
        .filter(|seen| seen.is_success() && !seen.outcome.recovered && has_dead_address(*seen))
        .collect();
    if halves.is_empty() {
        return Vec::new();
    }
    let names = halves.hosts();
    let dead: Vec<String> = halves.each().flat_map(|seen| dead_addresses(seen)).collect();
    let dead: Vec<&str> = dead.iter().map(String::as_str).collect();
    let title = format!(
        "{} works at some of its addresses only: connections can fail now and then.",
        some_of(&names)
    );
    let detail = format!("{} did not answer; other addresses of the same names did.", some_of(&dead));
    vec![
        Finding::new(
            Code::AddressPartial,
            Confidence::High,
            title,
            detail,
            halves.ids(),
            allow(facts, &halves),
        )
        .into_risk(),
    ]
}

/// What DNS says, which rule decides for a dead address, and the rule that covers every address of the names.
fn allow(facts: &Facts<'_>, halves: &Group<'_>) -> Remedy {
    let seen = halves[0];
    let rules = seen.check.port().into_iter().flat_map(|port| {
        remedy::tags(seen.tag()).map(move |tag| remedy::outbound_rule(tag, &[port], Transport::Tcp))
    });
    let mut steps = vec![remedy::dig(seen.host().unwrap_or_default(), DnsQuestion::BothFamilies)];
    steps.extend(remedy::let_out(facts, halves, rules.collect()));
    let summary = "Allow the service tag instead of single addresses: the service changes them. Where the dead address is \
                   private or IPv6, look for a stale record or a missing route.";
    remedy::advise(facts, summary, steps)
}

fn has_dead_address(seen: Seen<'_>) -> bool {
    dead_addresses(seen).next().is_some()
}

/// Addresses that failed beside one that worked; one that this machine has no route to, or did not get to, does not count.
fn dead_addresses<'a>(seen: Seen<'a>) -> impl Iterator<Item = String> + 'a {
    let used = seen.outcome.evidence.peer.as_ref().map(|peer| peer.address).or_else(|| {
        let whole = |step: &&Step| step.stage != Stage::Resolve && step.cause.is_none();
        seen.outcome.steps.iter().rev().find(whole)?.address
    });
    seen.outcome
        .steps
        .iter()
        .filter(|step| {
            let failed = |cause: Cause| cause != Cause::ConnectNoRoute && !cause.is_undecided();
            step.stage != Stage::Resolve && step.cause.is_some_and(failed)
        })
        .filter_map(|step| step.address)
        .filter(move |address| used.is_some() && Some(*address) != used)
        .map(|address| address.to_string())
}
