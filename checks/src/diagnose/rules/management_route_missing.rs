//! The default route leads away, and nothing returns replies to the control plane.

use crate::diagnose::configured::judgement;
use crate::diagnose::configured::routes_scope;
use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::{Fix, Hop, Route, az};
use crate::network::settings::{Gravity, Reason, SettingId};

/// Forced tunneling without the route for `ApiManagement`.
pub(crate) const RULE: Rule = Rule { code: Code::ManagementRouteMissing, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let route = Route {
        name: "ApiManagement".to_owned(),
        description: String::new(),
        prefix: "ApiManagement".to_owned(),
        hop: Hop::Internet,
    };
    let command = |reasons: &[Reason]| {
        // Where tags do not work in routes there is no such command.
        let works = reasons.iter().any(|reason| reason.gravity != Gravity::Info);
        let names = judgement(facts).map(|network| &network.names).filter(|_| works);
        names.map(|names| az::commands(&Fix::Route(route.clone()), &routes_scope(names))).unwrap_or_default()
    };
    setting::finding(facts, Code::ManagementRouteMissing, SettingId::ManagementRoute, command)
}
