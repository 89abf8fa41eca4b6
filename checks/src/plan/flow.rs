//! What a check asks of the configuration: its flows.

use std::net::IpAddr;

use crate::catalogue::{Direction, Endpoint, RunWhen, Transport, VnetMode, words};
use crate::network::security::{PortRange, RuleProtocol, Way};

/// One flow: from the subnet to its other end, or the reverse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Who opens the connection, seen from the subnet.
    pub direction: Way,
    /// TCP or UDP.
    pub transport: Carrier,
    /// Destination ports, all of them.
    pub ports: PortRange,
    /// The end that is the subnet.
    pub near: NearEnd,
    /// The end that is not.
    pub other: OtherEnd,
}

words! {
    /// The transport of one flow.
    Carrier {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

impl Carrier {
    /// The transports of the flows of a check.
    #[must_use]
    pub const fn of(transport: Transport) -> &'static [Self] {
        match transport {
            Transport::Tcp => &[Self::Tcp],
            Transport::Udp => &[Self::Udp],
            Transport::UdpTcp => &[Self::Udp, Self::Tcp],
        }
    }

    /// `TCP` or `UDP`, as sentences and Network Watcher have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// The protocol of a rule for it.
    #[must_use]
    pub const fn protocol(self) -> RuleProtocol {
        match self {
            Self::Tcp => RuleProtocol::Tcp,
            Self::Udp => RuleProtocol::Udp,
        }
    }
}

/// The end of a flow that is the subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NearEnd {
    /// All of it.
    Subnet,
    /// Its first usable address: the fifth of its first IPv4 prefix.
    FirstUsable,
}

/// The end of a flow that is not the subnet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OtherEnd {
    /// Its addresses, and the tag that it has beside them, which speaks for the public ones alone.
    Addresses(Vec<IpAddr>, Option<String>),
    /// A service tag whose address is not known.
    Tag(String),
    /// The other machines of the instance, in the same subnet.
    Peers,
    /// Somewhere in the internet.
    Internet,
    /// A host that no row of the catalogue knows: nobody can say whether it is public.
    Anywhere,
}

impl Flow {
    /// A connection from one address to the first usable address of the subnet.
    #[must_use]
    pub const fn inbound(from: Vec<IpAddr>, port: u16, transport: Carrier) -> Self {
        Self {
            direction: Way::Inbound,
            transport,
            ports: PortRange::one(port),
            near: NearEnd::FirstUsable,
            other: OtherEnd::Addresses(from, None),
        }
    }

    /// Connections from the subnet to one host: its addresses, where they are known.
    #[must_use]
    pub fn outbound(to: Vec<IpAddr>, port: u16, transport: Carrier) -> Self {
        let other = if to.is_empty() { OtherEnd::Anywhere } else { OtherEnd::Addresses(to, None) };
        Self {
            direction: Way::Outbound,
            transport,
            ports: PortRange::one(port),
            near: NearEnd::Subnet,
            other,
        }
    }
}

/// The flows of a row: all its ports, transports, tags and directions, or of `port` alone. `addresses` are those of its host
/// where they are known; they say nothing of who calls the subnet.
#[must_use]
pub fn of_row(row: &Endpoint, mode: VnetMode, port: Option<u16>, addresses: &[IpAddr]) -> Vec<Flow> {
    let mut flows = Vec::new();
    for direction in directions(row.direction, addresses) {
        for (end, ports) in ends(row, mode, *direction, addresses) {
            let wanted = ports.into_iter().filter_map(|range| match port {
                Some(port) if (range.first..=range.last).contains(&port) => Some(PortRange::one(port)),
                Some(_) => None,
                None => Some(range),
            });
            for range in wanted {
                flows.extend(Carrier::of(row.transport).iter().map(|transport| Flow {
                    direction: *direction,
                    transport: *transport,
                    ports: range,
                    near: NearEnd::Subnet,
                    other: end.clone(),
                }));
            }
        }
    }
    flows
}

/// Of a row that goes both ways, a host that has addresses is called: what calls back is not known by them.
const fn directions(direction: Direction, addresses: &[IpAddr]) -> &'static [Way] {
    match direction {
        Direction::Both if !addresses.is_empty() => &[Way::Outbound],
        Direction::Outbound => &[Way::Outbound],
        Direction::Inbound => &[Way::Inbound],
        Direction::Both => &[Way::Inbound, Way::Outbound],
    }
}

