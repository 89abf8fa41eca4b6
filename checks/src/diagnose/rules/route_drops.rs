//! A route drops what API Management needs: its next hop is `None`.

use crate::diagnose::configured::{Judged, affected, grouped, judged, judgement, needs, routes_scope, shown};
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::az;
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
    let names = judgement(facts).map(|network| &network.names).filter(|_| !affects.is_empty())?;
    let needed = shown(&needs(flows.iter().map(|judged| judged.flow)));
    let title = format!("Needed flows are dropped by {route}: {needed}.");
    let detail = "Its next hop is None: packets to this prefix, and replies to it, are dropped in the subnet. Effective routes with \
                  another next hop would disprove it."
        .to_owned();
    let scope = routes_scope(names);
    let (summary, commands) = match (&route.table, &route.name) {
        (Some(_), Some(name)) => (
            format!("Remove the route {name}, or give it a next hop that leads to these targets."),
            vec![az::show_routes(&scope), az::delete_route(name, &scope)],
        ),
        _ => (
            "The network has no way to this prefix: peer it with the network that holds the target, or connect it by a gateway.".to_owned(),
            Vec::new(),
        ),
    };
    let remedy = Remedy { summary, commands, doc_url: None };
    Some(Finding::new(Code::RouteDrops, Confidence::High, title, detail, affects, remedy))
}
