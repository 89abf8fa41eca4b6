//! The machine in a report.

use std::collections::BTreeMap;

use super::server::{self, ConfiguredDoc};
use apim_probe_checks::instance::Metadata;
use apim_probe_checks::report::Report;
use apim_probe_checks::run::{Azure, Clock, Host};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HostDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<String>,
    pub(crate) azure: AzureDoc,
    addresses: Vec<String>,
    dns_servers: Vec<ConfiguredDoc>,
    search_domains: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_gateway: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtu: Option<u32>,
    proxy: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockDoc>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AzureDoc {
    /// The metadata service answered; always written.
    pub(crate) detected: Option<bool>,
    /// It was asked; always written.
    pub(crate) asked: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) portal_dns_servers: Vec<ConfiguredDoc>,
    #[serde(flatten)]
    pub(crate) metadata: MetadataDoc,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MetadataDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vm_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    private_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subnets: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClockDoc {
    offset_ms: f64,
    /// A report without it was written when time servers alone told.
    #[serde(default = "ntp")]
    source: String,
}

fn ntp() -> String {
    "ntp".to_owned()
}

impl From<&Host> for HostDoc {
    fn from(host: &Host) -> Self {
        Self {
            hostname: host.hostname.clone(),
            os: host.os.clone(),
            kernel: host.kernel.clone(),
            azure: host.azure.clone().into(),
            addresses: host.addresses.clone(),
            dns_servers: server::configured(&host.dns_servers),
            search_domains: host.search_domains.clone(),
            default_gateway: host.default_gateway.clone(),
            mtu: host.mtu,
            proxy: host.proxy.clone(),
            clock: host.clock.clone().map(|Clock { offset_ms, source }| ClockDoc { offset_ms, source }),
        }
    }
}

impl HostDoc {
    /// The machine with what is judged of its clock, and the portal's DNS servers where reports have them as well.
    pub(crate) fn of(report: &Report) -> Self {
        let clock = report.clock.clone().map(|Clock { offset_ms, source }| ClockDoc { offset_ms, source });
        let mut doc = Self { clock, ..Self::from(&report.run.host) };
        doc.azure.portal_dns_servers =
            report.portal.as_ref().map(|portal| server::configured(&portal.dns_servers)).unwrap_or_default();
        doc
    }
}

impl From<HostDoc> for Host {
    fn from(doc: HostDoc) -> Self {
        Self {
            hostname: doc.hostname,
            os: doc.os,
            kernel: doc.kernel,
            azure: doc.azure.into(),
            addresses: doc.addresses,
            dns_servers: server::of_configured(&doc.dns_servers),
            search_domains: doc.search_domains,
            default_gateway: doc.default_gateway,
            mtu: doc.mtu,
            proxy: doc.proxy,
            clock: doc.clock.map(|ClockDoc { offset_ms, source }| Clock { offset_ms, source }),
        }
    }
}

impl From<Azure> for AzureDoc {
    fn from(azure: Azure) -> Self {
        let Azure { detected, asked, metadata } = azure;
        Self {
            detected: Some(detected),
            asked: Some(asked),
            portal_dns_servers: Vec::new(),
            metadata: metadata.into(),
        }
    }
}

impl From<AzureDoc> for Azure {
    fn from(doc: AzureDoc) -> Self {
        Self {
            detected: doc.detected.unwrap_or_default(),
            asked: doc.asked.unwrap_or_default(),
            metadata: doc.metadata.into(),
        }
    }
}

impl From<Metadata> for MetadataDoc {
    fn from(metadata: Metadata) -> Self {
        let Metadata { cloud, region, subscription_id, resource_group, vm_name, private_addresses, subnets } =
            metadata;
        Self { cloud, region, subscription_id, resource_group, vm_name, private_addresses, subnets }
    }
}

impl From<MetadataDoc> for Metadata {
    fn from(doc: MetadataDoc) -> Self {
        let MetadataDoc {
            cloud,
            region,
            subscription_id,
            resource_group,
            vm_name,
            private_addresses,
            subnets,
        } = doc;
        Self { cloud, region, subscription_id, resource_group, vm_name, private_addresses, subnets }
    }
}
