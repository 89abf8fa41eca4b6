//! Two configured name servers lead to different places.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::azure;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::name_servers::{is_negative_answer, is_unusable, refusal};
use crate::diagnose::phrases::{listed, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::{Cause, CauseClass, Scope, ServerAnswer, Stage, Status};

/// Two servers give answers that lead to different places.
pub(crate) const RULE: Rule = Rule { code: Code::DnsServersDisagree, needs: &[Source::Run], find: disagree };

fn disagree(facts: &Facts<'_>) -> Vec<Finding> {
    let disagreeing: Group<'_> = facts.seen().filter(|seen| disagrees(facts, *seen)).collect();
    if disagreeing.is_empty() {
        return Vec::new();
    }
    let names = disagreeing.hosts();
    let title = format!("The configured DNS servers disagree about {}.", some_of(&names));
    let sides = disagreeing.first().map(|seen| sides(facts, *seen)).unwrap_or_default();
    let detail = format!(
        "For {}, {sides}. A node asks the next server where the first is silent, so that it may work on one day and not on the next.",
        names.first().copied().unwrap_or_default()
    );
    let first = names.first().copied().unwrap_or_default();
    let servers = facts.plan.instance.dns_servers.iter();
    let asked = servers.map(|server| remedy::ask(*server, first, DnsQuestion::Addresses));
    let fix = remedy::advise(
        facts,
        "Give all configured servers the same zones and forwarders, so that it no longer matters which of them answers.",
        asked.chain([look(Look::DnsServers)]).collect(),
    );
    let affects = affected(facts, &disagreeing).ids();
    let found = Finding::new(Code::DnsServersDisagree, Confidence::High, title, detail, affects, fix);
    let leads_astray = disagreeing.each().any(|seen| is_grave(facts, seen));
    vec![if leads_astray { found.into_risk() } else { found }]
}

/// A server that denies a name which another knows, or leads it past a private endpoint that another knows: whichever is
/// asked first decides, and one of the two is wrong.
fn is_grave(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    // A server that fails is passed over, as a silent one is; any other answer that leads nowhere decides.
    let leads_nowhere = |answer: &ServerAnswer| {
        answer.addresses.iter().any(|ip| matches!(Scope::of(*ip), Scope::Unspecified | Scope::Loopback))
    };
    let denies = |answer: &ServerAnswer| {
        let is_no = |cause: Cause| cause.class() == CauseClass::DnsAbsent || cause == Cause::DnsRefused;
        leads_nowhere(answer) || answer.cause.is_some_and(is_no)
    };
    let scope = |answer: &ServerAnswer| answer.addresses.first().map(|ip| Scope::of(*ip));
    let any = |is: &dyn Fn(&ServerAnswer) -> bool| told(facts, seen).any(is);
    let resolves = any(&|answer| !answer.addresses.is_empty() && !leads_nowhere(answer));
    let both = any(&|answer| scope(answer) == Some(Scope::Private))
        && any(&|answer| scope(answer) == Some(Scope::Public));
    (resolves && any(&denies)) || both
}

/// The checks that the disagreement can harm. One that went on with an address and failed later has another fault, unless it
/// was led to a private address where another server has a public one, and no name shows the disagreement alone.
fn affected<'a>(facts: &Facts<'_>, disagreeing: &Group<'a>) -> Group<'a> {
    let failed_later = |seen: Seen<'_>| match seen.status() {
        Status::Failure(failure) | Status::Undecided(Some(failure)) => {
            failure.stage != Stage::Resolve && failure.cause != Cause::DnsWrongAddress
        }
        _ => false,
    };
    let astray = |seen: Seen<'_>| seen.is_private() && told(facts, seen).all(|answer| answer.cause.is_none());
    let (late, others): (Group<'a>, Group<'a>) = disagreeing.clone().partition(failed_later);
    if others.is_empty() { late.each().filter(|seen| astray(*seen)).collect() } else { others }
}

/// What the configured servers said, those left out that said nothing.
fn told<'a>(facts: &Facts<'_>, seen: Seen<'a>) -> impl Iterator<Item = &'a ServerAnswer> {
    let servers = seen.answers();
    // 168.63.129.16 is asked for comparison, unless it is one of those that are configured.
    let by_azure = facts.plan.instance.dns_servers.contains(&azure::DNS);
    servers
        .filter(move |answer| (by_azure || answer.server != azure::DNS) && !is_unusable(answer.cause))
        .filter(|answer| !answer.addresses.is_empty() || is_negative_answer(answer.cause))
}

/// `10.0.2.4 says 20.60.0.1 and 10.0.2.5 says NXDOMAIN`.
fn sides(facts: &Facts<'_>, seen: Seen<'_>) -> String {
    let side = |answer: &ServerAnswer| {
        let no = || refusal(answer).unwrap_or("that there is no address").to_owned();
        let said = answer.addresses.first().map_or_else(no, ToString::to_string);
        format!("{} says {said}", answer.server)
    };
    listed(told(facts, seen).map(side))
}

/// Two configured servers lead to different places: one has no address, or a private one where the other's is public,
/// or another private one. Public addresses rotate.
fn disagrees(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    let way = |answer: &ServerAnswer| {
        let scope = answer.addresses.first().map(|ip| Scope::of(*ip));
        let private = answer.addresses.iter().filter(|ip| Scope::of(**ip) == Scope::Private);
        (scope, private.copied().collect::<BTreeSet<IpAddr>>())
    };
    let ways: Vec<_> = told(facts, seen).map(way).collect();
    ways.windows(2).any(|pair| pair[0] != pair[1])
}
