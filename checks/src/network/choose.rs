//! Which subnet is judged, and which of the documents speak for it.

use std::net::IpAddr;

use crate::network::assume::{Assumption, EffectiveWhat};
use crate::network::{
    AdminRules, EffectiveGroup, EffectiveRoutes, Field, Location, Network, NetworkInterface, ResourceId,
    RouteTable, SecurityGroup, Service, ServiceLocation, Subnet, VirtualNetwork,
};

/// What was said about which subnet is meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// `--subnet`: a name or an id.
    pub subnet: Option<&'a str>,
    /// `--region`: an ARM id or a display name.
    pub region: Option<&'a str>,
    /// Addresses of this machine; none in `review`, which never reads it.
    pub machine: &'a [IpAddr],
}

/// The documents that speak for one subnet.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    /// All documents.
    pub network: &'a Network,
    /// The subnet, where a document describes it.
    pub subnet: Option<&'a Subnet>,
    /// Its id, where any document names it.
    pub subnet_id: Option<ResourceId>,
    /// Its virtual network.
    pub virtual_network: Option<&'a VirtualNetwork>,
    /// Its security group.
    pub group: Group<'a>,
    /// The interface of this machine, as far as documents tell.
    pub interface: Option<&'a NetworkInterface>,
    /// The group of this machine's own interface.
    pub interface_group: Option<InterfaceGroup<'a>>,
    /// Its route table.
    pub table: Table<'a>,
    /// The effective routes that are taken as its own.
    pub effective_routes: Option<&'a EffectiveRoutes>,
    /// The admin rules of its network.
    pub admin: Vec<&'a AdminRules>,
    /// The instance in it.
    pub service: Option<&'a Service>,
    /// The location of the instance that has this subnet.
    pub location: Option<&'a ServiceLocation>,
    /// What was taken for granted in choosing.
    pub assumptions: Vec<Assumption>,
}

