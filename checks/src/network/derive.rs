//! The routes of a subnet: as Azure applies them, else derived from route table, network and subnet.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::network::addresses::AddressSet;
use crate::network::choose::{Chosen, Table};
use crate::network::decision::{Fate, RouteRef};
use crate::network::known::{Area, Known};
use crate::network::resource::{Field, Place};
use crate::network::routing::{NextHop, Route, RouteSource, RouteState, Routed};
use crate::network::tags::TagName;
use crate::network::{RouteTable, Subnet, VirtualNetwork};

/// What is known of a subnet's routes.
#[derive(Debug, Clone)]
pub enum Routes {
    /// No document speaks of routes.
    Unmentioned,
    /// The subnet names a route table that no document holds.
    NotGiven,
    /// These.
    Known(RouteSet),
}

/// The routes of a subnet.
#[derive(Debug, Clone, Default)]
pub struct RouteSet {
    /// The routes.
    pub paths: Vec<Path>,
    /// They are Azure's own answer and not derived.
    pub is_effective: bool,
    /// A network document tells what is local; without it private addresses elsewhere are unknown.
    pub is_network_known: bool,
    /// A part of the list could not be read.
    pub is_incomplete: bool,
    /// What is said of them again and again.
    pub narrower: Narrower,
}

/// Lists of routes that many flows share, found once for each end that a flow may come to.
#[derive(Debug, Clone, Default)]
pub struct Narrower(RefCell<BTreeMap<Fate, Arc<[String]>>>);

impl Narrower {
    /// The prefixes of those that do not end as `fate` does; `find` finds them the first time.
    pub fn lead_elsewhere(&self, fate: Fate, find: impl FnOnce() -> Vec<String>) -> Arc<[String]> {
        self.0.borrow_mut().entry(fate).or_insert_with(|| find().into()).clone()
    }
}

/// One route to one destination.
#[derive(Debug, Clone)]
pub struct Path {
    /// Where it leads to.
    pub destination: Destination,
    /// Next hop; `None` where it could not be read.
    pub next_hop: Option<NextHop>,
    /// Who made it.
    pub source: RouteSource,
    /// How the report names it.
    pub name: RouteRef,
}

/// Destination of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A prefix.
    Prefix(IpNet),
    /// The prefixes of a tag.
    Tag(TagName),
    /// Something that could not be read: it may lead anywhere.
    Anywhere,
}

impl RouteSet {
    /// The tags to which routes lead.
    pub fn tags(&self) -> impl Iterator<Item = &TagName> {
        self.paths.iter().filter_map(|path| match &path.destination {
            Destination::Tag(tag) => Some(tag),
            Destination::Prefix(_) | Destination::Anywhere => None,
        })
    }

    /// What the active routes add to `VirtualNetwork`: user prefixes with any next hop, and in effective routes those of the
    /// network, its peerings and its gateway.
    #[must_use]
    pub fn virtual_network(&self) -> AddressSet {
        let counts = |path: &&Path| match path.source {
            RouteSource::User => true,
            RouteSource::Bgp => self.is_effective,
            RouteSource::System => self.is_effective && path.next_hop.as_ref().is_some_and(is_of_network),
        };
        let prefixes: Vec<IpNet> = self.paths.iter().filter(counts).filter_map(Path::prefix).collect();
        AddressSet::new(&prefixes)
    }
}

impl Path {
    /// The prefix, where it has one.
    #[must_use]
    pub const fn prefix(&self) -> Option<IpNet> {
        match self.destination {
            Destination::Prefix(prefix) => Some(prefix),
            Destination::Tag(_) | Destination::Anywhere => None,
        }
    }

    /// True for a default route.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.prefix().is_some_and(|prefix| prefix.prefix_len() == 0 && prefix.addr().is_ipv4())
    }
}

/// Next hops within the network and its peers.
#[must_use]
pub const fn is_of_network(hop: &NextHop) -> bool {
    matches!(
        hop,
        NextHop::VnetLocal
            | NextHop::Peering
            | NextHop::GlobalPeering
            | NextHop::ConnectedGroup
            | NextHop::Gateway
    )
}

