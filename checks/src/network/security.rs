//! Security rules: of a group as written, as Azure applies them, and those of a network manager.

use ipnet::IpNet;

use crate::catalogue::words;
use crate::network::resource::{Field, Place, ResourceId};

/// A network security group as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroup {
    /// Its id; made up from the name by the reader where the document has none (templates).
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its rules, the default ones included where the document lists them, in the order of the document.
    pub rules: Vec<SecurityRule>,
    /// Subnets that the document says it is attached to.
    pub subnets: Vec<ResourceId>,
    /// Interfaces likewise.
    pub interfaces: Vec<ResourceId>,
    /// A part of the list of rules could not be read: there may be rules that nobody saw.
    pub rules_missing: Option<Place>,
}

/// One element of the effective rules of an interface: one group as Azure applies it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EffectiveGroup {
    /// Id of the group; absent in a bare list of rules.
    pub id: Option<ResourceId>,
    /// Where it stands.
    pub place: Place,
    /// What it is attached to.
    pub association: Association,
    /// Its rules.
    pub rules: Vec<SecurityRule>,
    /// A part of the list of rules could not be read.
    pub rules_missing: Option<Place>,
}

/// What an element of the effective rules is attached to. One that names a subnet is the subnet's, with or without others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Association {
    /// The subnet.
    pub subnet: Option<ResourceId>,
    /// The interface.
    pub interface: Option<ResourceId>,
    /// The network manager: the rules are admin rules.
    pub manager: Option<ResourceId>,
}

/// Rules of a network manager, judged before those of any group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdminRules {
    /// Where the list stands.
    pub place: Place,
    /// The virtual network that the list was asked for, where the document or its bundle says.
    pub virtual_network: Option<ResourceId>,
    /// The rules of all collections; each says which is its own.
    pub rules: Vec<SecurityRule>,
    /// A part of the list could not be read, or there is another page (`skipToken`).
    pub rules_missing: Option<Place>,
}

/// A rule of a group, or an admin rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityRule {
    /// Name without `securityRules/`, `defaultSecurityRules/`, `UserRule_`, `DefaultRule_`; otherwise as written.
    pub name: String,
    /// Rule collection of an admin rule.
    pub collection: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// Seen from the subnet or interface that it is attached to.
    pub direction: Field<Way>,
    /// What happens to a flow that it matches.
    pub access: Field<Access>,
    /// Lower first; 65,000 and up are Azure's own.
    pub priority: Field<u32>,
    /// Protocol; the spellings of one protocol (`*`, `All`, `Any`) are one.
    pub protocol: Field<RuleProtocol>,
    /// Protocol as written.
    pub protocol_written: String,
    /// Who opens the connection.
    pub source: Side,
    /// Who is called.
    pub destination: Side,
}

/// One side of a rule: singular and plural keys together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// Addresses as written. Empty together with `application_groups` means that the document has no readable one.
    pub addresses: Vec<Criterion>,
    /// What Azure says a tag (or application group) of this side stands for; empty lists are read as absent.
    pub expanded: Option<Vec<IpNet>>,
    /// Application security groups.
    pub application_groups: Vec<ResourceId>,
    /// Ports as written. Empty means that the document has no readable one.
    pub ports: Vec<Ports>,
}

/// One address of a side, as written and as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// As written, where what it says does not show the same: a document may hold hundreds of thousands of them.
    written: Option<Box<str>>,
    /// What it says.
    pub address: Address,
}

/// What an address of a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `*`, `Any`: every address of both families. `0.0.0.0/0` is a prefix.
    Any,
    /// A prefix; a bare address is a /32 or /128, host bits are cleared.
    Prefix(IpNet),
    /// A service tag as written, regional suffix included.
    Tag(String),
    /// Something else: an expression, a wrong type.
    Unreadable,
}

impl RuleProtocol {
    /// Reads Azure's word, whatever its case, or the number of a protocol; `None` for a word that nobody knows.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        Some(match written.trim().to_ascii_lowercase().as_str() {
            "*" | "all" | "any" => Self::Any,
            "tcp" | "6" => Self::Tcp,
            "udp" | "17" => Self::Udp,
            "icmp" | "icmpv4" | "icmpv6" | "esp" | "ah" => Self::Other,
            number => number.parse::<u8>().ok().map(|_| Self::Other)?,
        })
    }
}

