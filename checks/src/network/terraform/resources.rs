//! How resources of the azurerm provider map to the model.

use std::net::IpAddr;

use crate::network::estate::{Peering, ServiceEndpoint};
use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::{
    Field, Location, NatGateway, NetworkInterface, PublicAddress, ResourceId, RouteTable, SecurityGroup,
    Service, ServiceHostname, ServiceLocation, Subnet, VirtualNetwork, ZoneLink,
};

/// Finds the id of what an attribute refers to, through blocks: `["ip_configuration", "subnet_id"]`.
pub(super) type FindId<'f> = &'f dyn Fn(&[&str]) -> Field<ResourceId>;

/// `azurerm_network_security_group`, without its rules.
pub(super) fn group<'a>(values: &Object<'a>, id: ResourceId, notes: &Notes<'a>) -> SecurityGroup {
    SecurityGroup { id, place: notes.place_of_object(values), ..SecurityGroup::default() }
}

/// `azurerm_route_table`, without its routes. The attribute changed its sense and its name with version 4.
pub(super) fn table<'a>(values: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> RouteTable {
    let disabled = match notes.boolean(values, "bgp_route_propagation_enabled") {
        Field::Given(enabled) => Field::Given(!enabled),
        Field::Absent => notes.boolean(values, "disable_bgp_route_propagation"),
        Field::Unreadable => Field::Unreadable,
    };
    RouteTable {
        id,
        place: notes.place_of_object(values),
        disable_bgp_propagation: disabled,
        ..RouteTable::default()
    }
}

/// `azurerm_virtual_network`.
pub(super) fn virtual_network<'a>(
    values: &Object<'a>,
    id: ResourceId,
    notes: &mut Notes<'a>,
) -> VirtualNetwork {
    VirtualNetwork {
        id,
        place: notes.place_of_object(values),
        location: notes.location(values, "location"),
        address_space: notes.prefixes(values, &["address_space"]),
        dns_servers: notes.all(values, &["dns_servers"], "an address", |text| text.parse().ok()),
        ..VirtualNetwork::default()
    }
}

/// `azurerm_virtual_network_peering`: what it becomes once both sides are made.
pub(super) fn peering<'a>(values: &Object<'a>, find: FindId<'_>, notes: &mut Notes<'a>) -> Peering {
    Peering {
        name: values.text("name").unwrap_or_default().into_owned(),
        state: Field::Given("Connected".to_owned()),
        remote_network: find(&["remote_virtual_network_id"]).given().cloned(),
        remote_space: Vec::new(),
        use_remote_gateways: notes.boolean(values, "use_remote_gateways"),
    }
}

/// `azurerm_subnet`, or a `subnet` block of a network.
pub(super) fn subnet<'a>(
    values: &Object<'a>,
    id: ResourceId,
    find: FindId<'_>,
    notes: &mut Notes<'a>,
) -> Subnet {
    let endpoints = notes.texts(values, &["service_endpoints"]);
    let service_endpoints = endpoints.given().into_iter().flatten();
    let service_endpoints =
        service_endpoints.map(|service| ServiceEndpoint { service: service.clone(), locations: Vec::new() });
    let (mut delegations, mut unreadable) = (Vec::new(), false);
    let missing = notes.each_object(values, "delegation", |notes, one| {
        let part = notes.each_object(one, "service_delegation", |notes, service| {
            match notes.text(service, "name") {
                Field::Given(name) => delegations.push(name),
                Field::Absent | Field::Unreadable => unreadable = true,
            }
        });
        unreadable |= part.is_some();
    });
    unreadable |= missing.is_some();
    let access = match notes.boolean(values, "default_outbound_access_enabled") {
        Field::Absent => notes.boolean(values, "default_outbound_access"),
        read => read,
    };
    Subnet {
        id,
        place: notes.place_of_object(values),
        prefixes: notes.prefixes(values, &["address_prefix", "address_prefixes"]),
        group: first(find, &["network_security_group_id", "security_group"]),
        route_table: find(&["route_table_id"]),
        service_endpoints: service_endpoints.collect(),
        service_endpoints_missing: matches!(endpoints, Field::Unreadable)
            .then(|| notes.place_of_object(values)),
        delegations: if unreadable {
            Field::Unreadable
        } else if delegations.is_empty() {
            Field::Absent
        } else {
            Field::Given(delegations)
        },
        default_outbound_access: access,
        private_endpoint_policies: notes.text(values, "private_endpoint_network_policies"),
        ..Subnet::default()
    }
}

