//! One row of the catalogue: something that API Management depends on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::vocabulary::{
    Condition, Direction, NamedBy, Profile, Protocol, Published, Requirement, Role, RunWhen, Transport,
    TrustPolicy, VnetMode,
};

/// One row: something that API Management depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Stable id, kebab-case, unique.
    pub id: String,
    /// The group that `--only` and `--skip` take beside ids.
    pub group: String,
    /// What it is, where it is treated otherwise than a service that API Management calls.
    #[serde(default = "Role::service")]
    pub role: Role,
    /// The endpoint of the instance that it is about, for rows of an Application Gateway.
    #[serde(default)]
    pub publishes: Option<Published>,
    /// Short name in a reader's words.
    pub name: String,
    /// What API Management uses it for, one sentence.
    pub purpose: String,
    /// What does not work without it, one sentence that can stand in a finding.
    pub without: String,
    /// Host names; `{storage}`, `{region}`, `{suffix.storage}` … are filled in from the instance and the cloud.
    /// Empty where no host can be named. A cloud's own file may replace them.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Hosts to probe in place of a wildcard in `hosts`.
    #[serde(default)]
    pub probe_hosts: Vec<String>,
    /// The flag that gives the row its names, or the region in them.
    #[serde(default)]
    pub named_by: Option<NamedBy>,
    /// Ids of retired rows in whose place it came: a list that allows those and not this one is out of date.
    #[serde(default)]
    pub replaces: Vec<String>,
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
    /// The service endpoint of a subnet that leads to it, `Microsoft.Storage`.
    #[serde(default)]
    pub service_endpoint: Option<String>,
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
    /// Parts of host names by which NetworkStatus' entries are told apart where rows share a `resourceType`.
    #[serde(default)]
    pub portal_hosts: Vec<String>,
    /// What a document must show of the instance; without it the row is skipped.
    #[serde(default)]
    pub only_where: Option<Condition>,
    /// Virtual network modes in which the row applies.
    pub modes: BTreeSet<VnetMode>,
    /// Profiles in which the row applies.
    pub profiles: BTreeSet<Profile>,
    /// When the row is run.
    pub run: RunWhen,
    /// Ids of the rows that this row stands in for while their names are unknown (`run = "fallback"`).
    #[serde(default)]
    pub fallback_for: Vec<String>,
    /// Path (and query) of the HTTP request, where the protocol is one of the HTTP kind.
    #[serde(default)]
    pub request: Option<String>,
    /// A path that proves as much where `request` is answered with 404.
    #[serde(default)]
    pub or_request: Option<String>,
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
    #[serde(default = "TrustPolicy::public_roots_only")]
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

impl Endpoint {
    /// Whether a failure makes the verdict `unhealthy`.
    #[must_use]
    pub const fn requirement(&self) -> Requirement {
        if self.required { Requirement::Required } else { Requirement::Optional }
    }

    /// The service tags that the row names, without the notes beside them.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let words = self.service_tag.iter().flat_map(|tag| tag.split([' ', ',', ';', ':', '/', '(', ')']));
        words.filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
    }

    /// The service tags that a rule for the row names: `Storage (2021 docs: Storage.WestUS)` is one, `Storage`.
    pub fn rule_tags(&self) -> impl Iterator<Item = &str> {
        let parts = self.service_tag.iter().flat_map(|tag| tag.split([',', ';']));
        let words = parts.filter_map(|part| part.trim().split([' ', '(', '/', ':']).next());
        words.filter(|word| word.starts_with(|first: char| first.is_ascii_uppercase()))
    }

    /// The first bytes that the answer of `host` must have.
    #[must_use]
    pub fn expected_body(&self, host: &str) -> Option<&str> {
        self.expect_bodies.get(host).or(self.expect_body.as_ref()).map(String::as_str)
    }
}
