//! The part that a check has in the judgement of an Application Gateway: where its packets go, and where its name may lead.

use std::net::IpAddr;

use crate::catalogue::Role;

/// The part that a check has in the judgement of an Application Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayPath {
    /// It is what the gateway's probe asks: the instance's private address is dialled in place of its host's.
    Probe {
        /// The private address.
        address: IpAddr,
        /// The path that is asked for where the row's own is answered with 404.
        or_request: Option<String>,
    },
    /// It is what a client asks: the gateway is dialled in place of its host.
    Front {
        /// Name or address of the gateway's front end.
        front: String,
        /// The instance's private address, to which that name must not lead.
        instance: Option<IpAddr>,
    },
    /// It is an endpoint of the instance whose name may lead to the gateway as well as to the instance.
    Published {
        /// Name or address of the gateway's front end.
        front: String,
    },
}

impl GatewayPath {
    /// The part of a check that a report tells of: its role, and the name or address that was dialled.
    #[must_use]
    pub fn of_report(role: Role, via: Option<&str>) -> Option<Self> {
        let via = via?;
        match role {
            Role::GatewayProbe => Some(Self::Probe { address: via.parse().ok()?, or_request: None }),
            Role::GatewayFront => Some(Self::Front { front: via.to_owned(), instance: None }),
            _ => None,
        }
    }

    /// The name or address that is dialled in place of the host.
    #[must_use]
    pub fn via(&self) -> Option<String> {
        match self {
            Self::Probe { address, .. } => Some(address.to_string()),
            Self::Front { front, .. } => Some(front.clone()),
            Self::Published { .. } => None,
        }
    }
}
