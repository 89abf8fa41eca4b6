//! Makes the documents of one resource one, and puts parts that stand alone to their resources.

use std::collections::{BTreeMap, HashMap};

use crate::network::read::ReadError;
use crate::network::{
    ApplicationGateway, Field, FirewallPolicy, NatGateway, Network, NetworkInterface, Place, PrivateZone,
    PublicAddress, RecordSet, ResourceId, Route, RouteTable, SecurityGroup, SecurityRule, Service,
    ServiceLocation, Subnet, VirtualNetwork, ZoneLink,
};

/// First number of Azure's own rules.
const DEFAULT_RULES: u32 = 65_000;

/// Whether a part that stands alone came with all its siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// In a list of them all.
    Yes,
    /// By itself.
    No,
}

impl Whole {
    /// Whether two lists are, whose first missing parts these are.
    fn of(missing: [&Option<Place>; 2]) -> Self {
        if missing.iter().all(|part| part.is_none()) { Self::Yes } else { Self::No }
    }
}

/// What two documents disagree on.
type Differs = &'static str;

/// Makes the documents of one resource one.
///
/// # Errors
/// Two documents of one resource that contradict each other.
pub fn resources(network: &mut Network) -> Result<(), ReadError> {
    let n = network;
    one_each(&mut n.groups, |a| (&a.id, &a.place), groups)?;
    one_each(&mut n.route_tables, |a| (&a.id, &a.place), tables)?;
    one_each(&mut n.subnets, |a| (&a.id, &a.place), subnets)?;
    one_each(&mut n.virtual_networks, |a| (&a.id, &a.place), networks)?;
    one_each(&mut n.interfaces, |a| (&a.id, &a.place), interfaces)?;
    one_each(&mut n.nat_gateways, |a| (&a.id, &a.place), gateways)?;
    one_each(&mut n.public_addresses, |a| (&a.id, &a.place), addresses)?;
    one_each(&mut n.services, |a| (&a.id, &a.place), services)?;
    one_each(&mut n.zones, |a| (&a.id, &a.place), |_: &mut PrivateZone, _| Ok(()))?;
    one_each(&mut n.zone_links, |a| (&a.id, &a.place), links)?;
    one_each(&mut n.record_sets, |a| (&a.id, &a.place), records)?;
    one_each(&mut n.gateways, |a| (&a.id, &a.place), application_gateways)?;
    one_each(&mut n.firewall_policies, |a| (&a.id, &a.firewall.place), firewall_policies)?;
    if let Some(groups) = &mut n.effective_groups {
        once(groups, |a, b| a.id == b.id && a.association == b.association && same_rules(&a.rules, &b.rules));
    }
    once(&mut n.effective_routes, |a, b| {
        a.routes.len() == b.routes.len() && a.routes.iter().zip(&b.routes).all(|(a, b)| same_route(a, b))
    });
    once(&mut n.backend_health, |a, b| {
        (&a.pool, &a.settings, &a.address, &a.health, &a.log)
            == (&b.pool, &b.settings, &b.address, &b.health, &b.log)
    });
    once(&mut n.admin_rules, |a, b| same_rules(&a.rules, &b.rules));
    once(&mut n.service_tags, |a, b| a.cloud == b.cloud && a.tags == b.tags);
    Ok(())
}

/// Leaves out what was read twice.
fn once<T>(list: &mut Vec<T>, same: impl Fn(&T, &T) -> bool) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for one in list.drain(..) {
        if !kept.iter().any(|known| same(known, &one)) {
            kept.push(one);
        }
    }
    *list = kept;
}

