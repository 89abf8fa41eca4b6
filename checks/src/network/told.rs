//! What documents tell of the instance, and what it means for what was typed: what was typed wins, and a contradiction is kept.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::catalogue::{Catalogue, Condition, Profile, Protocol, Requirement, VnetMode};
use crate::instance::{CustomEndpoint, HostnameKind, Instance};
use crate::network::choose::Chosen;
use crate::network::{Field, Network, Place, Service, ServiceHostname, ServiceLocation, azure};
use crate::portal::NetworkStatus;
use crate::server::Server;

/// Options that somebody typed: documents do not change what these say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed<'a> {
    /// `--cloud`.
    pub cloud: Option<&'a str>,
    /// `--region`, an ARM id.
    pub region: Option<&'a str>,
    /// `--vnet-mode`.
    pub vnet_mode: Option<VnetMode>,
    /// `--profile`.
    pub profile: Option<Profile>,
    /// `--service`, the bare name.
    pub service: Option<&'a str>,
    /// `--private-ip`.
    pub private_ip: Option<IpAddr>,
}

/// Something that was typed and that the documents contradict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The option: `--region`.
    pub option: Cow<'static, str>,
    /// What was typed.
    pub typed: String,
    /// What the documents say.
    pub told: String,
    /// Where they say it.
    pub place: Place,
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { option, typed, told, place } = self;
        write!(f, "{option} {typed} was typed, and {} says {told}.", place.file)
    }
}

/// Fills in what the documents tell and nobody typed. Returns what contradicts.
pub fn fill_in(
    instance: &mut Instance,
    typed: Typed<'_>,
    chosen: &Chosen<'_>,
    catalogue: &Catalogue,
) -> Vec<Disagreement> {
    let mut told = Told { found: Vec::new() };
    if let Some((service, location)) = chosen.service.zip(chosen.location) {
        told.service(instance, typed, service, location);
    }
    instance.shown.extend(chosen.network.services.iter().flat_map(shown));
    told.region(instance, typed, chosen, catalogue);
    names(instance, chosen.network, catalogue);
    if instance.network_status.is_none() {
        instance.network_status = status(chosen.network, instance.region.as_deref(), catalogue);
    }
    told.found
}

/// What a document of a service shows, where rows apply only then.
fn shown(service: &Service) -> impl Iterator<Item = Condition> {
    let is_managed = |hostname: &ServiceHostname| {
        hostname.certificate_source.given().is_some_and(|source| source.eq_ignore_ascii_case("Managed"))
    };
    let several = (!service.additional.is_empty()).then_some(Condition::AdditionalLocation);
    let managed = service.hostnames.iter().any(is_managed).then_some(Condition::ManagedCertificate);
    several.into_iter().chain(managed)
}

struct Told {
    found: Vec<Disagreement>,
}

impl Told {
    fn compare<T: PartialEq + std::fmt::Display>(
        &mut self,
        option: &'static str,
        typed: Option<T>,
        told: T,
        place: &Place,
    ) -> Option<T> {
        match typed {
            None => Some(told),
            Some(typed) if typed == told => None,
            Some(typed) => {
                let (typed, told) = (typed.to_string(), told.to_string());
                let option = option.into();
                self.found.push(Disagreement { option, typed, told, place: place.clone() });
                None
            }
        }
    }

    fn service(
        &mut self,
        instance: &mut Instance,
        typed: Typed<'_>,
        service: &Service,
        at: &ServiceLocation,
    ) {
        let place = &service.place;
        let name = service.id.name().to_ascii_lowercase();
        if !name.is_empty() {
            let name = self.compare("--service", typed.service.map(str::to_ascii_lowercase), name, place);
            instance.service = name.or(instance.service.take());
        }
        if let Some(mode) =
            mode_of(service).and_then(|mode| self.compare("--vnet-mode", typed.vnet_mode, mode, place))
        {
            instance.vnet_mode = mode;
        }
        let profile = profile_of(service);
        if let Some(profile) = profile.and_then(|it| self.compare("--profile", typed.profile, it, place)) {
            instance.profile = profile;
        }
        if let Some(address) = at.private_addresses.first() {
            let address = self.compare("--private-ip", typed.private_ip, *address, place);
            instance.private_ip = address.or(instance.private_ip);
        }
        for hostname in &service.hostnames {
            let Some(kind) = kind_of(&hostname.kind).filter(|_| !is_default_name(&hostname.name, service))
            else {
                continue;
            };
            let domain = (kind, hostname.name.clone());
            if !instance.hostnames.contains(&domain) {
                instance.hostnames.push(domain);
            }
        }
    }

