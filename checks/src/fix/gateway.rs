//! Changes of an Application Gateway in front of the instance, as data.

use std::net::IpAddr;

use crate::catalogue::Published;

/// What publishes one endpoint: a listener, a rule, settings, a probe and a pool that fit each other and the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The endpoint.
    pub endpoint: Published,
    /// The name under which clients call it, which is the instance's own.
    pub host: String,
    /// Path of its health page.
    pub path: String,
    /// Private address of the instance; `None` where it is not known yet.
    pub address: Option<IpAddr>,
    /// Priority of its rule, 1 to 20,000.
    pub priority: u16,
    /// Seconds between two probes.
    pub interval: u16,
    /// Seconds that a probe waits.
    pub timeout: u16,
    /// Lost answers after which a server gets no requests.
    pub threshold: u16,
    /// What it is for and who says so.
    pub description: String,
}

/// Seconds after which a request ends, as the documents of Microsoft have it.
pub const REQUEST_TIMEOUT: u16 = 180;

impl Publication {
    /// `probe-gateway`, `settings-gateway`, `listener-gateway`, `rule-gateway`.
    #[must_use]
    pub fn part(&self, kind: &str) -> String {
        format!("{kind}-{}", self.endpoint)
    }
}

/// A kind of part of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A health probe.
    Probe,
    /// Backend settings.
    Settings,
    /// A listener.
    Listener,
    /// A routing rule.
    Rule,
    /// A backend pool.
    Pool,
    /// A trusted root certificate.
    Root,
}

/// A change of some fields of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartChange {
    /// `update` for one that is there, `create` for a new one.
    pub verb: &'static str,
    /// What it is.
    pub kind: PartKind,
    /// Its name, as the document writes it.
    pub name: String,
    /// The fields, by the option of the Azure CLI without dashes, and what they are to hold; lists with commas.
    pub sets: Vec<(String, String)>,
}
