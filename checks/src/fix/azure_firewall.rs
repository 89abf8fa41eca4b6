//! Rules of an Azure Firewall policy: an ARM template of one rule collection group.

use serde_json::{Value, json};

use super::arm::{NETWORK_API, Template};
use super::{Allowance, End, FirewallRule, Fix, Scope};
use crate::network::RuleProtocol;

/// The template, with a line end. Only the rules of a firewall are in it.
#[must_use]
pub fn render(fixes: &[Fix], scope: &Scope, priority: u16) -> String {
    let mut template = Template::default();
    let policy = template.parameter("firewallPolicyName", "afwp-hub", "Azure Firewall policy, which exists");
    let subnet = scope.subnet_prefix.map_or_else(|| "10.0.1.0/24".to_owned(), |prefix| prefix.to_string());
    let source = template.parameter("subnetPrefix", &subnet, "Prefix of the subnet of the instance");
    let rules =
        || fixes.iter().filter_map(|fix| if let Fix::Firewall(rule) = fix { Some(rule) } else { None });
    let (names, addresses): (Vec<&FirewallRule>, Vec<&FirewallRule>) =
        rules().partition(|rule| matches!(rule.allows, Allowance::Names { .. }));
    let collections: Vec<Value> = [("apim-network", 100_u16, addresses), ("apim-application", 200, names)]
        .into_iter()
        .filter(|(_, _, rules)| !rules.is_empty())
        .map(|(name, priority, rules)| {
            json!({
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "name": name,
                "priority": priority,
                "action": {"type": "Allow"},
                "rules": rules.iter().map(|one| rule(one, &source)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let parent = policy.trim_start_matches('[').trim_end_matches(']').to_owned();
    template.push(json!({
        "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        "apiVersion": NETWORK_API,
        "name": format!("[concat({parent}, '/apim')]"),
        "properties": {"priority": priority, "ruleCollections": collections},
    }));
    template.text()
}

fn rule(rule: &FirewallRule, source: &str) -> Value {
    match &rule.allows {
        Allowance::Names { protocol, port, hosts } => json!({
            "ruleType": "ApplicationRule",
            "name": rule.name,
            "description": rule.description,
            "sourceAddresses": [source],
            "protocols": [{"protocolType": protocol, "port": port}],
            "targetFqdns": hosts,
        }),
        Allowance::Addresses { protocol, ports, to } => json!({
            "ruleType": "NetworkRule",
            "name": rule.name,
            "description": rule.description,
            "sourceAddresses": [source],
            "ipProtocols": [if *protocol == RuleProtocol::Udp { "UDP" } else { "TCP" }],
            "destinationAddresses": if *to == End::Any { vec!["*".to_owned()] } else { to.words() },
            "destinationPorts": ports.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    }
}
