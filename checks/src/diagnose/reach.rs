//! How far packets get that nobody answers. Pure.

use std::net::IpAddr;

use crate::outcome::{Cause, Step};

use super::seen::Group;

/// How far the packets of these checks get, in a sentence with a space ahead; empty where no device on the way told.
pub(super) fn words(group: &Group<'_>) -> String {
    let steps = || group.each().flat_map(|seen| &seen.outcome.steps);
    let hops = steps().flat_map(|step| &step.hops);
    let last = hops.filter_map(|hop| Some((hop.ttl, hop.from?))).max_by_key(|(ttl, _)| *ttl);
    match (loops_at(group), last) {
        (Some(device), _) => {
            format!(" {device} says that the packets ran out of hops (ICMP time exceeded): a routing loop.")
        }
        (None, Some((ttl, device))) => {
            format!(" Packets reach {device} (hop {ttl}) and end there or right behind it.")
        }
        (None, None) => String::new(),
    }
}

/// The device that says of these checks' packets that they ran out of hops: they go round in a circle.
pub(super) fn loops_at(group: &Group<'_>) -> Option<IpAddr> {
    let is_timeout = |step: &&Step| step.cause == Some(Cause::ConnectTimeout);
    group.each().flat_map(|seen| &seen.outcome.steps).filter(is_timeout).find_map(|step| step.icmp?.from)
}
