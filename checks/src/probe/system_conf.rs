//! Reading the resolver's files: their text comes from the agent. Pure.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::arrange;
use crate::server::Server;
use resolv_conf::Config;

/// What a resolv.conf says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolver {
    /// Name servers in their order, each once.
    pub servers: Vec<Server>,
    /// Search domains, without final dots.
    pub search: Vec<String>,
}

impl Resolver {
    /// True when every server is a stub on this machine, so that the real ones stand elsewhere.
    #[must_use]
    pub fn is_stub(&self) -> bool {
        !self.servers.is_empty() && self.servers.iter().all(|server| server.ip().is_loopback())
    }
}

/// Reads the text of a resolv.conf; lines that make no sense are passed over.
#[must_use]
pub fn resolver(text: &str) -> Resolver {
    // Not hickory's reading of it: that one loses every server when a search domain is no name that it can encode.
    let (config, _) = Config::parse_with_errors(text.as_bytes());
    let mut servers: Vec<Server> = Vec::new();
    for server in config.nameservers.iter().map(|server| Server::at(server.into())) {
        if !servers.contains(&server) {
            servers.push(server);
        }
    }
    let domains = config.get_domain().into_iter().chain(config.get_search().into_iter().flatten());
    let mut search: Vec<String> = Vec::new();
    for domain in domains.map(|name| name.trim_end_matches('.').to_owned()) {
        if !domain.is_empty() && domain != "--" && !search.contains(&domain) {
            search.push(domain);
        }
    }
    Resolver { servers, search }
}

/// The entries of a hosts file: the addresses of each name, in lower case and without a final dot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(HashMap<String, Vec<IpAddr>>);

impl Hosts {
    /// The addresses of `host`, whatever its case, each once, IPv4 first; none where no line names it.
    #[must_use]
    pub fn addresses(&self, host: &str) -> &[IpAddr] {
        self.0.get(&canonical(host)).map_or(&[], Vec::as_slice)
    }
}

/// Reads the text of a hosts file; lines that make no sense are passed over.
#[must_use]
pub fn hosts(text: &str) -> Hosts {
    let mut hosts: HashMap<String, Vec<IpAddr>> = HashMap::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse().ok()) else { continue };
        for name in words {
            let addresses = hosts.entry(canonical(name)).or_default();
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    hosts.values_mut().for_each(|addresses| arrange::by_key(addresses, IpAddr::is_ipv6));
    Hosts(hosts)
}

fn canonical(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_keep_their_order_and_search_domains_are_listed() {
        let read =
            resolver("# c\nsearch corp.example internal.example\nnameserver 10.0.2.4\nnameserver 10.0.2.5\n");
        assert_eq!(read.servers, ["10.0.2.4:53".parse().unwrap(), "10.0.2.5:53".parse().unwrap()]);
        assert_eq!(read.search, ["corp.example", "internal.example"]);
        assert!(!read.is_stub());
        assert!(resolver("nameserver 127.0.0.53\n").is_stub());
    }

    #[test]
    fn an_odd_search_domain_costs_no_server() {
        let label = "x".repeat(64);
        let read = resolver(&format!("search büro.example {label} --\nnameserver 10.0.2.4\n"));
        assert_eq!(read.servers, ["10.0.2.4:53".parse().unwrap()]);
        assert_eq!(read.search, ["büro.example", &label]);
    }

    #[test]
    fn a_file_without_a_server_gives_none() {
        assert_eq!(resolver(""), Resolver::default());
        assert_eq!(resolver("nonsense \u{0} line\n").servers, []);
    }

    #[test]
    fn a_hosts_file_with_odd_lines_is_read_all_the_same() {
        let hosts = hosts("# c\nnot-an-address x\n20.60.0.9 a.example B.example. # d.example\n\u{0}\n::1\n");
        let address: IpAddr = "20.60.0.9".parse().unwrap();
        assert_eq!(hosts.addresses("b.example"), [address]);
        assert_eq!(hosts.addresses("A.EXAMPLE."), [address]);
        assert_eq!(hosts.addresses("x"), [] as [IpAddr; 0]);
        assert_eq!(hosts.addresses("d.example"), [] as [IpAddr; 0]);
    }

    #[test]
    fn addresses_of_several_lines_are_joined_each_once_and_ipv4_first() {
        let hosts = hosts("fe80::9 a.example\n20.60.0.9 a.example\n20.60.0.9 a.example\n");
        let addresses: Vec<String> = hosts.addresses("a.example").iter().map(IpAddr::to_string).collect();
        assert_eq!(addresses, ["20.60.0.9", "fe80::9"]);
    }
}
