//! What the platform offers at addresses of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::server::Server;

/// The DNS server that the platform gives every virtual network.
pub const DNS: Server = Server::at(IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)));

/// The instance metadata service.
pub const IMDS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80);
