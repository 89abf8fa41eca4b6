//! The catalogue: the shipped, dated, sourced list of endpoints that API Management depends on.
//!
//! The rows are TOML under `checks/catalogue/`. `build.rs` reads them with the very types of this file, refuses a
//! malformed row, and embeds the result as JSON, so that no row can be wrong at run time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

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
}

/// One row: something that API Management depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Stable id, kebab-case, unique.
    pub id: String,
    /// The group that `--only` and `--skip` take beside ids.
    pub group: String,
    /// Short name in a reader's words.
    pub name: String,
    /// What API Management uses it for, one sentence.
    pub purpose: String,
    /// What no longer works without it, one sentence.
    pub without: String,
    /// Host names; `{storage}`, `{region}`, `{suffix.storage}` … are filled in from the instance and the cloud.
    /// Empty where no host can be named. A cloud's own file may replace them.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Hosts to probe in place of a wildcard in `hosts`.
    #[serde(default)]
    pub probe_hosts: Vec<String>,
    /// Ports to check, each with the protocol that proves it. Empty for rows that only explain.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// Port ranges and other ports as the sources print them, for rows whose ports cannot be checked.
    #[serde(default)]
    pub documented_ports: Option<String>,
    /// `tcp`, `udp` or `udp+tcp`.
    pub transport: Transport,
    /// Who opens the connection, seen from the subnet.
    pub direction: Direction,
    /// Service tag for the network security group rule, as the sources print it.
    #[serde(default)]
    pub service_tag: Option<String>,
    /// Whether a failure makes the verdict `unhealthy`.
    pub required: bool,
    /// The newest published reference calls the row required.
    #[serde(default)]
    pub documented_required: bool,
    /// Who says required or optional, and since when: shown by `explain`.
    #[serde(default)]
    pub requirement_note: Option<String>,
    /// The `resourceType` under which NetworkStatus reports it, where it does.
    #[serde(default)]
    pub resource_type: Option<String>,
    /// Virtual network modes in which the row applies.
    pub modes: BTreeSet<VnetMode>,
    /// Profiles in which the row applies.
    pub profiles: BTreeSet<Profile>,
    /// When the row is run.
    pub run: RunWhen,
    /// Ids of the rows that this row stands in for while their names are unknown (`run = "fallback"`).
    #[serde(default)]
    pub stands_in_for: Vec<String>,
    /// Path (and query) of the HTTP request, where the protocol is one of the HTTP kind.
    #[serde(default)]
    pub request: Option<String>,
    /// Paths for single hosts that differ from `request`.
    #[serde(default)]
    pub requests: BTreeMap<String, String>,
    /// The first bytes that the answer's body must have, where the real service's answer is known.
    #[serde(default)]
    pub expect_body: Option<String>,
    /// The same for single hosts.
    #[serde(default)]
    pub expect_bodies: BTreeMap<String, String>,
    /// Domains to which the real service may redirect on port 80 (a suffix match on labels).
    #[serde(default)]
    pub redirects: Vec<String>,
    /// Domains whose certificate names are accepted although they do not match the host (a suffix match on labels).
    #[serde(default)]
    pub accept_names: Vec<String>,
    /// Which certificate chains pass.
    #[serde(default = "public_roots_only")]
    pub trust: TrustPolicy,
    /// Codes of the documents that say so.
    pub sources: Vec<String>,
    /// How sure the sources leave us: `high`, `medium` or `low`.
    pub confidence: String,
    /// What earlier editions said, for the firewall engineer with an old list.
    #[serde(default)]
    pub history: Option<String>,
}

/// A port and the protocol that proves it, written `443/https` in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Port {
    /// 1 to 65,535.
    pub number: u16,
    /// What is spoken there.
    pub protocol: Protocol,
}

impl TryFrom<String> for Port {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (number, protocol) =
            text.split_once('/').ok_or_else(|| format!("`{text}` is not PORT/PROTOCOL"))?;
        match (number.parse(), Protocol::parse(protocol)) {
            (Ok(number), Some(protocol)) if number > 0 => Ok(Self { number, protocol }),
            _ => Err(format!("`{text}` is not PORT/PROTOCOL")),
        }
    }
}

