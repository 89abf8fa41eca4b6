//! Steps on this machine and beside Azure's own tools, as commands of a shell. What is not known is a `<PLACEHOLDER>`.

use std::net::IpAddr;

use crate::server::Server;

use super::step::{Change, DnsQuestion, Look, Peer};

/// The command of a look that Azure's command line has no part in.
#[must_use]
pub fn look(look: &Look) -> Option<String> {
    Some(match look {
        Look::Dns { server, name, how } => dns(*server, name, *how),
        Look::Certificates(Peer { host, port }) => {
            let host = self::host(host);
            format!("openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null")
        }
        Look::Http { scheme, peer } => http(scheme, peer),
        Look::Time(Peer { host, port }) => {
            format!("chronyd -Q 'server {} port {port} iburst'", self::host(host))
        }
        Look::Clock => "chronyc tracking".to_owned(),
        Look::Metadata => "curl -s -m 2 --noproxy '*' -H Metadata:true \
                           'http://169.254.169.254/metadata/instance?api-version=2021-02-01'"
            .to_owned(),
        Look::FullPing(to) => format!("ping -c 3 -M do -s 1472 {}", address(*to, "<ADDRESS>")),
        Look::LocalRoutes => "ip route show table all".to_owned(),
        Look::MachineRules => "sudo nft list ruleset".to_owned(),
        Look::MachineTables => "sudo iptables -S".to_owned(),
        Look::Resolver => "resolvectl status".to_owned(),
        Look::Probe(args) => format!("apim-probe {}", args.join(" ")),
        Look::ProbeAgain => {
            "for i in 1 2 3 4 5; do apim-probe --exit-zero | tail -n 1; sleep 60; done".to_owned()
        }
        _ => return None,
    })
}

/// The command of a change of this machine, or of a router that runs Linux.
#[must_use]
pub fn change(change: &Change) -> Option<String> {
    Some(match change {
        Change::HostsFile { names, address } => {
            let names: Vec<&str> = names.iter().map(|name| host(name)).collect();
            let address = self::address(*address, "<PRIVATE_IP>");
            format!("printf '{address} %s\\n' {} | sudo tee --append /etc/hosts", names.join(" "))
        }
        Change::StepClock => "sudo chronyc makestep".to_owned(),
        Change::KeepClock => "sudo timedatectl set-ntp true".to_owned(),
        Change::ClampSegments => {
            "sudo iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
                .to_owned()
        }
        Change::RestartResolver => "sudo systemctl restart systemd-resolved".to_owned(),
        Change::OpenFiles => "ulimit -n 1024".to_owned(),
        _ => return None,
    })
}

/// A host name that may stand in a command line; a placeholder for anything else, whoever wrote it.
#[must_use]
pub fn host(name: &str) -> &str {
    let is_plain = !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if is_plain { name } else { "<HOST>" }
}

/// A name from a document, where it is one that a shell takes as it stands; else the placeholder.
pub(crate) fn known<'a>(name: Option<&'a str>, placeholder: &'a str) -> &'a str {
    let is_plain = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    name.filter(is_plain).unwrap_or(placeholder)
}

fn address(address: Option<IpAddr>, placeholder: &str) -> String {
    address.map_or_else(|| placeholder.to_owned(), |address| address.to_string())
}

fn dns(server: Option<Server>, name: &str, how: DnsQuestion) -> String {
    let server = match server {
        None => String::new(),
        Some(server) if server == Server::at(server.ip()) => format!(" @{}", server.ip()),
        Some(server) => format!(" @{} -p {}", server.ip(), server.port()),
    };
    let name = host(name);
    match how {
        DnsQuestion::Addresses => format!("dig{server} +short {name}"),
        DnsQuestion::Whole => format!("dig{server} {name}"),
        DnsQuestion::BothFamilies => format!("dig{server} {name} A {name} AAAA"),
        DnsQuestion::Once => format!("dig{server} {name} +time=2 +tries=1"),
        DnsQuestion::OnceOverTcp => format!("dig{server} {name} +tcp +time=2 +tries=1"),
        DnsQuestion::Timed => format!("dig{server} +stats {name} A"),
    }
}

fn http(scheme: &str, Peer { host, port }: &Peer) -> String {
    let host = self::host(host);
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("curl -sv -m 5 {scheme}://{host}/ -o /dev/null"),
        _ => format!("curl -sv -m 5 {scheme}://{host}:{port}/ -o /dev/null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_shell_would_read_is_a_placeholder() {
        let command = |name: &str| look(&Look::Certificates(Peer { host: name.to_owned(), port: 443 }));
        assert!(command("x; rm -rf ~").unwrap_or_default().contains("-connect <HOST>:443 "));
        assert!(command("-showcerts").unwrap_or_default().contains("-connect <HOST>:443 "));
    }

    #[test]
    fn a_server_is_named_with_a_port_that_is_not_53() {
        let asked = |server: &str| dns(server.parse().ok(), "contoso.com", DnsQuestion::Addresses);
        assert_eq!(asked("10.0.2.4:53"), "dig @10.0.2.4 +short contoso.com");
        assert_eq!(asked("[fd00::1]:5353"), "dig @fd00::1 -p 5353 +short contoso.com");
        assert_eq!(dns(None, "contoso.com", DnsQuestion::Whole), "dig contoso.com");
    }
}