/// The subnet's security group as far as the documents go.
#[derive(Debug, Clone, Copy)]
pub enum Group<'a> {
    /// A document shows that there is none.
    Nothing,
    /// As written.
    Written(&'a SecurityGroup),
    /// As Azure applies it.
    Effective(&'a EffectiveGroup),
    /// No document holds it.
    NotGiven,
}

/// The group of an interface.
#[derive(Debug, Clone, Copy)]
pub enum InterfaceGroup<'a> {
    /// As written.
    Written(&'a SecurityGroup),
    /// As Azure applies it.
    Effective(&'a EffectiveGroup),
}

/// The subnet's route table as far as the documents go.
#[derive(Debug, Clone, Copy)]
pub enum Table<'a> {
    /// A document shows that there is none.
    Nothing,
    /// This one.
    Written(&'a RouteTable),
    /// The subnet names one that no document holds.
    NotGiven,
    /// No document speaks of it.
    Unmentioned,
}

/// Why no subnet can be chosen. The texts are clauses for an error message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// `--subnet` names none of them.
    #[error("no document describes the subnet `{wanted}`; the documents have {}", listed(.subnets))]
    UnknownSubnet {
        /// What was asked for.
        wanted: String,
        /// What there is.
        subnets: Vec<String>,
    },
    /// Several could be meant.
    #[error("the documents have several subnets ({}): choose one with --subnet", listed(.subnets))]
    SeveralSubnets {
        /// Their names.
        subnets: Vec<String>,
    },
    /// Several groups could be the subnet's.
    #[error("several security groups could be the subnet's ({}): give the subnet's document, or --subnet", listed(.groups))]
    SeveralGroups {
        /// Their names.
        groups: Vec<String>,
    },
    /// Several route tables could be the subnet's.
    #[error("several route tables could be the subnet's ({}): give the subnet's document, or --subnet", listed(.tables))]
    SeveralTables {
        /// Their names.
        tables: Vec<String>,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl<'a> Chosen<'a> {
    /// Chooses the subnet and gathers the documents that speak for it.
    ///
    /// # Errors
    /// More than one subnet, group or route table could be meant, or the subnet that was asked for is not there.
    pub fn new(network: &'a Network, wish: Wish<'_>) -> Result<Self, ChoiceError> {
        let (subnet, subnet_id) = subnet(network, wish)?;
        let mut assumptions = Vec::new();
        let virtual_network = virtual_network(network, subnet_id.as_ref());
        let elsewhere = elsewhere(network, subnet_id.as_ref());
        let group = group(network, subnet, subnet_id.as_ref(), &mut assumptions)?;
        let table = table(network, subnet, subnet_id.as_ref(), &mut assumptions)?;
        let effective_routes = network.effective_routes.first().filter(|_| elsewhere.is_none());
        assumptions.extend(elsewhere.map(|subnet| Assumption::MachineElsewhere(subnet.name().to_owned())));
        if effective_routes.is_some() {
            assumptions.push(Assumption::EffectiveAreTheSubnets(EffectiveWhat::Routes));
        }
        let in_network = |rules: &&AdminRules| match (&rules.virtual_network, virtual_network) {
            (Some(named), Some(chosen)) => *named == chosen.id,
            _ => true,
        };
        let admin: Vec<&AdminRules> = network.admin_rules.iter().filter(in_network).collect();
        if admin.is_empty() && virtual_network.is_some_and(|network| network.network_manager.is_some()) {
            assumptions.push(Assumption::AdminRulesNotGiven);
        }
        if subnet.is_none_or(|subnet| subnet.prefixes.given().is_none()) {
            assumptions.push(Assumption::NoSubnet);
        }
        let (service, location) = service(network, subnet_id.as_ref(), wish);
        let interface = interface(network, subnet_id.as_ref(), wish);
        Ok(Self {
            network,
            subnet,
            virtual_network,
            group,
            interface,
            interface_group: interface_group(network, interface),
            table,
            effective_routes,
            admin,
            service,
            location,
            subnet_id,
            assumptions,
        })
    }

    /// The region of the instance: its primary one, else that of the network.
    #[must_use]
    pub fn region(&self) -> Option<&Location> {
        let primary = self.service.and_then(|service| service.primary.location.given());
        primary.or_else(|| self.virtual_network.and_then(|network| network.location.given()))
    }
}

type Wanted<'a> = (Option<&'a Subnet>, Option<ResourceId>);

fn subnet<'a>(network: &'a Network, wish: Wish<'_>) -> Result<Wanted<'a>, ChoiceError> {
    let found = |subnet: &'a Subnet| Ok((Some(subnet), Some(subnet.id.clone())));
    if let Some(wanted) = wish.subnet {
        return asked_for(network, wanted);
    }
    // The subnet of a gateway in front of the instance is not the instance's.
    let candidates: Vec<&Subnet> =
        network.subnets.iter().filter(|subnet| !is_of_gateway(network, &subnet.id)).collect();
    if let [only] = candidates.as_slice() {
        return found(only);
    }
    let of_service = own_subnet(network, wish);
    if let Some(id) = &of_service
        && let Some(subnet) = network.subnets.iter().find(|subnet| subnet.id == *id)
    {
        return found(subnet);
    }
    let holds_machine = |subnet: &&Subnet| {
        let prefixes = subnet.prefixes.given().map(Vec::as_slice).unwrap_or_default();
        wish.machine.iter().any(|address| prefixes.iter().any(|prefix| prefix.contains(address)))
    };
    if let Some(subnet) = candidates.iter().copied().find(holds_machine) {
        return found(subnet);
    }
    if candidates.is_empty() {
        let effective = network.effective_groups.iter().flatten().map(|group| &group.association.subnet);
        let mut of_rules: Vec<&ResourceId> = effective.flatten().collect();
        of_rules.dedup();
        let only = (of_rules.len() == 1).then(|| of_rules[0].clone());
        return Ok((None, of_service.or(only)));
    }
    Err(ChoiceError::SeveralSubnets { subnets: names(candidates.iter().map(|subnet| &subnet.id)) })
}

fn is_of_gateway(network: &Network, subnet: &ResourceId) -> bool {
    network.gateways.iter().any(|gateway| gateway.subnets.contains(subnet))
}

fn asked_for<'a>(network: &'a Network, wanted: &str) -> Result<Wanted<'a>, ChoiceError> {
    let is_it = |id: &ResourceId| {
        *id == ResourceId(wanted.to_owned())
            || (!wanted.contains('/') && id.name().eq_ignore_ascii_case(wanted))
    };
    let described: Vec<&Subnet> = network.subnets.iter().filter(|subnet| is_it(&subnet.id)).collect();
    match described.as_slice() {
        [subnet] => return Ok((Some(subnet), Some(subnet.id.clone()))),
        [] => {}
        several => {
            return Err(ChoiceError::SeveralSubnets {
                subnets: several.iter().map(|subnet| subnet.id.to_string()).collect(),
            });
        }
    }
    let mut named = named_subnets(network);
    let position = named.iter().position(is_it);
    match position {
        Some(at) => Ok((None, Some(named.swap_remove(at)))),
        None => Err(ChoiceError::UnknownSubnet {
            wanted: wanted.to_owned(),
            subnets: names(network.subnets.iter().map(|subnet| &subnet.id).chain(&named)),
        }),
    }
}

