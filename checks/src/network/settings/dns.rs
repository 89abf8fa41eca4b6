//! Whether network, instance, machine and private zones agree about DNS.

use std::net::IpAddr;

use crate::arrange;
use crate::network::choose::Chosen;
use crate::network::resource::Field;
use crate::network::{PrivateZone, RecordSet, VirtualNetwork, ZoneLink, azure};

use super::{Gravity, Reason, ReasonCode, Surroundings};

const SERVERS: &str = "https://learn.microsoft.com/azure/api-management/api-management-using-with-internal-vnet#dns-configuration";
const ZONES: &str = "https://learn.microsoft.com/azure/dns/private-dns-privatednszone";

/// Where DNS differs; `None` where no document speaks of DNS.
pub(super) fn reasons(chosen: &Chosen<'_>, around: &Surroundings<'_>) -> Option<Vec<Reason>> {
    let servers = chosen.virtual_network.and_then(servers);
    let network = chosen.network;
    if servers.is_none() && network.zones.is_empty() && network.record_sets.is_empty() {
        return None;
    }
    let mut reasons = Vec::new();
    if let (Some(servers), Some(virtual_network)) = (&servers, chosen.virtual_network) {
        reasons.extend(of_instance(chosen, virtual_network, servers));
        reasons.extend(of_machine(chosen, virtual_network, servers, around.machine_dns));
    }
    reasons.extend(around.hosts.iter().flat_map(|host| in_zones(chosen, around, host)));
    Some(reasons)
}

/// The servers of a network: Azure's own where it names none.
fn servers(network: &VirtualNetwork) -> Option<Vec<IpAddr>> {
    match &network.dns_servers {
        Field::Given(servers) => Some(servers.clone()),
        Field::Absent => Some(vec![azure::DNS]),
        Field::Unreadable => None,
    }
}

fn warning(code: ReasonCode, says: String, step: String, source: &'static str) -> Reason {
    Reason::new(code, Gravity::Warning, (says, step), source)
}

fn listed(servers: &[IpAddr]) -> String {
    servers.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
}

/// Servers in any order: of two lists that differ in their order alone none is wrong.
fn differ(a: &[IpAddr], b: &[IpAddr]) -> bool {
    let sorted = |servers: &[IpAddr]| {
        let mut servers = servers.to_vec();
        arrange::by(&mut servers, Ord::cmp);
        servers.dedup();
        servers
    };
    sorted(a) != sorted(b)
}

/// An instance keeps the servers that the network had when it was deployed, until the configuration is applied again.
fn of_instance(chosen: &Chosen<'_>, network: &VirtualNetwork, servers: &[IpAddr]) -> Option<Reason> {
    let here = chosen.location.and_then(|location| location.location.given());
    let status = chosen.network.network_status.iter().find(|status| {
        let location = status.location.as_deref().map(crate::network::Location::new);
        here.is_none() || location.is_none() || location.as_ref() == here
    })?;
    let used: Vec<IpAddr> = status.dns_servers.iter().map(|server| server.ip()).collect();
    (!used.is_empty() && differ(&used, servers)).then(|| {
        warning(
            ReasonCode::InstanceServers,
            format!(
                "The instance asks {}, and the virtual network {} names {}: the instance has not taken them over.",
                listed(&used),
                network.id.name(),
                listed(servers)
            ),
            "Apply the network configuration to the instance (portal: Network > Apply network configuration).".to_owned(),
            SERVERS,
        )
        .values(Some(listed(&used)), Some(listed(servers)))
    })
}

