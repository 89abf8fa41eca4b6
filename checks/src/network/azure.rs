//! The platform's own addresses.

use std::net::{IpAddr, Ipv4Addr};

/// DNS, DHCP and health of the platform; the source of load balancer probes.
pub const DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// The metadata service.
pub const IMDS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
