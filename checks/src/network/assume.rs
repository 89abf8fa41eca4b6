//! What a decision takes for granted, said once in the report.

use std::sync::Arc;

/// Something taken for granted. The order is that of the report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assumption {
    /// No document names the subnet's prefixes.
    NoSubnet,
    /// This machine stands in another subnet, by name.
    MachineElsewhere(String),
    /// Effective rules or routes name no subnet.
    EffectiveAreTheSubnets(EffectiveWhat),
    /// The only group of the documents is taken as the subnet's.
    OnlyGroup(String),
    /// The only route table of the documents likewise.
    OnlyTable(String),
    /// The network names a network manager and its rules were not given.
    AdminRulesNotGiven,
    /// No document speaks of routes.
    RoutesNotJudged,
    /// Routes are derived, so that those of a gateway are not known.
    GatewayRoutesUnknown,
    /// `Internet` is read by the rule of thumb.
    InternetApproximate,
    /// The tag of the instance's region counts as the whole tag.
    OwnRegionIsWhole(String),
    /// User routes that are narrower than the flow were not looked at, by prefix.
    NarrowerRoutes(Arc<[String]>),
    /// A list of tags does not hold an address that the row's tag promises: tag and address.
    ListWins(String, std::net::IpAddr),
    /// A record of a private zone gives a host its address: host and address.
    RecordHolds(String, std::net::IpAddr),
    /// A gateway is there and the instance is not.
    GatewayWithoutInstance,
    /// No document describes the subnet of a gateway, by the gateway's name.
    GatewaySubnetNotGiven(String),
    /// The policy of a gateway's firewall was not given.
    FirewallPolicyNotGiven(String),
}

/// Which effective list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectiveWhat {
    /// Security rules.
    Rules,
    /// Routes.
    Routes,
}

impl std::fmt::Display for Assumption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSubnet => f.write_str(
                "No document gives the subnet's prefixes: only VirtualNetwork, * and 0.0.0.0/0 are known to hold the subnet.",
            ),
            Self::MachineElsewhere(subnet) => write!(
                f,
                "This machine stands in another subnet, {subnet}: the effective rules and routes are those of its own, and the chosen subnet is judged as written."
            ),
            Self::EffectiveAreTheSubnets(EffectiveWhat::Rules) => {
                f.write_str("The effective rules name no subnet and are taken as those of the chosen one.")
            }
            Self::EffectiveAreTheSubnets(EffectiveWhat::Routes) => {
                f.write_str("The effective routes name no subnet and are taken as those of the chosen one.")
            }
            Self::OnlyGroup(name) => {
                write!(f, "No document says which group the subnet has: {name}, the only one, is taken as the subnet's.")
            }
            Self::OnlyTable(name) => {
                write!(f, "No document says which route table the subnet has: {name}, the only one, is taken as the subnet's.")
            }
            Self::AdminRulesNotGiven => f.write_str(
                "The network has a network manager whose effective security admin rules were not given: they could deny what is allowed here.",
            ),
            Self::RoutesNotJudged => f.write_str("No document speaks of routes: routes were not judged."),
            Self::GatewayRoutesUnknown => f.write_str(
                "Routes are derived from route table, network and subnet: routes that a gateway learnt are not known.",
            ),
            Self::InternetApproximate => f.write_str(
                "Internet is read as every public address outside the network: Azure's own list has holes that only effective rules show.",
            ),
            Self::OwnRegionIsWhole(tag) => {
                write!(f, "{tag}, the tag of the instance's own region, counts as the whole tag.")
            }
            Self::NarrowerRoutes(prefixes) => write!(
                f,
                "Narrower user routes were not compared with service tags, whose prefixes were not given: {}.",
                prefixes.join(", ")
            ),
            Self::GatewayWithoutInstance => f.write_str(
                "No document and no option tells of the instance: whether the Application Gateway fits it was not judged.",
            ),
            Self::GatewaySubnetNotGiven(name) => {
                write!(f, "No document describes the subnet of the gateway {name}: its rules and routes were not judged.")
            }
            Self::FirewallPolicyNotGiven(name) => {
                write!(f, "The firewall policy {name} was not given: whether it blocks the developer portal was not judged.")
            }
            Self::RecordHolds(host, address) => {
                write!(f, "{host} is taken to lead to {address}, which a private zone among the documents gives it.")
            }
            Self::ListWins(tag, address) => {
                write!(f, "The list of {tag} does not hold {address}, which the catalogue expects there: the list wins.")
            }
        }
    }
}
