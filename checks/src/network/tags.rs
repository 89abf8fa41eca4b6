//! Service tags: the list that Microsoft publishes, and what the name of one tag says about another.

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

/// The tags that rows of the catalogue use, in lower case: of two different ones none holds an address of the other.
const CATALOGUE: &[&str] = &[
    "apimanagement",
    "azureactivedirectory",
    "azureconnectors",
    "azurefrontdoor.backend",
    "azurefrontdoor.firstparty",
    "azurefrontdoor.frontend",
    "azurekeyvault",
    "azuremonitor",
    "azureresourcemanager",
    "azuretrafficmanager",
    "azureupdatedelivery",
    "eventhub",
    "gatewaymanager",
    "sql",
    "storage",
];

/// Of these, all that is in `AzureCloud` whole; of the others a part is.
const WHOLE_IN_AZURE_CLOUD: &[&str] = &[
    "apimanagement",
    "azureconnectors",
    "azurekeyvault",
    "azuremonitor",
    "azureresourcemanager",
    "azuretrafficmanager",
    "azureupdatedelivery",
    "eventhub",
    "gatewaymanager",
    "sql",
];

/// Services whose data is in the instance's region, so that the region's tag counts as the whole one.
const REGIONAL_SERVICES: &[&str] = &["azurekeyvault", "eventhub", "sql", "storage"];

/// Regions whose suffix in a tag is not their id.
const SUFFIXES: &[(&str, &str)] = &[
    ("francecentral", "centralfrance"),
    ("francesouth", "southfrance"),
    ("germanywestcentral", "germanywc"),
    ("germanynorth", "germanyn"),
    ("norwayeast", "norwaye"),
    ("norwaywest", "norwayw"),
    ("switzerlandnorth", "switzerlandn"),
    ("switzerlandwest", "switzerlandw"),
    ("brazilsoutheast", "brazilse"),
    ("brazilnortheast", "brazilne"),
    ("chilecentral", "chilec"),
];

/// Name of a tag, read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagName {
    /// `VirtualNetwork`.
    VirtualNetwork,
    /// `Internet`.
    Internet,
    /// `AzureLoadBalancer`: 168.63.129.16, inbound.
    LoadBalancer,
    /// `AzurePlatformDNS`, `AzurePlatformIMDS`, `AzurePlatformLKM`, lower case.
    Platform(String),
    /// A service and its region, lower case.
    Service(String, Option<String>),
}

/// What the name of a rule's tag says about a flow's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It holds all of it.
    Whole,
    /// It is the tag of the instance's own region, which counts as the whole.
    OwnRegion,
    /// It holds a part of it.
    Part,
    /// It holds nothing of it.
    Disjoint,
    /// Nobody knows.
    Unknown,
}

impl TagName {
    /// Reads a tag as written.
    #[must_use]
    pub fn read(written: &str) -> Self {
        let name = written.trim().to_ascii_lowercase();
        match name.as_str() {
            "virtualnetwork" => Self::VirtualNetwork,
            "internet" => Self::Internet,
            "azureloadbalancer" => Self::LoadBalancer,
            "azureplatformdns" | "azureplatformimds" | "azureplatformlkm" => Self::Platform(name),
            whole if CATALOGUE.contains(&whole) => Self::Service(name, None),
            _ => match name.split_once('.') {
                Some((service, region)) => Self::Service(service.to_owned(), Some(region.to_owned())),
                None => Self::Service(name, None),
            },
        }
    }

    /// Every tag that rows of the catalogue use for services.
    pub fn catalogue() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|name| Self::Service((*name).to_owned(), None))
    }

    /// The key under which a list has it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::VirtualNetwork => "virtualnetwork".to_owned(),
            Self::Internet => "internet".to_owned(),
            Self::LoadBalancer => "azureloadbalancer".to_owned(),
            Self::Platform(name) | Self::Service(name, None) => name.clone(),
            Self::Service(name, Some(region)) => format!("{name}.{region}"),
        }
    }

    /// True for the tag of a service that is of another family than `other`; `VirtualNetwork` and `Internet` are places.
    #[must_use]
    pub fn is_another_service_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Service(own, _), Self::Service(others, _)) => own != others,
            (Self::Service(..) | Self::Platform(_) | Self::LoadBalancer, _) => self != other,
            _ => false,
        }
    }

    /// What this tag, in a rule or route, holds of the tag of a flow; `region` is the instance's, as an ARM id.
    #[must_use]
    pub fn relation_to(&self, flow: &Self, region: Option<&str>) -> Relation {
        match (self, flow) {
            (rule, flow) if rule == flow => Relation::Whole,
            (Self::Internet, Self::Service(..)) => Relation::Whole,
            (Self::Service(rule, rule_region), Self::Service(flow, flow_region)) if rule == flow => {
                same_service(rule, rule_region.as_deref(), flow_region.as_deref(), region)
            }
            (Self::Service(rule, rule_region), flow) if rule == "azurecloud" => {
                azure_cloud(rule_region.as_deref(), flow)
            }
            (Self::Service(rule, _), Self::Service(flow, _)) if is_known(rule) && is_known(flow) => {
                Relation::Disjoint
            }
            (Self::Service(rule, _), Self::Internet) if is_known(rule) => Relation::Disjoint,
            (Self::Service(..), Self::Service(..) | Self::Internet) => Relation::Unknown,
            _ => Relation::Disjoint,
        }
    }
}

