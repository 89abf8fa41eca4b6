//! What this machine has and API Management's nodes have not: a proxy in the environment, lines in a hosts file. Pure.

use crate::catalogue::{Direction, Protocol};
use crate::diagnose::phrases::listed;
use crate::diagnose::seen::Seen;
use crate::outcome::Answerer;
use crate::plan::Check;
use crate::run::Host;

/// That API Management uses no proxy, where this machine's environment names one. The checks use none either.
#[must_use]
pub fn proxy_note(host: &Host) -> Option<String> {
    let names: Vec<&str> = host.proxy.keys().map(String::as_str).filter(|name| is_proxy(name)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "this machine's environment names a proxy ({}), which API Management's nodes do not use and these checks did not",
            listed(&names)
        )
    })
}

/// True for a variable that names a proxy, and not what goes past one.
pub(crate) fn is_proxy(variable: &str) -> bool {
    !variable.eq_ignore_ascii_case("no_proxy")
}

/// True for a target that other programs of this machine would reach through the proxy.
#[must_use]
pub fn is_proxied_elsewhere(check: &Check) -> bool {
    let is_http = check.protocol.is_plain_http() || check.protocol == Protocol::Https;
    is_http && check.direction != Direction::Inbound && !check.role().is_platform()
}

/// What the hosts file of this machine did to a name, or would do to other programs.
#[must_use]
pub fn hosts_file_note(seen: Seen<'_>) -> Option<String> {
    let dns = seen.dns()?;
    if dns.server == Some(Answerer::HostsFile) {
        let used = dns.addresses.iter().map(|address| address.ip);
        return Some(format!(
            "the name was taken from this machine's hosts file ({}), which API Management's nodes and other clients do not read: \
             DNS was not asked",
            listed(used)
        ));
    }
    (!dns.hosts_file.is_empty()).then(|| {
        format!(
            "this machine's hosts file has {}, which API Management's nodes do not read: DNS decided",
            listed(&dns.hosts_file)
        )
    })
}