/// Joins the entries of one id; an entry without an id is another resource than every other.
fn one_each<T>(
    list: &mut Vec<T>,
    of: impl Fn(&T) -> (&ResourceId, &Place),
    join: impl Fn(&mut T, T) -> Result<(), Differs>,
) -> Result<(), ReadError> {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    let mut places: HashMap<String, usize> = HashMap::with_capacity(list.len());
    for one in list.drain(..) {
        let id = key(of(&one).0);
        let place = if id.is_empty() { None } else { places.get(&id) };
        match place.and_then(|place| kept.get_mut(*place)) {
            None => {
                places.insert(id, kept.len());
                kept.push(one);
            }
            Some(known) => {
                let (first, second) = (of(known).1.file.clone(), of(&one).1.file.clone());
                let name = of(&one).0.name().to_owned();
                join(known, one).map_err(|what| ReadError::Conflict { name, what, first, second })?;
            }
        }
    }
    *list = kept;
    Ok(())
}

/// An id as all its spellings have it.
fn key(id: &ResourceId) -> String {
    id.as_str().trim_end_matches('/').to_ascii_lowercase()
}

/// Takes what only one says; false where both say different things.
fn join<T: PartialEq>(a: &mut Field<T>, b: Field<T>) -> bool {
    match (&*a, &b) {
        (_, Field::Absent) => true,
        (Field::Given(_), Field::Unreadable) => true,
        (Field::Given(one), Field::Given(other)) => one == other,
        (Field::Absent | Field::Unreadable, _) => {
            *a = b;
            true
        }
    }
}

/// The same of lists, whose order says nothing.
fn join_lists<T: PartialEq>(a: &mut Field<Vec<T>>, b: Field<Vec<T>>) -> bool {
    match (&*a, &b) {
        (Field::Given(one), Field::Given(other)) => same_set(one, other),
        _ => join(a, b),
    }
}

fn same_set<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.iter().all(|one| b.contains(one)) && b.iter().all(|one| a.contains(one))
}

/// The same of lists of which an empty one says nothing.
fn join_plain<T: PartialEq>(a: &mut Vec<T>, b: Vec<T>) -> bool {
    if a.is_empty() {
        *a = b;
        return true;
    }
    b.is_empty() || same_set(a, &b)
}

/// Both lists together: back references, of which a document may know only some.
fn unite<T: PartialEq>(a: &mut Vec<T>, b: Vec<T>) {
    for one in b {
        if !a.contains(&one) {
            a.push(one);
        }
    }
}

fn all(what: Differs, parts: impl IntoIterator<Item = bool>) -> Result<(), Differs> {
    if parts.into_iter().all(|fits| fits) { Ok(()) } else { Err(what) }
}

fn groups(a: &mut SecurityGroup, b: SecurityGroup) -> Result<(), Differs> {
    let whole = Whole::of([&a.rules_missing, &b.rules_missing]);
    unite(&mut a.subnets, b.subnets);
    unite(&mut a.interfaces, b.interfaces);
    let written = |rules: &[SecurityRule]| rules.iter().filter(|rule| !is_default(rule)).count();
    if whole == Whole::Yes && written(&a.rules) != written(&b.rules) {
        return Err("the rules");
    }
    add_rules(&mut a.rules, b.rules, whole)?;
    if b.rules_missing.is_none() {
        a.rules_missing = None;
    }
    Ok(())
}

fn is_default(rule: &SecurityRule) -> bool {
    rule.priority.given().is_some_and(|priority| *priority >= DEFAULT_RULES)
}

/// Adds rules that are not there yet; a new one contradicts a list that is whole.
fn add_rules(rules: &mut Vec<SecurityRule>, more: Vec<SecurityRule>, whole: Whole) -> Result<(), Differs> {
    let name = |rule: &SecurityRule| (rule.name.to_ascii_lowercase(), rule.direction.given().copied());
    let mut places: HashMap<_, usize> =
        rules.iter().enumerate().map(|(place, rule)| (name(rule), place)).collect();
    for rule in more {
        match places.get(&name(&rule)).map(|place| &rules[*place]) {
            Some(known) if same_rule(known, &rule) => {}
            Some(_) => return Err("the rules"),
            None if whole == Whole::Yes && !is_default(&rule) => return Err("the rules"),
            None => {
                places.insert(name(&rule), rules.len());
                rules.push(rule);
            }
        }
    }
    Ok(())
}

