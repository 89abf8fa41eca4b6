//! The catalogue: the shipped, dated, sourced list of endpoints that API Management depends on.
//!
//! The rows are TOML beside this crate's manifest; [`read()`] reads them, [`faults()`] says what is wrong with them. The
//! library of checks embeds them when it is built, so that no row can be wrong at run time.

mod cloud;
mod endpoint;
mod meaning;
mod nearest;
mod placeholder;
mod read;
mod validate;
mod vocabulary;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use cloud::{Cloud, Issuer, Region, Source, Subordinate};
pub use endpoint::{Endpoint, Port};
pub use meaning::{CUSTOM, Meaning};
pub use nearest::nearest;
pub use placeholder::Placeholder;
pub use read::{ReadError, read};
pub use validate::faults;
pub use vocabulary::{
    Condition, Direction, NamedBy, Profile, Protocol, Published, Requirement, Role, RunWhen, Transport,
    TrustPolicy, VnetMode,
};

/// Everything that is known about the dependencies of API Management, as of [`Catalogue::sourced_at`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Version of the data, `YYYY.MM.N`; it moves with every change to a row.
    pub version: String,
    /// The day on which the sources were last read, `YYYY-MM-DD`.
    pub sourced_at: String,
    /// The rows, in the order in which the report shows them.
    pub endpoints: Vec<Endpoint>,
    /// The clouds by id (`public`, `usgov`, `china`).
    pub clouds: BTreeMap<String, Cloud>,
    /// Every Azure region that the sources name.
    pub regions: Vec<Region>,
    /// The documents behind the rows, by their short code.
    pub sources: BTreeMap<String, Source>,
    /// Root certificates that Azure services use although browsers' lists may have dropped them.
    pub issuers: Vec<Issuer>,
    /// Authorities below public roots that sign the certificates of Azure services.
    pub subordinates: Vec<Subordinate>,
}

impl Catalogue {
    /// The row with this id.
    #[must_use]
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == id)
    }

    /// The region with this id.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }

    /// The cloud under one of whose suffixes a host name lies; `None` for a bare name or a domain of one's own.
    #[must_use]
    pub fn cloud_of_host(&self, host: &str) -> Option<&Cloud> {
        let is_under =
            |suffix: &String| host.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.ends_with('.'));
        self.clouds.values().find(|cloud| cloud.suffixes.values().any(is_under))
    }

    /// The cloud whose `azEnvironment` the metadata service gave, whatever its case.
    #[must_use]
    pub fn cloud_of_environment(&self, environment: &str) -> Option<&Cloud> {
        let environment = environment.to_ascii_lowercase();
        self.clouds.values().find(|cloud| cloud.az_environments.contains(&environment))
    }
}