impl From<Port> for String {
    fn from(port: Port) -> Self {
        format!("{}/{}", port.number, port.protocol.as_str())
    }
}

/// Gives an enum of words its `as_str`, `parse` and list, from one table.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of the contract for this value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word; `None` for a word that is not in the list.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What is spoken on a port. A closed list: `probe.rs` matches it in one place.
    Protocol {
        /// HTTP over TLS.
        Https = "https",
        /// Plain HTTP.
        Http = "http",
        /// A certificate revocation list over plain HTTP.
        Crl = "crl",
        /// An issuer's certificate over plain HTTP.
        Aia = "aia",
        /// An OCSP responder over plain HTTP.
        Ocsp = "ocsp",
        /// SQL Server's tabular data stream, with TLS inside it.
        Tds = "tds",
        /// AMQP 1.0, over TLS on 5671, with TLS in band on 5672.
        Amqp = "amqp",
        /// Redis over TLS.
        Redis = "redis",
        /// SMB 2 and later.
        Smb = "smb",
        /// A mail relay's banner.
        Smtp = "smtp",
        /// Network time.
        Ntp = "ntp",
        /// Windows activation.
        Kms = "kms",
        /// A name server, over UDP and TCP.
        Dns = "dns",
        /// A TLS handshake and nothing after it.
        Tls = "tls",
        /// A TCP connect and nothing after it: proves little, and the report says so.
        Tcp = "tcp",
    }
}

words! {
    /// Transport of an endpoint.
    Transport {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
        /// Both are asked (name servers).
        UdpTcp = "udp+tcp",
    }
}

words! {
    /// Who opens the connection, seen from the subnet of API Management.
    Direction {
        /// From the subnet.
        Outbound = "outbound",
        /// Into the subnet.
        Inbound = "inbound",
        /// Both.
        Both = "both",
    }
}

words! {
    /// Mode of the virtual network integration.
    VnetMode {
        /// Gateway reachable from the network only.
        Internal = "internal",
        /// Gateway reachable from the internet.
        External = "external",
    }
}

words! {
    /// Which kind of API Management the catalogue is read for.
    Profile {
        /// Developer and Premium on the stv2 platform.
        Classic = "classic",
        /// Premium v2 with network injection.
        PremiumV2 = "premium-v2",
        /// A workspace gateway.
        Workspace = "workspace",
    }
}

words! {
    /// When a row is run.
    RunWhen {
        /// Always; where a name is missing it is `skipped`, `name-unknown`.
        Always = "always",
        /// Only while the rows it stands in for have no names.
        Fallback = "fallback",
        /// Only when the instance itself is known (`--service`, `--hostname`).
        Service = "service",
        /// Seen in the field but not documented, or legacy: only with `--only`.
        Extended = "extended",
        /// Needed by this tool's optional features only, never by API Management: only with `--only`.
        Tool = "tool",
        /// Cannot be checked from a VM: listed and explained.
        Info = "info",
        /// History: neither run nor listed, only explained, or run with `--only`.
        Off = "off",
    }
}

words! {
    /// Which certificate chains an endpoint may show.
    TrustPolicy {
        /// The chain must end in a public root.
        Public = "public",
        /// A chain that ends in this machine's own store passes too, and is stated.
        Private = "private",
        /// Any chain passes: the service uses a Microsoft-internal PKI.
        Any = "any",
    }
}

const fn public_roots_only() -> TrustPolicy {
    TrustPolicy::Public
}

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

    /// The cloud whose `azEnvironment` the metadata service gave, whatever its case.
    #[must_use]
    pub fn cloud_of_environment(&self, environment: &str) -> Option<&Cloud> {
        let environment = environment.to_ascii_lowercase();
        self.clouds.values().find(|cloud| cloud.az_environments.contains(&environment))
    }
}

impl Endpoint {
    /// The service tags that the row names, without the notes beside them.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let words = self.service_tag.iter().flat_map(|tag| tag.split([' ', ',', ';', ':', '/', '(', ')']));
        words.filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
    }

    /// The first bytes that the answer of `host` must have.
    #[must_use]
    pub fn expected_body(&self, host: &str) -> Option<&str> {
        self.expect_bodies.get(host).or(self.expect_body.as_ref()).map(String::as_str)
    }
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
