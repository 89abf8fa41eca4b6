//! The machine and the environment: the only place where their files and variables are read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::{env, fs};

use apim_probe_azure::Proxy;
use apim_probe_checks::probe::system_conf::{self, Hosts, Resolver};
use apim_probe_checks::run::Host;

use crate::render::escape;

/// Where systemd-resolved keeps the servers that its stub asks.
const UPLINKS: &str = "/run/systemd/resolve/resolv.conf";

/// Proxy variables that are reported, and never used.
const PROXY: [&str; 6] = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/// The system's DNS servers and search domains; behind a stub, the servers that the stub asks.
#[must_use]
pub fn resolver() -> Resolver {
    let read = |path: &str| system_conf::resolver(&fs::read_to_string(path).unwrap_or_default());
    let configured = read("/etc/resolv.conf");
    if !configured.is_stub() {
        return configured;
    }
    let uplinks = read(UPLINKS);
    if uplinks.servers.is_empty() { configured } else { uplinks }
}

/// The hosts file as it is now.
#[must_use]
pub fn hosts_file() -> Hosts {
    system_conf::hosts(&fs::read_to_string("/etc/hosts").unwrap_or_default())
}

/// A variable of the environment that stands for an option; `None` where it is unset or not text.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The folder in which the program was started; empty where the system does not say.
#[must_use]
pub fn working_folder() -> PathBuf {
    env::current_dir().unwrap_or_default()
}

/// What the environment says about the terminal and the language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Environment {
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set to something else than `0`.
    pub force_color: bool,
    /// `CLICOLOR` is `0`.
    pub color_off: bool,
    /// `TERM` is unset or `dumb`: the cursor cannot be moved.
    pub is_dumb: bool,
    /// The locale's encoding is UTF-8.
    pub is_utf8: bool,
}

impl Environment {
    /// Reads the variables; an empty one is unset.
    #[must_use]
    pub fn read() -> Self {
        Self::of(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&'static str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&variable).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        Self {
            no_color: variable("NO_COLOR").is_some(),
            force_color: variable("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            color_off: variable("CLICOLOR").is_some_and(|value| value == "0"),
            is_dumb: variable("TERM").is_none_or(|term| term == "dumb"),
            is_utf8: locale.contains("utf-8") || locale.contains("utf8"),
        }
    }
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
    let system = nix::sys::utsname::uname().ok();
    let told = |word: &OsStr| word.to_str().filter(|word| !word.is_empty()).map(str::to_owned);
    Host {
        hostname: system.as_ref().and_then(|system| told(system.nodename())),
        os: os_name(),
        kernel: system.as_ref().and_then(|system| told(system.release())),
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
#[must_use]
pub fn private_addresses() -> Vec<IpAddr> {
    addresses().iter().filter_map(|address| address.parse().ok()).collect()
}

/// The same as text.
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

/// The proxy for asking Azure: `HTTPS_PROXY`, else `https_proxy`, else `ALL_PROXY`. `HTTP_PROXY` never matters: ARM is https.
#[must_use]
pub fn arm_proxy() -> Option<Proxy> {
    let url = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].into_iter().find_map(variable)?;
    let exceptions = ["no_proxy", "NO_PROXY"].into_iter().find_map(variable).unwrap_or_default();
    Some(Proxy { url, exceptions })
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
    fn an_unset_terminal_is_dumb_and_the_first_locale_variable_decides() {
        let set = |pairs: &'static [(&str, &str)]| {
            Environment::of(move |name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(set(&[]), Environment { is_dumb: true, ..Environment::default() });
        let both = set(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8"), ("TERM", "xterm")]);
        assert_eq!(both, Environment::default());
        assert!(set(&[("LANG", "de_DE.utf8")]).is_utf8);
        assert!(set(&[("CLICOLOR_FORCE", "1")]).force_color && !set(&[("CLICOLOR_FORCE", "0")]).force_color);
    }

    #[test]
    fn ids_of_runs_are_32_hex_digits_and_differ() {
        let ids: Vec<String> = (0..100).map(|_| run_id()).collect();
        assert!(ids.iter().all(|id| id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit())));
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
    }
}