fn same_rules(a: &[SecurityRule], b: &[SecurityRule]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_rule(a, b))
}

/// The same but for the place.
fn same_rule(a: &SecurityRule, b: &SecurityRule) -> bool {
    (a.direction, a.access, a.priority, a.protocol) == (b.direction, b.access, b.priority, b.protocol)
        && (&a.collection, &a.source, &a.destination) == (&b.collection, &b.source, &b.destination)
        && a.name.eq_ignore_ascii_case(&b.name)
}

fn same_route(a: &Route, b: &Route) -> bool {
    (&a.destinations, &a.next_hop, &a.addresses) == (&b.destinations, &b.next_hop, &b.addresses)
        && (a.source, a.state) == (b.source, b.state)
}

fn tables(a: &mut RouteTable, b: RouteTable) -> Result<(), Differs> {
    let whole = Whole::of([&a.routes_missing, &b.routes_missing]);
    unite(&mut a.subnets, b.subnets);
    all("the settings", [join(&mut a.disable_bgp_propagation, b.disable_bgp_propagation)])?;
    if whole == Whole::Yes && a.routes.len() != b.routes.len() {
        return Err("the routes");
    }
    add_routes(&mut a.routes, b.routes, whole)?;
    if b.routes_missing.is_none() {
        a.routes_missing = None;
    }
    Ok(())
}

fn add_routes(routes: &mut Vec<Route>, more: Vec<Route>, whole: Whole) -> Result<(), Differs> {
    let name = |route: &Route| route.name.as_deref().map(str::to_ascii_lowercase);
    let mut places: HashMap<_, usize> =
        routes.iter().enumerate().map(|(place, route)| (name(route), place)).collect();
    for route in more {
        match places.get(&name(&route)).map(|place| &routes[*place]) {
            Some(known) if same_route(known, &route) => {}
            Some(_) => return Err("the routes"),
            None if whole == Whole::Yes => return Err("the routes"),
            None => {
                places.insert(name(&route), routes.len());
                routes.push(route);
            }
        }
    }
    Ok(())
}

fn subnets(a: &mut Subnet, b: Subnet) -> Result<(), Differs> {
    // Who uses addresses changes from hour to hour and is no setting.
    if let (Field::Given(known), Field::Given(more)) = (&mut a.ip_configurations, b.ip_configurations.clone())
    {
        unite(known, more);
    } else {
        join(&mut a.ip_configurations, b.ip_configurations);
    }
    unite(&mut a.private_endpoints, b.private_endpoints);
    unite(&mut a.association_links, b.association_links);
    unite(&mut a.navigation_links, b.navigation_links);
    a.service_endpoints_missing = a.service_endpoints_missing.take().or(b.service_endpoints_missing);
    all(
        "the settings",
        [
            join_lists(&mut a.prefixes, b.prefixes),
            join(&mut a.group, b.group),
            join(&mut a.route_table, b.route_table),
            join(&mut a.nat_gateway, b.nat_gateway),
            join_plain(&mut a.service_endpoints, b.service_endpoints),
            join_lists(&mut a.delegations, b.delegations),
            join(&mut a.default_outbound_access, b.default_outbound_access),
            join(&mut a.private_endpoint_policies, b.private_endpoint_policies),
        ],
    )
}

fn networks(a: &mut VirtualNetwork, b: VirtualNetwork) -> Result<(), Differs> {
    a.peerings_missing = a.peerings_missing.take().or(b.peerings_missing);
    a.network_manager = a.network_manager.take().or(b.network_manager);
    all(
        "the settings",
        [
            join(&mut a.location, b.location),
            join_lists(&mut a.address_space, b.address_space),
            join_lists(&mut a.dns_servers, b.dns_servers),
            join_plain(&mut a.peerings, b.peerings),
            join(&mut a.default_nat_gateway, b.default_nat_gateway),
        ],
    )
}

