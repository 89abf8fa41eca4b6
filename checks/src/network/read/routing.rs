//! Reads routes: of a table as written, and as Azure applies them.

use std::net::IpAddr;

use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::{Field, NextHop, ResourceId, Route, RouteSource, RouteState, RouteTable, Routed};

/// A route table as written.
pub(super) fn table<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> RouteTable {
    let mut routes = Vec::new();
    let routes_missing = notes.each_object(object, "routes", |notes, one| routes.push(written(one, notes)));
    RouteTable {
        id,
        place: notes.place_of_object(object),
        routes,
        disable_bgp_propagation: notes.boolean(object, "disableBgpRoutePropagation"),
        subnets: notes.ids(object, "subnets"),
        routes_missing,
    }
}

/// A route of a table.
pub(super) fn written<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Route {
    let route = effective(object, notes);
    Route { source: Field::Given(RouteSource::User), state: Field::Given(RouteState::Active), ..route }
}

/// A route as Azure applies it.
pub(super) fn effective<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Route {
    let mut destinations = Vec::new();
    let missing = notes.each_text(object, &["addressPrefix"], "a prefix or a service tag", |text| {
        let read = Routed::read(text);
        let is_read = read != Routed::Unreadable;
        destinations.push(read);
        is_read
    });
    if missing.is_some() && !destinations.contains(&Routed::Unreadable) {
        destinations.push(Routed::Unreadable);
    }
    destinations.shrink_to_fit();
    let mut addresses: Vec<IpAddr> = Vec::new();
    notes.each_text(object, &["nextHopIpAddress", "nextHopInIpAddress"], "an address", |text| {
        addresses.extend(text.parse::<IpAddr>());
        text.parse::<IpAddr>().is_ok()
    });
    addresses.shrink_to_fit();
    let route = Route {
        name: object.text("name").map(std::borrow::Cow::into_owned),
        place: notes.place_of_object(object),
        destinations,
        next_hop: notes
            .field(object, "nextHopType", "a next hop", |node| Some(NextHop::read(&node.string()?))),
        addresses,
        source: notes.field(object, "source", "the source of a route", source),
        state: notes.field(object, "state", "Active or Invalid", state),
    };
    if route.destinations.is_empty() || route.next_hop.is_absent() {
        let lacks = if route.next_hop.is_absent() { "next hop" } else { "prefix" };
        notes.pass_object(object, format!("the route has no {lacks}"));
    }
    route
}

fn source(node: &Node<'_>) -> Option<RouteSource> {
    match node.string()?.to_ascii_lowercase().as_str() {
        "user" => Some(RouteSource::User),
        "virtualnetworkgateway" => Some(RouteSource::Bgp),
        "default" => Some(RouteSource::System),
        _ => None,
    }
}

fn state(node: &Node<'_>) -> Option<RouteState> {
    let word = node.string()?;
    RouteState::ALL.iter().copied().find(|state| state.as_str().eq_ignore_ascii_case(&word))
}
