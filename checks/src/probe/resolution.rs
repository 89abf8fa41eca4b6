//! What is known of one name: a value that every check on the same host shares.

use std::net::IpAddr;

use crate::outcome::{DnsEvidence, Failure, Step};

/// Addresses that are tried at most for one name.
pub const MAX_ADDRESSES: usize = 8;

/// Everything that is known of one name.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// What was tried, in time order.
    pub steps: Vec<Step>,
    /// What each server said.
    pub evidence: DnsEvidence,
    /// The addresses to try, at most [`MAX_ADDRESSES`], IPv4 first; or why there are none.
    pub result: Result<Vec<IpAddr>, Failure>,
}

/// What an entry of the hosts file is worth. API Management's nodes do not read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostsFile {
    /// It is kept beside what the servers say.
    Noted,
    /// It decides, as the system would have it: the documented way to try the instance's own names from a VM.
    Obeyed,
}

/// What a server had to be asked by when the usual question brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detour {
    /// Only a question without EDNS was answered.
    WithoutEdns,
    /// Only TCP was answered.
    OverTcp,
}

impl Detour {
    /// What was seen, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WithoutEdns => {
                "answered only without EDNS: questions with EDNS, or answers over 512 bytes, are lost"
            }
            Self::OverTcp => "answered over TCP only: nothing came back over UDP",
        }
    }
}