fn interfaces(a: &mut NetworkInterface, b: NetworkInterface) -> Result<(), Differs> {
    a.machine = a.machine.take().or(b.machine);
    all(
        "the settings",
        [
            join(&mut a.group, b.group),
            join_plain(&mut a.addresses, b.addresses),
            join_plain(&mut a.subnets, b.subnets),
            join_plain(&mut a.public_addresses, b.public_addresses),
            join_plain(&mut a.dns_servers, b.dns_servers),
        ],
    )
}

fn gateways(a: &mut NatGateway, b: NatGateway) -> Result<(), Differs> {
    unite(&mut a.subnets, b.subnets);
    all(
        "the settings",
        [
            join(&mut a.location, b.location),
            join_plain(&mut a.public_addresses, b.public_addresses),
            join_plain(&mut a.public_prefixes, b.public_prefixes),
        ],
    )
}

fn addresses(a: &mut PublicAddress, b: PublicAddress) -> Result<(), Differs> {
    all(
        "the settings",
        [
            join(&mut a.location, b.location),
            join(&mut a.sku, b.sku),
            join(&mut a.allocation, b.allocation),
            join(&mut a.version, b.version),
            join(&mut a.address, b.address),
            join(&mut a.dns_label, b.dns_label),
            join_plain(&mut a.zones, b.zones),
        ],
    )
}

fn services(a: &mut Service, b: Service) -> Result<(), Differs> {
    // States change by themselves; the document that was named first speaks.
    join(&mut a.provisioning_state, b.provisioning_state);
    join(&mut a.target_state, b.target_state);
    join(&mut a.created, b.created);
    unite(&mut a.private_endpoints, b.private_endpoints);
    unite(&mut a.custom_properties, b.custom_properties);
    unite(&mut a.hostnames, b.hostnames);
    a.additional_missing = a.additional_missing.take().or(b.additional_missing);
    let additional =
        a.additional.is_empty() || b.additional.is_empty() || a.additional.len() == b.additional.len();
    if a.additional.is_empty() {
        a.additional = b.additional;
    }
    all(
        "the settings",
        [
            additional,
            join(&mut a.sku, b.sku),
            join(&mut a.vnet_type, b.vnet_type),
            join(&mut a.public_network_access, b.public_network_access),
        ],
    )?;
    locations(&mut a.primary, b.primary)
}

fn locations(a: &mut ServiceLocation, b: ServiceLocation) -> Result<(), Differs> {
    a.regional_host = a.regional_host.take().or(b.regional_host);
    join(&mut a.platform_version, b.platform_version);
    all(
        "the settings",
        [
            join(&mut a.location, b.location),
            join(&mut a.units, b.units),
            join(&mut a.subnet, b.subnet),
            join_plain(&mut a.private_addresses, b.private_addresses),
            join_plain(&mut a.public_addresses, b.public_addresses),
            join(&mut a.public_address_id, b.public_address_id),
            join(&mut a.nat_gateway_state, b.nat_gateway_state),
            join_lists(&mut a.zones, b.zones),
            join(&mut a.gateway_disabled, b.gateway_disabled),
        ],
    )
}

fn links(a: &mut ZoneLink, b: ZoneLink) -> Result<(), Differs> {
    join(&mut a.state, b.state);
    all(
        "the settings",
        [
            join(&mut a.virtual_network, b.virtual_network),
            join(&mut a.resolution_policy, b.resolution_policy),
        ],
    )
}

fn records(a: &mut RecordSet, b: RecordSet) -> Result<(), Differs> {
    all("the records", [join_plain(&mut a.addresses, b.addresses), a.cname == b.cname || b.cname.is_none()])
}

/// Two dialects write places, lists and references otherwise; what a gateway does must be the same.
fn application_gateways(a: &mut ApplicationGateway, b: ApplicationGateway) -> Result<(), Differs> {
    let same = bare(a.clone()) == bare(b.clone());
    let found =
        [same, join(&mut a.tier, b.tier), join(&mut a.capacity, b.capacity), join(&mut a.state, b.state)];
    all("the settings", found)
}

