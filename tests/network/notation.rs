//! Networks in a short notation, so that a case fits on a screen.

use std::net::IpAddr;

use apim_probe_checks::network::estate::{Peering, ServiceEndpoint};
use apim_probe_checks::network::{
    Access, AdminRules, Association, Criterion, EffectiveGroup, EffectiveRoutes, Field, Location, Network,
    NextHop, PortRange, Ports, ResourceId, Route, RouteSource, RouteState, RouteTable, Routed, RuleProtocol,
    SecurityGroup, SecurityRule, Service, ServiceLocation, ServiceTag, ServiceTags, Side, Subnet,
    VirtualNetwork, Way,
};
use apim_probe_checks::plan::{Carrier, Flow, NearEnd, OtherEnd};
use apim_probe_checks::portal::NetworkStatus;
use ipnet::IpNet;
use serde::Deserialize;

const NETWORK: &str = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet";

/// The documents of a case. Each key that is there is a document.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// Prefixes of the subnet.
    subnet: Option<Vec<String>>,
    /// Address space of the virtual network.
    space: Option<Vec<String>>,
    /// Address spaces of peered networks.
    #[serde(default)]
    peered: Vec<String>,
    /// Location of the virtual network.
    location: Option<String>,
    /// Primary location of an instance in the subnet.
    instance: Option<String>,
    /// Its provisioning state.
    state: Option<String>,
    /// Its tier.
    sku: Option<String>,
    /// The DNS servers that its nodes ask.
    #[serde(default)]
    asks: Vec<String>,
    /// Rules of the group, one a line.
    group: Option<String>,
    /// Effective rules, one a line; an empty text is Azure's answer that there are none.
    effective: Option<String>,
    /// Effective rules of the interface alone.
    interface: Option<String>,
    /// Admin rules, one a line.
    admin: Option<String>,
    /// Routes of the table, one a line.
    routes: Option<String>,
    /// The subnet names a route table, or a group, that no document holds.
    #[serde(default)]
    names_missing: Vec<String>,
    /// Effective routes, one a line.
    effective_routes: Option<String>,
    /// Service endpoints of the subnet, `Microsoft.Storage` or `Microsoft.Storage westeurope northeurope`.
    #[serde(default)]
    endpoints: Vec<String>,
    /// A list of service tags.
    tags: Option<std::collections::BTreeMap<String, Vec<String>>>,
}

impl Written {
    /// The model of these documents.
    pub(crate) fn read(&self) -> Network {
        let id = |kind: &str, name: &str| {
            ResourceId(format!(
                "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/{kind}/{name}"
            ))
        };
        let (group, table) = (id("networkSecurityGroups", "nsg-apim"), id("routeTables", "rt-apim"));
        let subnet_id = ResourceId(format!("{NETWORK}/subnets/apim"));
        let mut network = Network::default();
        if let Some(rules) = &self.group {
            network.groups.push(SecurityGroup {
                id: group.clone(),
                rules: rules_of(rules),
                ..SecurityGroup::default()
            });
        }
        if let Some(routes) = &self.routes {
            let routes = lines(routes).map(route).collect();
            network.route_tables.push(RouteTable { id: table.clone(), routes, ..RouteTable::default() });
        }
        if let Some(prefixes) = &self.subnet {
            let missing = |what: &str| self.names_missing.iter().any(|name| name == what);
            let refer = |id: &ResourceId, held: bool, what: &str| {
                if held || missing(what) { Field::Given(id.clone()) } else { Field::Absent }
            };
            network.subnets.push(Subnet {
                id: subnet_id.clone(),
                prefixes: Field::Given(prefixes_of(prefixes)),
                group: refer(&group, self.group.is_some(), "group"),
                route_table: refer(&table, self.routes.is_some(), "routes"),
                service_endpoints: self.endpoints.iter().map(|text| endpoint(text)).collect(),
                ..Subnet::default()
            });
        }
        if let Some(space) = &self.space {
            let peering = Peering {
                name: "hub".into(),
                state: Field::Given("Connected".into()),
                remote_space: prefixes_of(&self.peered),
                ..Peering::default()
            };
            network.virtual_networks.push(VirtualNetwork {
                id: ResourceId(NETWORK.into()),
                location: self.location.as_deref().map(Location::new).into(),
                address_space: Field::Given(prefixes_of(space)),
                peerings: vec![peering],
                ..VirtualNetwork::default()
            });
        }
        self.read_effective(&mut network, &group, &subnet_id);
        self.read_others(&mut network, &subnet_id);
        network
    }

