//! What differs between clouds and regions, and the documents that say so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A cloud: suffixes, and the rows that differ from the public cloud's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// Id, as `--cloud` takes it.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// `azEnvironment` values of the metadata service, lower case.
    pub az_environments: Vec<String>,
    /// Suffixes by placeholder: `{suffix.storage}` and so on.
    pub suffixes: BTreeMap<String, String>,
    /// Hosts that replace a row's; an empty list removes the row from this cloud.
    #[serde(default)]
    pub hosts: BTreeMap<String, Vec<String>>,
}

/// An Azure region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// ARM id, `eastus2`.
    pub id: String,
    /// Display name, `East US 2`.
    pub name: String,
    /// Cloud id.
    pub cloud: String,
    /// Name of the region in Azure SQL's control ring, where a source shows it; else it is derived.
    #[serde(default)]
    pub sql: Option<String>,
    /// Cluster code of the package storage account, where a source shows it.
    #[serde(default)]
    pub package_cluster: Option<String>,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title.
    pub title: String,
    /// URL, or repository and path.
    pub location: String,
    /// Date of the edition that was read, as printed there; absent where none is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// A root certificate that Azure uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Common name.
    pub name: String,
    /// SHA-256 of the DER certificate, lower-case hex.
    pub sha256: String,
    /// Code of the document that lists it.
    pub source: String,
}

/// An authority below a public root that signs the certificates of Azure services: a server that shows it as the issuer and
/// leaves its certificate out is no inspecting device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subordinate {
    /// Common name.
    pub name: String,
    /// Code of the document that lists it.
    pub source: String,
}

impl Region {
    /// The region's name in Azure SQL's control ring. Where no source shows it, the rule of the names that are known
    /// applies: the id, with a 1 behind it unless it ends in a digit.
    #[must_use]
    pub fn sql_control(&self) -> String {
        match &self.sql {
            Some(name) => name.clone(),
            None if self.id.ends_with(|last: char| last.is_ascii_digit()) => self.id.clone(),
            None => format!("{}1", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::shipped;

    #[test]
    fn sql_control_names_follow_the_sources_and_their_rule() {
        let catalogue = shipped();
        let name = |id| catalogue.region(id).map(Region::sql_control);
        assert_eq!(name("eastus").as_deref(), Some("eastus1"));
        assert_eq!(name("eastus2").as_deref(), Some("eastus2"));
        assert_eq!(name("centralindia").as_deref(), Some("indiacentral1"));
        assert_eq!(name("westus3").as_deref(), Some("westus3"));
        assert_eq!(name("swedencentral").as_deref(), Some("swedencentral1"));
    }
}
