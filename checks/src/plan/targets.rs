//! From a row's host template to the hosts of this instance, or to the reason why there are none.

use crate::catalogue::{Catalogue, Cloud, Endpoint};
use crate::instance::Instance;
use crate::outcome::SkipReason;
use crate::plan::Origin;

/// A host, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Host name or address.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
}

/// The kinds of a storage account's services, as they stand in its host names.
const STORAGE_KINDS: [&str; 4] = [".blob.", ".table.", ".queue.", ".file."];

/// Hosts of a row for this instance, or why there are none.
///
/// # Errors
/// The reason under which the row is skipped.
pub fn hosts(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> Result<Vec<Host>, SkipReason> {
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
    let Some(placeholder) = first_placeholder(&filled) else {
        return Ok(vec![Host { name: filled, origin: Origin::Catalogue }]);
    };
    let (names, origin) = values(catalogue, instance, &placeholder)?;
    let hosts = names.iter().map(|name| put(&filled, &placeholder, name));
    // A template may name a second placeholder (`{region}`): fill that one the same way.
    let mut complete = Vec::new();
    for host in hosts {
        match first_placeholder(&host) {
            None => complete.push(Host { name: host.to_ascii_lowercase(), origin }),
            Some(_) => complete.extend(fill(catalogue, instance, cloud, &host)?),
        }
    }
    Ok(complete)
}

fn first_placeholder(template: &str) -> Option<String> {
    let (_, rest) = template.split_once('{')?;
    rest.split_once('}').map(|(name, _)| name.to_owned())
}

/// Puts a bare name into the template; a full host name takes the template's place, and a storage account's full name
/// gives its account and its suffix.
fn put(template: &str, placeholder: &str, name: &str) -> String {
    let name = name.trim_end_matches('.');
    if !name.contains('.')
        || placeholder == "region"
        || placeholder == "sql_region"
        || placeholder == "cluster"
    {
        return template.replace(&format!("{{{placeholder}}}"), name);
    }
    let kind_of = |text: &str| STORAGE_KINDS.into_iter().find(|kind| text.contains(kind));
    match (kind_of(template), kind_of(name)) {
        (Some(wanted), Some(given)) => name.replacen(given, wanted, 1),
        (Some(_), None) => template.replace(&format!("{{{placeholder}}}"), name),
        (None, _) => name.to_owned(),
    }
}

/// The names that the instance gives for a placeholder.
fn values(
    catalogue: &Catalogue,
    instance: &Instance,
    placeholder: &str,
) -> Result<(Vec<String>, Origin), SkipReason> {
    let region = instance.region.as_deref();
    let region_origin = if instance.region_from_metadata() { Origin::Metadata } else { Origin::Flag };
    let (names, missing): (Vec<String>, SkipReason) = match placeholder {
        "storage" => (instance.storage_accounts.clone(), SkipReason::NameUnknown),
        "sqlserver" => (instance.sql_servers.clone(), SkipReason::NameUnknown),
        "apim_keyvault" => (instance.apim_key_vaults(), SkipReason::NameUnknown),
        "keyvault" => (instance.customer_key_vaults(), SkipReason::NameUnknown),
        "eventhub_ns" => (instance.event_hubs.clone(), SkipReason::NameUnknown),
        "redis" => (instance.classic_redis(), SkipReason::NameUnknown),
        "managed_redis" => (instance.managed_redis(), SkipReason::NameUnknown),
        "service" => (instance.service.iter().cloned().collect(), SkipReason::NoInstance),
        "region" => (region.map(str::to_owned).into_iter().collect(), SkipReason::NameUnknown),
        "sql_region" => {
            let ring = region.and_then(|id| catalogue.region(id)).map(crate::catalogue::Region::sql_control);
            return ring.map(|ring| (vec![ring], Origin::Fallback)).ok_or(SkipReason::NameUnknown);
        }
        "cluster" => {
            let cluster =
                region.and_then(|id| catalogue.region(id)).and_then(|region| region.package_cluster.clone());
            (cluster.into_iter().collect(), SkipReason::NotDerivable)
        }
        "smtp_storage" => (Vec::new(), SkipReason::NotDerivable),
        _ => (Vec::new(), SkipReason::NotCheckable),
    };
    let origin = if matches!(placeholder, "region" | "cluster") { region_origin } else { Origin::Flag };
    if names.is_empty() { Err(missing) } else { Ok((names, origin)) }
}
