//! Something answers in the target's place: with a no, or with an open port and nothing behind it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::catalogue::Transport;
use crate::outcome::{Cause, Outcome, Stage};
use crate::plan::Check;
use crate::run::Run;

use super::view::{Seen, count, finding, hosts, ids, outbound, run_checks, some_of, tag};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Refusals and ICMP rejections.
pub const REJECTS: Rule = Rule { code: Code::FirewallRejects, find: rejects };
/// The SYN is answered, and then nothing good comes.
pub const FOR_TARGET: Rule = Rule { code: Code::FirewallAnswersForTarget, find: for_target };

fn rejects(run: &Run) -> Vec<Finding> {
    let mut by_hop: BTreeMap<Option<IpAddr>, Vec<Seen<'_>>> = BTreeMap::new();
    let (judged, seen): (Vec<_>, Vec<_>) = outbound(run)
        .filter(|(_, outcome)| is_rejected(outcome))
        .partition(|(_, outcome)| is_judged(outcome));
    for seen in seen {
        by_hop.entry(hop(seen.1)).or_default().push(seen);
    }
    for judged in judged {
        let device = device_of(&by_hop, judged.0);
        by_hop.entry(device).or_default().push(judged);
    }
    by_hop.into_iter().map(|(hop, group)| reject_finding(hop, &group)).collect()
}

/// Rejected by the word of its siblings: its own connect saw nothing.
fn is_judged(outcome: &Outcome) -> bool {
    outcome.cause() == Some(Cause::ConnectRejected)
        && hop(outcome).is_none()
        && outcome.steps.iter().any(|step| step.cause == Some(Cause::ConnectTimeout))
}

/// The device that rejects others on the port of `check`, else the one that rejects most.
fn device_of(by_hop: &BTreeMap<Option<IpAddr>, Vec<Seen<'_>>>, check: &Check) -> Option<IpAddr> {
    let on_port = |group: &[Seen<'_>]| group.iter().filter(|(other, _)| other.port == check.port).count();
    let devices = by_hop.iter().filter(|(device, _)| device.is_some());
    devices.max_by_key(|(_, group)| (on_port(group), group.len())).and_then(|(device, _)| *device)
}

fn is_rejected(outcome: &Outcome) -> bool {
    matches!(outcome.cause(), Some(Cause::ConnectRefused | Cause::ConnectRejected))
}

/// The address of the device that said no, where an ICMP message names it.
fn hop(outcome: &Outcome) -> Option<IpAddr> {
    outcome.steps.iter().filter(|step| step.stage != Stage::Resolve).find_map(|step| step.icmp?.from)
}

fn reject_finding(hop: Option<IpAddr>, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let (title, confidence) = match hop {
        Some(hop) => (
            format!("The device {hop} rejects {} on the way.", count(group.len(), "connection")),
            Confidence::High,
        ),
        None => (
            format!("{} refused at once: something says no, on the way or at the target.", were(group.len())),
            Confidence::Medium,
        ),
    };
    let judged = group.iter().filter(|(_, outcome)| is_judged(outcome)).count();
    let detail = match hop {
        Some(hop) if judged > 0 => format!(
            "ICMP messages from {hop} answered the packets to {} of {}, some only after packets that it left \
             unanswered: it sends few messages a second. The other {judged} got no answer and are judged by those that \
             did ({}); a rule that drops would look the same for them.",
            group.len() - judged,
            count(group.len(), "target"),
            some_of(&names)
        ),
        Some(hop) => format!("ICMP messages from {hop} answered the packets to {}.", some_of(&names)),
        None => format!(
            "A RST answered the first packet to {}. Azure's own services do not refuse these ports, a firewall that \
             rejects does; a capture on the appliance would tell.",
            some_of(&names)
        ),
    };
    let mut commands: Vec<String> = Vec::new();
    for (check, _) in group {
        let wanted = check
            .port
            .map(|port| remedy::allow_outbound(tag(check), port, protocol(check)))
            .unwrap_or_default();
        commands.extend(wanted.into_iter().filter(|rule| !commands.contains(rule)).collect::<Vec<_>>());
    }
    commands.truncate(6);
    let summary = match hop {
        Some(hop) => format!("Allow these targets on the device {hop}; its rule denies with a message."),
        None => {
            "Allow these targets on the firewall or appliance that the route table sends them to.".to_owned()
        }
    };
    let fix = Remedy { summary, commands, doc_url: None };
    finding(Code::FirewallRejects, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn protocol(check: &Check) -> &'static str {
    if check.transport == Transport::Udp { "Udp" } else { "Tcp" }
}

fn were(number: usize) -> String {
    if number == 1 { "1 connection was".to_owned() } else { format!("{number} connections were") }
}

fn for_target(run: &Run) -> Vec<Finding> {
    let mut by_port: BTreeMap<u16, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in
        run_checks(run).filter(|(check, outcome)| check.transport == Transport::Tcp && is_hollow(outcome))
    {
        if let Some(port) = seen.0.port {
            by_port.entry(port).or_default().push(seen);
        }
    }
    by_port.into_iter().map(|(port, group)| hollow_finding(run, port, &group)).collect()
}

/// The port was open, and then came a reset, a close or silence.
fn is_hollow(outcome: &Outcome) -> bool {
    matches!(
        outcome.cause(),
        Some(
            Cause::TlsReset
                | Cause::TlsClosed
                | Cause::TlsTimeout
                | Cause::ExchangeReset
                | Cause::ExchangeClosed
                | Cause::ExchangeTimeout
        )
    )
}

fn hollow_finding(run: &Run, port: u16, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let fine =
        run_checks(run).filter(|(check, outcome)| check.port == Some(port) && outcome.is_success()).count();
    let mut causes: Vec<&str> =
        group.iter().filter_map(|(_, outcome)| outcome.cause()).map(Cause::as_str).collect();
    causes.sort_unstable();
    causes.dedup();
    let title = format!(
        "Something on the way answers TCP {port} in place of {}: the port opens, then {}.",
        if names.len() == 1 { names[0].to_owned() } else { count(names.len(), "host") },
        causes.join(", ")
    );
    let detail = format!(
        "Affected: {}. {} on the same port did answer properly. Azure Firewall completes the TCP handshake before it \
         looks for a rule, so an open port proves nothing; an overloaded target could look the same for a single host.",
        some_of(&names),
        count(fine, "target"),
    );
    let summary = format!(
        "Allow these host names on port {port} in the firewall's application rules (or the service tag in its network \
         rules), without TLS inspection."
    );
    let confidence = if names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = Remedy { summary, commands: firewall_rules(port, &names), doc_url: None };
    finding(Code::FirewallAnswersForTarget, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn firewall_rules(port: u16, hosts: &[&str]) -> Vec<String> {
    let protocol = match port {
        80 => "Http=80".to_owned(),
        1433 => "Mssql=1433".to_owned(),
        port => format!("Https={port}"),
    };
    let safe = |host: &&&str| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let targets: Vec<&str> = hosts.iter().filter(safe).take(20).copied().collect();
    if targets.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "az network firewall application-rule create --resource-group <RESOURCE_GROUP> --firewall-name <FIREWALL> \
         --collection-name <COLLECTION> --name apim-{port} --source-addresses <SUBNET_PREFIX> --protocols {protocol} \
         --target-fqdns {}",
        targets.join(" ")
    )]
}