fn first(find: FindId<'_>, attributes: &[&str]) -> Field<ResourceId> {
    let found = attributes.iter().map(|attribute| find(&[attribute]));
    found.into_iter().find(|field| !field.is_absent()).unwrap_or(Field::Absent)
}

/// `azurerm_network_interface`.
pub(super) fn interface<'a>(
    values: &Object<'a>,
    id: ResourceId,
    find: FindId<'_>,
    notes: &mut Notes<'a>,
) -> NetworkInterface {
    let mut addresses = Vec::new();
    notes.each_object(values, "ip_configuration", |_, one| {
        addresses.extend(one.text("private_ip_address").and_then(|text| text.parse::<IpAddr>().ok()));
    });
    let given = |path: &[&str]| find(path).given().cloned().into_iter().collect();
    NetworkInterface {
        id,
        place: notes.place_of_object(values),
        addresses,
        subnets: given(&["ip_configuration", "subnet_id"]),
        public_addresses: given(&["ip_configuration", "public_ip_address_id"]),
        dns_servers: notes
            .all(values, &["dns_servers"], "an address", |text| text.parse().ok())
            .given()
            .cloned()
            .unwrap_or_default(),
        ..NetworkInterface::default()
    }
}

/// `azurerm_nat_gateway`.
pub(super) fn nat_gateway<'a>(values: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> NatGateway {
    let location = notes.location(values, "location");
    NatGateway { id, place: notes.place_of_object(values), location, ..NatGateway::default() }
}

/// `azurerm_public_ip`.
pub(super) fn public_address<'a>(
    values: &Object<'a>,
    id: ResourceId,
    notes: &mut Notes<'a>,
) -> PublicAddress {
    PublicAddress {
        id,
        place: notes.place_of_object(values),
        location: notes.location(values, "location"),
        sku: notes.text(values, "sku"),
        allocation: notes.text(values, "allocation_method"),
        version: notes.text(values, "ip_version"),
        address: notes
            .field(values, "ip_address", "an address", |node: &Node<'_>| node.string()?.parse().ok()),
        dns_label: notes.text(values, "domain_name_label"),
        zones: notes.texts(values, &["zones"]).given().cloned().unwrap_or_default(),
    }
}

/// `azurerm_private_dns_zone_virtual_network_link`: what it becomes once it is made.
pub(super) fn zone_link<'a>(
    values: &Object<'a>,
    id: ResourceId,
    find: FindId<'_>,
    notes: &mut Notes<'a>,
) -> ZoneLink {
    ZoneLink {
        id,
        place: notes.place_of_object(values),
        virtual_network: find(&["virtual_network_id"]),
        state: Field::Given("Completed".to_owned()),
        resolution_policy: notes.text(values, "resolution_policy"),
    }
}

