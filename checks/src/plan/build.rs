//! Making the plan: rows that apply, names filled in, fallbacks for what has no name, and the selection.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::azure;
use crate::catalogue::{
    CUSTOM, Catalogue, Condition, Endpoint, Port, Protocol, Requirement, Role, RunWhen, TrustPolicy, VnetMode,
};
use crate::instance::{CustomEndpoint, HostnameKind, Instance};
use crate::outcome::SkipReason;
use crate::plan::hosts::hosts;
use crate::plan::target::Host;
use crate::plan::{CONFIGURATION, Check, GatewayPath, Origin, Plan, PlanError, gateway, portal};
use crate::portal::Portal;
use crate::server::Server;

impl Plan {
    /// Resolves the catalogue's rows to the targets of this instance. Sends nothing.
    ///
    /// # Errors
    /// A selection that names nothing, or leaves nothing.
    pub fn new(catalogue: &Catalogue, instance: &Instance) -> Result<Self, PlanError> {
        Self::with_portal(catalogue, instance).map(|(plan, _)| plan)
    }

    /// The same, and what the instance's NetworkStatus document says of its checks, where there is one.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub fn with_portal(
        catalogue: &Catalogue,
        instance: &Instance,
    ) -> Result<(Self, Option<Portal>), PlanError> {
        if !catalogue.clouds.contains_key(&instance.cloud) {
            return Err(PlanError::UnknownCloud { cloud: instance.cloud.clone() });
        }
        known_words(catalogue, instance)?;
        let mut checks: Vec<Check> = Vec::new();
        for row in catalogue.endpoints.iter().filter(|row| applies(instance, row)) {
            checks.extend(checks_of(catalogue, instance, row));
        }
        let mut entries = portal::merge(catalogue, instance, &mut checks);
        checks.extend(instance.custom.iter().map(Check::custom));
        checks.extend(dependencies(instance, &checks));
        checks.retain(|check| is_selected(instance, check));
        // After the selection: a shared front is selected where a row that it replaces is.
        apply_fallbacks(catalogue, instance, &mut checks);
        unique(&mut checks);
        if checks.is_empty() {
            return Err(PlanError::NothingLeft);
        }
        entries.retain(|id, _| checks.iter().any(|check| check.id == *id));
        let portal = instance.network_status.as_ref().map(|document| Portal::new(document, entries));
        let plan = Self {
            catalogue_version: catalogue.version.clone(),
            catalogue_sourced_at: catalogue.sourced_at.clone(),
            instance: instance.clone(),
            checks,
        };
        Ok((plan, portal))
    }
}

/// Hosts that the instance says it needs and that no row has, as targets.
fn dependencies(instance: &Instance, known: &[Check]) -> Vec<Check> {
    let is_new = |endpoint: &&CustomEndpoint| {
        let host = Some(endpoint.host.as_str());
        !known.iter().any(|check| check.host() == host && check.port() == Some(endpoint.port))
    };
    let targets = instance.dependencies.iter().filter(is_new);
    targets
        .map(|it| Check { purpose: "an outbound dependency of the instance".to_owned(), ..Check::custom(it) })
        .collect()
}

fn known_words(catalogue: &Catalogue, instance: &Instance) -> Result<(), PlanError> {
    for word in instance.selection.only.iter().chain(&instance.selection.skip) {
        let known = word == CUSTOM
            || word == CONFIGURATION
            || catalogue.endpoints.iter().any(|row| row.id == *word || row.group == *word);
        if !known {
            let nearest = catalogue.nearest_word(word).map(str::to_owned);
            return Err(PlanError::UnknownWord { word: word.clone(), nearest });
        }
    }
    Ok(())
}

fn is_named(instance: &Instance, row: &Endpoint) -> bool {
    instance.selection.only.contains(&row.id)
}

/// True where a row belongs to the instance's profile and mode, or was asked for by name.
pub(super) fn applies(instance: &Instance, row: &Endpoint) -> bool {
    let here = row.profiles.contains(&instance.profile) && row.modes.contains(&instance.vnet_mode);
    // A gateway that nobody named is no target, not even by the name of its row.
    let has_gateway = row.run != RunWhen::Gateway || instance.app_gateway.is_some();
    has_gateway && (is_named(instance, row) || (here && !matches!(row.run, RunWhen::Off | RunWhen::Fallback)))
}

/// True where the selection leaves a check in.
pub(super) fn is_selected(instance: &Instance, check: &Check) -> bool {
    instance.selection.takes(&check.endpoint, &check.group, check.requirement)
}

