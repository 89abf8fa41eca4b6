//! Limits of this machine, which say nothing about any endpoint.

use crate::diagnose::classify::is_configured_server;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::outcome::{Cause, Stage, Status};
use crate::server::Server;

/// Checks that this machine could not run.
pub(crate) const RULE: Rule = Rule { code: Code::LocalLimit, needs: &[Source::Run], find: limit };

/// What of this machine left checks undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Limit {
    /// No DNS server is configured.
    Nameless,
    /// The resolver that runs on this machine does not answer.
    Stub(Server),
    /// Its own firewall says no.
    Firewall,
    /// It ran out of something, or forbids it.
    WithoutResources,
}

fn limit(facts: &Facts<'_>) -> Vec<Finding> {
    let undecided = facts.seen().filter(|seen| {
        matches!(seen.status(), Status::Undecided(Some(failure)) if failure.cause == Cause::LocalResource)
    });
    let groups = Group::by(undecided, |seen| Some(kind(facts, seen)));
    groups
        .into_iter()
        .map(|(limit, group)| match limit {
            Limit::Nameless => nameless_finding(facts, &group),
            Limit::Stub(server) => stub_finding(facts, server, &group),
            Limit::Firewall => firewall_finding(facts, &group),
            Limit::WithoutResources => left_undecided(facts, &group),
        })
        .collect()
}

fn kind(facts: &Facts<'_>, seen: Seen<'_>) -> Limit {
    let stub = facts.plan.instance.dns_servers.iter().find(|server| server.ip().is_loopback());
    let asked = matches!(seen.status(), Status::Undecided(Some(failure)) if failure.stage == Stage::Resolve)
        || is_configured_server(facts.plan, seen.check);
    match stub {
        _ if is_nameless(facts, &seen) => Limit::Nameless,
        Some(server) if asked => Limit::Stub(*server),
        // The kernel answers its own ICMP, or EPERM, where a rule of this machine stops a packet.
        _ if seen.outcome.steps.iter().any(|step| step.icmp.is_some()) => Limit::Firewall,
        _ => Limit::WithoutResources,
    }
}

/// No server is there to ask: that says something about this machine and nothing about the network.
fn is_nameless(facts: &Facts<'_>, seen: &Seen<'_>) -> bool {
    let resolving =
        matches!(seen.status(), Status::Undecided(Some(failure)) if failure.stage == Stage::Resolve);
    resolving && facts.host.dns_servers.is_empty()
}

fn nameless_finding(facts: &Facts<'_>, nameless: &Group<'_>) -> Finding {
    let title = format!("This machine has no DNS server configured: {} undecided.", are(nameless.len()));
    let detail = "/etc/resolv.conf names none. API Management asks the servers of the virtual network, which a VM gets by \
                  DHCP."
        .to_owned();
    let args = ["check", "--dns-server", "<DNS_SERVER>"].map(str::to_owned).to_vec();
    let fix = remedy::advise(
        facts,
        "Name the server of the virtual network with --dns-server, or repair the machine's resolver configuration.",
        vec![look(Look::DnsServers), look(Look::Probe(args))],
    );
    let affects = nameless.ids();
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, affects, fix).into_risk()
}

fn stub_finding(facts: &Facts<'_>, server: Server, group: &Group<'_>) -> Finding {
    let title =
        format!("This machine's own resolver {} does not run: {} undecided.", server.ip(), are(group.len()));
    let detail = format!(
        "/etc/resolv.conf names {server}, a resolver on this machine that forwards to the servers of the virtual network, and \
         nothing listens there. API Management's nodes do not use it."
    );
    let args = ["check", "--dns-server", "<DNS_SERVER>"].map(str::to_owned).to_vec();
    let fix = remedy::advise(
        facts,
        "Start the resolver of this machine, or ask the virtual network's DNS servers past it with --dns-server.",
        vec![look(Look::Resolver), change(Change::RestartResolver), look(Look::Probe(args))],
    );
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, group.ids(), fix).into_risk()
}

fn firewall_finding(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names: Vec<&str> = group.each().map(|seen| seen.check.endpoint.as_str()).collect();
    let title = format!("This machine's own firewall rejects packets: {} undecided.", are(group.len()));
    let detail = format!(
        "Not decided: {}. The system said: {}. API Management's nodes do not have these rules.",
        some_of(&names),
        said(group)
    );
    let fix = remedy::advise(
        facts,
        "Look at the rules of this machine (nftables, iptables, ufw, firewalld) and let these packets out, or run on a VM without them.",
        vec![look(Look::MachineRules), look(Look::MachineTables)],
    );
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, group.ids(), fix).into_risk()
}

/// What the system said of the first.
fn said(group: &Group<'_>) -> String {
    let said = group.each().find_map(|seen| match seen.status() {
        Status::Undecided(Some(failure)) => Some(failure.detail.clone()),
        _ => None,
    });
    said.unwrap_or_default()
}

fn are(number: usize) -> String {
    format!("{} {}", count(number, "check"), if number == 1 { "is" } else { "are" })
}

fn left_undecided(facts: &Facts<'_>, without_resources: &Group<'_>) -> Finding {
    let names: Vec<&str> = without_resources.each().map(|seen| seen.check.endpoint.as_str()).collect();
    let title =
        format!("This machine's own limits left {} undecided.", count(without_resources.len(), "check"));
    let detail = format!("Not decided: {}. The system said: {}.", some_of(&names), said(without_resources));
    let fix = remedy::advise(
        facts,
        "Run again with more file descriptors (or fewer checks at once) and as a user who may open sockets. Where the system said \
         that an operation is not permitted, look at this machine's own firewall as well.",
        vec![look(Look::MachineRules), change(Change::OpenFiles)],
    );
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, without_resources.ids(), fix).into_risk()
}
