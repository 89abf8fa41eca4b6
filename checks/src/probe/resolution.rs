//! What is known of one name: a value that every check on the same host shares.

use std::net::IpAddr;

use crate::outcome::{DnsEvidence, Failure, Step};

/// Addresses that are tried at most for one name.
pub const ADDRESSES: usize = 8;

/// Everything that is known of one name.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// What was tried, in time order.
    pub steps: Vec<Step>,
    /// What each server said.
    pub evidence: DnsEvidence,
    /// The addresses to try, at most [`ADDRESSES`], IPv4 first; or why there are none.
    pub result: Result<Vec<IpAddr>, Failure>,
}
