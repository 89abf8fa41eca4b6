//! A configured name server is silent: for every name, or for single ones.

use std::net::SocketAddr;

use crate::catalogue::Role;
use crate::diagnose::classify::is_configured_server;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::name_servers::{dead_servers, is_unusable, look_at_both, resolves_any, subject};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, FlowEnds, Look, Proposal, look};
use crate::network::Way;
use crate::outcome::{Answerer, Cause, CauseClass, Stage, Step, fact};
use crate::plan::CheckId;
use crate::plan::flow::Carrier;
use crate::server::Server;

/// What a server without usable answers does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nothing that can be used comes back.
    Silent,
    /// Nothing comes back over UDP, and answers over TCP.
    TcpOnly,
    /// Nothing can be sent to it.
    Unreachable,
    /// It truncates its answers, and cannot be asked over TCP.
    Truncating,
}

/// A configured server does not answer.
pub(crate) const RULE: Rule = Rule { code: Code::DnsServerSilent, needs: &[Source::Run], find: silent };

fn silent(facts: &Facts<'_>) -> Vec<Finding> {
    let servers = dead_servers(facts);
    let answering = facts.plan.instance.dns_servers.len().saturating_sub(servers.len());
    let mut findings = Vec::new();
    for (place, (server, own)) in servers.into_iter().enumerate() {
        // Names that nobody resolved are accounted for once, by the first dead server.
        let names = |seen: &Seen<'_>| place == 0 && !is_configured_server(facts.plan, seen.check);
        let lost: Group<'_> = facts.seen().filter(names).filter(|seen| is_unresolved(*seen)).collect();
        findings.push(silent_finding(facts, (server, own), &lost, answering));
    }
    findings.extend(comparison(facts));
    findings
}

/// Azure's own server, where it is asked for comparison only: names resolve without it.
fn comparison(facts: &Facts<'_>) -> Option<Finding> {
    let compared = facts.seen().filter(|seen| {
        seen.check.role() == Role::AzureDns
            && !is_configured_server(facts.plan, seen.check)
            && seen.failure().is_some_and(|failure| {
                matches!(
                    failure.cause.class(),
                    CauseClass::Silent | CauseClass::Stalled | CauseClass::NoRoute
                )
            })
    });
    let group: Group<'_> = compared.collect();
    let said = group.first()?.failure()?.detail.clone();
    let title =
        "Azure's DNS server 168.63.129.16 does not answer: answers cannot be compared with it.".to_owned();
    let detail = format!(
        "It is not a configured server of this machine, so names resolve without it ({said}). A rule against the tag \
         AzurePlatformDNS, a route or a firewall of this machine catches it."
    );
    let fix = remedy::advise(
        facts,
        "Look for a security rule that denies AzurePlatformDNS, and for a route or a firewall of this machine that catches \
         168.63.129.16. Servers of the virtual network that forward to it need it from their own subnet.",
        vec![
            remedy::ask_azure("login.microsoftonline.com", DnsQuestion::Once),
            look(Look::EffectiveRules),
            look(Look::LocalRoutes),
        ],
    );
    let found = Finding::new(Code::DnsServerSilent, Confidence::High, title, detail, group.ids(), fix);
    Some(found.into_risk())
}

fn is_unresolved(seen: Seen<'_>) -> bool {
    seen.failure().is_some_and(|failure| failure.stage == Stage::Resolve && is_unusable(Some(failure.cause)))
}

fn silent_finding(
    facts: &Facts<'_>,
    (server, own): (Server, Option<CheckId>),
    lost: &Group<'_>,
    answering: usize,
) -> Finding {
    let own_id = own.clone();
    let affects: Vec<CheckId> = own.into_iter().chain(lost.ids()).collect();
    let effect = match lost.len() {
        0 if answering > 0 => "; names still resolve through the others".to_owned(),
        0 => String::new(),
        1 => "; 1 check fails because of it".to_owned(),
        many => format!("; {many} checks fail because of it"),
    };
    let fault = fault(facts, server, own_id.as_ref(), lost);
    let (title, detail) = match fault {
        Fault::Truncating => (
            format!("DNS server {server} truncates its answers, and TCP 53 to it is closed{effect}."),
            format!(
                "{server} truncates its UDP answers (TC bit), and the connection to its TCP port 53 fails."
            ),
        ),
        Fault::TcpOnly => (
            format!("DNS server {server} does not answer over UDP 53, only over TCP{effect}."),
            "Names resolve after the time that UDP has: two seconds and more for each. API Management's nodes may give up before."
                .to_owned(),
        ),
        Fault::Unreachable => (
            format!("Packets to DNS server {server} do not leave this network{effect}."),
            format!("What this machine says of them: {}.", unsent(server, lost.each()).unwrap_or("no route")),
        ),
        Fault::Silent => (
            format!("DNS server {server} does not answer{effect}."),
            format!(
                "No usable answer came from {server} to repeated queries{}.",
                if answering > 0 { "; another configured server answers" } else { "" }
            ),
        ),
    };
    Finding::new(
        Code::DnsServerSilent,
        Confidence::High,
        title,
        detail,
        affects,
        silent_fix(facts, server, fault),
    )
    .into_risk()
}

