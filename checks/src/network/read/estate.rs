//! Reads virtual networks, subnets, and what hangs on them.

use std::net::IpAddr;

use crate::network::estate::{Peering, ServiceEndpoint};
use crate::network::read::json::Object;
use crate::network::read::notes::Notes;
use crate::network::{
    Field, NatGateway, NetworkInterface, PublicAddress, ResourceId, Subnet, VirtualNetwork,
};

/// A virtual network without its subnets.
pub(super) fn virtual_network<'a>(
    object: &Object<'a>,
    id: ResourceId,
    notes: &mut Notes<'a>,
) -> VirtualNetwork {
    let mut peerings = Vec::new();
    let peerings_missing =
        notes.each_object(object, "virtualNetworkPeerings", |notes, one| peerings.push(peering(one, notes)));
    let space = inner(object, "addressSpace", notes);
    let dhcp = inner(object, "dhcpOptions", notes);
    VirtualNetwork {
        id,
        place: notes.place_of_object(object),
        location: notes.location(object, "location"),
        address_space: space.map_or(Field::Unreadable, |space| {
            space.map_or(Field::Absent, |space| notes.prefixes(&space, &["addressPrefixes"]))
        }),
        dns_servers: dhcp.map_or(Field::Unreadable, |dhcp| {
            dhcp.map_or(Field::Absent, |dhcp| addresses(&dhcp, "dnsServers", notes))
        }),
        peerings,
        peerings_missing,
        default_nat_gateway: notes.id(object, "defaultPublicNatGateway"),
        network_manager: network_manager(object),
    }
}

/// An object within: `Ok(None)` where there is none, an error where something else stands there.
fn inner<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Result<Option<Object<'a>>, ()> {
    let Some(node) = object.get(key) else { return Ok(None) };
    node.object().map(Some).ok_or_else(|| notes.expected(&node, "an object"))
}

/// A network manager leaves its mark in the tags of what it governs, else in a property.
fn network_manager(object: &Object<'_>) -> Option<ResourceId> {
    let node = object.get("networkManager")?;
    let id = node.object().and_then(|inner| inner.text("id")).or_else(|| node.string())?;
    Some(ResourceId(id.into_owned()))
}

fn addresses<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Field<Vec<IpAddr>> {
    notes.all(object, &[key], "an address", |text| text.parse().ok())
}

/// A peering, from the list of a network or alone.
pub(super) fn peering<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Peering {
    let space = ["remoteAddressSpace", "remoteVirtualNetworkAddressSpace"];
    let space = space.into_iter().find_map(|key| object.object(key));
    let prefixes = space.map(|space| notes.prefixes(&space, &["addressPrefixes"]));
    Peering {
        name: object.text("name").unwrap_or_default().into_owned(),
        state: notes.text(object, "peeringState"),
        remote_network: notes.id(object, "remoteVirtualNetwork").given().cloned(),
        remote_space: prefixes.and_then(|space| space.given().cloned()).unwrap_or_default(),
        use_remote_gateways: notes.boolean(object, "useRemoteGateways"),
    }
}

/// A subnet.
pub(super) fn subnet<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> Subnet {
    let mut service_endpoints = Vec::new();
    let service_endpoints_missing = notes.each_object(object, "serviceEndpoints", |notes, one| {
        if let Field::Given(service) = notes.text(one, "service") {
            let locations = notes.texts(one, &["locations"]);
            service_endpoints
                .push(ServiceEndpoint { service, locations: locations.given().cloned().unwrap_or_default() });
        }
    });
    Subnet {
        id,
        place: notes.place_of_object(object),
        prefixes: notes.prefixes(object, &["addressPrefix", "addressPrefixes"]),
        group: notes.id(object, "networkSecurityGroup"),
        route_table: notes.id(object, "routeTable"),
        nat_gateway: notes.id(object, "natGateway"),
        service_endpoints,
        service_endpoints_missing,
        delegations: delegations(object, notes),
        default_outbound_access: notes.boolean(object, "defaultOutboundAccess"),
        private_endpoint_policies: notes.text(object, "privateEndpointNetworkPolicies"),
        ip_configurations: configurations(object, notes),
        private_endpoints: notes.ids(object, "privateEndpoints"),
        association_links: links(object, "serviceAssociationLinks", notes),
        navigation_links: links(object, "resourceNavigationLinks", notes),
    }
}

