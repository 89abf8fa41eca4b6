//! The configuration of an Azure network as its documents say it: plain data, filled by the readers, judged elsewhere.
//!
//! A document may say little, and a part of it may be unreadable: what is absent is absent, what was there and could not be
//! read is [`Field::Unreadable`] or an `Unreadable` value of its own, and nothing here is ever filled in by guessing. Written
//! and effective variants stand side by side; which of them speaks is a matter of judgement.

pub mod addresses;
pub mod answers;
pub mod assume;
pub mod azure;
pub mod choose;
pub mod configuration;
pub mod control_plane;
pub mod decision;
pub mod derive;
pub mod estate;
pub mod gateway;
pub mod judge;
pub mod judgement;
pub mod known;
pub mod near_miss;
pub mod publishing;
pub mod read;
pub mod resource;
pub mod route;
pub mod routing;
pub mod rulebook;
pub mod security;
mod sentence;
pub mod service;
pub mod settings;
pub mod side;
pub mod tags;
mod template;
mod terraform;
pub mod told;
pub mod zones;

pub use control_plane::ControlPlane;
pub use estate::{NatGateway, NetworkInterface, PublicAddress, Subnet, VirtualNetwork};
pub use gateway::{ApplicationGateway, BackendServer, FirewallPolicy};
pub use resource::{Field, Location, Place, ResourceId};
pub use routing::{EffectiveRoutes, NextHop, Route, RouteSource, RouteState, RouteTable, Routed};
pub use security::{
    Access, Address, AdminRules, Association, Criterion, EffectiveGroup, PortRange, Ports, RuleProtocol,
    SecurityGroup, SecurityRule, Side, Way,
};
pub use service::{Service, ServiceHostname, ServiceLocation};
pub use tags::{ServiceTag, ServiceTags};
pub use zones::{PrivateZone, RecordSet, ZoneLink};

use crate::catalogue::words;
use crate::portal::NetworkStatus;

/// All that the documents say, in the order in which they were read. Nothing here depends on that order but the lists'.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Every document that was read, one entry a resource in it.
    pub documents: Vec<Document>,
    /// Every part that was there and could not be read.
    pub passed_over: Vec<PassedOver>,
    /// Network security groups as written.
    pub groups: Vec<SecurityGroup>,
    /// Elements of effective security rules that belong to a subnet or an interface. `Some` of an empty list where Azure
    /// answered that there are none.
    pub effective_groups: Option<Vec<EffectiveGroup>>,
    /// Security admin rules: a list of its own, or elements of the effective rules whose association names a network manager.
    pub admin_rules: Vec<AdminRules>,
    /// Route tables as written.
    pub route_tables: Vec<RouteTable>,
    /// Effective routes.
    pub effective_routes: Vec<EffectiveRoutes>,
    /// Subnets, from documents of their own and out of those of their virtual network; one entry a subnet.
    pub subnets: Vec<Subnet>,
    /// Virtual networks.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// Network interfaces.
    pub interfaces: Vec<NetworkInterface>,
    /// NAT gateways.
    pub nat_gateways: Vec<NatGateway>,
    /// Public IP addresses.
    pub public_addresses: Vec<PublicAddress>,
    /// API Management services.
    pub services: Vec<Service>,
    /// Private DNS zones.
    pub zones: Vec<PrivateZone>,
    /// Links of private DNS zones to virtual networks.
    pub zone_links: Vec<ZoneLink>,
    /// Record sets of private DNS zones.
    pub record_sets: Vec<RecordSet>,
    /// Lists of service tags.
    pub service_tags: Vec<ServiceTags>,
    /// What the portal says of the instance's connections, one entry a location.
    pub network_status: Vec<NetworkStatus>,
    /// Hosts that the instance says it needs.
    pub dependencies: Vec<Dependency>,
    /// Application Gateways.
    pub gateways: Vec<ApplicationGateway>,
    /// Policies of web application firewalls.
    pub firewall_policies: Vec<FirewallPolicy>,
    /// Servers of backend health.
    pub backend_health: Vec<BackendServer>,
    /// Azure's own call to the instance's management endpoint, where a bundle tells.
    pub control_plane: Option<ControlPlane>,
    /// What a bundle says was asked for and not got.
    pub refused: Vec<Refusal>,
    /// The interface of this machine, of which a bundle asked for effective rules and routes.
    pub own_interface: Option<ResourceId>,
}

/// A document that `fetch` asked for and did not get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Kind of the document, as the bundle writes it.
    pub kind: String,
    /// Path that was asked.
    pub id: String,
    /// Action that the identity lacks.
    pub action: String,
    /// ARM's status, where it answered.
    pub status: Option<u16>,
    /// `forbidden`, `not-found`, `timeout` …
    pub reason: String,
}

/// A host that the instance says it needs (outbound dependencies).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    /// Where it stands.
    pub place: Place,
    /// `Azure Storage` and so on, as written.
    pub category: String,
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Display name of a region, or `Global`.
    pub region: Option<String>,
}

words! {
    /// Kind of a document, told by its shape.
    DocumentKind {
        /// Rules as Azure applies them, of an interface.
        EffectiveSecurityRules = "effective-security-rules",
        /// Routes as Azure applies them, of an interface.
        EffectiveRoutes = "effective-routes",
        /// A network security group as written.
        SecurityGroup = "network-security-group",
        /// A route table as written.
        RouteTable = "route-table",
        /// A subnet.
        Subnet = "subnet",
        /// A virtual network.
        VirtualNetwork = "virtual-network",
        /// A network interface.
        NetworkInterface = "network-interface",
        /// A NAT gateway.
        NatGateway = "nat-gateway",
        /// A public IP address.
        PublicAddress = "public-ip-address",
        /// An API Management service.
        Service = "api-management",
        /// What the portal says of the instance's connections.
        NetworkStatus = "network-status",
        /// The hosts that the instance says it needs.
        OutboundDependencies = "outbound-dependencies",
        /// An Application Gateway.
        ApplicationGateway = "application-gateway",
        /// The health of an Application Gateway's backends.
        BackendHealth = "backend-health",
        /// A policy of a web application firewall.
        FirewallPolicy = "web-application-firewall-policy",
        /// A private DNS zone.
        PrivateZone = "private-dns-zone",
        /// A link of a private DNS zone.
        ZoneLink = "private-dns-link",
        /// A record set of a private DNS zone.
        RecordSet = "private-dns-records",
        /// Security admin rules as Azure applies them to a virtual network.
        AdminRules = "effective-admin-rules",
        /// A list of service tags with their prefixes.
        ServiceTags = "service-tags",
        /// A virtual machine: read, not judged.
        VirtualMachine = "virtual-machine",
        /// Whether Azure's own call reached the instance's management endpoint; in a bundle of `fetch` only.
        ControlPlane = "control-plane",
        /// Rules of an Azure Firewall policy: read, not judged.
        FirewallRules = "firewall-rules",
        /// An answer of Network Watcher or of the network verifier: read, not judged.
        Verdict = "network-watcher-answer",
        /// An error of Azure in place of a document.
        Error = "error",
        /// An access token, or its refusal: no configuration.
        Token = "token",
    }
}

/// One resource that was read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its name; empty where it has none (an answer of effective rules).
    pub name: String,
    /// File and place in it.
    pub place: Place,
}

/// A part of a document that was there and could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// File and place in it.
    pub place: Place,
    /// Why, as a clause without a full stop: `cut by PowerShell's depth; export with -Depth 20`.
    pub reason: String,
}
