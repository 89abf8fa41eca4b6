//! What a check aims at: its id, its host, and where that host came from.

use crate::catalogue::words;

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