fn delegations<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Field<Vec<String>> {
    let mut names = Vec::new();
    let mut unreadable = false;
    let missing =
        notes.each_object(object, "delegations", |notes, one| match notes.text(one, "serviceName") {
            Field::Given(name) => names.push(name),
            Field::Absent | Field::Unreadable => unreadable = true,
        });
    if missing.is_some() || unreadable {
        Field::Unreadable
    } else if names.is_empty() {
        Field::Absent
    } else {
        Field::Given(names)
    }
}

fn configurations<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Field<Vec<ResourceId>> {
    let ids = notes.ids(object, "ipConfigurations");
    if ids.is_empty() { Field::Absent } else { Field::Given(ids) }
}

fn links<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Vec<String> {
    let mut kinds = Vec::new();
    notes.each_object(object, key, |notes, one| kinds.extend(link(one, notes)));
    kinds
}

/// What a link that occupies a subnet leads to.
pub(super) fn link<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Option<String> {
    notes.text(object, "linkedResourceType").given().cloned()
}

/// A network interface.
pub(super) fn interface<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> NetworkInterface {
    let mut interface =
        NetworkInterface { id, place: notes.place_of_object(object), ..NetworkInterface::default() };
    notes.each_object(object, "ipConfigurations", |notes, one| {
        let address = one.text("privateIPAddress");
        // An interface may hold a whole prefix: its first address is enough to find the subnet.
        let address: Option<IpAddr> =
            address.as_deref().and_then(|text| text.split('/').next()?.parse().ok());
        interface.addresses.extend(address);
        interface.subnets.extend(notes.id(one, "subnet").given().cloned());
        interface.public_addresses.extend(notes.id(one, "publicIPAddress").given().cloned());
    });
    interface.group = notes.id(object, "networkSecurityGroup");
    interface.machine = notes.id(object, "virtualMachine").given().cloned();
    if let Ok(Some(dns)) = inner(object, "dnsSettings", notes) {
        // What the machine asks: of an availability set the lists of all its interfaces together.
        let [applied, own] = ["appliedDnsServers", "dnsServers"].map(|key| addresses(&dns, key, notes));
        interface.dns_servers = applied.given().or(own.given()).cloned().unwrap_or_default();
    }
    interface
}

/// A NAT gateway.
pub(super) fn nat_gateway<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> NatGateway {
    NatGateway {
        id,
        place: notes.place_of_object(object),
        location: notes.location(object, "location"),
        public_addresses: notes.ids(object, "publicIpAddresses"),
        public_prefixes: notes.ids(object, "publicIpPrefixes"),
        subnets: notes.ids(object, "subnets"),
    }
}

/// A public IP address.
pub(super) fn public_address<'a>(
    object: &Object<'a>,
    id: ResourceId,
    notes: &mut Notes<'a>,
) -> PublicAddress {
    let sku = object.get("sku");
    let sku = match sku.as_ref().and_then(|node| node.object()) {
        Some(inner) => notes.text(&inner, "name"),
        None => notes.text(object, "sku"),
    };
    let settings = object.object("dnsSettings");
    PublicAddress {
        id,
        place: notes.place_of_object(object),
        location: notes.location(object, "location"),
        sku,
        allocation: notes.text(object, "publicIPAllocationMethod"),
        version: notes.text(object, "publicIPAddressVersion"),
        address: notes.field(object, "ipAddress", "an address", address_or_none),
        dns_label: settings.map_or(Field::Absent, |dns| notes.text(&dns, "domainNameLabel")),
        zones: notes.texts(object, &["zones"]).given().cloned().unwrap_or_default(),
    }
}

/// Azure PowerShell writes `Not Assigned` where there is no address yet.
fn address_or_none(node: &crate::network::read::json::Node<'_>) -> Option<IpAddr> {
    node.string()?.parse().ok()
}