/// The checks of one row: one for each host and port, or one that is skipped.
fn checks_of(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> Vec<Check> {
    match row.role {
        Role::NameServer => return name_servers(instance, row),
        Role::AzureDns => return vec![azure_dns(instance, row)],
        Role::GatewayProbe | Role::GatewayFront => return gateway::checks_of(catalogue, instance, row),
        _ => {}
    }
    if catalogue.clouds[&instance.cloud].hosts.get(&row.id).is_some_and(Vec::is_empty) {
        return Vec::new();
    }
    if let Some(reason) = unmet(instance, row) {
        return vec![Check::without_target(row, reason)];
    }
    let named = own_domains(instance, row);
    let hosts = match hosts(catalogue, instance, row) {
        Ok(hosts) => hosts,
        Err(_) if !named.is_empty() => Vec::new(),
        Err(reason) => return vec![Check::without_target(row, reason)],
    };
    if row.ports.is_empty() || (hosts.is_empty() && named.is_empty()) {
        return vec![Check::without_target(row, SkipReason::NotCheckable)];
    }
    let skip = skip_reason(instance, row);
    let targets = hosts.iter().chain(&named).flat_map(|host| row.ports.iter().map(move |port| (host, *port)));
    targets
        .map(|(host, port)| Check {
            trust: if named.contains(host) { TrustPolicy::Private } else { row.trust },
            must_resolve_to: own_address(instance, row),
            gateway: own_address(instance, row).and(published(instance)),
            ..Check::of_row(row, host, port).skipped_for(skip)
        })
        .collect()
}

/// Why a row does not apply that needs something which no document shows.
fn unmet(instance: &Instance, row: &Endpoint) -> Option<SkipReason> {
    let condition = row.only_where.filter(|one| !instance.shown.contains(one) && !is_named(instance, row))?;
    Some(match condition {
        Condition::AdditionalLocation => SkipReason::SingleRegion,
        Condition::ManagedCertificate => SkipReason::NoManagedCertificate,
    })
}

fn skip_reason(instance: &Instance, row: &Endpoint) -> Option<SkipReason> {
    match row.run {
        _ if is_named(instance, row) => None,
        RunWhen::Extended => Some(SkipReason::Extended),
        RunWhen::Tool => Some(SkipReason::ToolOnly),
        RunWhen::Info | RunWhen::Off => Some(SkipReason::NotCheckable),
        RunWhen::Gateway => None,
        RunWhen::Always | RunWhen::Fallback | RunWhen::Service if row.role == Role::Metadata => {
            if !instance.use_imds {
                Some(SkipReason::SwitchedOff)
            } else if instance.metadata_asked && instance.metadata.is_none() {
                Some(SkipReason::NoMetadataService)
            } else {
                None
            }
        }
        RunWhen::Always | RunWhen::Fallback | RunWhen::Service => None,
    }
}

/// The address to which a row's names must resolve: the instance's own rows in internal mode, where it is known.
fn own_address(instance: &Instance, row: &Endpoint) -> Option<IpAddr> {
    let own = row.run == RunWhen::Service && instance.vnet_mode == VnetMode::Internal;
    instance.private_ip.filter(|_| own)
}

/// The gateway that may stand in front of the instance's own names.
fn published(instance: &Instance) -> Option<GatewayPath> {
    instance.app_gateway.clone().map(|front| GatewayPath::Published { front })
}

/// Custom domains that belong to this row.
fn own_domains(instance: &Instance, row: &Endpoint) -> Vec<Host> {
    let role = |kind: HostnameKind| match kind {
        HostnameKind::Gateway => Role::OwnGateway,
        HostnameKind::Portal => Role::OwnPortal,
        HostnameKind::Developer => Role::OwnDeveloperPortal,
        HostnameKind::Management => Role::OwnManagement,
        HostnameKind::Scm => Role::OwnScm,
    };
    let domains = instance.hostnames.iter().filter(|(kind, _)| role(*kind) == row.role);
    domains.map(|(_, name)| Host { name: name.to_ascii_lowercase(), origin: Origin::Flag }).collect()
}

/// One check for each configured name server; 168.63.129.16 is `dns-azure` and no other.
fn name_servers(instance: &Instance, row: &Endpoint) -> Vec<Check> {
    let others: Vec<&Server> =
        instance.dns_servers.iter().filter(|server| server.ip() != azure::DNS.ip()).collect();
    if others.is_empty() {
        let azure = !instance.dns_servers.is_empty();
        return vec![Check::without_target(
            row,
            if azure { SkipReason::SameAsAzureDns } else { SkipReason::NoServer },
        )];
    }
    others.into_iter().map(|server| name_server(row, *server)).collect()
}

fn name_server(row: &Endpoint, server: Server) -> Check {
    let host = Host { name: server.ip().to_string(), origin: Origin::System };
    Check::of_row(row, &host, Port { number: server.port(), protocol: Protocol::Dns })
}

fn azure_dns(instance: &Instance, row: &Endpoint) -> Check {
    let configured = instance.dns_servers.iter().find(|server| server.ip() == azure::DNS.ip());
    let server = configured.copied().unwrap_or(azure::DNS);
    let skip = (configured.is_none() && !instance.use_azure_dns).then_some(SkipReason::SwitchedOff);
    Check {
        requirement: if configured.is_some() { Requirement::Required } else { Requirement::Optional },
        origin: if configured.is_some() { Origin::System } else { Origin::Catalogue },
        ..name_server(row, server).skipped_for(skip)
    }
}

/// Puts shared fronts in the place of the required rows whose names nobody gave.
fn apply_fallbacks(catalogue: &Catalogue, instance: &Instance, checks: &mut Vec<Check>) {
    let fallbacks = catalogue.endpoints.iter().filter(|row| row.run == RunWhen::Fallback);
    for row in fallbacks.filter(|row| row.profiles.contains(&instance.profile) && !is_named(instance, row)) {
        let is_unnamed = |check: &Check| {
            row.fallback_for.contains(&check.endpoint) && check.skip_reason() == Some(SkipReason::NameUnknown)
        };
        let Some(place) = checks.iter().position(is_unnamed) else { continue };
        let fronts = checks_of(catalogue, instance, row);
        let unwanted = instance.selection.skip.contains(&row.id);
        if unwanted || fronts.iter().all(|front| front.probed().is_none()) {
            continue;
        }
        checks.retain(|check| !is_unnamed(check));
        let place = place.min(checks.len());
        checks.splice(place..place, fronts);
    }
}

fn unique(checks: &mut Vec<Check>) {
    let mut seen = BTreeSet::new();
    checks.retain(|check| seen.insert(check.id.clone()));
}