/// A machine asks the servers of its own interface, where that names any, and else the network's. It concerns what this machine
/// sees, not the instance: information, whatever the servers are.
fn of_machine(
    chosen: &Chosen<'_>,
    network: &VirtualNetwork,
    servers: &[IpAddr],
    machine: &[IpAddr],
) -> Option<Reason> {
    // A loopback stub forwards to servers that its own configuration knows.
    let used: Vec<IpAddr> = machine.iter().copied().filter(|server| !server.is_loopback()).collect();
    let interface = chosen.interface.filter(|interface| !interface.dns_servers.is_empty());
    let told = interface.map_or(servers, |interface| &interface.dns_servers);
    let (used_here, named) = (listed(&used), listed(servers));
    let network = network.id.name();
    let (says, step) = match interface {
        _ if used.is_empty() => return None,
        Some(interface) if differ(&used, told) => (
            format!(
                "This machine asks {used_here}, and its interface {} names {}: API Management asks those of the virtual network {network}, {named}.",
                interface.id.name(),
                listed(told)
            ),
            "Renew the DHCP lease of this machine or restart it, and remove the DNS servers of its interface, so that it asks what API Management asks.",
        ),
        Some(interface) if differ(&used, servers) => (
            format!(
                "This machine asks {used_here}, which its interface {} names, and the virtual network {network} names {named}: API Management asks the network's.",
                interface.id.name()
            ),
            "Remove the DNS servers of this machine's interface and restart it, so that it asks what API Management asks.",
        ),
        None if differ(&used, servers) => (
            format!(
                "This machine asks {used_here}, and the virtual network {network} names {named}: API Management asks the network's."
            ),
            "Renew the DHCP lease of this machine or restart it, or remove servers of its own, so that it asks what API Management asks.",
        ),
        _ => return None,
    };
    let reason = Reason::new(ReasonCode::MachineServers, Gravity::Info, (says, step.to_owned()), SERVERS);
    Some(reason.values(Some(used_here), Some(named)))
}

/// What is wrong with one of the instance's names in the zones that were given.
fn in_zones(chosen: &Chosen<'_>, around: &Surroundings<'_>, host: &str) -> Vec<Reason> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let network = chosen.network;
    let holds = |zone: &&PrivateZone| {
        let name = zone.id.name().to_ascii_lowercase();
        host == name || host.ends_with(&format!(".{name}"))
    };
    let Some(zone) = network.zones.iter().filter(holds).max_by_key(|zone| zone.id.name().len()) else {
        return Vec::new();
    };
    let name = zone.id.name();
    [link(chosen, zone, name), record(chosen, zone, &host, around.private_ip)].into_iter().flatten().collect()
}

/// Links are known where any link of the zone was given.
fn link(chosen: &Chosen<'_>, zone: &PrivateZone, name: &str) -> Option<Reason> {
    let links: Vec<&ZoneLink> =
        chosen.network.zone_links.iter().filter(|link| link.id.parent().as_ref() == Some(&zone.id)).collect();
    let network = chosen.virtual_network?;
    let is_linked =
        links.iter().any(|link| !matches!(&link.virtual_network, Field::Given(id) if *id != network.id));
    (!links.is_empty() && !is_linked).then(|| {
        warning(
            ReasonCode::ZoneNotLinked,
            format!("The private zone {name} is not linked to the virtual network {}.", network.id.name()),
            format!("Link the zone {name} to the virtual network {}.", network.id.name()),
            ZONES,
        )
    })
}

/// Records are known where any record set of the zone was given.
fn record(chosen: &Chosen<'_>, zone: &PrivateZone, host: &str, private_ip: Option<IpAddr>) -> Option<Reason> {
    let of_zone = |record: &&RecordSet| record.id.parent().as_ref() == Some(&zone.id);
    let records: Vec<&RecordSet> = chosen.network.record_sets.iter().filter(of_zone).collect();
    if records.is_empty() {
        return None;
    }
    let answers = |record: &&&RecordSet| {
        let is_name = record.name == host;
        let is_wildcard =
            record.name.strip_prefix("*.").is_some_and(|rest| host.ends_with(&format!(".{rest}")));
        (is_name || is_wildcard) && matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME")
    };
    let Some(found) = records.iter().find(answers) else {
        let name = zone.id.name();
        return Some(warning(
            ReasonCode::RecordMissing,
            format!(
                "The private zone {name} has no record for {host}: names that it does not hold do not exist in a linked network."
            ),
            format!("Add an A record for {host} with the instance's private address."),
            ZONES,
        ));
    };
    let private_ip = private_ip?;
    (!found.addresses.is_empty() && !found.addresses.contains(&private_ip)).then(|| {
        warning(
            ReasonCode::RecordElsewhere,
            format!(
                "The private zone answers {host} with {}, and the instance has {private_ip}.",
                listed(&found.addresses)
            ),
            format!("Change the record for {host} to {private_ip}."),
            ZONES,
        )
    })
}
