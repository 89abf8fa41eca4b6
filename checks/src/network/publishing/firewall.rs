//! The web application firewall of a gateway and the requests of the developer portal.

use crate::network::Network;
use crate::network::gateway::{ApplicationGateway, Exempt, Firewall, Listener};
use crate::network::publishing::reason::{Fault, FaultCode};
use crate::network::resource::Field;
use crate::network::settings::Gravity;

/// Rules that block requests of the published developer portal
/// (<https://learn.microsoft.com/azure/api-management/api-management-howto-integrate-internal-vnet-appgateway>).
pub const PORTAL_RULES: [u32; 5] = [942_200, 942_260, 942_370, 942_430, 942_440];

/// What the firewall in front of a listener says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing stops the portal.
    Fits,
    /// It does.
    Blocks(Box<Fault>),
    /// The policy is not among the documents, by name.
    NotGiven(String),
}

/// Judges the firewall in front of a listener: its own policy, else the gateway's, else the gateway's inline one.
#[must_use]
pub fn portal(network: &Network, gateway: &ApplicationGateway, listener: &Listener) -> Verdict {
    let own = listener.policy.given();
    let of_gateway = gateway.firewall.as_ref().and_then(|firewall| firewall.policy.as_ref());
    let Some(policy) = own.or(of_gateway) else {
        return match &gateway.firewall {
            Some(inline) => judged(inline, gateway.id.name()),
            None => Verdict::Fits,
        };
    };
    match network.firewall_policies.iter().find(|known| known.id == *policy) {
        Some(known) => judged(&known.firewall, policy.name()),
        None => Verdict::NotGiven(policy.name().to_owned()),
    }
}

fn judged(firewall: &Firewall, part: &str) -> Verdict {
    let prevents = firewall.mode.given().is_some_and(|mode| mode.eq_ignore_ascii_case("Prevention"));
    if !prevents || firewall.is_unreadable {
        return Verdict::Fits;
    }
    let is_off = |rule: &u32| {
        firewall.exempt.iter().any(|exempt| match exempt {
            Exempt::Rule(number) => number == rule,
            Exempt::Group(name) => holds(name, *rule),
        })
    };
    let active: Vec<String> =
        PORTAL_RULES.iter().filter(|rule| !is_off(rule)).map(ToString::to_string).collect();
    if active.is_empty() {
        return Verdict::Fits;
    }
    let active = active.join(", ");
    let says = format!(
        "The web application firewall {part} prevents, and the rules {active} are on: they answer requests of the developer portal with 403."
    );
    let step = format!(
        "Disable the rules {active} for the portal's listener, or for the gateway, beside those that are off: the Azure CLI replaces the \
         list of a whole rule set (waf-policy managed-rule rule-set update; without a policy waf-config set)."
    );
    let fault = Fault::new(FaultCode::WafRules, says, step).weighing(Gravity::Warning);
    let fault = fault.values(Field::given(&firewall.mode).cloned(), format!("{active} disabled"));
    Verdict::Blocks(Box::new(fault.of_part(part, &firewall.place)))
}

/// True for the group of rules against SQL injection, in every rule set: `REQUEST-942-APPLICATION-ATTACK-SQLI`, `SQLI`,
/// `crs_41_sql_injection_attacks`, `General` holds none of them.
fn holds(group: &str, rule: u32) -> bool {
    let group = group.to_ascii_lowercase();
    rule / 1000 == 942 && (group.contains("942") || group.contains("sql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_off_whole_takes_its_rules_with_it() {
        assert!(holds("REQUEST-942-APPLICATION-ATTACK-SQLI", 942_200));
        assert!(holds("SQLI", 942_440));
        assert!(!holds("REQUEST-920-PROTOCOL-ENFORCEMENT", 942_200));
    }
}
