//! The instance's own names lead to another private address, or nowhere.

use crate::catalogue::{Direction, VnetMode};
use crate::run::Run;

use crate::diagnose::name_servers::is_absence;
use crate::diagnose::own_endpoints::{of_scope, records};
use crate::diagnose::view::{Seen, finding, hosts, ids, run_checks, some_of};
use crate::diagnose::{Code, Confidence, Finding, Rule};

/// They lead to another private address, or nowhere.
pub const RULE: Rule = Rule { code: Code::OwnEndpointWrongAddress, find: wrong_address };

fn wrong_address(run: &Run) -> Vec<Finding> {
    of_scope(run, false).into_iter().chain(unresolved(run)).collect()
}

/// In internal mode nobody but the network's own DNS can know the instance's names.
fn unresolved(run: &Run) -> Option<Finding> {
    let is_absent =
        |(check, outcome): &Seen<'_>| check.direction == Direction::Inbound && is_absence(outcome);
    let absent: Vec<Seen<'_>> = run_checks(run).filter(is_absent).collect();
    let (first, _) = *absent.first().filter(|_| run.plan.instance.vnet_mode == VnetMode::Internal)?;
    let names = hosts(absent.iter().copied());
    let title = "The instance's own names do not resolve in this network.".to_owned();
    let detail = format!(
        "In internal mode no public DNS has {}: a private zone that is linked to the network, or its own DNS server, must. \
         An answer from any configured server would disprove it.",
        some_of(&names)
    );
    let fix = records(&names, first.must_resolve_to);
    Some(finding(
        Code::OwnEndpointWrongAddress,
        Confidence::High,
        title,
        detail,
        ids(absent.iter().copied()),
        fix,
    ))
}
