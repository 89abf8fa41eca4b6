//! What a check asks of the configuration: its flows.

use std::net::IpAddr;

use crate::network::{PortRange, Way};

/// One flow: from the subnet to its other end, or the reverse.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Who opens the connection, seen from the subnet.
    pub direction: Way,
    /// TCP or UDP.
    pub transport: Carrier,
    /// Destination ports, all of them.
    pub ports: PortRange,
    /// The end that is not the subnet.
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

/// The end of a flow that is not the subnet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OtherEnd {
    /// Its addresses, and the tag that it has beside them, which speaks for the public ones alone.
    Addresses(Vec<IpAddr>, Option<String>),
    /// A service tag whose address is not known.
    Tag(String),
    /// Somewhere in the internet.
    Internet,
}