/// Subnets that documents of other kinds name.
fn named_subnets(network: &Network) -> Vec<ResourceId> {
    let effective =
        network.effective_groups.iter().flatten().filter_map(|group| group.association.subnet.clone());
    let groups = network.groups.iter().flat_map(|group| group.subnets.iter().cloned());
    let tables = network.route_tables.iter().flat_map(|table| table.subnets.iter().cloned());
    let services = network.services.iter().flat_map(Service::locations);
    let services = services.filter_map(|location| location.subnet.given().cloned());
    let mut all: Vec<ResourceId> = Vec::new();
    for id in effective.chain(groups).chain(tables).chain(services) {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

fn names<'a>(ids: impl Iterator<Item = &'a ResourceId>) -> Vec<String> {
    let mut names: Vec<String> = ids.map(|id| id.name().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The subnet of the instance: of the location at `--region`, else of the primary one.
fn own_subnet(network: &Network, wish: Wish<'_>) -> Option<ResourceId> {
    let region = wish.region.map(Location::new);
    let mut ids = network.services.iter().filter_map(|service| {
        let there = service.locations().find(|at| region.is_some() && at.location.given() == region.as_ref());
        there.unwrap_or(&service.primary).subnet.given()
    });
    let first = ids.next()?;
    ids.all(|id| id == first).then(|| first.clone())
}

fn service<'a>(
    network: &'a Network,
    subnet: Option<&ResourceId>,
    wish: Wish<'_>,
) -> (Option<&'a Service>, Option<&'a ServiceLocation>) {
    let at = |service: &'a Service| {
        service.locations().find(|location| subnet.is_some() && location.subnet.given() == subnet)
    };
    if let Some((service, location)) =
        network.services.iter().find_map(|service| Some((service, at(service)?)))
    {
        return (Some(service), Some(location));
    }
    match network.services.as_slice() {
        [only] => {
            let region = wish.region.map(Location::new);
            let there =
                only.locations().find(|at| region.is_some() && at.location.given() == region.as_ref());
            (Some(only), Some(there.unwrap_or(&only.primary)))
        }
        _ => (None, None),
    }
}

fn virtual_network<'a>(network: &'a Network, subnet: Option<&ResourceId>) -> Option<&'a VirtualNetwork> {
    let around = subnet.and_then(ResourceId::parent);
    let named = around.and_then(|id| network.virtual_networks.iter().find(|candidate| candidate.id == id));
    match (named, network.virtual_networks.as_slice()) {
        (Some(found), _) => Some(found),
        // A subnet that stands in a file of its own may have an id that says nothing of its network (a template).
        (None, [only]) if subnet.is_none_or(|id| id.parent().is_none()) => Some(only),
        _ => None,
    }
}

fn group<'a>(
    network: &'a Network,
    subnet: Option<&'a Subnet>,
    id: Option<&ResourceId>,
    assumptions: &mut Vec<Assumption>,
) -> Result<Group<'a>, ChoiceError> {
    if let Some(effective) = effective_group(network, id, assumptions)? {
        return Ok(effective);
    }
    let listing = |group: &&SecurityGroup| match id {
        Some(id) => group.subnets.contains(id),
        None => !group.subnets.is_empty(),
    };
    let listed: Vec<&SecurityGroup> = network.groups.iter().filter(listing).collect();
    match (subnet.map(|subnet| &subnet.group), listed.as_slice()) {
        (Some(Field::Given(named)), _) => {
            let held = network.groups.iter().find(|group| group.id == *named);
            Ok(held.map_or(Group::NotGiven, Group::Written))
        }
        (Some(Field::Unreadable), _) => Ok(Group::NotGiven),
        (_, [only]) => Ok(Group::Written(only)),
        (Some(Field::Absent), []) => Ok(Group::Nothing),
        (_, []) => only_group(network, assumptions),
        (_, several) => {
            Err(ChoiceError::SeveralGroups { groups: names(several.iter().map(|group| &group.id)) })
        }
    }
}

/// Without a word about which group is the subnet's: the only one that is no interface's.
fn only_group<'a>(network: &'a Network, assumptions: &mut Vec<Assumption>) -> Result<Group<'a>, ChoiceError> {
    let of_interface =
        |group: &SecurityGroup| network.interfaces.iter().any(|nic| nic.group.given() == Some(&group.id));
    let of_another =
        |group: &SecurityGroup| network.subnets.iter().any(|subnet| subnet.group.given() == Some(&group.id));
    let is_free =
        |group: &&SecurityGroup| group.subnets.is_empty() && !of_interface(group) && !of_another(group);
    let free: Vec<&SecurityGroup> = network.groups.iter().filter(is_free).collect();
    match free.as_slice() {
        [] => Ok(Group::NotGiven),
        [only] => {
            assumptions.push(Assumption::OnlyGroup(only.id.name().to_owned()));
            Ok(Group::Written(only))
        }
        several => Err(ChoiceError::SeveralGroups { groups: names(several.iter().map(|group| &group.id)) }),
    }
}

