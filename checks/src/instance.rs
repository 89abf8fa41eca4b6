//! What is known of the API Management instance and of the machine: plain data, filled in by the agent.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::catalogue::{
    Condition, Direction, Profile, Protocol, Published, Requirement, Transport, VnetMode, words,
};
use crate::portal::NetworkStatus;
use crate::server::Server;

/// Everything that decides which checks apply and where they aim.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Cloud id: `public`, `usgov` or `china`.
    pub cloud: String,
    /// ARM region id.
    pub region: Option<String>,
    /// Mode of the virtual network integration.
    pub vnet_mode: VnetMode,
    /// Catalogue profile.
    pub profile: Profile,
    /// Name of the API Management service.
    pub service: Option<String>,
    /// The private address to which the instance's own names must resolve in internal mode.
    pub private_ip: Option<IpAddr>,
    /// Host name or address of the Application Gateway in front of the instance.
    pub app_gateway: Option<String>,
    /// Custom domains of the instance.
    pub hostnames: Vec<(HostnameKind, String)>,
    /// Storage accounts, bare or full names.
    pub storage_accounts: Vec<String>,
    /// SQL servers likewise.
    pub sql_servers: Vec<String>,
    /// Key vaults likewise.
    pub key_vaults: Vec<String>,
    /// Event Hubs namespaces likewise.
    pub event_hubs: Vec<String>,
    /// Redis caches likewise.
    pub redis: Vec<String>,
    /// Endpoints of `--endpoint`.
    pub custom: Vec<CustomEndpoint>,
    /// Hosts that the instance says it needs (outbound dependencies) and that are no store of its own.
    pub dependencies: Vec<CustomEndpoint>,
    /// Flows of `review` to and from literal addresses.
    pub literals: Vec<LiteralFlow>,
    /// Targets of a NetworkStatus document.
    pub network_status: Option<NetworkStatus>,
    /// The configured name servers, in their order.
    pub dns_servers: Vec<Server>,
    /// What the metadata service said; `None` when it was not asked or did not answer.
    pub metadata: Option<Metadata>,
    /// The metadata service has been asked (`plan` sends nothing, so it does not).
    pub metadata_asked: bool,
    /// The metadata service may be asked.
    pub use_imds: bool,
    /// 168.63.129.16 may be asked for comparison.
    pub use_azure_dns: bool,
    /// What documents show of the instance: rows that need it apply.
    pub shown: BTreeSet<Condition>,
    /// Which checks are wanted.
    pub selection: Selection,
}

impl Instance {
    /// True where the region was not typed but read from the metadata service.
    #[must_use]
    pub fn region_from_metadata(&self) -> bool {
        self.metadata
            .as_ref()
            .is_some_and(|metadata| metadata.region.is_some() && metadata.region == self.region)
    }

    /// The vaults of API Management itself: those named `apikv-…`; where none is, every vault that was given.
    #[must_use]
    pub fn apim_key_vaults(&self) -> Vec<String> {
        let platform: Vec<String> =
            self.key_vaults.iter().filter(|name| is_platform_vault(name)).cloned().collect();
        if platform.is_empty() { self.key_vaults.clone() } else { platform }
    }

    /// The customer's vaults: those beside the ones named `apikv-…`.
    #[must_use]
    pub fn customer_key_vaults(&self) -> Vec<String> {
        let platform = self.apim_key_vaults();
        self.key_vaults.iter().filter(|name| !platform.contains(name)).cloned().collect()
    }

    /// Caches of Azure Managed Redis: full names under `redis.azure.net`.
    #[must_use]
    pub fn managed_redis(&self) -> Vec<String> {
        self.redis.iter().filter(|name| is_managed_redis(name)).cloned().collect()
    }

    /// Caches of Azure Cache for Redis: every other name.
    #[must_use]
    pub fn classic_redis(&self) -> Vec<String> {
        self.redis.iter().filter(|name| !is_managed_redis(name)).cloned().collect()
    }
}

