//! From a row's host template to the hosts of this instance, or to the reason why there are none.

use crate::catalogue::{Catalogue, Cloud, Endpoint, Placeholder, Region};
use crate::instance::Instance;
use crate::outcome::SkipReason;
use crate::plan::target::{Host, Origin};

/// The kinds of a storage account's services, as they stand in its host names.
const STORAGE_KINDS: [&str; 4] = [".blob.", ".table.", ".queue.", ".file."];

/// Hosts of a row for this instance, or why there are none.
///
/// # Errors
/// The reason under which the row is skipped.
pub(super) fn hosts(
    catalogue: &Catalogue,
    instance: &Instance,
    row: &Endpoint,
) -> Result<Vec<Host>, SkipReason> {
    let cloud = &catalogue.clouds[&instance.cloud];
    // A cloud that has hosts of its own for a row has no use for the public cloud's probe hosts.
    let (templates, probes): (&[String], &[String]) = match cloud.hosts.get(&row.id) {
        Some(own) => (own, &[]),
        None => (&row.hosts, &row.probe_hosts),
    };
    let mut found: Vec<Host> = Vec::new();
    let mut missing = None;
    for template in templates.iter().filter(|template| !template.starts_with('*')).chain(probes) {
        match fill(catalogue, instance, cloud, template) {
            Ok(hosts) => found.extend(hosts),
            Err(reason) => missing = missing.or(Some(reason)),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|host| seen.insert(host.name.clone()));
    match missing {
        Some(reason) if found.is_empty() => Err(reason),
        _ => Ok(found),
    }
}

fn fill(
    catalogue: &Catalogue,
    instance: &Instance,
    cloud: &Cloud,
    template: &str,
) -> Result<Vec<Host>, SkipReason> {
    let mut filled = template.to_owned();
    for (key, suffix) in &cloud.suffixes {
        filled = filled.replace(&format!("{{suffix.{key}}}"), suffix);
    }
    let Some(placeholder) = Placeholder::first_in(&filled) else {
        return Ok(vec![Host { name: filled, origin: Origin::Catalogue }]);
    };
    let (names, origin) = values(catalogue, instance, placeholder)?;
    let hosts = names.iter().map(|name| put(&filled, placeholder, name));
    // A template may name a second placeholder (`{region}`): fill that one the same way.
    let mut complete = Vec::new();
    for host in hosts {
        match Placeholder::first_in(&host) {
            None => complete.push(Host { name: host.to_ascii_lowercase(), origin }),
            Some(_) => complete.extend(fill(catalogue, instance, cloud, &host)?),
        }
    }
    Ok(complete)
}

/// Puts a bare name into the template; a full host name takes the template's place, and a storage account's full name
/// gives its account and its suffix.
fn put(template: &str, placeholder: Placeholder, name: &str) -> String {
    let name = name.trim_end_matches('.');
    if !name.contains('.') {
        return placeholder.fill(template, name);
    }
    let kind_of = |text: &str| STORAGE_KINDS.into_iter().find(|kind| text.contains(kind));
    match (kind_of(template), kind_of(name)) {
        (Some(wanted), Some(given)) => name.replacen(given, wanted, 1),
        (Some(_), None) => placeholder.fill(template, name),
        (None, _) => name.to_owned(),
    }
}

/// The names that the instance gives for a placeholder, and where they came from.
fn values(
    catalogue: &Catalogue,
    instance: &Instance,
    placeholder: Placeholder,
) -> Result<(Vec<String>, Origin), SkipReason> {
    let id = instance.region.as_deref();
    let region = || id.and_then(|id| catalogue.region(id));
    let given_region = if instance.region_from_metadata() { Origin::Metadata } else { Origin::Flag };
    let (names, origin, missing) = match placeholder {
        Placeholder::Storage => (instance.storage_accounts.clone(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::SqlServer => (instance.sql_servers.clone(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::ApimKeyVault => (instance.apim_key_vaults(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::KeyVault => (instance.customer_key_vaults(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::EventHub => (instance.event_hubs.clone(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::Redis => (instance.classic_redis(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::ManagedRedis => (instance.managed_redis(), Origin::Flag, SkipReason::NameUnknown),
        Placeholder::Service => {
            (instance.service.iter().cloned().collect(), Origin::Flag, SkipReason::NoInstance)
        }
        Placeholder::Region => {
            (id.map(str::to_owned).into_iter().collect(), given_region, SkipReason::NameUnknown)
        }
        Placeholder::SqlRegion => (
            region().map(Region::sql_control).into_iter().collect(),
            Origin::Fallback,
            SkipReason::NameUnknown,
        ),
        Placeholder::Cluster => {
            let cluster = region().and_then(|region| region.package_cluster.clone());
            (cluster.into_iter().collect(), given_region, SkipReason::NotDerivable)
        }
        Placeholder::SmtpStorage => (Vec::new(), Origin::Flag, SkipReason::NotDerivable),
        Placeholder::DnsServer
        | Placeholder::NodeIp
        | Placeholder::PeerNodeIp
        | Placeholder::Gateway
        | Placeholder::Hash
        | Placeholder::Number => (Vec::new(), Origin::Flag, SkipReason::NotCheckable),
    };
    if names.is_empty() { Err(missing) } else { Ok((names, origin)) }
}
