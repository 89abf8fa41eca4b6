//! NetworkStatus as the portal shows it: a document of one location, and its entries.

use crate::server::Server;

/// A NetworkStatus document, one location of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkStatus {
    /// Display name of the location, where given.
    pub location: Option<String>,
    /// The DNS servers that the service saw.
    pub dns_servers: Vec<Server>,
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
