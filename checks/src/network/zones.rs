//! Private DNS zones, their links and records.

use std::net::IpAddr;

use crate::network::resource::{Field, Place, ResourceId};

/// A private DNS zone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateZone {
    /// Its id; its last segment is the zone's name.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
}

/// A link of a private DNS zone to a virtual network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ZoneLink {
    /// Its id; its parent is the zone.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// The virtual network.
    pub virtual_network: Field<ResourceId>,
    /// `virtualNetworkLinkState`: `Completed`, `InProgress`.
    pub state: Field<String>,
    /// `resolutionPolicy`: `Default`, `NxDomainRedirect`.
    pub resolution_policy: Field<String>,
}

/// A record set of a private DNS zone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordSet {
    /// Its id; the zone is two levels up.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// Full name in lower case, without the trailing dot.
    pub name: String,
    /// `A`, `AAAA`, `CNAME` …, upper case.
    pub kind: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Target of a CNAME.
    pub cname: Option<String>,
}
