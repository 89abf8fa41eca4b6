//! The portal's NetworkStatus as a source of targets: its names become checks, its `isOptional` wins.

use std::collections::BTreeMap;

use crate::catalogue::{
    CUSTOM, Catalogue, Endpoint, Port, Protocol, Requirement, Role, RunWhen, TrustPolicy,
};
use crate::instance::{CustomEndpoint, Instance};
use crate::outcome::SkipReason;
use crate::plan::target::Host;
use crate::plan::{Check, CheckId, Origin};
use crate::portal::NetworkStatusEntry;

/// What an entry is for that no row explains.
const UNKNOWN: &str = "named by NetworkStatus, unknown to the catalogue";

/// Where an entry's name aims.
struct PortalTarget {
    host: String,
    port: Option<u16>,
    path: Option<String>,
}

/// The entries of a document by the checks that they became.
pub(super) type Entries = BTreeMap<CheckId, NetworkStatusEntry>;

/// Puts the entries of the instance's document into the checks, and returns which became which.
pub(super) fn merge(catalogue: &Catalogue, instance: &Instance, checks: &mut Vec<Check>) -> Entries {
    let mut merged = Entries::new();
    let entries = instance.network_status.iter().flat_map(|document| &document.entries);
    for entry in entries {
        let aim = aim(&entry.name);
        let row = row(catalogue, entry, aim.as_ref());
        for made in checks_of(row, entry, aim.as_ref()) {
            // A name that leads nowhere neither takes a row from another entry nor names one that has no name.
            let is_kept = |check: &Check| {
                merged.contains_key(&check.id) || check.skip_reason() == Some(SkipReason::NameUnknown)
            };
            let taken =
                made.host().is_none() && checks.iter().any(|check| check.id == made.id && is_kept(check));
            put(checks, if taken { unknown_label(entry) } else { made }, entry, &mut merged);
        }
    }
    merged
}

/// The row of an entry: by a part of its host where rows share a `resourceType`, else the first of that type.
fn row<'a>(
    catalogue: &'a Catalogue,
    entry: &NetworkStatusEntry,
    aim: Option<&PortalTarget>,
) -> Option<&'a Endpoint> {
    let host = aim.map(|aim| aim.host.as_str()).unwrap_or_default();
    let by_host = |row: &&Endpoint| row.portal_hosts.iter().any(|part| host.contains(part));
    let by_type = |row: &&Endpoint| {
        let kind =
            row.resource_type.as_ref().filter(|_| row.portal_hosts.is_empty() && row.run != RunWhen::Off);
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case(&entry.resource_type))
    };
    catalogue.endpoints.iter().find(by_host).or_else(|| catalogue.endpoints.iter().find(by_type))
}

fn checks_of(row: Option<&Endpoint>, entry: &NetworkStatusEntry, aim: Option<&PortalTarget>) -> Vec<Check> {
    match (row, aim) {
        (Some(row), Some(aim)) if !row.ports.is_empty() => {
            let host = Host { name: aim.host.clone(), origin: Origin::NetworkStatus };
            let known = |port: &&Port| aim.port.is_none_or(|wanted| wanted == port.number);
            let mut ports: Vec<Port> = row.ports.iter().filter(known).copied().collect();
            if let (true, Some(number)) = (ports.is_empty(), aim.port) {
                ports.push(Port { number, protocol: row.ports[0].protocol });
            }
            ports.into_iter().map(|port| Check::of_row(row, &host, port)).collect()
        }
        (Some(row), _) => vec![Check::without_target(row, SkipReason::NotCheckable)],
        (None, Some(aim)) => vec![unknown(aim, entry)],
        (None, None) => vec![unknown_label(entry)],
    }
}

/// A name that no row knows: a check of its own, by its shape.
fn unknown(aim: &PortalTarget, entry: &NetworkStatusEntry) -> Check {
    let port = aim.port.unwrap_or(if aim.host.contains(".database.") { 1433 } else { 443 });
    let protocol = if port == 1433 { Protocol::Tds } else { Protocol::Https };
    let endpoint = CustomEndpoint {
        host: aim.host.clone(),
        port,
        protocol,
        transport: None,
        requirement: if entry.is_optional == Some(false) {
            Requirement::Required
        } else {
            Requirement::Optional
        },
    };
    Check {
        purpose: UNKNOWN.to_owned(),
        resource_type: kind(entry),
        origin: Origin::NetworkStatus,
        request: aim.path.clone(),
        trust: TrustPolicy::Public,
        ..Check::custom(&endpoint)
    }
}

/// A label without a host (`Scm` and the like) that no row knows.
fn unknown_label(entry: &NetworkStatusEntry) -> Check {
    Check {
        id: CheckId(format!("{CUSTOM}/{}", entry.name)),
        name: entry.name.clone(),
        purpose: UNKNOWN.to_owned(),
        resource_type: kind(entry),
        origin: Origin::NetworkStatus,
        ..Check::without_row(CUSTOM, Role::Custom)
    }
}

fn kind(entry: &NetworkStatusEntry) -> Option<String> {
    (!entry.resource_type.is_empty()).then(|| entry.resource_type.clone())
}

/// Adds a check, or takes the place of the one that has the same target or had none.
fn put(checks: &mut Vec<Check>, mut made: Check, entry: &NetworkStatusEntry, merged: &mut Entries) {
    made.name.clone_from(&entry.name);
    if let Some(is_optional) = entry.is_optional {
        made.requirement = if is_optional { Requirement::Optional } else { Requirement::Required };
    }
    let empty = |check: &Check| {
        check.endpoint == made.endpoint && check.host().is_none() && !merged.contains_key(&check.id)
    };
    let place = checks.iter().position(|check| check.id == made.id).or_else(|| checks.iter().position(empty));
    merged.insert(made.id.clone(), entry.clone());
    match place {
        Some(place) => {
            let old = &checks[place];
            made.must_resolve_to = old.must_resolve_to;
            if made.host().is_none() {
                made = made.skipped_for(old.skip_reason());
            }
            checks[place] = made;
        }
        None => {
            let after = checks.iter().rposition(|check| check.endpoint == made.endpoint);
            checks.insert(after.map_or(checks.len(), |place| place + 1), made);
        }
    }
}

/// `host`, `host:port` or a URL; `None` for a bare label.
fn aim(name: &str) -> Option<PortalTarget> {
    let name = name.trim();
    let (scheme, rest) = match name.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, name),
    };
    let (authority, path) = match rest.find(['/', '?']) {
        Some(at) => (&rest[..at], Some(rest[at..].to_owned())),
        None => (rest, None),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
        None => (authority, scheme.map(|scheme| if scheme.eq_ignore_ascii_case("http") { 80 } else { 443 })),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let fine = host.contains('.') && host.len() <= 253 && host.split('.').all(is_label);
    let path = path.filter(|path| path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic()));
    fine.then_some(PortalTarget { host, port, path })
}
