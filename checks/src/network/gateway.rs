//! An Application Gateway and the health of its backends.

use crate::network::resource::{Field, Place, ResourceId};

/// An Application Gateway. Its parts refer to each other by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApplicationGateway {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// `sku.tier` as written: `Standard_v2`, `WAF_v2` …
    pub tier: Field<String>,
    /// Units; absent with autoscaling.
    pub capacity: Field<u32>,
    /// `operationalState`.
    pub state: Field<String>,
    /// Subnets of its IP configurations.
    pub subnets: Vec<ResourceId>,
    /// Front ends.
    pub frontends: Vec<Frontend>,
    /// Front-end ports.
    pub frontend_ports: Vec<FrontendPort>,
    /// Trusted root certificates.
    pub trusted_roots: Vec<ResourceId>,
    /// Certificates of listeners.
    pub certificates: Field<Vec<ResourceId>>,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Backend pools.
    pub pools: Vec<BackendPool>,
    /// Backend HTTP settings.
    pub settings: Vec<BackendSettings>,
    /// Probes.
    pub probes: Vec<HealthProbe>,
    /// Routing rules.
    pub rules: Vec<RoutingRule>,
    /// Path maps.
    pub path_maps: Vec<PathMap>,
    /// Firewall: its mode and what it leaves out.
    pub firewall: Option<Firewall>,
    /// `EnableApplicationGatewayNetworkIsolation` and its like, as written.
    pub features: Vec<String>,
}

impl ApplicationGateway {
    /// The names of its parts, each once.
    #[must_use]
    pub fn part_names(&self) -> Vec<String> {
        let lists: [&mut dyn Iterator<Item = &ResourceId>; 9] = [
            &mut self.listeners.iter().map(|it| &it.id),
            &mut self.rules.iter().map(|it| &it.id),
            &mut self.settings.iter().map(|it| &it.id),
            &mut self.probes.iter().map(|it| &it.id),
            &mut self.pools.iter().map(|it| &it.id),
            &mut self.path_maps.iter().map(|it| &it.id),
            &mut self.trusted_roots.iter(),
            &mut self.certificates.given().into_iter().flatten(),
            &mut self.frontends.iter().map(|it| &it.id),
        ];
        let names = lists.into_iter().flatten().map(|id| id.name().to_owned());
        let names: std::collections::BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
        names.into_iter().collect()
    }
}

/// A front end of a gateway.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frontend {
    /// Its id.
    pub id: ResourceId,
    /// Public IP address.
    pub public_address: Option<ResourceId>,
    /// Private address as written.
    pub private_address: Option<String>,
}

/// A port of the front ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontendPort {
    /// Its id.
    pub id: ResourceId,
    /// Its number.
    pub port: Field<u16>,
}

/// A listener.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listener {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its front end.
    pub frontend: Field<ResourceId>,
    /// Its port.
    pub port: Field<ResourceId>,
    /// `Http` or `Https`.
    pub protocol: Field<String>,
    /// Host names, singular and plural keys together; absent for all.
    pub hosts: Field<Vec<String>>,
    /// `hostName` and not `hostNames` names its host.
    pub host_is_single: Field<bool>,
    /// `requireServerNameIndication`.
    pub sni: Field<bool>,
    /// Its certificate.
    pub certificate: Field<ResourceId>,
    /// Policy of a web application firewall of its own.
    pub policy: Field<ResourceId>,
}

/// A backend pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BackendPool {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Names and addresses as written; absent for an empty pool.
    pub targets: Field<Vec<String>>,
}

/// Backend HTTP settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BackendSettings {
    /// Their id.
    pub id: ResourceId,
    /// Where they stand.
    pub place: Place,
    /// Port.
    pub port: Field<u16>,
    /// `Http` or `Https`.
    pub protocol: Field<String>,
    /// Host that is sent in place of the client's.
    pub host: Field<String>,
    /// The name in the pool is sent as host.
    pub host_from_pool: Field<bool>,
    /// Their probe; absent means the default one.
    pub probe: Field<ResourceId>,
    /// Roots that the backend's chain may end in.
    pub trusted_roots: Vec<ResourceId>,
    /// Seconds.
    pub timeout: Field<u32>,
    /// Path that is put before the client's.
    pub path: Field<String>,
}

/// A health probe.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HealthProbe {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// `Http` or `Https`.
    pub protocol: Field<String>,
    /// Host.
    pub host: Field<String>,
    /// The host of the settings is used.
    pub host_from_settings: Field<bool>,
    /// Path.
    pub path: Field<String>,
    /// Port, where it is not that of the settings.
    pub port: Field<u16>,
    /// Seconds between two probes.
    pub interval: Field<u32>,
    /// Seconds.
    pub timeout: Field<u32>,
    /// Failures before a server is unhealthy.
    pub threshold: Field<u32>,
    /// Status codes that pass, `200-399`; absent means these.
    pub statuses: Field<Vec<String>>,
    /// What the body must hold.
    pub body: Field<String>,
}

/// A routing rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoutingRule {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Lower first.
    pub priority: Field<u32>,
    /// `Basic` or `PathBasedRouting`.
    pub kind: Field<String>,
    /// Its listener.
    pub listener: Field<ResourceId>,
    /// Its pool.
    pub pool: Field<ResourceId>,
    /// Its settings.
    pub settings: Field<ResourceId>,
    /// Its path map.
    pub path_map: Field<ResourceId>,
    /// Its redirection.
    pub redirect: Field<ResourceId>,
}

/// A path map of a routing rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathMap {
    /// Its id.
    pub id: ResourceId,
    /// Where no path matches.
    pub default_pool: Field<ResourceId>,
    /// Settings of that pool.
    pub default_settings: Field<ResourceId>,
    /// A redirection in their place.
    pub default_redirect: Field<ResourceId>,
    /// Its rules.
    pub rules: Vec<PathRule>,
}

/// What a path map does with some paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathRule {
    /// `/orders/*`.
    pub paths: Vec<String>,
    /// Its pool.
    pub pool: Field<ResourceId>,
    /// Its settings.
    pub settings: Field<ResourceId>,
    /// A redirection in their place.
    pub redirect: Field<ResourceId>,
}

/// Web application firewall of a gateway.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Firewall {
    /// Where it stands.
    pub place: Place,
    /// `Detection` or `Prevention`; absent where it is switched off.
    pub mode: Field<String>,
    /// Rules and groups of rules that are switched off.
    pub exempt: Vec<Exempt>,
    /// A part of what is switched off could not be read.
    pub is_unreadable: bool,
    /// The policy in another document that the gateway names; it wins over what is inline.
    pub policy: Option<ResourceId>,
}

/// A policy of a web application firewall, which gateways and listeners name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FirewallPolicy {
    /// Its id.
    pub id: ResourceId,
    /// What it says.
    pub firewall: Firewall,
}

/// What a firewall leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exempt {
    /// A rule, by its number.
    Rule(u32),
    /// A group of rules, by its name.
    Group(String),
}

/// One server of a gateway, as backend health says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BackendServer {
    /// Where it stands.
    pub place: Place,
    /// Its pool, where named.
    pub pool: Option<ResourceId>,
    /// Its settings, where named.
    pub settings: Option<ResourceId>,
    /// Address or name.
    pub address: String,
    /// `Healthy`, `Unhealthy`, `Unknown`, `Partial`, `Draining`, as written.
    pub health: Field<String>,
    /// `healthProbeLog`.
    pub log: Option<String>,
}
