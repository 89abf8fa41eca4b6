//! What one DNS server answered, and why that may be of no use.

use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::outcome::{Cause, Icmp};
use crate::probe::resolution::Detour;
use crate::probe::socket;

/// What a server said about a name and one record type.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Addresses at the end of the chain.
    pub addresses: Vec<IpAddr>,
    /// The chain of aliases.
    pub cnames: Vec<String>,
    /// Smallest TTL of the chain, in seconds.
    pub ttl: Option<u32>,
    /// Why there are no addresses.
    pub problem: Option<QueryError>,
    /// Questions sent.
    pub attempts: u32,
    /// What had to be done to get an answer.
    pub detour: Option<Detour>,
    /// An answer over UDP was truncated.
    pub truncated: bool,
}

impl Answer {
    /// None: the run's deadline came first.
    pub(super) fn too_late() -> Self {
        Self { problem: Some(QueryError::too_late()), ..Self::default() }
    }
}

/// Why a server's answer is of no use.
#[derive(Debug, Clone)]
pub struct QueryError {
    /// The cause.
    pub cause: Cause,
    /// What was seen.
    pub detail: String,
    /// The ICMP message behind it.
    pub icmp: Option<Icmp>,
}

impl QueryError {
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into(), icmp: None }
    }

    pub(super) fn too_late() -> Self {
        Self::new(Cause::Deadline, "the run's deadline came first")
    }

    /// What an error of the socket to `server` means; `icmp` is the message behind it.
    pub(super) fn of_io(error: &io::Error, icmp: Option<Icmp>, server: SocketAddr) -> Self {
        if let Some(own) = socket::own_refusal(icmp, server) {
            return Self { icmp, ..Self::new(Cause::LocalResource, own) };
        }
        if is_own_stub(server) {
            let detail = format!("the stub resolver {server} of this machine does not run");
            return Self { icmp, ..Self::new(Cause::LocalResource, detail) };
        }
        if icmp.is_some_and(|icmp| socket::is_unanswered_next_hop(icmp, server)) {
            return Self::new(Cause::DnsUnreachable, "the next hop does not answer ARP");
        }
        let cause = match socket::cause_unsent(error, server) {
            Cause::LocalResource => Cause::LocalResource,
            _ => Cause::DnsUnreachable,
        };
        let detail = icmp.map_or_else(|| error.to_string(), |icmp| socket::icmp_words(icmp, server));
        Self { cause, detail, icmp }
    }
}

/// A resolver that runs on this machine and forwards to others, as systemd-resolved and dnsmasq do.
fn is_own_stub(server: SocketAddr) -> bool {
    server.ip().is_loopback() && server.port() == 53
}
