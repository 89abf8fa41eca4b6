//! The machine: its name, addresses, route and proxy variables, and the limits that it sets us.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::{env, fs, thread};

use apim_probe_checks::instance::Instance;
use apim_probe_checks::run::Host;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

use crate::error::UserError;
use crate::render::escape;

/// Descriptors that are left for everything but probing: standard streams, the event loop, outputs.
const RESERVED: u64 = 24;

/// Descriptors without which nothing can be decided: standard streams, event loop and signals take nine, a name and a
/// connection are to have two each.
const FEWEST: u64 = 16;

/// The platform's resolver.
const AZURE_DNS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)), 53);

/// Proxy variables that are reported, and never used.
const PROXY: [&str; 6] = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/// A runtime with as many threads as help: at most four, at least one.
///
/// # Errors
/// The machine gives no thread, no event loop or too few descriptors for one.
pub fn runtime() -> Result<Runtime, UserError> {
    if let Some(limit) = descriptors().filter(|limit| *limit < FEWEST) {
        let error = format!("this machine allows {limit} open files, {FEWEST} are needed");
        return Err(UserError::new(error).hint("raise the limit: ulimit -n 1024"));
    }
    let cores = thread::available_parallelism().map_or(1, usize::from).min(4);
    Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .map_err(|error| UserError::new(format!("this machine gives no event loop: {error}")))
}

/// How many sockets may be open at once: what is wanted, within the limit of descriptors, which is raised first.
#[must_use]
pub fn sockets(wanted: usize) -> usize {
    let Some(limit) = descriptors() else { return wanted };
    usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(wanted).clamp(1, wanted)
}

/// The limit of open descriptors, which is raised as far as it may be. `None` where the system does not tell.
fn descriptors() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let aim = hard.min(4096).max(soft);
    let raised = soft >= aim || setrlimit(Resource::RLIMIT_NOFILE, aim, hard).is_ok();
    Some(if raised { aim } else { soft })
}

/// The resolver to compare with, where it is wanted and not the configured one.
#[must_use]
pub fn reference(instance: &Instance) -> Option<SocketAddr> {
    let configured = instance.dns_servers.contains(&AZURE_DNS);
    (instance.use_azure_dns && !configured).then_some(AZURE_DNS)
}

/// A name server as people write it: the port only where it is not 53.
#[must_use]
pub fn server_name(server: &SocketAddr) -> String {
    if server.port() == 53 { server.ip().to_string() } else { server.to_string() }
}

/// A random id, 32 hex digits: the keys of a new hasher are random.
#[must_use]
pub fn run_id() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// What the machine tells about itself.
#[must_use]
pub fn facts() -> Host {
    let route = default_route();
    Host {
        hostname: line_of("/proc/sys/kernel/hostname"),
        os: os_name(),
        kernel: line_of("/proc/sys/kernel/osrelease"),
        addresses: addresses(),
        mtu: route
            .as_ref()
            .and_then(|(interface, _)| line_of(&format!("/sys/class/net/{interface}/mtu"))?.parse().ok()),
        default_gateway: route.map(|(_, gateway)| gateway),
        proxy: proxies(),
        ..Host::default()
    }
}

fn line_of(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}

fn os_name() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

/// Addresses of the interfaces, loopback and link-local left out.
fn addresses() -> Vec<String> {
    let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    let ips = interfaces.filter_map(|interface| {
        let address = interface.address?;
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    });
    let is_local = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local(),
    };
    ips.filter(|ip| !is_local(ip)).map(|ip| ip.to_string()).collect()
}

/// Interface and gateway of the IPv4 default route, from the kernel's table: destination and gateway are hex, in the
/// machine's byte order.
fn default_route() -> Option<(String, String)> {
    let table = fs::read_to_string("/proc/net/route").ok()?;
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [interface, "00000000", gateway, ..] = fields[..] else { return None };
        let gateway = Ipv4Addr::from(u32::from_str_radix(gateway, 16).ok()?.to_ne_bytes());
        Some((interface.to_owned(), gateway.to_string()))
    })
}

fn proxies() -> BTreeMap<String, String> {
    PROXY
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), escape::without_credentials(&env::var(name).ok()?))))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_runs_are_32_hex_digits_and_differ() {
        let ids: Vec<String> = (0..100).map(|_| run_id()).collect();
        assert!(ids.iter().all(|id| id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit())));
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
    }
}
