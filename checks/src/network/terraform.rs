//! Reads `terraform show -json`: the planned values of a plan, the values of a state, resources of azurerm in them.
//!
//! A plan knows no ids of what is still to be made. There an attribute's references lead to the resource that is meant; where
//! they do not lead to just one, what hangs on it is unknown.

use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::read::{Collector, id_of};
use crate::network::{DocumentKind as Kind, Field, Place, ResourceId, Subnet};

mod gateway;
mod references;
mod resources;

use references::{Address, Configuration};

/// Modules inside of modules that are followed.
const DEEPEST: usize = 16;

/// Resources that are looked at; real plans have far fewer.
const MAX_RESOURCES: usize = 20_000;

/// One instance of a resource.
struct Instance<'a> {
    address: Address,
    kind: String,
    values: Object<'a>,
    id: ResourceId,
}

/// Reads a plan or a state. False where it has no values.
pub(super) fn read<'a>(show: &Object<'a>, collector: &mut Collector, notes: &mut Notes<'a>) -> bool {
    let values = ["planned_values", "values"].into_iter().find_map(|key| show.object(key));
    let Some(root) = values.and_then(|values| values.object("root_module")) else {
        notes.pass(&show.to_node(), "no values of resources: give the output of `terraform show -json`");
        return show.has_any(&["planned_values", "values", "format_version"]);
    };
    let mut instances = Vec::new();
    gather(&root, &mut instances, notes, 0);
    let estate = Estate { instances, configuration: Configuration::new(show) };
    for instance in &estate.instances {
        estate.resource(instance, collector, notes);
    }
    for instance in &estate.instances {
        estate.association(instance, collector, notes);
    }
    true
}

fn gather<'a>(module: &Object<'a>, found: &mut Vec<Instance<'a>>, notes: &mut Notes<'a>, depth: usize) {
    notes.each_object(module, "resources", |notes, one| {
        let kind = one.text("type").unwrap_or_default();
        // Of what is still to be made nothing may be known: then `values` is empty.
        let values = one.members().find(|(key, _)| *key == "values").and_then(|(_, node)| node.object());
        let (Some(values), true) = (values, kind.starts_with("azurerm_")) else { return };
        let Some(address) = one.text("address").and_then(|written| Address::parse(&written)) else { return };
        if found.len() < MAX_RESOURCES {
            let id = id_of(&values).unwrap_or_else(|| made_up(&kind, &values));
            found.push(Instance { address, kind: kind.into_owned(), values, id });
        } else {
            notes.pass(&one.to_node(), "more resources than are looked at");
        }
    });
    if depth < DEEPEST {
        notes.each_object(module, "child_modules", |notes, inner| gather(inner, found, notes, depth + 1));
    }
}

/// An id for what Azure has not made yet.
fn made_up(kind: &str, values: &Object<'_>) -> ResourceId {
    let text = |key: &str| values.text(key).unwrap_or_default().into_owned();
    let name = text("name");
    let path = match kind {
        "azurerm_network_security_group" => format!("Microsoft.Network/networkSecurityGroups/{name}"),
        "azurerm_route_table" => format!("Microsoft.Network/routeTables/{name}"),
        "azurerm_virtual_network" => format!("Microsoft.Network/virtualNetworks/{name}"),
        "azurerm_subnet" => {
            format!("Microsoft.Network/virtualNetworks/{}/subnets/{name}", text("virtual_network_name"))
        }
        "azurerm_network_interface" => format!("Microsoft.Network/networkInterfaces/{name}"),
        "azurerm_nat_gateway" => format!("Microsoft.Network/natGateways/{name}"),
        "azurerm_public_ip" => format!("Microsoft.Network/publicIPAddresses/{name}"),
        "azurerm_api_management" => format!("Microsoft.ApiManagement/service/{name}"),
        "azurerm_application_gateway" => format!("Microsoft.Network/applicationGateways/{name}"),
        "azurerm_web_application_firewall_policy" => {
            format!("Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/{name}")
        }
        "azurerm_private_dns_zone" => format!("Microsoft.Network/privateDnsZones/{name}"),
        "azurerm_private_dns_zone_virtual_network_link" => {
            let zone = text("private_dns_zone_name");
            format!("Microsoft.Network/privateDnsZones/{zone}/virtualNetworkLinks/{name}")
        }
        "azurerm_private_dns_a_record" => {
            format!("Microsoft.Network/privateDnsZones/{}/A/{name}", text("zone_name"))
        }
        _ => return ResourceId::default(),
    };
    let group = values.text("resource_group_name");
    let before = group.map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
    ResourceId(format!("{before}/providers/{path}"))
}

