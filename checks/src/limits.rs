//! Bounds of a run: every wait on the network is under one of them.

use std::time::Duration;

/// Bounds of a run. Every wait on the network is under one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole run.
    pub deadline: Duration,
    /// One name server's answer about one name, retransmissions included.
    pub resolve: Duration,
    /// One address, hedged connects included. A failed ARP answers after 3.07 s on Linux.
    pub connect: Duration,
    /// A TLS handshake.
    pub handshake: Duration,
    /// The endpoint's own protocol.
    pub exchange: Duration,
    /// Checks in flight, at least 1.
    pub concurrency: usize,
    /// Sockets in flight, at least 1.
    pub sockets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            resolve: Duration::from_secs(3),
            connect: Duration::from_millis(3200),
            handshake: Duration::from_secs(4),
            exchange: Duration::from_secs(4),
            concurrency: 1024,
            sockets: 1024,
        }
    }
}
