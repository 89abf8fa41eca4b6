//! Changes to the configuration of a network, as data. What the tool advises (the remedy of a finding) and what it writes
//! (`rules`) are the same values; `az`, Bicep, Terraform and so on are renderings of them. Pure.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::network::{Access, PortRange, RuleProtocol, Way};

pub mod arm;
pub mod az;
pub mod az_gateway;
pub mod azure_firewall;
pub mod bicep;
pub mod csv;
pub mod gateway;
mod gateway_template;
mod gateway_terraform;
pub mod markdown;
pub mod missing;
pub mod needed;
pub mod shell;
pub mod step;
pub mod terraform;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// A rule of the network security group of the subnet.
    SecurityRule(SecurityRule),
    /// A route of the route table of the subnet.
    Route(Route),
    /// Service endpoints of the subnet, all that it should have: Azure replaces the list.
    ServiceEndpoints(Vec<ServiceEndpoint>),
    /// A rule of a firewall that the traffic is routed through.
    Firewall(FirewallRule),
    /// A name that the network's DNS must answer with a private address.
    Record(Record),
    /// What publishes an endpoint of the instance by an Application Gateway.
    Publication(gateway::Publication),
}

/// A rule of a network security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityRule {
    /// Its name, unique in its group without regard to case.
    pub name: String,
    /// Why it is there and who says so: printable ASCII, at most [`MAX_DESCRIPTION`] characters.
    pub description: String,
    /// Seen from the subnet.
    pub direction: Way,
    /// 100 to 4096; `None` where the reader has to choose one ahead of what denies.
    pub priority: Option<u16>,
    /// Allow or Deny.
    pub access: Access,
    /// TCP, UDP or all.
    pub protocol: RuleProtocol,
    /// Who opens the connection.
    pub source: End,
    /// Who is called.
    pub destination: End,
    /// Ports of the destination; empty for all.
    pub ports: Vec<PortRange>,
}

/// Characters in the description of a rule: Azure's own bound.
pub const MAX_DESCRIPTION: usize = 140;

/// One side of a rule: Azure takes one service tag, or any number of prefixes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Every address.
    Any,
    /// A service tag, `VirtualNetwork` and `Internet` among them.
    Tag(String),
    /// Addresses, at least one.
    Prefixes(Vec<IpNet>),
}

impl End {
    /// The network that the subnet lies in.
    #[must_use]
    pub fn network() -> Self {
        Self::Tag("VirtualNetwork".to_owned())
    }

    /// As Azure writes it: `*`, the tag, or the prefixes.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Any => vec!["*".to_owned()],
            Self::Tag(tag) => vec![tag.clone()],
            Self::Prefixes(prefixes) => prefixes.iter().map(ToString::to_string).collect(),
        }
    }
}

impl SecurityRule {
    /// Its ports as Azure writes them: `*`, or each range.
    #[must_use]
    pub fn port_words(&self) -> Vec<String> {
        if self.ports.is_empty() {
            return vec!["*".to_owned()];
        }
        self.ports.iter().map(ToString::to_string).collect()
    }
}

/// A change of one field of a rule that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// Its name, as the document writes it.
    pub name: String,
    /// The field.
    pub sets: RuleField,
}

/// A field of a rule with what it is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleField {
    /// Its priority.
    Priority(u32),
    /// Allow or Deny.
    Access(Access),
    /// TCP, UDP or all.
    Protocol(RuleProtocol),
    /// Who opens the connection.
    Source(End),
    /// Who is called.
    Destination(End),
    /// Ports of the destination.
    Ports(Vec<PortRange>),
}

/// A route of a route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its name, unique in its table without regard to case.
    pub name: String,
    /// Why it is there and who says so; route tables have no place for it, other renderings do.
    pub description: String,
    /// A prefix or a service tag.
    pub prefix: String,
    /// Where to.
    pub hop: Hop,
}

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// Straight out.
    Internet,
    /// A device.
    Appliance(IpAddr),
}

impl Hop {
    /// Azure's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internet => "Internet",
            Self::Appliance(_) => "VirtualAppliance",
        }
    }
}

