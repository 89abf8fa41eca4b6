//! Name servers: who they are, and what they say in place of an address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::azure;
use crate::diagnose::classify::is_configured_server;
use crate::diagnose::remedy;
use crate::diagnose::seen::Seen;
use crate::facts::Facts;
use crate::fix::step::{DnsQuestion, Proposal};
use crate::outcome::{Cause, CauseClass, Scope, ServerAnswer};
use crate::plan::CheckId;
use crate::server::Server;

/// The server gave no answer.
pub(super) fn is_dead(cause: Option<Cause>) -> bool {
    cause.is_some_and(|cause| cause.class() == CauseClass::DnsSilent)
}

/// The server said something, and it was no address.
pub(super) fn is_negative_answer(cause: Option<Cause>) -> bool {
    cause.is_some_and(|cause| matches!(cause.class(), CauseClass::DnsAbsent | CauseClass::DnsError))
}

/// Silence, or bytes that are no DNS.
pub(crate) fn is_unusable(cause: Option<Cause>) -> bool {
    is_dead(cause) || cause == Some(Cause::DnsMalformed)
}

/// Servers without a single answer, each with the check of the server itself where there is one.
pub(crate) fn dead_servers(facts: &Facts<'_>) -> Vec<(Server, Option<CheckId>)> {
    let mut dead: Vec<(Server, Option<CheckId>)> = Vec::new();
    for seen in facts.seen().filter(|seen| is_configured_server(facts.plan, seen.check)) {
        if let (Some(server), Some(_)) = (seen.check.dns_server(), seen.failure()) {
            dead.push((server, Some(seen.check.id.clone())));
        }
    }
    if facts.ended().any(|seen| is_configured_server(facts.plan, seen.check)) {
        return dead;
    }
    // The servers themselves were not checked (`--only`): judge them by what the names say.
    let mut answers: BTreeMap<Server, Vec<&ServerAnswer>> = BTreeMap::new();
    facts
        .seen()
        .flat_map(Seen::answers)
        .filter(|answer| answer.server != azure::DNS)
        .for_each(|answer| answers.entry(answer.server).or_default().push(answer));
    let silent =
        answers.into_iter().filter(|(_, answers)| answers.iter().all(|answer| is_unusable(answer.cause)));
    silent.map(|(server, _)| (server, None)).collect()
}

/// The answer of a filter.
pub(crate) const SINKHOLE: &str = "0.0.0.0 or loopback";

/// The answer of a filter: an address that leads nowhere.
pub(crate) fn is_sinkholed(ip: &IpAddr) -> bool {
    matches!(Scope::of(*ip), Scope::Unspecified | Scope::Loopback)
}

/// What a server said in place of the addresses.
pub(crate) fn refusal(answer: &ServerAnswer) -> Option<&'static str> {
    match answer.cause {
        None if answer.addresses.iter().any(is_sinkholed) => Some(SINKHOLE),
        cause => refusal_words(cause?),
    }
}

/// A cause in the words of DNS; `None` where a server cannot be meant.
pub(crate) const fn refusal_words(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::DnsNxdomain => Some("NXDOMAIN"),
        Cause::DnsServfail => Some("SERVFAIL"),
        Cause::DnsRefused => Some("REFUSED"),
        Cause::DnsNoRecords => Some("no address"),
        Cause::DnsMalformed => Some("nothing that can be read"),
        Cause::DnsTimeout | Cause::DnsUnreachable => Some("silence"),
        Cause::DnsSinkhole => Some(SINKHOLE),
        _ => None,
    }
}

/// The server gave an address for some name.
pub(crate) fn resolves_any(facts: &Facts<'_>, server: Server) -> bool {
    let mut answers = facts.seen().flat_map(Seen::answers);
    answers.any(|answer| answer.server == server && !answer.addresses.is_empty())
}

/// The server behind a failed name: the first that gave no address, else the first that is configured.
pub(crate) fn server_of(facts: &Facts<'_>, seen: Seen<'_>) -> Option<Server> {
    let own = seen.answers().filter(|answer| answer.server != azure::DNS);
    let failing = own.chain(seen.answers()).find(|answer| refusal(answer).is_some());
    let configured = || facts.plan.instance.dns_servers.first().copied();
    failing.map(|answer| answer.server).or_else(configured)
}

/// What 168.63.129.16 said, where it was asked beside the configured servers.
pub(crate) fn by_azure<'a>(mut group: impl Iterator<Item = Seen<'a>>) -> Option<&'a ServerAnswer> {
    group.find_map(|seen| seen.answers().find(|answer| answer.server == azure::DNS && !is_dead(answer.cause)))
}

/// The server as the subject of a sentence.
pub(crate) fn subject(server: Option<Server>) -> String {
    server.map_or_else(|| "No DNS server".to_owned(), |server| format!("DNS server {server}"))
}

/// The same question to the server, which may be unknown, and to Azure's own.
pub(crate) fn look_at_both(server: Option<Server>, name: Option<&str>) -> Vec<Proposal> {
    let name = name.unwrap_or("<HOST>");
    let asked = match server {
        None => Some(remedy::dig(name, DnsQuestion::Whole)),
        Some(azure::DNS) => None,
        Some(server) => Some(remedy::ask(server, name, DnsQuestion::Whole)),
    };
    asked.into_iter().chain([remedy::ask_azure(name, DnsQuestion::Whole)]).collect()
}
