//! A route leads needed flows to an appliance or gateway: what is behind it decides.

use crate::diagnose::configured::{Judged, grouped, judged, needs, shown};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::NextHop;
use crate::network::decision::{RouteRef, Ruling};
use crate::outcome::Stage;
use crate::plan::CheckId;

/// An appliance or gateway gets needed flows: one finding a route, the root of what fails behind it.
pub(crate) const RULE: Rule = Rule { code: Code::RouteToAppliance, needs: &[Source::Network], find: routes };

fn routes(facts: &Facts<'_>) -> Vec<Finding> {
    let led = judged(facts).filter(|judged| {
        let route = judged.decision.route.as_ref();
        judged.decision.ruling != Ruling::Denied
            && route.is_some_and(|route| {
                !matches!(route.next_hop, NextHop::None) && is_elsewhere(&route.next_hop)
            })
    });
    let by_route = grouped(led, |judged| judged.decision.route.clone());
    by_route.iter().filter_map(|(route, flows)| finding(facts, route, flows)).collect()
}

/// Next hops behind which somebody else decides.
const fn is_elsewhere(hop: &NextHop) -> bool {
    matches!(hop, NextHop::Appliance | NextHop::Gateway | NextHop::Other(_))
}

fn finding(facts: &Facts<'_>, route: &RouteRef, flows: &[Judged<'_>]) -> Option<Finding> {
    // A name that did not resolve has sent no packet to the device.
    let reached =
        |judged: &&Judged<'_>| judged.seen.failure().is_none_or(|failure| failure.stage != Stage::Resolve);
    let reached: Vec<Judged<'_>> = flows.iter().filter(reached).copied().collect();
    let fails = |judged: &&Judged<'_>| {
        judged.seen.failure().is_some_and(|failure| failure.stage != Stage::Configuration)
    };
    let failing = reached.iter().any(|judged| fails(&judged));
    let mut affects: Vec<CheckId> = reached
        .iter()
        .filter(|judged| !failing || fails(judged))
        .map(|judged| judged.seen.check.id.clone())
        .collect();
    affects.dedup();
    if affects.is_empty() {
        return None;
    }
    let needed = shown(&needs(reached.iter().map(|judged| judged.flow)));
    let device = match (&route.next_hop, route.address) {
        (NextHop::Gateway, _) => "the gateway".to_owned(),
        (_, Some(address)) => format!("the appliance {address}"),
        _ => "the appliance".to_owned(),
    };
    let title = if failing {
        format!("Flows go to {device} by {route}, and some of them fail behind it.")
    } else {
        format!("Flows go to {device} by {route}, and the device decides what passes.")
    };
    let detail = format!("It takes {needed}. The configuration of {device} was not read.");
    let summary = format!("Check that {device} lets this through and returns the replies: {needed}.");
    let failed = reached.iter().find(|judged| failing && fails(judged)).map(|judged| judged.seen);
    let sent = failed.filter(|seen| seen.was_probed());
    let steps = match sent {
        Some(seen) => vec![remedy::next_hop(facts, Some(seen)), look(Look::Routes)],
        None => vec![look(Look::Routes)],
    };
    let rules = look(Look::Probe(remedy::rules_command(facts, "azure-firewall")));
    let rules =
        rules.saying("what an Azure Firewall there must let through (any other firewall needs the same)");
    let remedy = remedy::advise(facts, summary, steps.into_iter().chain([rules]).collect());
    // That they go there and fail is certain; the detail says what is not.
    Some(Finding::new(Code::RouteToAppliance, Confidence::High, title, detail, affects, remedy))
}