/// A service endpoint of a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEndpoint {
    /// `Microsoft.Storage` and so on.
    pub service: String,
    /// Why it is there and who says so.
    pub description: String,
}

/// A rule of a firewall. Azure Firewall takes a service tag as a destination only, and names only of what speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirewallRule {
    /// Its name, unique in its collection without regard to case.
    pub name: String,
    /// Why it is there and who says so.
    pub description: String,
    /// What it lets through.
    pub allows: Allowance,
}

/// What a rule of a firewall lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// Host names, told by the Host header or by the name in the TLS handshake.
    Names {
        /// `Http` or `Https`.
        protocol: &'static str,
        /// Port of the destination.
        port: u16,
        /// Host names; `*.` may stand in front.
        hosts: Vec<String>,
    },
    /// A service tag, or addresses.
    Addresses {
        /// TCP or UDP.
        protocol: RuleProtocol,
        /// Ports of the destination, at least one.
        ports: Vec<PortRange>,
        /// One tag, prefixes, or every address.
        to: End,
    },
}

/// A name of the instance and its private address, in a zone of its own, so that the zone hides no other name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Host name.
    pub host: String,
    /// What it is for.
    pub description: String,
    /// The address; `None` where it is not known yet.
    pub address: Option<IpAddr>,
}

/// Names of the resources that changes belong to. What is not known stays `None`, and each rendering says how it is left open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Resource group of the network's resources.
    pub resource_group: Option<String>,
    /// Resource group of the virtual network, where it is another.
    pub network_group: Option<String>,
    /// Resource group of the route table, where it is another.
    pub route_group: Option<String>,
    /// Network security group of the subnet.
    pub security_group: Option<String>,
    /// Route table of the subnet.
    pub route_table: Option<String>,
    /// Virtual network.
    pub virtual_network: Option<String>,
    /// Subnet of the instance.
    pub subnet: Option<String>,
    /// Name of the API Management instance.
    pub service: Option<String>,
    /// Name of the virtual machine.
    pub machine: Option<String>,
    /// Name of its network interface.
    pub interface: Option<String>,
    /// First prefix of the subnet.
    pub subnet_prefix: Option<IpNet>,
    /// What else the subnet has, as properties of ARM: who writes the subnet must write them again.
    pub subnet_keeps: Vec<(&'static str, serde_json::Value)>,
    /// Application Gateway in front of the instance.
    pub gateway: Option<String>,
    /// ARM id of the region.
    pub location: Option<String>,
    /// The resources exist: only what is added is written, never the whole.
    pub exists: Existing,
}

impl Scope {
    /// Whether the route table exists: documents of the subnet name one; where they were not given it may.
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.route_table.is_some() || (self.exists == Existing::Existing && self.subnet.is_none())
    }
}

/// Whether changes go into resources that exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// The resources are made together with what belongs into them.
    #[default]
    New,
    /// They exist: only what is added is written, since writing the whole would replace it.
    Existing,
}

/// `text` as printable ASCII that stands in double quotes of any shell, cut at a word so that it fits the description of a rule.
#[must_use]
pub fn description(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '`' | '$' | '!'))
        .collect();
    if plain.len() <= MAX_DESCRIPTION {
        return plain;
    }
    let cut = &plain[..MAX_DESCRIPTION - 3];
    format!("{}...", cut.rsplit_once(' ').map_or(cut, |(head, _)| head).trim_end_matches([',', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_plain_and_fits() {
        assert_eq!(description("Azure's own; source: \"VNR\""), "Azure's own; source: VNR");
        let long = description(&"word ".repeat(60));
        assert!(long.len() <= MAX_DESCRIPTION && long.ends_with("word..."), "{long}");
    }

    #[test]
    fn an_end_is_any_one_tag_or_prefixes() {
        assert_eq!(End::Any.words(), ["*"]);
        assert_eq!(End::network().words(), ["VirtualNetwork"]);
        assert_eq!(End::Prefixes(vec!["10.0.0.0/24".parse().unwrap()]).words(), ["10.0.0.0/24"]);
    }
}
