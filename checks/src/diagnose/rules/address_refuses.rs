//! A private address refuses the connection, by RST or by ICMP: a stale record, or a machine on which nothing listens.

use std::collections::BTreeSet;

use crate::catalogue::Direction;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::firewall_rejects::{is_rejected, rejected_by};
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::plan::Check;

/// A private address refuses.
pub(crate) const RULE: Rule = Rule { code: Code::AddressRefuses, needs: &[Source::Run], find: refuses };

fn refuses(facts: &Facts<'_>) -> Vec<Finding> {
    let refused: Group<'_> = facts
        .ended()
        .filter(|seen| !seen.is_platform() && is_rejected(*seen) && rejected_by(*seen).is_none())
        .collect();
    if refused.is_empty() { Vec::new() } else { vec![refusing(facts, &refused)] }
}

/// What is to be said of private addresses that refuse.
pub(crate) fn refusing(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let (title, detail, fix) = (private_title(group), private_detail(group), private_fix(facts, group));
    Finding::new(Code::AddressRefuses, Confidence::Medium, title, detail, group.ids(), fix)
}

fn private_title(group: &Group<'_>) -> String {
    let names = group.hosts();
    let targets: BTreeSet<String> = group.each().map(|seen| place(seen.check, seen)).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    format!(
        "{} {} to a private address that refuses the connection ({}).",
        some_of(&names),
        if names.len() == 1 { "resolves" } else { "resolve" },
        some_of(&targets)
    )
}

/// `10.1.0.5:1433`: where the connection went.
fn place(check: &Check, seen: Seen<'_>) -> String {
    let address = seen.outcome.evidence.dns.as_ref().and_then(|dns| dns.addresses.first());
    let port = check.port().unwrap_or_default();
    address.map_or_else(|| check.target(), |address| std::net::SocketAddr::new(address.ip, port).to_string())
}

fn private_detail(group: &Group<'_>) -> String {
    let has_icmp = group.each().any(|seen| seen.outcome.steps.iter().any(|step| step.icmp.is_some()));
    match group.each().all(|seen| seen.check.direction == Direction::Inbound) {
        _ if has_icmp => "The address itself answered with an ICMP message: a machine is up there whose own firewall rejects, or \
                          on which nothing listens, as when the record is stale and another machine has the address now. A \
                          private endpoint would accept the connection."
            .to_owned(),
        true => "A RST came back: the address is up and nothing listens on the port. The instance is not ready, or the \
                 address no longer belongs to it."
            .to_owned(),
        false => "A RST came back: the address is up and nothing listens on the port, as when the record is stale and \
                  another machine has the address now, or a firewall rejects. A private endpoint would accept the \
                  connection."
            .to_owned(),
    }
}

fn private_fix(facts: &Facts<'_>, group: &Group<'_>) -> Remedy {
    let summary = "Find out which resource owns the address. If it is not a private endpoint of the service, correct the \
                   record in the private DNS zone.";
    let seen = group.first().copied();
    let address = seen.and_then(|seen| seen.addresses().next());
    let name = seen.and_then(Seen::host).unwrap_or_default();
    let steps = vec![
        look(Look::InterfaceWith(address)),
        remedy::ask_azure(name, DnsQuestion::Addresses),
        look(Look::Zones),
    ];
    remedy::advise(facts, summary, steps)
}
