//! A route drops what API Management needs: its next hop is `None`.

use crate::diagnose::configured::{Judged, affected, grouped, judged, needs, shown};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, Proposal, change, look};
use crate::network::decision::{By, RouteRef, Ruling};

/// Next hop `None` for needed flows: one finding a route.
pub(crate) const RULE: Rule = Rule { code: Code::RouteDrops, needs: &[Source::Network], find: routes };

fn routes(facts: &Facts<'_>) -> Vec<Finding> {
    let dropped = judged(facts)
        .filter(|judged| (judged.decision.ruling, judged.decision.by) == (Ruling::Denied, By::Route));
    let by_route = grouped(dropped, |judged| judged.decision.route.clone());
    by_route.iter().filter_map(|(route, flows)| finding(facts, route, flows)).collect()
}

fn finding(facts: &Facts<'_>, route: &RouteRef, flows: &[Judged<'_>]) -> Option<Finding> {
    let affects = affected(flows);
    if affects.is_empty() {
        return None;
    }
    let needed = shown(&needs(flows.iter().map(|judged| judged.flow)));
    let title = format!("Needed flows are dropped by {route}: {needed}.");
    let detail =
        "Its next hop is None: packets to this prefix, and replies to it, are dropped in the subnet."
            .to_owned();
    let sent = flows.iter().find(|judged| judged.seen.was_probed()).map(|judged| judged.seen);
    let mut steps: Vec<Proposal> = sent.map(|seen| remedy::next_hop(facts, Some(seen))).into_iter().collect();
    let summary = match (&route.table, &route.name) {
        (Some(_), Some(name)) => {
            steps.extend([look(Look::Routes), change(Change::DeleteRoute(name.clone()))]);
            format!("Remove the route {name}, or give it a next hop that leads to these targets.")
        }
        _ => {
            steps.push(look(Look::EffectiveRoutes));
            "The network has no way to this prefix: peer it with the network that holds the target, or connect it by a gateway.".to_owned()
        }
    };
    let remedy = remedy::advise(facts, summary, steps);
    Some(Finding::new(Code::RouteDrops, Confidence::High, title, detail, affects, remedy))
}
