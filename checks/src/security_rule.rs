//! The rule of a network security group that lets a check through, in words.

use crate::catalogue::{Direction, Role, Transport};
use crate::plan::Check;

/// Allows `ports` of a service tag, or of the internet where no tag covers the target.
#[must_use]
pub fn allow(direction: Direction, transport: Transport, ports: &str, tag: Option<&str>) -> String {
    if let Some(tag) = tag.filter(|tag| tag.starts_with("AzurePlatform")) {
        return format!("none is needed: the platform allows it unless a rule denies the tag {tag}");
    }
    let transport = transport.as_str().to_uppercase();
    let tag = tag.unwrap_or("Internet (no service tag covers it; a firewall takes the host)");
    match direction {
        Direction::Outbound => format!("allow outbound {transport} {ports} from VirtualNetwork to {tag}"),
        Direction::Inbound => format!("allow inbound {transport} {ports} from {tag} to VirtualNetwork"),
        Direction::Both => format!("allow {transport} {ports} both ways between VirtualNetwork and {tag}"),
    }
}

/// The rule for one check; `None` where the target is the user's own (`--endpoint`) or has no port.
#[must_use]
pub fn of_check(check: &Check) -> Option<String> {
    let port = check.port().filter(|_| check.role() != Role::Custom)?;
    Some(allow(check.direction, check.transport, &port.to_string(), check.service_tag.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_direction_transport_port_and_tag() {
        let rule = |direction, tag| allow(direction, Transport::Tcp, "443", tag);
        assert_eq!(
            rule(Direction::Outbound, Some("Storage")),
            "allow outbound TCP 443 from VirtualNetwork to Storage"
        );
        assert_eq!(
            rule(Direction::Inbound, Some("ApiManagement")),
            "allow inbound TCP 443 from ApiManagement to VirtualNetwork"
        );
        assert!(rule(Direction::Outbound, None).contains("to Internet (no service tag"));
        assert!(rule(Direction::Outbound, Some("AzurePlatformDNS")).starts_with("none is needed"));
    }
}