impl Criterion {
    /// Reads an address of a rule: `*`, a prefix, an address, else the name of a tag.
    #[must_use]
    pub fn read(written: &str) -> Self {
        let text = written.trim();
        let address = if text == "*" || text.eq_ignore_ascii_case("any") {
            Address::Any
        } else if let Ok(prefix) = text.parse::<IpNet>() {
            Address::Prefix(prefix.trunc())
        } else if let Ok(address) = text.parse::<std::net::IpAddr>() {
            Address::Prefix(IpNet::from(address))
        } else if is_tag(text) {
            Address::Tag(text.to_owned())
        } else {
            Address::Unreadable
        };
        let same = Self { written: None, address };
        let written = (same.to_string() != text).then(|| text.into());
        Self { written, ..same }
    }

    /// One that is no text at all.
    #[must_use]
    pub const fn unreadable() -> Self {
        Self { written: None, address: Address::Unreadable }
    }
}

impl std::fmt::Display for Criterion {
    /// As written: `Storage`, `*`, `10.0.1.0/24`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.written, &self.address) {
            (Some(written), _) => f.write_str(written),
            (None, Address::Any) => f.write_str("*"),
            (None, Address::Prefix(prefix)) => prefix.fmt(f),
            (None, Address::Tag(tag)) => f.write_str(tag),
            (None, Address::Unreadable) => Ok(()),
        }
    }
}

/// Names of tags are words of letters, digits and dots that begin with a letter.
fn is_tag(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Ports of one entry, as written and as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// As written, for people: `443`, `443-445`, `*`.
    pub written: String,
    /// What it says; `None` for what could not be read.
    pub range: Option<PortRange>,
}

/// Ports from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// First port.
    pub first: u16,
    /// Last port, not below the first.
    pub last: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { first: 0, last: u16::MAX };

    /// One port.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self { first: port, last: port }
    }

    /// Reads `*`, `443`, `443-445`.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let text = written.trim();
        if text == "*" || text.eq_ignore_ascii_case("any") {
            return Some(Self::ALL);
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = Self { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
        (range.first <= range.last).then_some(range)
    }
}

impl std::fmt::Display for PortRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self { first, last } if first == last => write!(f, "{first}"),
            Self { first, last } => write!(f, "{first}-{last}"),
        }
    }
}

impl Ports {
    /// Reads `*`, `443`, `443-445`.
    #[must_use]
    pub fn read(written: &str) -> Self {
        Self { written: written.trim().to_owned(), range: PortRange::read(written) }
    }
}

words! {
    /// Direction of a rule and of a flow, seen from the subnet.
    Way {
        /// Into the subnet.
        Inbound = "inbound",
        /// Out of it.
        Outbound = "outbound",
    }
}

words! {
    /// What a rule does with a flow that it matches. `AlwaysAllow` is an admin rule's.
    Access {
        /// It passes; of an admin rule: the group decides.
        Allow = "Allow",
        /// It is dropped.
        Deny = "Deny",
        /// It passes and no group is asked.
        AlwaysAllow = "AlwaysAllow",
    }
}

words! {
    /// Protocol of a rule.
    RuleProtocol {
        /// All of them.
        Any = "*",
        /// TCP.
        Tcp = "Tcp",
        /// UDP.
        Udp = "Udp",
        /// ICMP, ESP, AH and others: no flow of ours.
        Other = "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_rule_is_any_a_prefix_a_tag_or_unreadable() {
        let read = |text| Criterion::read(text).address;
        assert_eq!(read("*"), Address::Any);
        assert_eq!(read("10.0.1.77/24"), Address::Prefix("10.0.1.0/24".parse().unwrap()));
        assert_eq!(read("10.0.1.4"), Address::Prefix("10.0.1.4/32".parse().unwrap()));
        assert_eq!(read("Storage.WestEurope"), Address::Tag("Storage.WestEurope".into()));
        assert_eq!(read("[parameters('x')]"), Address::Unreadable);
        assert_eq!(read("10.0.0.300"), Address::Unreadable);
    }

    #[test]
    fn ports_are_one_a_range_or_all() {
        let read = |text| Ports::read(text).range;
        assert_eq!(read("443"), Some(PortRange::one(443)));
        assert_eq!(read("5671 - 5672"), Some(PortRange { first: 5671, last: 5672 }));
        assert_eq!(read("*"), Some(PortRange::ALL));
        assert_eq!(read("9-3"), None);
        assert_eq!(read("70000"), None);
    }
}
