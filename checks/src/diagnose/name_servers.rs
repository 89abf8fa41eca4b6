//! Name servers: who they are, and what they say in place of an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::catalogue::Role;
use crate::outcome::{Cause, Class, Outcome, Scope, ServerAnswer};
use crate::plan::CheckId;
use crate::run::Run;

use super::view::{Seen, run_checks};
use super::{Remedy, remedy};

/// The platform's resolver, which is asked for comparison.
pub const AZURE: &str = "168.63.129.16:53";

/// What every server that was asked said of a name.
pub fn told(outcome: &Outcome) -> impl Iterator<Item = &ServerAnswer> {
    outcome.evidence.dns.iter().flat_map(|dns| &dns.servers)
}

/// The server gave no answer.
pub fn is_dead(cause: Option<Cause>) -> bool {
    cause.is_some_and(|cause| cause.class() == Class::DnsSilent)
}

/// The server said something, and it was no address.
pub fn says_no(cause: Option<Cause>) -> bool {
    cause.is_some_and(|cause| matches!(cause.class(), Class::DnsAbsent | Class::DnsError))
}

/// A server as people write it: the port only where it is not 53.
pub fn short(server: &str) -> &str {
    server.strip_suffix(":53").unwrap_or(server)
}

/// Silence, or bytes that are no DNS.
pub fn is_useless(cause: Option<Cause>) -> bool {
    is_dead(cause) || cause == Some(Cause::DnsMalformed)
}

/// Servers without a single answer, each with the check of the server itself where there is one.
pub fn dead_servers(run: &Run) -> Vec<(String, Option<CheckId>)> {
    let mut dead: Vec<(String, Option<CheckId>)> = Vec::new();
    for (check, outcome) in run.results().filter(|(check, _)| is_server_check(run, check)) {
        if let (Some(host), Some(port), true) = (&check.host, check.port, outcome.failure().is_some()) {
            let address = host.parse().map(|ip: IpAddr| SocketAddr::new(ip, port).to_string());
            dead.push((address.unwrap_or_else(|_| check.target()), Some(check.id.clone())));
        }
    }
    if run_checks(run).any(|(check, _)| is_server_check(run, check)) {
        return dead;
    }
    // The servers themselves were not checked (`--only`): judge them by what the names say.
    let mut answers: BTreeMap<&str, Vec<&ServerAnswer>> = BTreeMap::new();
    run.outcomes
        .iter()
        .flat_map(told)
        .filter(|answer| answer.server != AZURE)
        .for_each(|answer| answers.entry(&answer.server).or_default().push(answer));
    let silent =
        answers.into_iter().filter(|(_, answers)| answers.iter().all(|answer| is_useless(answer.cause)));
    silent.map(|(server, _)| (server.to_owned(), None)).collect()
}

/// The check of a configured server itself.
pub fn is_server_check(run: &Run, check: &crate::plan::Check) -> bool {
    let configured = run.host.dns_servers.iter().any(|server| server.starts_with("168.63.129.16"));
    match check.role() {
        Role::NameServer => true,
        Role::AzureDns => configured,
        _ => false,
    }
}

/// The answer of a filter.
pub const SUNK: &str = "0.0.0.0 or loopback";

/// The answer of a filter: an address that leads nowhere.
pub fn is_sunk(ip: &IpAddr) -> bool {
    matches!(Scope::of(*ip), Scope::Unspecified | Scope::Loopback)
}

/// The name does not exist, or has no address: true of a name that was typed wrong, and not of a published one.
pub fn is_absence(outcome: &Outcome) -> bool {
    outcome.cause().is_some_and(|cause| cause.class() == Class::DnsAbsent)
}

/// What a server said in place of the addresses.
pub fn refusal(answer: &ServerAnswer) -> Option<&'static str> {
    match answer.cause {
        None if answer.addresses.iter().any(is_sunk) => Some(SUNK),
        cause => refusal_words(cause?),
    }
}

/// A cause in the words of DNS; `None` where a server cannot be meant.
pub const fn refusal_words(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::DnsNxdomain => Some("NXDOMAIN"),
        Cause::DnsServfail => Some("SERVFAIL"),
        Cause::DnsRefused => Some("REFUSED"),
        Cause::DnsNoRecords => Some("no address"),
        Cause::DnsMalformed => Some("nothing that can be read"),
        Cause::DnsTimeout | Cause::DnsUnreachable => Some("silence"),
        Cause::DnsSinkhole => Some(SUNK),
        _ => None,
    }
}

/// The server gave an address for some name.
pub fn resolves_any(run: &Run, server: &str) -> bool {
    let mut answers = run.outcomes.iter().flat_map(told);
    answers.any(|answer| answer.server == server && !answer.addresses.is_empty())
}

/// The server behind a failed name, as `address:port`: the first that gave no address, else the first that is configured,
/// else an empty text.
pub fn server_of(run: &Run, outcome: &Outcome) -> String {
    let own = told(outcome).filter(|answer| answer.server != AZURE);
    let failing = own.chain(told(outcome)).find(|answer| refusal(answer).is_some());
    let configured = || run.plan.instance.dns_servers.first().map(ToString::to_string);
    failing.map(|answer| answer.server.clone()).or_else(configured).unwrap_or_default()
}

/// What 168.63.129.16 said, where it was asked beside the configured servers.
pub fn azure<'a>(group: &[Seen<'a>]) -> Option<&'a ServerAnswer> {
    let mut answers = group.iter().flat_map(|(_, outcome)| told(outcome));
    answers.find(|answer| answer.server == AZURE && !is_dead(answer.cause))
}

/// The server as the subject of a sentence.
pub fn subject(server: &str) -> String {
    if server.is_empty() { "No DNS server".to_owned() } else { format!("DNS server {}", short(server)) }
}

/// The same question to the server and to Azure's own.
pub fn look(server: &str, name: Option<&str>, advice: &str) -> Remedy {
    let name = remedy::host(name);
    Remedy {
        summary: advice.to_owned(),
        commands: vec![format!("{} {name}", remedy::dig(server)), format!("dig @168.63.129.16 {name}")],
        doc_url: None,
    }
}
