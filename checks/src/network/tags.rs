//! Service tags: the list that Microsoft publishes.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::network::resource::Place;

/// A list of service tags with their prefixes, one file or one answer of the API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceTags {
    /// Where it stands.
    pub place: Place,
    /// `cloud` as written: `Public`, `AzureGovernment`, `AzureChina`.
    pub cloud: Option<String>,
    /// `changeNumber`.
    pub change_number: Option<u64>,
    /// The tags by their name in lower case.
    pub tags: BTreeMap<String, ServiceTag>,
}

/// One tag of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceTag {
    /// As written.
    pub name: String,
    /// Its prefixes.
    pub prefixes: Vec<IpNet>,
    /// An entry of its prefixes could not be read: the list may hold more.
    pub incomplete: bool,
    /// `networkFeatures`, where given: `API`, `NSG`, `UDR`, `FW`, `VSE`.
    pub features: Option<Vec<String>>,
}

impl ServiceTags {
    /// The tag of this name, whatever its case.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&ServiceTag> {
        self.tags.get(&name.to_ascii_lowercase())
    }
}