    fn read_effective(&self, network: &mut Network, group: &ResourceId, subnet: &ResourceId) {
        let association = Association { subnet: Some(subnet.clone()), ..Association::default() };
        if let Some(rules) = &self.effective {
            let element = EffectiveGroup {
                id: Some(group.clone()),
                association,
                rules: rules_of(rules),
                ..EffectiveGroup::default()
            };
            let elements = if rules.trim().is_empty() { Vec::new() } else { vec![element] };
            network.effective_groups = Some(elements);
        }
        if let Some(rules) = &self.interface {
            let association =
                Association { interface: Some(ResourceId("/nics/nic".into())), ..Association::default() };
            let id = Some(ResourceId("/groups/nsg-nic".into()));
            let element =
                EffectiveGroup { id, association, rules: rules_of(rules), ..EffectiveGroup::default() };
            network.effective_groups.get_or_insert_default().push(element);
        }
        if let Some(routes) = &self.effective_routes {
            let routes = lines(routes).map(effective_route).collect();
            network.effective_routes.push(EffectiveRoutes { routes, ..EffectiveRoutes::default() });
        }
    }

    fn read_others(&self, network: &mut Network, subnet: &ResourceId) {
        if let Some(rules) = &self.admin {
            let mut rules = rules_of(rules);
            for rule in &mut rules {
                rule.collection = Some("guard".into());
            }
            network.admin_rules.push(AdminRules { rules, ..AdminRules::default() });
        }
        if let Some(tags) = &self.tags {
            let tag = |(name, prefixes): (&String, &Vec<String>)| {
                let tag = ServiceTag {
                    name: name.clone(),
                    prefixes: prefixes_of(prefixes),
                    ..ServiceTag::default()
                };
                (name.to_ascii_lowercase(), tag)
            };
            network
                .service_tags
                .push(ServiceTags { tags: tags.iter().map(tag).collect(), ..ServiceTags::default() });
        }
        if let Some(location) = &self.instance {
            let primary = ServiceLocation {
                location: Field::Given(Location::new(location)),
                subnet: Field::Given(subnet.clone()),
                ..ServiceLocation::default()
            };
            network.services.push(Service {
                id: ResourceId("/service/apim".into()),
                primary,
                provisioning_state: self.state.clone().into(),
                sku: self.sku.clone().into(),
                created: Field::Given("2026-01-01T00:00:00Z".into()),
                ..Service::default()
            });
        }
        if !self.asks.is_empty() {
            let asks = self.asks.iter().map(|server| server.parse().expect("an address")).collect();
            let status = NetworkStatus { location: None, dns_servers: asks, entries: Vec::new() };
            network.network_status.push(status);
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn read<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no {}", std::any::type_name::<T>()))
}

fn prefixes_of(written: &[String]) -> Vec<IpNet> {
    written.iter().map(|text| read(text)).collect()
}

fn rules_of(text: &str) -> Vec<SecurityRule> {
    lines(text).map(rule).collect()
}

/// `in 100 Name allow tcp Source Destination 443,8443`; a side may be `A|B`, carry `=expanded|prefixes` or `from:ports`; a
/// word that is `?` could not be read.
pub(crate) fn rule(line: &str) -> SecurityRule {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [direction, priority, name, access, protocol, source, destination, ports] = words.as_slice() else {
        panic!("`{line}`: expected eight words");
    };
    let (source, from) = source.split_once(":from:").unwrap_or((source, "*"));
    SecurityRule {
        name: (*name).into(),
        direction: match *direction {
            "in" => Field::Given(Way::Inbound),
            "out" => Field::Given(Way::Outbound),
            _ => Field::Unreadable,
        },
        priority: priority.parse().map_or(Field::Unreadable, Field::Given),
        access: match *access {
            "allow" => Field::Given(Access::Allow),
            "deny" => Field::Given(Access::Deny),
            "always" => Field::Given(Access::AlwaysAllow),
            _ => Field::Unreadable,
        },
        protocol: if *protocol == "?" {
            Field::Unreadable
        } else {
            Field::Given(RuleProtocol::read(protocol).expect("a protocol"))
        },
        protocol_written: (*protocol).into(),
        source: side(source, from),
        destination: side(destination, ports),
        ..SecurityRule::default()
    }
}

fn side(text: &str, ports: &str) -> Side {
    let (addresses, expanded) = match text.split_once('=') {
        Some((addresses, expanded)) => (addresses, Some(expanded.split('|').map(read).collect())),
        None => (text, None),
    };
    let (groups, addresses): (Vec<&str>, Vec<&str>) =
        addresses.split('|').partition(|word| word.starts_with("asg/"));
    Side {
        addresses: addresses.into_iter().map(Criterion::read).collect(),
        expanded,
        application_groups: groups.into_iter().map(|group| ResourceId(group.into())).collect(),
        ports: ports.split(',').map(Ports::read).collect(),
    }
}

/// `name prefix hop [address]`.
fn route(line: &str) -> Route {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name, prefix, hop, rest @ ..] = words.as_slice() else {
        panic!("`{line}`: expected three words or four")
    };
    Route {
        name: Some((*name).into()),
        destinations: vec![Routed::read(prefix)],
        next_hop: Field::Given(NextHop::read(hop)),
        addresses: rest.iter().map(|address| read(address)).collect(),
        ..Route::default()
    }
}

/// `user active 0.0.0.0/0|10.0.0.0/8 VirtualAppliance 10.9.0.4`.
fn effective_route(line: &str) -> Route {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [source, state, prefixes, hop, rest @ ..] = words.as_slice() else {
        panic!("`{line}`: expected four words")
    };
    Route {
        destinations: prefixes.split('|').map(Routed::read).collect(),
        next_hop: Field::Given(NextHop::read(hop)),
        addresses: rest.iter().map(|address| read(address)).collect(),
        source: Field::Given(
            RouteSource::parse(source).unwrap_or_else(|| panic!("`{source}` makes no routes")),
        ),
        state: Field::Given(if *state == "active" { RouteState::Active } else { RouteState::Invalid }),
        ..Route::default()
    }
}

fn endpoint(text: &str) -> ServiceEndpoint {
    let mut words = text.split_whitespace();
    let service = words.next().unwrap_or_default().to_owned();
    ServiceEndpoint { service, locations: words.map(str::to_owned).collect() }
}

/// `out tcp 443 Storage`; `in tcp 443 203.0.113.7`; `out tcp 443 20.1.2.3,20.1.2.4@Storage`; `internet`, `peers`; `first:in …`
/// asks for the first usable address.
pub(crate) fn flow(text: &str) -> Flow {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [direction, transport, ports, other] = words.as_slice() else {
        panic!("`{text}`: expected four words")
    };
    let (near, direction) = match direction.strip_prefix("first:") {
        Some(direction) => (NearEnd::FirstUsable, direction),
        None => (NearEnd::Subnet, *direction),
    };
    let (addresses, tag) =
        other.split_once('@').map_or((*other, None), |(addresses, tag)| (addresses, Some(tag.into())));
    let addresses: Result<Vec<IpAddr>, _> = addresses.split(',').map(str::parse).collect();
    Flow {
        direction: if direction == "in" { Way::Inbound } else { Way::Outbound },
        transport: if *transport == "udp" { Carrier::Udp } else { Carrier::Tcp },
        ports: PortRange::read(ports).unwrap_or_else(|| panic!("`{ports}` are no ports")),
        near,
        other: match (addresses, *other) {
            (Ok(addresses), _) => OtherEnd::Addresses(addresses, tag),
            (Err(_), "internet") => OtherEnd::Internet,
            (Err(_), "peers") => OtherEnd::Peers,
            (Err(_), "anywhere") => OtherEnd::Anywhere,
            (Err(_), name) => OtherEnd::Tag(name.into()),
        },
    }
}
