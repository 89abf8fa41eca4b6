//! Whether the subnet has a security group where the platform needs one.

use crate::network::Field;
use crate::network::choose::{Chosen, Group};

use super::{Gravity, Reason, ReasonCode, Use};

const SOURCE: &str = "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources";

/// Why a group is missing; `None` where no document tells, or the platform needs none.
pub(super) fn reasons(chosen: &Chosen<'_>, used: Use) -> Option<Vec<Reason>> {
    if !matches!(used, Use::Classic | Use::Injected | Use::Integrated) {
        return None;
    }
    match chosen.group {
        Group::Nothing => {}
        Group::Written(_) | Group::Effective(_) => return Some(Vec::new()),
        Group::NotGiven => {
            let is_named = chosen.subnet.is_some_and(|subnet| matches!(subnet.group, Field::Given(_)));
            return is_named.then(Vec::new);
        }
    }
    let subnet = chosen.subnet.map_or("of the instance", |subnet| subnet.id.name());
    let closed = match used {
        Use::Classic => "the platform's load balancer lets nothing in without one",
        _ => "this tier needs one",
    };
    let says = format!("The subnet {subnet} has no network security group, and {closed}.");
    let step =
        "Make a security group with the rules that API Management needs, then attach it to the subnet.";
    let reason = Reason::new(ReasonCode::GroupMissing, Gravity::Error, (says, step.to_owned()), SOURCE);
    Some(vec![reason.at(chosen.subnet.map(|subnet| &subnet.place))])
}
