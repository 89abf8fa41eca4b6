//! Something says no: a RST to the SYN, or an ICMP message.

use std::net::IpAddr;

use crate::catalogue::Role;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::rejected_by::{self, RejectedBy};
use crate::diagnose::remedy::{self, Prefer};
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::outcome::CauseClass;

/// Refusals and ICMP rejections.
pub(crate) const RULE: Rule = Rule { code: Code::FirewallRejects, needs: &[Source::Run], find: rejects };

fn rejects(facts: &Facts<'_>) -> Vec<Finding> {
    let rejected = facts.ended().filter(|seen| !seen.is_platform() && is_rejected(*seen));
    let groups = Group::by(rejected, |seen| rejected_by(seen));
    groups.into_iter().map(|(who, group)| reject_finding(facts, who, &group)).collect()
}

/// Refused, or rejected by a message of ICMP.
pub(crate) fn is_rejected(seen: Seen<'_>) -> bool {
    seen.cause().is_some_and(|cause| cause.class() == CauseClass::Rejected)
}

/// Who rejected a check; `None` where a private address refuses by itself.
pub(crate) fn rejected_by(seen: Seen<'_>) -> Option<RejectedBy> {
    let told = seen.class.rejected_by.or_else(|| rejected_by::seen(seen.outcome));
    told.or_else(|| (!seen.is_private()).then_some(RejectedBy::Reset))
}

/// What is to be said of those that `who` rejected.
pub(crate) fn reject_finding(facts: &Facts<'_>, who: RejectedBy, group: &Group<'_>) -> Finding {
    let what = connections(group);
    let (title, detail, confidence) = match who {
        RejectedBy::Device(hop) => {
            (format!("The device {hop} rejects {what}."), device_detail(hop, group), Confidence::High)
        }
        RejectedBy::Targets => (
            format!("A device rejects {what} in the target's own name."),
            targets_detail(group),
            if group.len() > 1 { Confidence::High } else { Confidence::Medium },
        ),
        RejectedBy::Reset => (reset_title(group), reset_detail(group), Confidence::Medium),
    };
    let fix = fix(facts, who, group);
    Finding::new(Code::FirewallRejects, confidence, title, detail, group.ids(), fix)
}

/// All that told say that the target cannot be reached, as a router without a route does: a rule that says no has codes of
/// its own.
fn lacks_route(group: &Group<'_>) -> bool {
    let mut told = group.each().filter(|seen| seen.class.rejected_by.is_none());
    told.all(Seen::is_unreachable)
}

fn device_detail(hop: IpAddr, group: &Group<'_>) -> String {
    let names = group.hosts();
    let route = if lacks_route(group) {
        format!(
            " They say that {hop} cannot reach the target, as a router without a route does: look at its routes before its rules."
        )
    } else {
        String::new()
    };
    match group.each().filter(|seen| seen.class.rejected_by.is_some()).count() {
        0 => format!("ICMP messages from {hop} answered the packets to {}.{route}", some_of(&names)),
        judged => format!(
            "ICMP messages from {hop} answered the packets to {} of {}, some only after packets that it left unanswered: \
             it limits its messages. The other {judged} got no answer at all and are taken to be rejected too; a \
             rule that drops would look the same for them.{route}",
            group.len() - judged,
            count(group.len(), "target"),
        ),
    }
}

/// ICMP messages that bear the address of the target itself.
fn targets_detail(group: &Group<'_>) -> String {
    let names = group.hosts();
    let judged = group.each().filter(|seen| seen.class.rejected_by.is_some()).count();
    let rest = match judged {
        0 => String::new(),
        judged => format!(
            " The other {judged} got no answer, as nothing else on the port did, and are taken to be rejected too: such \
             messages are few a second; a rule that drops would look the same for them."
        ),
    };
    format!(
        "ICMP messages answered the packets to {} of {} ({}), each with the target's own address as sender. Azure's services do \
         not send them: one firewall on the way does, in their name.{rest}",
        group.len() - judged,
        count(group.len(), "target"),
        some_of(&names),
    )
}

/// What somebody runs himself may well not listen; an Azure service always does.
fn is_own(group: &Group<'_>) -> bool {
    group.each().all(|seen| seen.check.role() == Role::Custom)
}

fn reset_title(group: &Group<'_>) -> String {
    let what = connections(group);
    if is_own(group) {
        format!("Something refuses {what}: nothing listens there, or a firewall says no in its place.")
    } else {
        format!("A firewall refuses {what} in place of the service.")
    }
}

fn reset_detail(group: &Group<'_>) -> String {
    let names = group.hosts();
    let reading = if is_own(group) {
        "A capture at the target tells whether the packet arrives there"
    } else {
        "Azure's own services do not refuse these ports; a firewall that rejects does, and a capture there would tell"
    };
    format!("A RST answered the first packet to {}. {reading}.", some_of(&names))
}

/// A network security group drops and does not reject, so that the device is a firewall.
fn fix(facts: &Facts<'_>, who: RejectedBy, group: &Group<'_>) -> Remedy {
    let one = group.len() == 1;
    let (these, them) = if one { ("this target", "it") } else { ("these targets", "them") };
    let advice = match who {
        RejectedBy::Device(hop) if lacks_route(group) => format!(
            "Give {hop} a route to {these}. If it has one and a rule that rejects {them}, allow {them} there."
        ),
        RejectedBy::Device(hop) => format!("Allow {these} on {hop}, which rejects {them}."),
        RejectedBy::Targets | RejectedBy::Reset => {
            format!("Allow {these} on the firewall or appliance that the route table sends {them} to.")
        }
    };
    let text = "whether the route leads to the device that rejects";
    let mut steps = vec![remedy::next_hop(facts, group.first().copied()).saying(text)];
    steps.extend(remedy::firewall(facts, group, Prefer::Tags));
    remedy::advise(facts, advice, steps)
}

/// `the connection to login.microsoftonline.com:443`, `39 connections on port 443`.
fn connections(group: &Group<'_>) -> String {
    if let [seen] = &group[..] {
        return format!("the connection to {}", seen.check.target());
    }
    let ports = group.ports();
    match ports.iter().collect::<Vec<_>>()[..] {
        [port] => format!("{} connections on port {port}", group.len()),
        _ => format!("{} connections on {} ports", group.len(), ports.len()),
    }
}