/// The routes of the chosen subnet.
#[must_use]
pub fn routes(chosen: &Chosen<'_>) -> Routes {
    if let Some(effective) = chosen.effective_routes {
        return Routes::Known(RouteSet {
            paths: effective
                .routes
                .iter()
                .filter(|route| is_active(route))
                .flat_map(|route| routes_of(route, None))
                .collect(),
            is_effective: true,
            is_network_known: true,
            is_incomplete: effective.routes_missing.is_some(),
            narrower: Narrower::default(),
        });
    }
    let table = match chosen.table {
        Table::NotGiven => return Routes::NotGiven,
        Table::Unmentioned if chosen.subnet.is_none() && chosen.virtual_network.is_none() => {
            return Routes::Unmentioned;
        }
        Table::Unmentioned | Table::Nothing => None,
        Table::Written(table) => Some(table),
    };
    Routes::Known(derived(table, chosen.subnet, chosen.virtual_network))
}

/// Routes that are not active count for nothing; where a document does not say, they are.
const fn is_active(route: &Route) -> bool {
    !matches!(route.state, Field::Given(RouteState::Invalid))
}

fn routes_of(route: &Route, table: Option<&RouteTable>) -> Vec<Path> {
    let source = match table {
        Some(_) => RouteSource::User,
        None => route.source.given().copied().unwrap_or(RouteSource::System),
    };
    let next_hop = route.next_hop.given().cloned();
    let path = |destination: Destination, prefix: String| Path {
        destination,
        next_hop: next_hop.clone(),
        source,
        name: RouteRef {
            table: table.map(|table| table.id.name().to_owned()),
            name: route.name.clone(),
            prefix,
            source,
            next_hop: next_hop.clone().unwrap_or_else(|| NextHop::Other(String::new())),
            address: route.addresses.first().copied(),
            place: Some(route.place.clone()),
        },
    };
    let destinations = route.destinations.iter().map(|destination| match destination {
        Routed::Prefix(prefix) => path(Destination::Prefix(*prefix), prefix.to_string()),
        Routed::Tag(tag) => path(Destination::Tag(TagName::read(tag)), tag.clone()),
        Routed::Unreadable => path(Destination::Anywhere, String::new()),
    });
    let mut paths: Vec<Path> = destinations.collect();
    if paths.is_empty() {
        paths.push(path(Destination::Anywhere, String::new()));
    }
    paths
}

fn derived(
    table: Option<&RouteTable>,
    subnet: Option<&Subnet>,
    network: Option<&VirtualNetwork>,
) -> RouteSet {
    let mut paths: Vec<Path> = table
        .into_iter()
        .flat_map(|table| table.routes.iter().flat_map(move |route| routes_of(route, Some(table))))
        .collect();
    let has_default = paths.iter().any(Path::is_default);
    let own = own_prefixes(subnet, network);
    paths.extend(own.iter().map(|prefix| system(*prefix, NextHop::VnetLocal)));
    for peering in network.iter().flat_map(|network| &network.peerings) {
        if peering.state.given().is_some_and(|state| state.eq_ignore_ascii_case("connected")) {
            paths.extend(peering.remote_space.iter().map(|prefix| system(*prefix, NextHop::Peering)));
        }
    }
    let fixed = |prefix: &str, hop: NextHop| prefix.parse().ok().map(|prefix| system(prefix, hop));
    paths.extend(fixed("0.0.0.0/0", NextHop::Internet));
    paths.extend(fixed("::/0", NextHop::Internet));
    if !has_default {
        let space = AddressSet::new(&own);
        let reserved = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        let dropped = reserved.into_iter().filter(|prefix| !space.covers(&AddressSet::literal(&[prefix])));
        paths.extend(dropped.filter_map(|prefix| fixed(prefix, NextHop::None)));
    }
    paths.extend(subnet.into_iter().flat_map(|subnet| endpoints(subnet, network)));
    RouteSet {
        paths,
        is_effective: false,
        is_network_known: network.is_some_and(|network| network.address_space.given().is_some()),
        is_incomplete: table.is_some_and(|table| table.routes_missing.is_some()),
        narrower: Narrower::default(),
    }
}

