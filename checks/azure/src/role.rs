//! The smallest custom role that lets an identity read all of it.

use apim_probe_checks::network::DocumentKind as Kind;
use serde::Serialize;

use crate::call::{ORDER, call};

/// The subscription where none is named.
const ZEROS: &str = "00000000-0000-0000-0000-000000000000";

/// Kinds that only `--app-gateway` asks for.
const OF_GATEWAYS: [Kind; 2] = [Kind::ApplicationGateway, Kind::BackendHealth];

/// What the role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Instance and network.
    Network,
    /// The Application Gateway before it as well.
    NetworkAndGateway,
}

/// A custom role as `az role definition create` takes it; its keys are written in this order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    name: &'static str,
    is_custom: bool,
    description: &'static str,
    actions: Vec<&'static str>,
    not_actions: [&'static str; 0],
    assignable_scopes: [String; 1],
}

/// The role for the subscription of a resource id, or for one of zeros where none is named.
#[must_use]
pub fn role(scope: Scope, subscription: Option<&str>) -> Role {
    let is_asked = |kind: &Kind| scope == Scope::NetworkAndGateway || !OF_GATEWAYS.contains(kind);
    let mut actions: Vec<&str> =
        ORDER.iter().filter(|kind| is_asked(kind)).map(|kind| call(*kind).action).collect();
    actions.sort_unstable();
    actions.dedup();
    Role {
        name: "apim-probe reader",
        is_custom: true,
        description: "Reads what apim-probe judges: network, rules, routes, API Management. Changes nothing.",
        actions,
        not_actions: [],
        assignable_scopes: [format!("/subscriptions/{}", subscription.unwrap_or(ZEROS))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_without_wildcards_and_the_gateways_only_on_demand() {
        let actions = |scope| role(scope, None).actions;
        let plain = actions(Scope::Network);
        assert!(plain.is_sorted() && plain.iter().all(|action| !action.contains('*')), "{plain:?}");
        assert!(plain.iter().all(|action| action.ends_with("/read") || action.ends_with("/action")));
        assert!(plain.iter().all(|action| !action.contains("applicationGateways")));
        assert_eq!(actions(Scope::NetworkAndGateway).len(), plain.len() + 2);
        assert_eq!(role(Scope::Network, Some("1")).assignable_scopes, ["/subscriptions/1"]);
    }
}
