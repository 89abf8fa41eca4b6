//! The plan: which checks will be run against which targets. A pure value; making it sends nothing.

use std::net::IpAddr;

use crate::catalogue::{Direction, Protocol, Transport, TrustPolicy, words};
use crate::instance::{Instance, NetworkStatusEntry};
use crate::outcome::SkipReason;

mod build;
mod error;
pub mod flow;
mod portal;
mod targets;

pub use error::PlanError;
pub use flow::{Carrier, Flow, NearEnd, OtherEnd};

/// Which checks will be run, in the order of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Version of the catalogue that it was made from.
    pub catalogue_version: String,
    /// Date of that catalogue's sources.
    pub catalogue_sourced_at: String,
    /// What was known of the instance.
    pub instance: Instance,
    /// The checks.
    pub checks: Vec<Check>,
}

/// Unique name of a check: `endpoint/host:port`, or the endpoint's id alone where it has no host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub String);

impl CheckId {
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

/// One endpoint resolved to one target for this instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Unique id.
    pub id: CheckId,
    /// Catalogue id, or `custom`.
    pub endpoint: String,
    /// The name that NetworkStatus uses, else the host, else the endpoint's name.
    pub name: String,
    /// Catalogue group.
    pub group: String,
    /// What it is for.
    pub purpose: String,
    /// Host name or literal address.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Transport.
    pub transport: Transport,
    /// Protocol that proves it.
    pub protocol: Protocol,
    /// Service tag of the rule that allows it.
    pub service_tag: Option<String>,
    /// Who opens the connection.
    pub direction: Direction,
    /// NetworkStatus' `resourceType`.
    pub resource_type: Option<String>,
    /// A failure does not make the verdict `unhealthy`.
    pub is_optional: bool,
    /// The newest reference calls it required.
    pub documented_required: bool,
    /// It stands in for rows whose names are not known.
    pub fallback: bool,
    /// Why it will not be run.
    pub skip: Option<SkipReason>,
    /// HTTP path and query.
    pub request: Option<String>,
    /// First bytes that an HTTP body must have.
    pub expect_body: Option<String>,
    /// Domains to which port 80 may redirect.
    pub redirects: Vec<String>,
    /// Domains whose certificate names pass beside the host.
    pub accept_names: Vec<String>,
    /// Which chains pass.
    pub trust: TrustPolicy,
    /// An address to use in place of name resolution (tests, literal addresses).
    pub pinned: Option<IpAddr>,
    /// The address to which the name must resolve (own endpoints in internal mode).
    pub must_resolve_to: Option<IpAddr>,
    /// Where the target came from.
    pub origin: Origin,
    /// Codes of the documents behind the row.
    pub sources: Vec<String>,
    /// What the portal said about the same name.
    pub portal: Option<NetworkStatusEntry>,
}

impl Check {
    /// The flag that would give this check its name.
    #[must_use]
    pub fn naming_flag(&self) -> &'static str {
        match self.endpoint.split('-').next().unwrap_or_default() {
            "storage" | "premium" => "--storage-account",
            "sql" => "--sql-server",
            "keyvault" => "--key-vault",
            "eventhub" => "--event-hub",
            "cache" => "--redis",
            _ => "--region",
        }
    }

    /// The service tag without the note that a source prints beside it.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.service_tag.as_deref().map(|printed| printed.split(" (").next().unwrap_or(printed))
    }

    /// `host:port` for people; the endpoint's name where there is no host.
    #[must_use]
    pub fn target(&self) -> String {
        match (&self.host, self.port) {
            (Some(host), Some(port)) if host.contains(':') => format!("[{host}]:{port}"),
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.clone(),
            (None, _) => self.name.clone(),
        }
    }
}