/// API Management names its own vault `apikv-` and 18 random characters (NetworkStatus output of May 2025).
fn is_platform_vault(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("apikv-")
}

fn is_managed_redis(name: &str) -> bool {
    name.trim_end_matches('.').to_ascii_lowercase().ends_with(".redis.azure.net")
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            cloud: "public".to_owned(),
            region: None,
            vnet_mode: VnetMode::Internal,
            profile: Profile::Classic,
            service: None,
            private_ip: None,
            app_gateway: None,
            hostnames: Vec::new(),
            storage_accounts: Vec::new(),
            sql_servers: Vec::new(),
            key_vaults: Vec::new(),
            event_hubs: Vec::new(),
            redis: Vec::new(),
            custom: Vec::new(),
            dependencies: Vec::new(),
            literals: Vec::new(),
            network_status: None,
            dns_servers: Vec::new(),
            metadata: None,
            metadata_asked: false,
            use_imds: true,
            use_azure_dns: true,
            shown: BTreeSet::new(),
            selection: Selection::default(),
        }
    }
}

words! {
    /// Kind of a custom domain.
    HostnameKind {
        /// The gateway.
        Gateway = "gateway",
        /// The legacy portal.
        Portal = "portal",
        /// The developer portal.
        Developer = "developer",
        /// The management endpoint.
        Management = "management",
        /// The source-control endpoint.
        Scm = "scm",
    }
}

impl HostnameKind {
    /// The endpoint that an Application Gateway publishes under such a domain.
    #[must_use]
    pub const fn published(self) -> Option<Published> {
        match self {
            Self::Gateway => Some(Published::Gateway),
            Self::Portal | Self::Developer => Some(Published::Portal),
            Self::Management => Some(Published::Management),
            Self::Scm => None,
        }
    }
}

/// One endpoint of `--endpoint HOST:PORT[/PROTOCOL][,required]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEndpoint {
    /// Host name or address.
    pub host: String,
    /// Port, 1 to 65,535.
    pub port: u16,
    /// What is spoken there.
    pub protocol: Protocol,
    /// UDP or TCP, where it was named in place of a protocol: `review` alone takes that.
    pub transport: Option<Transport>,
    /// Whether its failure makes the verdict `unhealthy`.
    pub requirement: Requirement,
}

/// A flow to or from a literal address: `review --endpoint IP:PORT` and `--inbound IP:PORT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiteralFlow {
    /// Who opens the connection, seen from the subnet.
    pub direction: Direction,
    /// The other end.
    pub address: IpAddr,
    /// Destination port, 1 to 65,535.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// What is spoken there, as far as its port tells.
    pub protocol: Protocol,
    /// Whether its denial makes the verdict `unhealthy`.
    pub requirement: Requirement,
}

/// Which checks are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Endpoint ids or groups; empty means all.
    pub only: Vec<String>,
    /// Endpoint ids or groups to leave out.
    pub skip: Vec<String>,
    /// Leave out what is optional.
    pub required_only: bool,
}

impl Selection {
    /// True where a check of this endpoint and group is selected.
    #[must_use]
    pub fn takes(&self, endpoint: &str, group: &str, requirement: Requirement) -> bool {
        let in_list = |words: &[String]| words.iter().any(|word| word == endpoint || word == group);
        let wanted = self.only.is_empty() || in_list(&self.only);
        wanted && !in_list(&self.skip) && !(self.required_only && requirement == Requirement::Optional)
    }
}

/// What the metadata service of the VM said, as far as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `azEnvironment` as given.
    pub cloud: Option<String>,
    /// `location`: the ARM region id.
    pub region: Option<String>,
    /// Subscription id; redacted in reports unless asked for.
    pub subscription_id: Option<String>,
    /// Resource group; redacted likewise.
    pub resource_group: Option<String>,
    /// VM name.
    pub vm_name: Option<String>,
    /// Private addresses of the interfaces.
    pub private_addresses: Vec<String>,
    /// Subnet prefixes of the interfaces, `10.0.1.0/24`.
    pub subnets: Vec<String>,
}