/// The subnet in which this machine stands, where it is known to be another than the chosen one: what Azure applies there says
/// nothing of the chosen one.
fn elsewhere<'a>(network: &'a Network, chosen: Option<&ResourceId>) -> Option<&'a ResourceId> {
    let own = network.own_interface.as_ref()?;
    let interface = network.interfaces.iter().find(|interface| interface.id == *own)?;
    let first = interface.subnets.first()?;
    (!interface.subnets.contains(chosen?)).then_some(first)
}

fn effective_group<'a>(
    network: &'a Network,
    id: Option<&ResourceId>,
    assumptions: &mut Vec<Assumption>,
) -> Result<Option<Group<'a>>, ChoiceError> {
    let Some(elements) = &network.effective_groups else { return Ok(None) };
    let is_elsewhere = elsewhere(network, id).is_some();
    if elements.is_empty() {
        return Ok((!is_elsewhere).then_some(Group::Nothing));
    }
    let associated = |group: &&EffectiveGroup| match (&group.association.subnet, id) {
        (Some(named), Some(chosen)) => named == chosen,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let of_subnet: Vec<&EffectiveGroup> = elements.iter().filter(associated).collect();
    let subnets = names(of_subnet.iter().filter_map(|group| group.association.subnet.as_ref()));
    if subnets.len() > 1 {
        return Err(ChoiceError::SeveralSubnets { subnets });
    }
    if let Some(first) = of_subnet.first() {
        return Ok(Some(Group::Effective(first)));
    }
    let is_unnamed = |group: &&EffectiveGroup| group.association == crate::network::Association::default();
    let unnamed = elements.iter().find(is_unnamed).filter(|_| !is_elsewhere);
    Ok(unnamed.map(|group| {
        assumptions.push(Assumption::EffectiveAreTheSubnets(EffectiveWhat::Rules));
        Group::Effective(group)
    }))
}

fn table<'a>(
    network: &'a Network,
    subnet: Option<&'a Subnet>,
    id: Option<&ResourceId>,
    assumptions: &mut Vec<Assumption>,
) -> Result<Table<'a>, ChoiceError> {
    let listing = |table: &&RouteTable| match id {
        Some(id) => table.subnets.contains(id),
        None => !table.subnets.is_empty(),
    };
    let listed: Vec<&RouteTable> = network.route_tables.iter().filter(listing).collect();
    match (subnet.map(|subnet| &subnet.route_table), listed.as_slice()) {
        (Some(Field::Given(named)), _) => {
            let held = network.route_tables.iter().find(|table| table.id == *named);
            Ok(held.map_or(Table::NotGiven, Table::Written))
        }
        (Some(Field::Unreadable), _) => Ok(Table::NotGiven),
        (_, [only]) => Ok(Table::Written(only)),
        (Some(Field::Absent), []) => Ok(Table::Nothing),
        (_, []) => {
            let free: Vec<&RouteTable> =
                network.route_tables.iter().filter(|table| table.subnets.is_empty()).collect();
            match free.as_slice() {
                [] => Ok(Table::Unmentioned),
                [only] => {
                    assumptions.push(Assumption::OnlyTable(only.id.name().to_owned()));
                    Ok(Table::Written(only))
                }
                several => Err(several_tables(several)),
            }
        }
        (_, several) => Err(several_tables(several)),
    }
}

fn several_tables(tables: &[&RouteTable]) -> ChoiceError {
    ChoiceError::SeveralTables { tables: names(tables.iter().map(|table| &table.id)) }
}

/// The interface that holds this machine's address, else the only one in the subnet.
fn interface<'a>(
    network: &'a Network,
    subnet: Option<&ResourceId>,
    wish: Wish<'_>,
) -> Option<&'a NetworkInterface> {
    let here =
        |nic: &&NetworkInterface| subnet.is_none_or(|id| nic.subnets.is_empty() || nic.subnets.contains(id));
    let candidates: Vec<&NetworkInterface> = network.interfaces.iter().filter(here).collect();
    let of_machine =
        |nic: &&&NetworkInterface| nic.addresses.iter().any(|address| wish.machine.contains(address));
    candidates.iter().find(of_machine).copied().or(match candidates.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}

fn interface_group<'a>(
    network: &'a Network,
    interface: Option<&NetworkInterface>,
) -> Option<InterfaceGroup<'a>> {
    let own =
        |group: &&EffectiveGroup| group.association.interface.is_some() && group.association.subnet.is_none();
    if let Some(effective) = network.effective_groups.iter().flatten().find(own) {
        return Some(InterfaceGroup::Effective(effective));
    }
    let id = interface?.group.given()?;
    network.groups.iter().find(|group| group.id == *id).map(InterfaceGroup::Written)
}
