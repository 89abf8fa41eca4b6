//! What a check asks of the configuration: its flows.

use std::net::IpAddr;

use crate::network::security::{PortRange, Way};

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

/// The transport of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
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
}