/// The other ends of a row, each with its ports.
fn ends(
    row: &Endpoint,
    mode: VnetMode,
    direction: Way,
    addresses: &[IpAddr],
) -> Vec<(OtherEnd, Vec<PortRange>)> {
    let addresses = if row.direction == Direction::Inbound { &[] } else { addresses };
    let tags = tags(row);
    if tags.is_empty() {
        let inside = direction == Way::Inbound && mode == VnetMode::Internal;
        let end = match (addresses, inside) {
            ([], true) => OtherEnd::Tag("VirtualNetwork".to_owned()),
            ([], false) => OtherEnd::Internet,
            (addresses, _) => OtherEnd::Addresses(addresses.to_vec(), None),
        };
        return vec![(end, ports(row))];
    }
    let end = |tag: &str| match (tag, addresses) {
        // Both ways and with nothing to probe: machines of one instance among themselves.
        ("VirtualNetwork", []) if row.direction == Direction::Both && row.run == RunWhen::Info => {
            OtherEnd::Peers
        }
        ("Internet", []) => OtherEnd::Internet,
        (tag, []) => OtherEnd::Tag(tag.to_owned()),
        (tag, addresses) => OtherEnd::Addresses(addresses.to_vec(), Some(tag.to_owned())),
    };
    tags.into_iter().map(|(tag, own)| (end(&tag), own.unwrap_or_else(|| ports(row)))).collect()
}

/// The tags of a row as its source prints them, each with ports of its own where these stand behind it
/// (`AzureLoadBalancer:80; VirtualNetwork:80,443`).
fn tags(row: &Endpoint) -> Vec<(String, Option<Vec<PortRange>>)> {
    let entries = row.service_tag.iter().flat_map(|printed| printed.split(';'));
    let with_ports = entries.filter_map(|entry| entry.trim().split_once(':'));
    let own: Vec<(String, Option<Vec<PortRange>>)> = with_ports
        .filter(|(_, ports)| ports.starts_with(|first: char| first.is_ascii_digit()))
        .map(|(tag, ports)| (tag.to_owned(), Some(ports.split(',').filter_map(PortRange::read).collect())))
        .collect();
    if own.is_empty() { row.rule_tags().map(|tag| (tag.to_owned(), None)).collect() } else { own }
}

/// The ports of a row: those that are checked, else those that its documents print.
fn ports(row: &Endpoint) -> Vec<PortRange> {
    let checked: Vec<PortRange> = row.ports.iter().map(|port| PortRange::one(port.number)).collect();
    let printed = row.documented_ports.as_deref().unwrap_or_default().split(',');
    if checked.is_empty() { printed.filter_map(PortRange::read).collect() } else { checked }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(id: &str, mode: VnetMode) -> Vec<String> {
        let catalogue = crate::catalogue::embedded();
        let row = catalogue.endpoint(id).unwrap();
        let end = |end: OtherEnd| match end {
            OtherEnd::Tag(tag) => tag,
            other => format!("{other:?}").to_lowercase(),
        };
        let flows = of_row(row, mode, None, &[]).into_iter();
        flows
            .map(|flow| {
                format!("{} {:?} {} {}", flow.direction, flow.transport, flow.ports, end(flow.other))
                    .to_lowercase()
            })
            .collect()
    }

    #[test]
    fn a_row_asks_for_all_its_ports_tags_transports_and_directions() {
        assert_eq!(
            shown("storage-file", VnetMode::External),
            ["outbound tcp 443 storage", "outbound tcp 445 storage"]
        );
        assert_eq!(
            shown("rate-limit-sync", VnetMode::External),
            ["inbound udp 4290 peers", "outbound udp 4290 peers"]
        );
        assert_eq!(shown("cache-internal", VnetMode::External)[0], "inbound tcp 6381-6383 peers");
        assert_eq!(shown("windows-update", VnetMode::External).len(), 4);
        assert_eq!(
            shown("workspace-gateway", VnetMode::Internal),
            [
                "inbound tcp 80 azureloadbalancer",
                "inbound tcp 80 virtualnetwork",
                "inbound tcp 443 virtualnetwork"
            ]
        );
        assert_eq!(shown("captcha", VnetMode::Internal), ["outbound tcp 443 internet"]);
        assert_eq!(shown("scm", VnetMode::Internal), ["inbound tcp 443 virtualnetwork"]);
        assert_eq!(shown("controlplane-inbound", VnetMode::Internal), ["inbound tcp 3443 apimanagement"]);
    }

    #[test]
    fn addresses_are_those_of_the_called_and_never_of_the_caller() {
        let catalogue = crate::catalogue::embedded();
        let address: IpAddr = "20.1.2.3".parse().unwrap();
        let flows = |id| of_row(catalogue.endpoint(id).unwrap(), VnetMode::Internal, Some(443), &[address]);
        assert_eq!(
            flows("storage-blob")[0].other,
            OtherEnd::Addresses(vec![address], Some("Storage".into()))
        );
        assert_eq!(flows("own-gateway")[0].other, OtherEnd::Tag("VirtualNetwork".into()));
        let cache = catalogue.endpoint("cache-external-redis").unwrap();
        let called = of_row(cache, VnetMode::Internal, Some(6380), &[address]);
        assert_eq!(called.iter().map(|flow| flow.direction).collect::<Vec<_>>(), [Way::Outbound]);
        assert!(flows("controlplane-inbound").is_empty());
    }
}