/// A gateway without what may be in one document and not in another.
fn bare(mut gateway: ApplicationGateway) -> ApplicationGateway {
    let nowhere = Place::default;
    gateway.listeners.iter_mut().for_each(|one| one.place = nowhere());
    gateway.pools.iter_mut().for_each(|one| one.place = nowhere());
    gateway.settings.iter_mut().for_each(|one| one.place = nowhere());
    gateway.probes.iter_mut().for_each(|one| one.place = nowhere());
    gateway.rules.iter_mut().for_each(|one| one.place = nowhere());
    gateway.firewall.iter_mut().for_each(|one| one.place = nowhere());
    ApplicationGateway {
        place: nowhere(),
        tier: Field::Absent,
        capacity: Field::Absent,
        state: Field::Absent,
        features: Vec::new(),
        ..gateway
    }
}

fn firewall_policies(a: &mut FirewallPolicy, b: FirewallPolicy) -> Result<(), Differs> {
    all("the settings", [a.firewall.exempt == b.firewall.exempt, join(&mut a.firewall.mode, b.firewall.mode)])
}

/// A part that stands alone, with the id of its resource.
pub type Loose<T> = (ResourceId, T, Whole);

/// Puts rules that stand alone to their groups.
///
/// # Errors
/// A rule that its group's document has otherwise.
pub fn rules(network: &mut Network, loose: Vec<Loose<SecurityRule>>) -> Result<(), ReadError> {
    for (id, rules, whole) in gathered(loose) {
        let Some(first) = rules.first().map(|rule| rule.place.clone()) else { continue };
        let place = match network.groups.iter().position(|group| group.id == id) {
            Some(place) => place,
            None => {
                let rules_missing = (whole == Whole::No).then(|| first.clone());
                let place = Place { line: None, ..first.clone() };
                network.groups.push(SecurityGroup { id, place, rules_missing, ..SecurityGroup::default() });
                network.groups.len() - 1
            }
        };
        let group = &mut network.groups[place];
        add_rules(&mut group.rules, rules, Whole::No)
            .map_err(|what| conflict(&group.id, what, &group.place, &first))?;
    }
    Ok(())
}

/// Puts routes that stand alone to their tables.
///
/// # Errors
/// A route that its table's document has otherwise.
pub fn routes(network: &mut Network, loose: Vec<Loose<Route>>) -> Result<(), ReadError> {
    for (id, routes, whole) in gathered(loose) {
        let Some(first) = routes.first().map(|route| route.place.clone()) else { continue };
        let place = match network.route_tables.iter().position(|table| table.id == id) {
            Some(place) => place,
            None => {
                let routes_missing = (whole == Whole::No).then(|| first.clone());
                let place = Place { line: None, ..first.clone() };
                network.route_tables.push(RouteTable { id, place, routes_missing, ..RouteTable::default() });
                network.route_tables.len() - 1
            }
        };
        let table = &mut network.route_tables[place];
        add_routes(&mut table.routes, routes, Whole::No)
            .map_err(|what| conflict(&table.id, what, &table.place, &first))?;
    }
    Ok(())
}

/// The parts of each resource; a resource is whole where all its parts came in lists of them all.
fn gathered<T>(loose: Vec<Loose<T>>) -> Vec<(ResourceId, Vec<T>, Whole)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: Vec<(ResourceId, Vec<T>, Whole)> = Vec::new();
    for (id, part, whole) in loose {
        let place = *places.entry(key(&id)).or_insert(found.len());
        if place == found.len() {
            found.push((id, Vec::new(), Whole::Yes));
        }
        let (_, parts, all) = &mut found[place];
        parts.push(part);
        if whole == Whole::No {
            *all = Whole::No;
        }
    }
    found
}

fn conflict(id: &ResourceId, what: Differs, first: &Place, second: &Place) -> ReadError {
    ReadError::Conflict {
        name: id.name().to_owned(),
        what,
        first: first.file.clone(),
        second: second.file.clone(),
    }
}
