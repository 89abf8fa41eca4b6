//! Who rejects: as far as a RST or an ICMP message tells. Pure.

use std::net::IpAddr;

use crate::outcome::{Cause, Outcome, Scope, Stage, Step};

/// Who says no, as far as the packets tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectedBy {
    /// The device with this address: it sent an ICMP message.
    Device(IpAddr),
    /// The targets, as the ICMP messages have it: a device that writes the target's own address into them hides behind it,
    /// and is one however many targets it answers for.
    Targets,
    /// A RST that seems to come from a public address.
    Reset,
}

/// Who sent the ICMP message that ended a step; `None` without one, and where a private address speaks for itself: that is
/// a machine, and no device in its place.
pub(crate) fn sender(step: &Step) -> Option<RejectedBy> {
    let from = step.icmp?.from?;
    if Some(from) == step.address {
        (Scope::of(from) == Scope::Public).then_some(RejectedBy::Targets)
    } else {
        Some(RejectedBy::Device(from))
    }
}

/// Who rejected a check by ICMP, as its own packets tell.
pub(crate) fn seen(outcome: &Outcome) -> Option<RejectedBy> {
    outcome.steps.iter().filter(|step| step.stage != Stage::Resolve).find_map(sender)
}

/// The connect that was rejected by ICMP, where that is what a check failed of.
pub(crate) fn rejected_connect(outcome: &Outcome) -> Option<&Step> {
    let is_rejected = outcome.cause() == Some(Cause::ConnectRejected);
    outcome.steps.iter().find(|step| is_rejected && step.stage == Stage::Connect && step.icmp.is_some())
}
