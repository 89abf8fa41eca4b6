//! The metadata service of the VM: asked directly, never through a proxy, within one second, and never printed raw.
//!
//! Azure documents the address, the header, the fields and the limit of five requests a second in
//! "Azure Instance Metadata Service" (instance-metadata-service.md, 2023-02-22).

use std::time::Duration;

use apim_probe_checks::azure::IMDS;
use apim_probe_checks::instance::Metadata;
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::client::Client;

/// Bytes of an answer that are read at most; real ones have about 4 KiB.
const MAX_BODY: usize = 64 * 1024;

/// The whole conversation, retries included.
const BUDGET: Duration = Duration::from_secs(1);

/// A connect: the service runs on the VM's own host, so that a second packet is never needed.
const CONNECT: Duration = Duration::from_millis(400);

/// Requests at most; a check of the endpoint itself may add one, so that a run stays within five.
const MAX_REQUESTS: u32 = 3;

/// Pause before the first retry; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// What is asked for.
const PATH: &str = "/metadata/instance?api-version=2021-02-01";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    compute: Compute,
    network: Network,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Compute {
    az_environment: String,
    location: String,
    subscription_id: String,
    resource_id: String,
    resource_group_name: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Network {
    interface: Vec<Interface>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Interface {
    ipv4: Ipv4,
    mac_address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Ipv4 {
    ip_address: Vec<IpAddress>,
    subnet: Vec<Subnet>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IpAddress {
    private_ip_address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Subnet {
    address: String,
    prefix: String,
}

/// What the metadata service said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What reports keep of it.
    pub metadata: Metadata,
    /// The machine, where it says its id.
    pub machine: Option<Machine>,
}

/// The machine as Azure knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Its resource id.
    pub id: String,
    /// MAC addresses of its interfaces, as given.
    pub macs: Vec<String>,
}

/// Asks the metadata service; `None` where none answers in time.
pub async fn fetch() -> Option<Answer> {
    timeout(BUDGET, ask()).await.ok().flatten()
}

async fn ask() -> Option<Answer> {
    let client = Client::metadata(IMDS.ip(), CONNECT)?;
    for attempt in 0..MAX_REQUESTS {
        let response = client.send(&Method::GET, PATH, headers(), Bytes::new()).await.ok()?;
        match response.status {
            200 => return parse(&client.body(response, MAX_BODY).await.ok()??),
            410 | 429 | 500 => sleep(PAUSE * 2_u32.pow(attempt)).await,
            _ => return None,
        }
    }
    None
}

/// The header that the service wants, so that no redirect can reach it.
pub(crate) fn headers() -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("metadata"), HeaderValue::from_static("true"))])
}

/// Reads the document; `None` for anything that is not one, such as another cloud's answer at the same address.
#[must_use]
pub fn parse(body: &[u8]) -> Option<Answer> {
    let document: Document = serde_json::from_slice(body).ok()?;
    let known = |text: String| (!text.is_empty()).then_some(text);
    if document.compute.az_environment.is_empty() && document.compute.location.is_empty() {
        return None;
    }
    let interfaces = document.network.interface;
    let addresses = interfaces.iter().flat_map(|one| &one.ipv4.ip_address);
    let subnets = interfaces.iter().flat_map(|one| &one.ipv4.subnet);
    let compute = document.compute;
    let macs =
        interfaces.iter().map(|one| one.mac_address.clone()).filter(|mac| !mac.is_empty()).take(16).collect();
    let metadata = Metadata {
        cloud: known(compute.az_environment),
        region: known(compute.location.to_ascii_lowercase()),
        subscription_id: known(compute.subscription_id),
        resource_group: known(compute.resource_group_name),
        vm_name: known(compute.name),
        private_addresses: addresses.map(|one| one.private_ip_address.clone()).take(16).collect(),
        subnets: subnets.map(|one| format!("{}/{}", one.address, one.prefix)).take(16).collect(),
    };
    Some(Answer { metadata, machine: known(compute.resource_id).map(|id| Machine { id, macs }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_azures_own_document_is_one() {
        let found =
            parse(br#"{"compute":{"azEnvironment":"AzurePublicCloud","location":"EastUS2"}}"#).unwrap();
        assert_eq!(
            (found.metadata.cloud.as_deref(), found.metadata.region.as_deref()),
            (Some("AzurePublicCloud"), Some("eastus2"))
        );
        for other in
            ["", "{}", "[]", r#"{"instanceId":"i-0abc"}"#, r#"{"compute":{"name":"vm"}}"#, r#"{"compute":7}"#]
        {
            assert!(parse(other.as_bytes()).is_none(), "{other}");
        }
    }
}