/// What is local: the network's address space, else no more than the subnet itself.
fn own_prefixes(subnet: Option<&Subnet>, network: Option<&VirtualNetwork>) -> Vec<IpNet> {
    let space = network.and_then(|network| network.address_space.given());
    let own = space.or_else(|| subnet.and_then(|subnet| subnet.prefixes.given()));
    own.cloned().unwrap_or_default()
}

fn system(prefix: IpNet, next_hop: NextHop) -> Path {
    Path {
        destination: Destination::Prefix(prefix),
        source: RouteSource::System,
        name: named(prefix.to_string(), next_hop.clone(), None),
        next_hop: Some(next_hop),
    }
}

const fn named(prefix: String, next_hop: NextHop, place: Option<Place>) -> RouteRef {
    RouteRef { table: None, name: None, prefix, source: RouteSource::System, next_hop, address: None, place }
}

/// The service endpoints of a subnet: a route a tag, regional where the endpoint names regions.
fn endpoints(subnet: &Subnet, network: Option<&VirtualNetwork>) -> Vec<Path> {
    let tag_of = |service: &str| match service.to_ascii_lowercase().as_str() {
        "microsoft.storage" | "microsoft.storage.global" => Some("Storage"),
        "microsoft.sql" => Some("Sql"),
        "microsoft.keyvault" => Some("AzureKeyVault"),
        "microsoft.eventhub" => Some("EventHub"),
        "microsoft.azureactivedirectory" => Some("AzureActiveDirectory"),
        _ => None,
    };
    let mut paths = Vec::new();
    for endpoint in &subnet.service_endpoints {
        let Some(tag) = tag_of(&endpoint.service) else { continue };
        let own =
            network.and_then(|network| network.location.given()).map(|location| location.id().to_owned());
        let regions: Vec<String> = match tag {
            // SQL's endpoints reach the network's own region alone.
            "Sql" => own.into_iter().collect(),
            _ if endpoint.locations.iter().any(|location| location == "*") => Vec::new(),
            _ => endpoint
                .locations
                .iter()
                .map(|at| crate::network::Location::new(at).id().to_owned())
                .collect(),
        };
        let names: Vec<String> = if regions.is_empty() {
            vec![tag.to_owned()]
        } else {
            regions.iter().map(|region| format!("{tag}.{region}")).collect()
        };
        paths.extend(names.into_iter().map(|name| Path {
            destination: Destination::Tag(TagName::read(&name)),
            next_hop: Some(NextHop::ServiceEndpoint),
            source: RouteSource::System,
            name: named(name, NextHop::ServiceEndpoint, Some(subnet.place.clone())),
        }));
    }
    paths
}

/// Fills what documents of networks and routes say into what is known of addresses.
pub fn learn(known: &mut Known, chosen: &Chosen<'_>, routes: &Routes) {
    let prefixes = chosen.subnet.and_then(|subnet| subnet.prefixes.given());
    known.subnet = prefixes.map(|prefixes| Area::new(prefixes));
    let first: Option<IpAddr> =
        prefixes.and_then(|prefixes| crate::network::addresses::first_usable(prefixes));
    known.first_usable = first.map(|address| AddressSet::new(&[IpNet::from(address)]));
    if let Some(network) = chosen.virtual_network
        && let Field::Given(own) = &network.address_space
    {
        let connected = network.peerings.iter().filter(|peering| {
            peering.state.given().is_some_and(|state| state.eq_ignore_ascii_case("connected"))
        });
        let space = AddressSet::new(own.iter().chain(connected.flat_map(|peering| &peering.remote_space)));
        known.internet = known.internet.without(&space);
        known.internet_ipv4 = known.internet.ipv4();
        known.virtual_network = known.virtual_network.union(&space);
        known.space = Some(space);
        known.is_network_known = true;
    }
    if let Some(subnet) = &known.subnet {
        known.virtual_network = known.virtual_network.union(&subnet.set);
    }
    if let Routes::Known(routes) = routes {
        known.virtual_network = known.virtual_network.union(&routes.virtual_network());
        known.is_network_known |= routes.is_effective;
    }
    known.region = chosen.region().map(|location| location.id().to_owned());
}
