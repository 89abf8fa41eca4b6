//! What the instance's own nodes say of their dependencies: NetworkStatus, as the portal shows it.

use std::collections::BTreeMap;

use crate::plan::CheckId;
use crate::server::Server;

mod document;
pub mod read;

pub use document::{NetworkStatus, NetworkStatusEntry};

/// What the nodes told, by the checks of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portal {
    /// Display name of the location, where given.
    pub location: Option<String>,
    /// The DNS servers that the nodes use, each once.
    pub dns_servers: Vec<Server>,
    /// What they said of the targets of these checks.
    pub entries: BTreeMap<CheckId, NetworkStatusEntry>,
}

impl Portal {
    /// What a document tells of the checks that its entries became.
    #[must_use]
    pub fn new(document: &NetworkStatus, entries: BTreeMap<CheckId, NetworkStatusEntry>) -> Self {
        let mut dns_servers: Vec<Server> = Vec::new();
        for server in &document.dns_servers {
            if !dns_servers.contains(server) {
                dns_servers.push(*server);
            }
        }
        Self { location: document.location.clone(), dns_servers, entries }
    }
}
