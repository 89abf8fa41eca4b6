//! The instance's own names lead to another private address, or nowhere.

use crate::catalogue::VnetMode;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::own_endpoints::{Astray, leading, records};
use crate::diagnose::phrases::some_of;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};

/// They lead to another private address, or nowhere.
pub(crate) const RULE: Rule =
    Rule { code: Code::OwnEndpointWrongAddress, needs: &[Source::Run], find: wrong_address };

fn wrong_address(facts: &Facts<'_>) -> Vec<Finding> {
    leading(facts, Astray::Elsewhere).into_iter().chain(unresolved(facts)).collect()
}

/// In internal mode nobody but the network's own DNS can know the instance's names.
fn unresolved(facts: &Facts<'_>) -> Option<Finding> {
    let is_absent = |seen: &Seen<'_>| seen.is_inbound() && seen.is_absence();
    let absent: Group<'_> = facts.ended().filter(is_absent).collect();
    let first = absent.first().filter(|_| facts.plan.instance.vnet_mode == VnetMode::Internal)?;
    let names = absent.hosts();
    let title = "The instance's own names do not resolve in this network.".to_owned();
    let detail = format!(
        "In internal mode no public DNS has {}: a private zone that is linked to the network, or its own DNS server, must.",
        some_of(&names)
    );
    let fix = records(facts, &names, first.check.must_resolve_to);
    Some(Finding::new(Code::OwnEndpointWrongAddress, Confidence::High, title, detail, absent.ids(), fix))
}
