//! Something says no: a RST to the SYN, or an ICMP message.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::catalogue::{Direction, Role};
use crate::outcome::{Cause, Class, Outcome, Stage};
use crate::plan::Check;
use crate::run::Run;

use crate::diagnose::view::{Seen, count, finding, hosts, ids, is_platform, is_private, run_checks, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Refusals and ICMP rejections.
pub const RULE: Rule = Rule { code: Code::FirewallRejects, find: rejects };

/// Who says no, as far as the packets tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naysayer {
    /// The device with this address: it sent an ICMP message.
    Device(IpAddr),
    /// A RST that seems to come from a public address.
    Reset,
    /// A RST that seems to come from a private address.
    PrivateReset,
}

fn rejects(run: &Run) -> Vec<Finding> {
    let mut groups: BTreeMap<Naysayer, Vec<Seen<'_>>> = BTreeMap::new();
    let (judged, seen): (Vec<_>, Vec<_>) = run_checks(run)
        .filter(|(check, outcome)| !is_platform(check) && is_rejected(outcome))
        .partition(|(_, outcome)| is_judged(outcome));
    for seen in seen {
        groups.entry(naysayer(seen.1)).or_default().push(seen);
    }
    for judged in judged {
        let device = device_of(&groups, judged.0);
        groups.entry(device).or_default().push(judged);
    }
    groups.into_iter().map(|(who, group)| reject_finding(who, &group)).collect()
}

fn is_rejected(outcome: &Outcome) -> bool {
    outcome.cause().is_some_and(|cause| cause.class() == Class::Rejected)
}

/// Rejected by the word of its siblings: its own connect saw nothing.
fn is_judged(outcome: &Outcome) -> bool {
    outcome.cause() == Some(Cause::ConnectRejected)
        && hop(outcome).is_none()
        && outcome
            .steps
            .iter()
            .any(|step| matches!(step.cause, Some(Cause::ConnectTimeout | Cause::ExchangeTimeout)))
}

