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
    pub frontend: Option<ResourceId>,
    /// Its port.
    pub port: Option<ResourceId>,
    /// `Http` or `Https`.
    pub protocol: Field<String>,
    /// Host names, singular and plural keys together; empty for all.
    pub hosts: Vec<String>,
    /// Its certificate.
    pub certificate: Option<ResourceId>,
}

/// A backend pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BackendPool {
    /// Its id.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Names and addresses as written.
    pub targets: Vec<String>,
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
    pub probe: Option<ResourceId>,
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
    /// Status codes that pass, `200-399`.
    pub statuses: Vec<String>,
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
    pub listener: Option<ResourceId>,
    /// Its pool.
    pub pool: Option<ResourceId>,
    /// Its settings.
    pub settings: Option<ResourceId>,
    /// Its path map.
    pub path_map: Option<ResourceId>,
    /// Its redirection.
    pub redirect: Option<ResourceId>,
}

/// A path map of a routing rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathMap {
    /// Its id.
    pub id: ResourceId,
    /// Where no path matches.
    pub default_pool: Option<ResourceId>,
    /// Settings of that pool.
    pub default_settings: Option<ResourceId>,
    /// The rules: paths, pool, settings.
    pub rules: Vec<(Vec<String>, Option<ResourceId>, Option<ResourceId>)>,
}

/// Web application firewall of a gateway.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Firewall {
    /// `Detection` or `Prevention`.
    pub mode: Field<String>,
    /// Numbers of rules that are switched off.
    pub disabled_rules: Vec<u32>,
    /// Policy in another document.
    pub policy: Option<ResourceId>,
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