fn is_known(service: &str) -> bool {
    CATALOGUE.contains(&service)
}

fn same_service(service: &str, rule: Option<&str>, flow: Option<&str>, own: Option<&str>) -> Relation {
    match (rule, flow) {
        (None, _) => Relation::Whole,
        (Some(rule), None)
            if REGIONAL_SERVICES.contains(&service) && own.is_some_and(|own| is_suffix_of(rule, own)) =>
        {
            Relation::OwnRegion
        }
        (Some(_), None) => Relation::Part,
        (Some(rule), Some(flow)) if rule == flow => Relation::Whole,
        (Some(_), Some(_)) => Relation::Disjoint,
    }
}

/// True where `suffix` of a tag means the region with this ARM id.
fn is_suffix_of(suffix: &str, region: &str) -> bool {
    suffix.eq_ignore_ascii_case(region)
        || SUFFIXES
            .iter()
            .any(|(id, short)| id.eq_ignore_ascii_case(region) && short.eq_ignore_ascii_case(suffix))
}

fn azure_cloud(region: Option<&str>, flow: &TagName) -> Relation {
    match flow {
        TagName::Service(service, _)
            if region.is_none() && WHOLE_IN_AZURE_CLOUD.contains(&service.as_str()) =>
        {
            Relation::Whole
        }
        TagName::Service(service, _) if region.is_none() && is_known(service) => Relation::Part,
        TagName::Internet => Relation::Part,
        TagName::Service(..) => Relation::Unknown,
        _ => Relation::Disjoint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(rule: &str, flow: &str) -> Relation {
        TagName::read(rule).relation_to(&TagName::read(flow), Some("germanywestcentral"))
    }

    #[test]
    fn a_tag_holds_itself_and_its_regions() {
        assert_eq!(relation("storage", "Storage"), Relation::Whole);
        assert_eq!(relation("Storage", "Storage.WestEurope"), Relation::Whole);
        assert_eq!(relation("Storage.WestEurope", "Storage"), Relation::Part);
        assert_eq!(relation("Storage.GermanyWC", "Storage"), Relation::OwnRegion);
        assert_eq!(relation("AzureMonitor.GermanyWC", "AzureMonitor"), Relation::Part);
    }

    #[test]
    fn two_services_are_disjoint_and_an_unknown_one_is_unknown() {
        assert_eq!(relation("Sql", "Storage"), Relation::Disjoint);
        assert_eq!(relation("Storage", "Internet"), Relation::Disjoint);
        assert_eq!(relation("SqlServers", "Sql"), Relation::Unknown);
        assert_eq!(relation("AzureFrontDoor.Frontend", "AzureFrontDoor.FirstParty"), Relation::Disjoint);
    }

    #[test]
    fn azure_cloud_holds_some_services_whole_and_some_in_part() {
        assert_eq!(relation("AzureCloud", "Sql"), Relation::Whole);
        assert_eq!(relation("AzureCloud", "Storage"), Relation::Part);
        assert_eq!(relation("AzureCloud", "AzureFrontDoor.FirstParty"), Relation::Part);
        assert_eq!(relation("AzureCloud", "Internet"), Relation::Part);
        assert_eq!(relation("AzureCloud.germanywc", "Sql"), Relation::Unknown);
    }

    #[test]
    fn internet_holds_every_service() {
        assert_eq!(relation("Internet", "AzureKeyVault"), Relation::Whole);
        assert_eq!(relation("VirtualNetwork", "AzureKeyVault"), Relation::Disjoint);
    }
}
