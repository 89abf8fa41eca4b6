//! The checks of an Application Gateway that publishes the instance: what its health probes ask of the instance, and what its
//! clients ask of its front end.

use std::net::IpAddr;

use crate::catalogue::{Catalogue, Endpoint, Published, Role};
use crate::instance::Instance;
use crate::outcome::SkipReason;
use crate::plan::gateway_path::GatewayPath;
use crate::plan::hosts::hosts;
use crate::plan::target::Host;
use crate::plan::{Check, Origin};

/// The checks of one row of an Application Gateway; none where no gateway was named.
pub(super) fn checks_of(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> Vec<Check> {
    let (Some(published), Some(front)) = (row.publishes, &instance.app_gateway) else { return Vec::new() };
    let own = own_domains(instance, published);
    match row.role {
        Role::GatewayProbe => probes(catalogue, instance, row, own),
        _ => clients(instance, row, front, own),
    }
}

/// By each custom domain, else by the default host name, at the private address.
fn probes(catalogue: &Catalogue, instance: &Instance, row: &Endpoint, own: Vec<Host>) -> Vec<Check> {
    let found = if own.is_empty() { hosts(catalogue, instance, row) } else { Ok(own) };
    let (Ok(hosts), Some(address)) = (&found, instance.private_ip) else {
        let reason = found.err().unwrap_or(SkipReason::NameUnknown);
        return vec![Check::without_target(row, reason)];
    };
    let path = GatewayPath::Probe { address, or_request: row.or_request.clone() };
    checks(row, hosts, &path)
}

/// By each custom domain; the APIs without one by the name of the gateway itself.
fn clients(instance: &Instance, row: &Endpoint, front: &str, own: Vec<Host>) -> Vec<Check> {
    let of_apis = row.publishes == Some(Published::Gateway);
    let is_name = front.parse::<IpAddr>().is_err();
    let hosts = match (own.is_empty(), of_apis) {
        (false, _) => own,
        (true, true) if is_name => vec![Host { name: front.to_ascii_lowercase(), origin: Origin::Flag }],
        (true, true) => return vec![Check::without_target(row, SkipReason::NameUnknown)],
        // What has no public name is not published.
        (true, false) => Vec::new(),
    };
    let path = GatewayPath::Front { front: front.to_owned(), instance: instance.private_ip };
    checks(row, &hosts, &path)
}

fn checks(row: &Endpoint, hosts: &[Host], path: &GatewayPath) -> Vec<Check> {
    let targets = hosts.iter().flat_map(|host| row.ports.iter().map(move |port| (host, *port)));
    targets
        .map(|(host, port)| Check { gateway: Some(path.clone()), ..Check::of_row(row, host, port) })
        .collect()
}

/// The custom domains of an endpoint, each once.
fn own_domains(instance: &Instance, published: Published) -> Vec<Host> {
    let mut domains: Vec<Host> = Vec::new();
    for (kind, name) in &instance.hostnames {
        let host = Host { name: name.to_ascii_lowercase(), origin: Origin::Flag };
        if kind.published() == Some(published) && !domains.contains(&host) {
            domains.push(host);
        }
    }
    domains
}