/// `azurerm_api_management`.
pub(super) fn service<'a>(
    values: &Object<'a>,
    id: ResourceId,
    find: FindId<'_>,
    notes: &mut Notes<'a>,
) -> Service {
    let (sku, units) = sku(values, notes);
    let mut additional = Vec::new();
    let mut place = 0;
    let missing = notes.each_object(values, "additional_location", |notes, one| {
        // References of a plan do not tell one block from the next: only the first can be followed.
        let subnet = match own_subnet(one) {
            Some(id) => Field::Given(id),
            None if place > 0 => Field::Unreadable,
            None => find(&["additional_location", "virtual_network_configuration", "subnet_id"]),
        };
        place += 1;
        additional.push(location(one, subnet, notes.number(one, "capacity"), notes));
    });
    let access = match notes.boolean(values, "public_network_access_enabled") {
        Field::Given(true) => Field::Given("Enabled".to_owned()),
        Field::Given(false) => Field::Given("Disabled".to_owned()),
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
    };
    let subnet = find(&["virtual_network_configuration", "subnet_id"]);
    let mut primary = location(values, subnet, units, notes);
    primary.public_address_id = find(&["public_ip_address_id"]);
    Service {
        id,
        place: notes.place_of_object(values),
        planned: true,
        sku,
        primary,
        vnet_type: notes.text(values, "virtual_network_type"),
        additional,
        additional_missing: missing,
        hostnames: hostnames(values, notes),
        public_network_access: access,
        ..Service::default()
    }
}

/// `Premium_2`: the SKU and its units.
fn sku<'a>(values: &Object<'a>, notes: &mut Notes<'a>) -> (Field<String>, Field<u32>) {
    let Field::Given(written) = notes.text(values, "sku_name") else {
        return (Field::Unreadable, Field::Unreadable);
    };
    match written.split_once('_') {
        Some((name, units)) => (Field::Given(name.to_owned()), units.parse::<u32>().ok().into()),
        None => (Field::Given(written), Field::Absent),
    }
}

fn own_subnet(block: &Object<'_>) -> Option<ResourceId> {
    let inner = block.own("virtual_network_configuration")?.list().next()?.object()?;
    let id = inner.text("subnet_id")?;
    id.starts_with('/').then(|| ResourceId(id.into_owned()))
}

fn location<'a>(
    values: &Object<'a>,
    subnet: Field<ResourceId>,
    units: Field<u32>,
    notes: &mut Notes<'a>,
) -> ServiceLocation {
    let addresses = |key: &str| -> Vec<IpAddr> {
        let node = values.get(key);
        let texts = node.iter().flat_map(Node::list).filter_map(|node| node.string());
        texts.filter_map(|text| text.parse().ok()).take(256).collect()
    };
    ServiceLocation {
        location: notes.field(values, "location", "a location", |node| Some(Location::new(&node.text()?))),
        units,
        subnet,
        private_addresses: addresses("private_ip_addresses"),
        public_addresses: addresses("public_ip_addresses"),
        zones: notes.texts(values, &["zones"]),
        gateway_disabled: notes.boolean(values, "gateway_disabled"),
        ..ServiceLocation::default()
    }
}

/// Blocks of `hostname_configuration`, one kind each.
fn hostnames<'a>(values: &Object<'a>, notes: &mut Notes<'a>) -> Vec<ServiceHostname> {
    let mut found = Vec::new();
    notes.each_object(values, "hostname_configuration", |notes, block| {
        found.extend(hostnames_in(block, notes));
    });
    found
}

/// Blocks of host names, as `azurerm_api_management_custom_domain` has them too, where the gateway's block is `gateway`.
pub(super) fn hostnames_in<'a>(block: &Object<'a>, notes: &mut Notes<'a>) -> Vec<ServiceHostname> {
    const KINDS: [(&str, &str); 6] = [
        ("proxy", "Proxy"),
        ("gateway", "Proxy"),
        ("portal", "Portal"),
        ("developer_portal", "DeveloperPortal"),
        ("management", "Management"),
        ("scm", "Scm"),
    ];
    let mut found = Vec::new();
    for (key, kind) in KINDS {
        notes.each_object(block, key, |notes, one| {
            let name = one.text("host_name").unwrap_or_default().to_ascii_lowercase();
            let key_vault = one.text("key_vault_id").or_else(|| one.text("key_vault_certificate_id"));
            let source = notes.text(one, "certificate_source");
            if !name.is_empty() {
                found.push(ServiceHostname {
                    kind: kind.to_owned(),
                    name,
                    certificate_source: source,
                    key_vault: key_vault.map(std::borrow::Cow::into_owned),
                    expires: None,
                });
            }
        });
    }
    found
}
