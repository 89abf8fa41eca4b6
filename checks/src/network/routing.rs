//! Routes: of a table as written, and as Azure applies them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalogue::words;
use crate::network::resource::{Field, Place, ResourceId};

/// A route table as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteTable {
    /// Its id; made up from the name by the reader where the document has none.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Routes that a gateway learnt are kept from the subnets of this table.
    pub disable_bgp_propagation: Field<bool>,
    /// Subnets that the document says it is attached to.
    pub subnets: Vec<ResourceId>,
    /// A part of the list of routes could not be read.
    pub routes_missing: Option<Place>,
}

/// The routes of an interface as Azure applies them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EffectiveRoutes {
    /// Where they stand.
    pub place: Place,
    /// The routes, those that are not active included.
    pub routes: Vec<Route>,
    /// A part of the list could not be read, or there is another page (`nextLink`).
    pub routes_missing: Option<Place>,
}

/// One route. A written one has one destination, a user source and is active.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Route {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// Where it leads to: one in a table, many in an effective route.
    pub destinations: Vec<Routed>,
    /// Next hop.
    pub next_hop: Field<NextHop>,
    /// Addresses of the next hop.
    pub addresses: Vec<IpAddr>,
    /// Who made it.
    pub source: Field<RouteSource>,
    /// Whether it counts.
    pub state: Field<RouteState>,
}

/// A destination of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// A prefix, host bits cleared.
    Prefix(IpNet),
    /// A service tag as written.
    Tag(String),
    /// Something else.
    Unreadable,
}

impl Routed {
    /// Reads a prefix, an address, else the name of a tag.
    #[must_use]
    pub fn read(written: &str) -> Self {
        use crate::network::security::{Address, Criterion};
        match Criterion::read(written).address {
            Address::Prefix(prefix) => Self::Prefix(prefix),
            Address::Tag(tag) => Self::Tag(tag),
            Address::Any | Address::Unreadable => Self::Unreadable,
        }
    }
}

words! {
    /// Who made a route.
    RouteSource {
        /// A route table.
        User = "user",
        /// A gateway learnt it.
        Bgp = "bgp",
        /// Azure itself.
        System = "system",
    }
}

words! {
    /// Whether a route counts.
    RouteState {
        /// It does.
        Active = "Active",
        /// Another one overrides it, or it cannot be used.
        Invalid = "Invalid",
    }
}

/// Next hop of a route, in Azure's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextHop {
    /// Within the virtual network.
    VnetLocal,
    /// A peered network.
    Peering,
    /// A peered network in another region.
    GlobalPeering,
    /// A network of a network manager's mesh.
    ConnectedGroup,
    /// The internet, or over Microsoft's backbone.
    Internet,
    /// Dropped.
    None,
    /// A device.
    Appliance,
    /// A VPN or ExpressRoute gateway.
    Gateway,
    /// A service endpoint.
    ServiceEndpoint,
    /// A private endpoint.
    InterfaceEndpoint,
    /// A word that Azure did not have when this was written, as written.
    Other(String),
}

impl NextHop {
    const WORDS: [(Self, &'static str); 10] = [
        (Self::VnetLocal, "VnetLocal"),
        (Self::Peering, "VNetPeering"),
        (Self::GlobalPeering, "VNetGlobalPeering"),
        (Self::ConnectedGroup, "ConnectedGroup"),
        (Self::Internet, "Internet"),
        (Self::None, "None"),
        (Self::Appliance, "VirtualAppliance"),
        (Self::Gateway, "VirtualNetworkGateway"),
        (Self::ServiceEndpoint, "VirtualNetworkServiceEndpoint"),
        (Self::InterfaceEndpoint, "InterfaceEndpoint"),
    ];

    /// Reads Azure's word, whatever its case.
    #[must_use]
    pub fn read(written: &str) -> Self {
        let known = Self::WORDS.into_iter().find(|(_, word)| word.eq_ignore_ascii_case(written.trim()));
        known.map_or_else(|| Self::Other(written.trim().to_owned()), |(hop, _)| hop)
    }

    /// Azure's word in the case of the report.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            known => Self::WORDS.iter().find(|(hop, _)| hop == known).map_or("", |(_, word)| word),
        }
    }
}

impl std::fmt::Display for NextHop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_hop_is_read_whatever_its_case_and_kept_where_unknown() {
        assert_eq!(NextHop::read("VNetLocal").as_str(), "VnetLocal");
        assert_eq!(NextHop::read("virtualappliance"), NextHop::Appliance);
        assert_eq!(NextHop::read("Wormhole").as_str(), "Wormhole");
    }
}
