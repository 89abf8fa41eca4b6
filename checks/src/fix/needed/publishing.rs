//! What an Application Gateway in front of an internal instance needs: rules of its own subnet, and what publishes each endpoint.

use crate::catalogue::{Catalogue, Published};
use crate::fix::gateway::Publication;
use crate::fix::{End, SecurityRule, description};
use crate::instance::Instance;
use crate::network::publishing::names::OwnNames;
use crate::network::publishing::reason::{health_paths, name};
use crate::network::{Access, PortRange, RuleProtocol, Way};

/// The rules of the gateway's subnet, without priorities. Outbound traffic is open unless somebody closes it.
pub(super) fn security_rules() -> Vec<SecurityRule> {
    let tag = |tag: &str| End::Tag(tag.to_owned());
    let rule = |name: &str, why: &str, source: End, destination: End, protocol, ports: Vec<PortRange>| {
        SecurityRule {
            name: name.to_owned(),
            description: description(why),
            direction: Way::Inbound,
            priority: None,
            access: Access::Allow,
            protocol,
            source,
            destination,
            ports,
        }
    };
    vec![
        rule(
            "Allow-GatewayManager-Inbound",
            "Required: Azure manages the gateway. Source: AG-INFRA",
            tag("GatewayManager"),
            End::Any,
            RuleProtocol::Tcp,
            vec![PortRange { first: 65_200, last: 65_535 }],
        ),
        rule(
            "Allow-AzureLoadBalancer-Inbound",
            "Required: Azure asks whether the gateway lives. Source: AG-INFRA",
            tag("AzureLoadBalancer"),
            End::Any,
            RuleProtocol::Any,
            Vec::new(),
        ),
        rule(
            "Allow-Clients-Inbound",
            "Required: clients call the gateway; narrow the source where they are known. Source: AG-INFRA",
            tag("Internet"),
            End::network(),
            RuleProtocol::Tcp,
            vec![PortRange::one(443)],
        ),
    ]
}

/// What publishes the endpoints: the gateway, and what has a domain of its own beside it. The management endpoint is published
/// only where it has one.
pub(super) fn publications(catalogue: &Catalogue, instance: &Instance) -> Vec<Publication> {
    let own = OwnNames::of(instance, catalogue);
    let mut found: Vec<Publication> = Vec::new();
    for endpoint in Published::ALL.iter().copied() {
        let names = own.names_of(endpoint);
        let has_domain = |name: &&str| endpoint == Published::Gateway || !own.is_default(name);
        let Some(host) = names.first().copied().filter(has_domain) else {
            continue;
        };
        let Some(path) = health_paths(endpoint).first() else { continue };
        // Times of the documents of Microsoft.
        let (interval, timeout) = if endpoint == Published::Gateway { (30, 120) } else { (60, 300) };
        found.push(Publication {
            endpoint,
            host: host.to_owned(),
            path: (*path).to_owned(),
            address: instance.private_ip,
            priority: 10 * (u16::try_from(found.len()).unwrap_or_default() + 1),
            interval,
            timeout,
            threshold: 8,
            description: description(&format!(
                "Required: publishes the {}. Source: SEED-AGW",
                name(endpoint)
            )),
        });
    }
    found
}