/// Truncating: the server is alive on UDP, and its answers do not fit: it was asked again over TCP in vain.
fn fault(facts: &Facts<'_>, server: Server, own: Option<&CheckId>, lost: &Group<'_>) -> Fault {
    let checked = facts.seen().find(|seen| Some(&seen.check.id) == own);
    let own = checked
        .map(|seen| seen.outcome.evidence.exchange.as_ref().is_some_and(|own| own.holds(fact::TRUNCATED)));
    let answers = lost.each().flat_map(Seen::answers).filter(|answer| answer.server == server);
    let mut truncated = own.into_iter().chain(answers.map(|answer| answer.truncated)).peekable();
    match checked.and_then(Seen::cause) {
        _ if truncated.peek().is_some() && truncated.all(|truncated| truncated) => Fault::Truncating,
        _ if unsent(server, checked.into_iter().chain(lost.each())).is_some() => Fault::Unreachable,
        Some(Cause::ExchangeTimeout) if resolves_any(facts, server) => Fault::TcpOnly,
        _ => Fault::Silent,
    }
}

/// Why nothing can be sent to the server, in the kernel's words: no route leads there, or the next hop does not answer.
fn unsent<'a>(server: Server, asked: impl Iterator<Item = Seen<'a>>) -> Option<&'a str> {
    let steps = asked.flat_map(|seen| &seen.outcome.steps);
    let to_it = |step: &&Step| step.server.is_none_or(|asked| asked == Answerer::Server(server));
    let is_unsent = |step: &&Step| {
        step.icmp.is_none() && matches!(step.cause, Some(Cause::DnsUnreachable | Cause::ConnectNoRoute))
    };
    steps.filter(to_it).find(is_unsent)?.detail.as_deref()
}

fn silent_fix(facts: &Facts<'_>, server: Server, fault: Fault) -> Remedy {
    if fault == Fault::Unreachable {
        let summary = "Give this machine a route to the server and a next hop that answers: a default route, or the right address of \
                       its gateway.";
        return remedy::advise(facts, summary, vec![look(Look::LocalRoutes), look(Look::DnsServers)]);
    }
    let cut = fault == Fault::Truncating;
    let summary = if cut {
        "Allow TCP 53 to the server beside UDP 53, in the network security groups, the firewall and on the server itself: \
         answers that do not fit into a UDP packet come over TCP only."
    } else {
        "Make sure that the server runs and that UDP and TCP 53 from this subnet reach it (network security group, firewall, \
         peering or VPN), or take it out of the network's DNS servers. Then apply the network configuration of existing \
         instances: they keep the old list until then."
    };
    let how = if cut { DnsQuestion::OnceOverTcp } else { DnsQuestion::Once };
    let mut steps = vec![remedy::ask(server, "login.microsoftonline.com", how)];
    steps.extend(by_rule(facts, server, if cut { Carrier::Tcp } else { Carrier::Udp }));
    steps.push(look(Look::DnsServers));
    if !cut {
        steps.push(remedy::apply_network_configuration());
    }
    remedy::advise(facts, summary, steps)
}

/// Which rule decides for the questions to the server, where it is known by its address.
fn by_rule(facts: &Facts<'_>, server: Server, transport: Carrier) -> Option<Proposal> {
    let remote = Some(server.socket()).filter(SocketAddr::is_ipv4)?;
    let local = remedy::local(facts, Some(remote.ip()));
    let ends = FlowEnds { direction: Way::Outbound, transport, local, remote: Some(remote) };
    (!remote.ip().is_loopback()).then(|| look(Look::IpFlow(ends)))
}

/// A server that answers for other names says nothing of use about these.
pub(crate) fn mute(facts: &Facts<'_>, server: Option<Server>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let others = if server.is_some_and(|server| resolves_any(facts, server)) {
        ", though it answers for others"
    } else {
        ""
    };
    let garbage = group.each().all(|seen| seen.cause() == Some(Cause::DnsMalformed));
    let title = match (server, garbage) {
        (None, _) => format!("No DNS server answers for {}.", some_of(&names)),
        (Some(_), true) => {
            format!("{} sends nothing that can be read for {}{others}.", subject(server), some_of(&names))
        }
        (Some(_), false) => format!("{} does not answer for {}{others}.", subject(server), some_of(&names)),
    };
    let detail = if garbage {
        "What the server forwards this domain to is broken, or a device on the way changes the answers."
    } else {
        "What the server forwards this domain to is silent, a device on the way filters these questions, or they were \
             lost."
    };
    let advice = "Find out where the server forwards the domain, and whether that answers.";
    let fix = remedy::advise(facts, advice, look_at_both(server, names.first().copied()));
    let sure = if others.is_empty() && names.len() > 1 { Confidence::Medium } else { Confidence::Low };
    Finding::new(Code::DnsServerSilent, sure, title, detail.to_owned(), group.ids(), fix)
}
