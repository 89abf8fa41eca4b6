//! What the instance's own nodes say of their dependencies: NetworkStatus, as the portal shows it.

use std::collections::BTreeMap;

use crate::plan::CheckId;

pub mod read;

/// What the nodes told, by the checks of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portal {
    /// Display name of the location, where given.
    pub location: Option<String>,
    /// The DNS servers that the nodes use, each once.
    pub dns_servers: Vec<String>,
    /// What they said of the targets of these checks.
    pub entries: BTreeMap<CheckId, NetworkStatusEntry>,
}

impl Portal {
    /// What a document tells of the checks that its entries became.
    #[must_use]
    pub fn new(document: &NetworkStatus, entries: BTreeMap<CheckId, NetworkStatusEntry>) -> Self {
        let mut dns_servers: Vec<String> = Vec::new();
        for server in
            document.dns_servers.iter().map(|server| server.trim()).filter(|server| !server.is_empty())
        {
            if !dns_servers.iter().any(|known| known == server) {
                dns_servers.push(server.to_owned());
            }
        }
        Self { location: document.location.clone(), dns_servers, entries }
    }
}

/// A NetworkStatus document, one location of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkStatus {
    /// Display name of the location, where given.
    pub location: Option<String>,
    /// The DNS servers that the service saw.
    pub dns_servers: Vec<String>,
    /// Its entries.
    pub entries: Vec<NetworkStatusEntry>,
}

/// One entry of a NetworkStatus document.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkStatusEntry {
    /// Host, host and port, URL or label, as given.
    pub name: String,
    /// `success`, `failure` or `initializing`.
    pub status: String,
    /// The portal's error text.
    pub error: String,
    /// When it was last tested, as given.
    pub last_updated: String,
    /// When its status last changed, as given.
    pub last_status_change: String,
    /// `BlobStorage`, `SQLDatabase` …
    pub resource_type: String,
    /// The portal's own classification, where given.
    pub is_optional: Option<bool>,
}