    /// The region of the location in the chosen subnet, else of the network; with it the cloud.
    fn region(
        &mut self,
        instance: &mut Instance,
        typed: Typed<'_>,
        chosen: &Chosen<'_>,
        catalogue: &Catalogue,
    ) {
        let of_service =
            chosen.location.and_then(|at| at.location.given()).zip(chosen.service.map(|it| &it.place));
        let of_network =
            chosen.virtual_network.and_then(|network| network.location.given().zip(Some(&network.place)));
        let Some((location, place)) = of_service.or(of_network) else { return };
        let Some(region) = catalogue.region(location.id()) else { return };
        if let Some(cloud) =
            self.compare("--cloud", typed.cloud.map(str::to_owned), region.cloud.clone(), place)
            && typed.region.is_none()
        {
            instance.cloud = cloud;
        }
        let id = self.compare("--region", typed.region.map(str::to_owned), region.id.clone(), place);
        if let Some(id) = id.filter(|_| region.cloud == instance.cloud) {
            instance.region = Some(id);
        }
    }
}

/// The mode, where the SKU has one: of the v2 tiers `External` is the integration of outbound traffic alone.
fn mode_of(service: &Service) -> Option<VnetMode> {
    match service.vnet_type.given()?.to_ascii_lowercase().as_str() {
        "internal" => Some(VnetMode::Internal),
        "external" => Some(VnetMode::External),
        _ => None,
    }
}

/// The catalogue profile by SKU; the others have no network.
#[must_use]
pub fn profile_of(service: &Service) -> Option<Profile> {
    match service.sku.given()?.to_ascii_lowercase().as_str() {
        "developer" | "premium" => Some(Profile::Classic),
        "premiumv2" | "standardv2" => Some(Profile::PremiumV2),
        _ => None,
    }
}

fn kind_of(written: &str) -> Option<HostnameKind> {
    match written.to_ascii_lowercase().as_str() {
        "proxy" => Some(HostnameKind::Gateway),
        "portal" => Some(HostnameKind::Portal),
        "developerportal" => Some(HostnameKind::Developer),
        "management" => Some(HostnameKind::Management),
        "scm" => Some(HostnameKind::Scm),
        _ => None,
    }
}

/// The names that Azure gives, which follow from the service's own.
fn is_default_name(name: &str, service: &Service) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let domains = [".azure-api.net", ".azure-api.us", ".azure-api.cn"];
    first.eq_ignore_ascii_case(service.id.name()) && domains.iter().any(|domain| name.ends_with(domain))
}

/// Names that the instance itself says it needs: of its stores by their suffix, else as targets of their own.
fn names(instance: &mut Instance, network: &Network, catalogue: &Catalogue) {
    let Some(cloud) = catalogue.clouds.get(&instance.cloud) else { return };
    let suffix = |key: &str| cloud.suffixes.get(key).map(|suffix| format!(".{suffix}")).unwrap_or_default();
    let (storage, sql, vault, hub, redis) =
        (suffix("storage"), suffix("sql"), suffix("keyvault"), suffix("eventhub"), suffix("redis"));
    let has = |host: &str, suffix: &str| !suffix.is_empty() && host.ends_with(suffix);
    for one in &network.dependencies {
        let host = one.host.as_str();
        let list = if has(host, &storage) {
            &mut instance.storage_accounts
        } else if has(host, &sql) {
            &mut instance.sql_servers
        } else if has(host, &vault) {
            &mut instance.key_vaults
        } else if has(host, &hub) {
            &mut instance.event_hubs
        } else if has(host, &redis) {
            &mut instance.redis
        } else {
            let protocol = Protocol::of_port(one.port);
            let endpoint = CustomEndpoint {
                host: one.host.clone(),
                port: one.port,
                protocol,
                transport: None,
                requirement: Requirement::Optional,
            };
            if !instance.dependencies.contains(&endpoint) {
                instance.dependencies.push(endpoint);
            }
            continue;
        };
        // An account is one name with several services.
        let name = if has(host, &storage) { host.split('.').next().unwrap_or(host) } else { host };
        if !list.iter().any(|known| known == name || known.split('.').next() == Some(name)) {
            list.push(name.to_owned());
        }
    }
}

/// NetworkStatus of the region among the documents, else of all locations together.
fn status(network: &Network, region: Option<&str>, catalogue: &Catalogue) -> Option<NetworkStatus> {
    let region = region.and_then(|id| catalogue.region(id));
    let is_here = |status: &&NetworkStatus| {
        let location = status.location.as_deref().map(crate::network::Location::new);
        region.zip(location).is_some_and(|(region, location)| location.id() == region.id)
    };
    let all = || {
        network.network_status.iter().cloned().reduce(|mut all, more| {
            all.location = None;
            all.entries.extend(more.entries);
            all.dns_servers.extend(more.dns_servers);
            all
        })
    };
    network.network_status.iter().find(is_here).cloned().or_else(all)
}

/// The DNS servers that machines of the subnet ask: those of its network, Azure's own where it names none.
#[must_use]
pub fn dns_servers(chosen: &Chosen<'_>) -> Vec<Server> {
    let named = chosen.virtual_network.map(|network| &network.dns_servers);
    match named {
        Some(Field::Given(servers)) => servers.iter().copied().map(Server::at).collect(),
        Some(Field::Unreadable) => Vec::new(),
        Some(Field::Absent) | None => vec![Server::at(azure::DNS)],
    }
}
