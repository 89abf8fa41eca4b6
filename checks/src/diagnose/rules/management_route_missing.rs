//! The default route leads away, and nothing returns replies to the control plane.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::settings::{Gravity, Reason, SettingId};

/// Forced tunneling without the route for `ApiManagement`.
pub(crate) const RULE: Rule = Rule { code: Code::ManagementRouteMissing, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let steps = |reasons: &[Reason]| {
        // Where tags do not work in routes there is no such change.
        let works = reasons.iter().any(|reason| reason.gravity != Gravity::Info);
        let add = works.then(remedy::management_route);
        [look(Look::Routes)].into_iter().chain(add).collect()
    };
    setting::finding(facts, SettingId::ManagementRoute, steps)
}