/// The device that rejects others on the port of `check`, else the one that rejects most.
fn device_of(groups: &BTreeMap<Naysayer, Vec<Seen<'_>>>, check: &Check) -> Naysayer {
    let on_port = |group: &[Seen<'_>]| group.iter().filter(|(other, _)| other.port == check.port).count();
    let devices = groups.iter().filter(|(who, _)| matches!(who, Naysayer::Device(_)));
    let most = devices.max_by_key(|(_, group)| (on_port(group), group.len()));
    most.map_or(Naysayer::Reset, |(device, _)| *device)
}

/// The address of the device that said no, where an ICMP message names it.
fn hop(outcome: &Outcome) -> Option<IpAddr> {
    outcome.steps.iter().filter(|step| step.stage != Stage::Resolve).find_map(|step| step.icmp?.from)
}

/// Who rejected a check.
pub fn naysayer(outcome: &Outcome) -> Naysayer {
    match hop(outcome) {
        Some(hop) => Naysayer::Device(hop),
        None if is_private(outcome) => Naysayer::PrivateReset,
        None => Naysayer::Reset,
    }
}

/// What is to be said of those that `who` rejected.
pub fn reject_finding(who: Naysayer, group: &[Seen<'_>]) -> Finding {
    let what = connections(group);
    let (title, detail, confidence) = match who {
        Naysayer::Device(hop) => {
            (format!("The device {hop} rejects {what}."), device_detail(hop, group), Confidence::High)
        }
        Naysayer::Reset => (reset_title(group), reset_detail(group), Confidence::Medium),
        Naysayer::PrivateReset => (private_title(group), private_detail(group), Confidence::Medium),
    };
    let fix = fix(who, group);
    finding(Code::FirewallRejects, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn device_detail(hop: IpAddr, group: &[Seen<'_>]) -> String {
    let names = hosts(group.iter().copied());
    match group.iter().filter(|(_, outcome)| is_judged(outcome)).count() {
        0 => format!(
            "ICMP messages from {hop} answered the packets to {}. A connection that opens would disprove it.",
            some_of(&names)
        ),
        judged => format!(
            "ICMP messages from {hop} answered the packets to {} of {}, some only after packets that it left unanswered: \
             it sends few messages a second. The other {judged} got no answer at all and are taken to be rejected too; a \
             rule that drops would look the same for them.",
            group.len() - judged,
            count(group.len(), "target"),
        ),
    }
}

/// What somebody runs himself may well not listen; an Azure service always does.
fn is_own(group: &[Seen<'_>]) -> bool {
    group.iter().all(|(check, _)| check.role() == Role::Custom)
}

fn reset_title(group: &[Seen<'_>]) -> String {
    let what = connections(group);
    match is_own(group) {
        true => {
            format!("Something refuses {what}: nothing listens there, or a firewall says no in its place.")
        }
        false => format!("A firewall refuses {what} in place of the service."),
    }
}

fn reset_detail(group: &[Seen<'_>]) -> String {
    let names = hosts(group.iter().copied());
    let reading = match is_own(group) {
        true => "A capture at the target tells whether the packet arrives there",
        false => {
            "Azure's own services do not refuse these ports; a firewall that rejects does, and a capture there would tell"
        }
    };
    format!("A RST answered the first packet to {}. {reading}.", some_of(&names))
}

fn private_title(group: &[Seen<'_>]) -> String {
    let names = hosts(group.iter().copied());
    let targets: BTreeSet<String> = group.iter().map(|(check, outcome)| place(check, outcome)).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    format!(
        "{} {} to a private address that refuses the connection ({}).",
        some_of(&names),
        if names.len() == 1 { "resolves" } else { "resolve" },
        some_of(&targets)
    )
}

/// `10.1.0.5:1433`: where the connection went.
fn place(check: &Check, outcome: &Outcome) -> String {
    let address = outcome.evidence.dns.as_ref().and_then(|dns| dns.addresses.first());
    let port = check.port.unwrap_or_default();
    address.map_or_else(|| check.target(), |address| std::net::SocketAddr::new(address.ip, port).to_string())
}

fn private_detail(group: &[Seen<'_>]) -> String {
    match group.iter().all(|(check, _)| check.direction == Direction::Inbound) {
        true => "A RST came back: the address is up and nothing listens on the port. The instance is not ready, or the \
                 address is not its own any more; an accepted connection would disprove it."
            .to_owned(),
        false => "A RST came back: the address is up and nothing listens on the port, as when the record is stale and \
                  another machine has the address now, or a firewall rejects. A private endpoint would accept the \
                  connection."
            .to_owned(),
    }
}

/// A network security group drops and does not reject, so that the device is a firewall.
fn fix(who: Naysayer, group: &[Seen<'_>]) -> Remedy {
    let checks: Vec<&Check> = group.iter().map(|(check, _)| *check).collect();
    let one = checks.len() == 1;
    let (these, them) = if one { ("this target", "it") } else { ("these targets", "them") };
    let advice = match who {
        Naysayer::Device(hop) => format!("Allow {these} on {hop}, which rejects {them}."),
        Naysayer::Reset => {
            format!("Allow {these} on the firewall or appliance that the route table sends {them} to.")
        }
        Naysayer::PrivateReset => return private_fix(group),
    };
    remedy::on_firewall(&advice, remedy::network_rules(&checks))
}

fn private_fix(group: &[Seen<'_>]) -> Remedy {
    let summary = "See what has the address now. Where it is no private endpoint of the service, correct the record in the \
                   private DNS zone.";
    let commands = group.iter().take(1).map(|seen| remedy::owner_of(&address(seen))).collect();
    Remedy { summary: summary.to_owned(), commands, doc_url: None }
}

fn address((_, outcome): &Seen<'_>) -> String {
    let first = outcome.evidence.dns.as_ref().and_then(|dns| dns.addresses.first());
    first.map_or_else(|| "<ADDRESS>".to_owned(), |address| address.ip.to_string())
}

/// `the connection to login.microsoftonline.com:443`, `39 connections on port 443`.
fn connections(group: &[Seen<'_>]) -> String {
    if let [(check, _)] = group {
        return format!("the connection to {}", check.target());
    }
    let ports: BTreeSet<u16> = group.iter().filter_map(|(check, _)| check.port).collect();
    match ports.iter().collect::<Vec<_>>()[..] {
        [port] => format!("{} connections on port {port}", group.len()),
        _ => format!("{} connections on {} ports", group.len(), ports.len()),
    }
}
