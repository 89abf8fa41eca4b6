//! Virtual networks, subnets, and what hangs on them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::network::resource::{Field, Location, Place, ResourceId};

/// A virtual network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VirtualNetwork {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its location.
    pub location: Field<Location>,
    /// Its address space; unreadable entries make it [`Field::Unreadable`].
    pub address_space: Field<Vec<IpNet>>,
    /// Its DNS servers; absent means Azure's own.
    pub dns_servers: Field<Vec<IpAddr>>,
    /// Its peerings.
    pub peerings: Vec<Peering>,
    /// A part of its peerings could not be read.
    pub peerings_missing: Option<Place>,
    /// NAT gateway of all its subnets.
    pub default_nat_gateway: Field<ResourceId>,
    /// The document names a network manager.
    pub network_manager: Option<ResourceId>,
}

/// A peering of a virtual network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peering {
    /// Its name.
    pub name: String,
    /// `peeringState`: `Connected` counts.
    pub state: Field<String>,
    /// The network at the other end.
    pub remote_network: Option<ResourceId>,
    /// That network's address space.
    pub remote_space: Vec<IpNet>,
    /// The gateway of the other network is used.
    pub use_remote_gateways: Field<bool>,
}

/// A subnet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subnet {
    /// Its id; its parent is the virtual network.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its prefixes, singular and plural keys together.
    pub prefixes: Field<Vec<IpNet>>,
    /// Its network security group.
    pub group: Field<ResourceId>,
    /// Its route table.
    pub route_table: Field<ResourceId>,
    /// Its NAT gateway.
    pub nat_gateway: Field<ResourceId>,
    /// Its service endpoints.
    pub service_endpoints: Vec<ServiceEndpoint>,
    /// A part of its service endpoints could not be read.
    pub service_endpoints_missing: Option<Place>,
    /// Names of services that it is delegated to, `Microsoft.Web/serverFarms`.
    pub delegations: Field<Vec<String>>,
    /// False: a private subnet, whose machines reach nothing public by themselves.
    pub default_outbound_access: Field<bool>,
    /// `privateEndpointNetworkPolicies`, as written.
    pub private_endpoint_policies: Field<String>,
    /// Ids of the IP configurations in it: one an address that is used, front ends of load balancers included.
    pub ip_configurations: Field<Vec<ResourceId>>,
    /// Private endpoints in it.
    pub private_endpoints: Vec<ResourceId>,
    /// `linkedResourceType` of its service association links.
    pub association_links: Vec<String>,
    /// `linkedResourceType` of its resource navigation links.
    pub navigation_links: Vec<String>,
}

/// A service endpoint of a subnet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceEndpoint {
    /// `Microsoft.Storage`, as written.
    pub service: String,
    /// Its locations as written; empty or `*` for all.
    pub locations: Vec<String>,
}

/// A network interface.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterface {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its own network security group.
    pub group: Field<ResourceId>,
    /// Its private addresses.
    pub addresses: Vec<IpAddr>,
    /// The subnets of its IP configurations.
    pub subnets: Vec<ResourceId>,
    /// Public addresses of its IP configurations.
    pub public_addresses: Vec<ResourceId>,
    /// Its own DNS servers, which win over the network's.
    pub dns_servers: Vec<IpAddr>,
    /// The machine that it belongs to.
    pub machine: Option<ResourceId>,
}

/// A NAT gateway.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NatGateway {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its location.
    pub location: Field<Location>,
    /// Its public addresses.
    pub public_addresses: Vec<ResourceId>,
    /// Its public prefixes.
    pub public_prefixes: Vec<ResourceId>,
    /// Subnets that it serves.
    pub subnets: Vec<ResourceId>,
}

/// A public IP address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicAddress {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its location.
    pub location: Field<Location>,
    /// `Basic` or `Standard`.
    pub sku: Field<String>,
    /// `Static` or `Dynamic`.
    pub allocation: Field<String>,
    /// `IPv4` or `IPv6`.
    pub version: Field<String>,
    /// The address, once it has one.
    pub address: Field<IpAddr>,
    /// Label of its DNS name.
    pub dns_label: Field<String>,
    /// Its zones.
    pub zones: Vec<String>,
}
