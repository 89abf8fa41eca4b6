//! What a check aims at: its id, its host and where that came from, and whether it is probed at all.

use std::net::IpAddr;

use crate::catalogue::words;
use crate::outcome::SkipReason;

/// Unique name of a check: `endpoint/host:port`, or the endpoint's id alone where it has no host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub String);

impl CheckId {
    /// The id of a check of `endpoint` against a host and port.
    #[must_use]
    pub fn new(endpoint: &str, host: &str, port: u16) -> Self {
        if host.contains(':') {
            Self(format!("{endpoint}/[{host}]:{port}"))
        } else {
            Self(format!("{endpoint}/{host}:{port}"))
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CheckId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

words! {
    /// Where a check's target came from.
    Origin {
        /// A flag of the command line.
        Flag = "flag",
        /// The NetworkStatus document.
        NetworkStatus = "network-status",
        /// The metadata service.
        Metadata = "metadata",
        /// The catalogue's own host name.
        Catalogue = "catalogue",
        /// A shared front that stands in for a name that is not known.
        Fallback = "fallback",
        /// The resolver configuration of this machine.
        System = "system",
    }
}

/// A host, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// Host name or address.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a probe goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host name or literal address.
    pub host: String,
    /// Port, 1 to 65,535.
    pub port: u16,
    /// An address to connect to in place of those that the host resolves to.
    pub pinned: Option<IpAddr>,
}

impl Target {
    /// A host and port, to be resolved.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, pinned: None }
    }
}

/// What is done about a check. Only what has a target can be probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Its target is probed.
    Probe(Target),
    /// Nothing is sent.
    Skip {
        /// Why.
        reason: SkipReason,
        /// The host, where one is known.
        host: Option<String>,
        /// The port, where there is one.
        port: Option<u16>,
    },
}

impl Work {
    /// Nothing is sent, and there is nowhere to send it.
    #[must_use]
    pub const fn skip(reason: SkipReason) -> Self {
        Self::Skip { reason, host: None, port: None }
    }

    /// The same without sending anything.
    #[must_use]
    pub fn skipped(self, reason: SkipReason) -> Self {
        match self {
            Self::Probe(Target { host, port, .. }) => {
                Self::Skip { reason, host: Some(host), port: Some(port) }
            }
            Self::Skip { host, port, .. } => Self::Skip { reason, host, port },
        }
    }
}