struct Estate<'a> {
    instances: Vec<Instance<'a>>,
    configuration: Configuration<'a>,
}

impl<'a> Estate<'a> {
    /// The id of what an attribute refers to; unreadable where it is set and nobody can tell to what.
    fn find(&self, of: &Instance<'a>, path: &[&str]) -> Field<ResourceId> {
        if let Some(id) = value(&of.values, path).and_then(|node| node.string()) {
            return Field::Given(ResourceId(id.into_owned()));
        }
        let references = self.configuration.references(&of.address, path);
        let mut candidates = references.iter().filter_map(|reference| self.instance(reference, of));
        match (candidates.next(), self.configuration.is_set(&of.address, path)) {
            (Some(one), _) => Field::Given(one.id.clone()),
            (None, true) => Field::Unreadable,
            (None, false) => Field::Absent,
        }
    }

    /// The instance that a reference means: the one with its key, else with the key of the referring one, else the only one.
    fn instance(&self, reference: &Address, of: &Instance<'a>) -> Option<&Instance<'a>> {
        let bare = |modules: &[String]| -> Vec<String> {
            modules.iter().map(|name| name.split('[').next().unwrap_or_default().to_owned()).collect()
        };
        let is_meant = |one: &&Instance<'a>| {
            one.address.resource == reference.resource
                && bare(&one.address.modules) == bare(&reference.modules)
                && !one.id.as_str().is_empty()
        };
        let all: Vec<&Instance<'a>> = self.instances.iter().filter(is_meant).collect();
        // Calls of a module with keys: the call that the referring one is in.
        let same_call: Vec<_> =
            all.iter().copied().filter(|one| one.address.modules == reference.modules).collect();
        let all = if same_call.is_empty() { all } else { same_call };
        let with_key =
            |key: &Option<String>| all.iter().copied().find(|one| key.is_some() && one.address.key == *key);
        with_key(&reference.key).or_else(|| with_key(&of.address.key)).or(match all.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }

    fn resource(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let (values, id) = (&one.values, one.id.clone());
        let find = |path: &[&str]| self.find(one, path);
        let place = notes.place_of_object(values);
        let name = values.text("name").unwrap_or_default().into_owned();
        let kind = match one.kind.as_str() {
            "azurerm_network_security_group" => {
                self.group(one, collector, notes);
                Kind::SecurityGroup
            }
            "azurerm_route_table" => {
                self.table(one, collector, notes);
                Kind::RouteTable
            }
            "azurerm_virtual_network" => {
                let network = resources::virtual_network(values, id, notes);
                collector.network().virtual_networks.push(network);
                self.inline_subnets(one, collector, notes);
                Kind::VirtualNetwork
            }
            "azurerm_subnet" => {
                collector.network().subnets.push(resources::subnet(values, id, &find, notes));
                Kind::Subnet
            }
            "azurerm_network_interface" => {
                collector.network().interfaces.push(resources::interface(values, id, &find, notes));
                Kind::NetworkInterface
            }
            "azurerm_nat_gateway" => {
                collector.network().nat_gateways.push(resources::nat_gateway(values, id, notes));
                Kind::NatGateway
            }
            "azurerm_public_ip" => {
                collector.network().public_addresses.push(resources::public_address(values, id, notes));
                Kind::PublicAddress
            }
            "azurerm_api_management" => {
                collector.network().services.push(resources::service(values, id, &find, notes));
                Kind::Service
            }
            "azurerm_application_gateway" => {
                let written = gateway::Written { configuration: &self.configuration, address: &one.address };
                collector.network().gateways.push(gateway::gateway(values, id, &find, written, notes));
                Kind::ApplicationGateway
            }
            "azurerm_web_application_firewall_policy" => {
                collector.network().firewall_policies.push(gateway::policy(values, id, notes));
                Kind::FirewallPolicy
            }
            "azurerm_private_dns_zone_virtual_network_link" => {
                collector.network().zone_links.push(resources::zone_link(values, id, &find, notes));
                Kind::ZoneLink
            }
            _ => return self.belonging(one, collector, notes),
        };
        collector.document(kind, &name, place);
    }

    /// A group with the rules that are blocks of it; others are resources of their own.
    fn group(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let mut group = resources::group(&one.values, one.id.clone(), notes);
        group.rules_missing = self.unknown_blocks(one, "security_rule", notes);
        collector.network().groups.push(group);
        self.parts(one, "security_rule", notes, |notes, rule| collector.inline_rule(&one.id, rule, notes));
    }

    /// A table with the routes that are blocks of it; others are resources of their own.
    fn table(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let mut table = resources::table(&one.values, one.id.clone(), notes);
        table.routes_missing = self.unknown_blocks(one, "route", notes);
        collector.network().route_tables.push(table);
        self.parts(one, "route", notes, |notes, route| collector.inline_route(&one.id, route, notes));
    }

    /// A resource that belongs to another, and a zone, whose document the collector writes itself.
    fn belonging(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let (values, id) = (&one.values, one.id.clone());
        match one.kind.as_str() {
            "azurerm_private_dns_zone" => collector.resource(Kind::PrivateZone, values, Some(id), notes),
            "azurerm_private_dns_a_record" => self.record(values, id, collector, notes),
            "azurerm_network_security_rule" => {
                let group = self.parent(one, "azurerm_network_security_group", "network_security_group_name");
                collector.rule_of(group, values, notes);
            }
            "azurerm_route" => {
                let table = self.parent(one, "azurerm_route_table", "route_table_name");
                collector.route_of(table, values, notes);
            }
            _ => {}
        }
    }

    /// Blocks that the configuration writes and the plan does not know yet: made of what only `apply` tells. Where the
    /// configuration writes none, rules and routes are resources of their own.
    fn unknown_blocks(&self, of: &Instance<'a>, key: &str, notes: &mut Notes<'a>) -> Option<Place> {
        let is_unknown = !of.values.has(key) && self.configuration.is_set(&of.address, &[key]);
        is_unknown.then(|| {
            let node = of.values.to_node();
            notes.pass(&node, format!("{key} is known after apply only"));
            notes.place(&node)
        })
    }

    /// Blocks inside of a resource.
    fn parts(
        &self,
        of: &Instance<'a>,
        key: &str,
        notes: &mut Notes<'a>,
        take: impl FnMut(&mut Notes<'a>, &Object<'a>),
    ) {
        notes.each_object(&of.values, key, take);
    }

    fn inline_subnets(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        // References of a plan do not tell one block from the next.
        let nothing = |_: &[&str]| Field::Absent;
        notes.each_object(&one.values, "subnet", |notes, block| {
            let name = block.text("name").unwrap_or_default();
            let id = id_of(block).unwrap_or_else(|| ResourceId(format!("{}/subnets/{name}", one.id)));
            let find = |path: &[&str]| match value(block, path).and_then(|node| node.string()) {
                Some(id) => Field::Given(ResourceId(id.into_owned())),
                None if self.configuration.is_set(&one.address, &[&["subnet"], path].concat()) => {
                    Field::Unreadable
                }
                None => nothing(path),
            };
            let subnet = resources::subnet(block, id, &find, notes);
            collector.document(Kind::Subnet, &name, subnet.place.clone());
            collector.network().subnets.push(subnet);
        });
    }

    /// The resource that a child names: by the reference, else by the name alone.
    fn parent(&self, one: &Instance<'a>, kind: &str, attribute: &str) -> ResourceId {
        let references = self.configuration.references(&one.address, &[attribute]);
        let by_reference = references.iter().find_map(|reference| self.instance(reference, one));
        let name = one.values.text(attribute).unwrap_or_default();
        let by_name = || {
            let mut named = self.instances.iter().filter(|it| it.kind == kind);
            named.find(|it| it.values.text("name").is_some_and(|it| it.eq_ignore_ascii_case(&name)))
        };
        match by_reference.or_else(by_name) {
            Some(found) => found.id.clone(),
            None => id_of(&one.values).and_then(|id| id.parent()).unwrap_or(ResourceId(name.into_owned())),
        }
    }

    fn record(&self, values: &Object<'a>, id: ResourceId, collector: &mut Collector, notes: &mut Notes<'a>) {
        let addresses = notes.all(values, &["records"], "an address", |text| text.parse().ok());
        let (name, zone) =
            (values.text("name").unwrap_or_default(), values.text("zone_name").unwrap_or_default());
        let full = if name == "@" { zone.to_string() } else { format!("{name}.{zone}") };
        let place = notes.place_of_object(values);
        collector.document(Kind::RecordSet, &name, place.clone());
        collector.network().record_sets.push(crate::network::RecordSet {
            id,
            place,
            name: full.to_ascii_lowercase(),
            kind: "A".to_owned(),
            addresses: addresses.given().cloned().unwrap_or_default(),
            cname: None,
        });
    }

    /// Resources that only join two others.
    fn association(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        type Set = fn(&mut Subnet, Field<ResourceId>);
        let (attribute, set): (&str, Set) = match one.kind.as_str() {
            "azurerm_subnet_network_security_group_association" => {
                ("network_security_group_id", |subnet, id| subnet.group = id)
            }
            "azurerm_subnet_route_table_association" => {
                ("route_table_id", |subnet, id| subnet.route_table = id)
            }
            "azurerm_subnet_nat_gateway_association" => {
                ("nat_gateway_id", |subnet, id| subnet.nat_gateway = id)
            }
            "azurerm_network_interface_security_group_association" => {
                return self.interface_group(one, collector, notes);
            }
            "azurerm_virtual_network_peering" => return self.peering(one, collector, notes),
            "azurerm_api_management_custom_domain" => return self.custom_domain(one, collector, notes),
            _ => return,
        };
        let (subnet, other) = (self.find(one, &["subnet_id"]), self.find(one, &[attribute]));
        let node = one.values.to_node();
        if !matches!(other, Field::Given(_)) {
            notes.pass(&node, format!("{attribute} is known after apply only"));
        }
        let other = if other.is_absent() { Field::Unreadable } else { other };
        let network = collector.network();
        let subnets = &mut network.subnets;
        match subnet.given() {
            Some(id) if subnets.iter().any(|it| it.id == *id) => {
                subnets.iter_mut().filter(|it| it.id == *id).for_each(|it| set(it, other.clone()));
            }
            // A subnet that is made elsewhere: what is attached to it says so.
            Some(id) => {
                let groups = network.groups.iter_mut().map(|it| (&it.id, &mut it.subnets));
                let tables = network.route_tables.iter_mut().map(|it| (&it.id, &mut it.subnets));
                let attached = groups.chain(tables).filter(|(it, _)| other.given() == Some(it));
                attached.for_each(|(_, subnets)| subnets.push(id.clone()));
            }
            // It may be any of them.
            None => {
                notes.pass(&node, "subnet_id is known after apply only");
                subnets.iter_mut().for_each(|it| set(it, Field::Unreadable));
            }
        }
    }

    fn interface_group(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let group = self.find(one, &["network_security_group_id"]);
        match self.find(one, &["network_interface_id"]).given() {
            Some(id) => {
                let interfaces = collector.network().interfaces.iter_mut();
                interfaces.filter(|it| it.id == *id).for_each(|it| it.group = group.clone());
            }
            None => notes.pass(&one.values.to_node(), "network_interface_id is known after apply only"),
        }
    }

    /// Host names of an instance that are a resource of their own.
    fn custom_domain(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let names = resources::hostnames_in(&one.values, notes);
        let services = &mut collector.network().services;
        match (self.find(one, &["api_management_id"]).given(), services.as_mut_slice()) {
            (Some(id), services) => {
                let named = services.iter_mut().find(|service| service.id == *id);
                if let Some(service) = named {
                    service.hostnames.extend(names);
                }
            }
            (None, [only]) => only.hostnames.extend(names),
            (None, _) => notes.pass(&one.values.to_node(), "api_management_id is known after apply only"),
        }
    }

    fn peering(&self, one: &Instance<'a>, collector: &mut Collector, notes: &mut Notes<'a>) {
        let id = self.parent(one, "azurerm_virtual_network", "virtual_network_name");
        let mut peering = resources::peering(&one.values, &|path| self.find(one, path), notes);
        let networks = &mut collector.network().virtual_networks;
        let remote = networks.iter().find(|it| Some(&it.id) == peering.remote_network.as_ref());
        peering.remote_space = remote.and_then(|it| it.address_space.given().cloned()).unwrap_or_default();
        networks.iter_mut().filter(|it| it.id == id).for_each(|it| it.peerings.push(peering.clone()));
    }
}

/// The value of an attribute, through the first of each block.
fn value<'a>(values: &Object<'a>, path: &[&str]) -> Option<Node<'a>> {
    let (last, blocks) = path.split_last()?;
    let object =
        blocks.iter().try_fold(values.clone(), |object, block| object.own(block)?.list().next()?.object())?;
    object.own(last)
}
