//! Name servers that answer, and do not know Azure's names.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::outcome::{Cause, Outcome, Scope, ServerAnswer, Stage};
use crate::plan::Origin;
use crate::run::Run;

use super::dns::{AZURE, dead_servers, is_dead, says_no, short};
use super::view::{Seen, count, finding, hosts, ids, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// A custom server does not know Azure's names.
pub const NOT_FORWARDING: Rule = Rule { code: Code::DnsNotForwarding, find: not_forwarding };

/// Names that must fail together where 168.63.129.16 was not there to compare with.
const TOGETHER: usize = 2;

/// The answer of a filter.
const SUNK: &str = "0.0.0.0 or loopback";

/// What a server does with names that it should hand on, and whether 168.63.129.16 knows them.
#[derive(Default)]
struct Refusals<'a> {
    known: Vec<Seen<'a>>,
    unknown: Vec<Seen<'a>>,
    answers: BTreeSet<&'static str>,
}

fn not_forwarding(run: &Run) -> Vec<Finding> {
    let dead: BTreeSet<String> = dead_servers(run).into_iter().map(|(server, _)| server).collect();
    let mut by_server: BTreeMap<&str, Refusals<'_>> = BTreeMap::new();
    for seen in run.results().filter(|(_, outcome)| is_unresolved(outcome)) {
        let Some(dns) = &seen.1.evidence.dns else { continue };
        let azure = dns.servers.iter().find(|answer| answer.server == AZURE);
        let refusal = dns
            .servers
            .iter()
            .filter(|answer| answer.server != AZURE && !dead.contains(&answer.server))
            .find_map(|answer| Some((answer.server.as_str(), refusal(answer)?)));
        let Some((server, words)) = refusal else { continue };
        let refusals = by_server.entry(server).or_default();
        match azure {
            // No server knows the name: none is to blame.
            Some(azure) if says_no(azure.cause) || azure.addresses.iter().any(is_sunk) => continue,
            Some(azure) if !azure.addresses.is_empty() => refusals.known.push(seen),
            _ => refusals.unknown.push(seen),
        }
        refusals.answers.insert(words);
    }
    by_server.into_iter().filter_map(|(server, refusals)| judged(run, server, &refusals)).collect()
}

fn is_unresolved(outcome: &Outcome) -> bool {
    outcome
        .failure()
        .is_some_and(|failure| failure.stage == Stage::Resolve && failure.cause != Cause::DnsWrongAddress)
}

/// The answer of a filter: an address that leads nowhere.
fn is_sunk(ip: &IpAddr) -> bool {
    matches!(Scope::of(*ip), Scope::Unspecified | Scope::Loopback)
}

/// What a server said in place of the addresses.
pub(super) fn refusal(answer: &ServerAnswer) -> Option<&'static str> {
    match answer.cause {
        Some(Cause::DnsNxdomain) => Some("NXDOMAIN"),
        Some(Cause::DnsServfail) => Some("SERVFAIL"),
        Some(Cause::DnsRefused) => Some("REFUSED"),
        Some(Cause::DnsNoRecords) => Some("no address"),
        Some(Cause::DnsMalformed) => Some("nothing that can be read"),
        cause if is_dead(cause) => Some("silence"),
        None if answer.addresses.iter().any(is_sunk) => Some(SUNK),
        _ => None,
    }
}

fn judged(run: &Run, server: &str, refusals: &Refusals<'_>) -> Option<Finding> {
    let listed = refusals.unknown.iter().copied().filter(|(check, outcome)| {
        !is_absence(outcome) || !matches!(check.origin, Origin::Flag | Origin::NetworkStatus)
    });
    // A name that a filter sends to 0.0.0.0 exists; every other refusal may be true of a single name.
    let guess = refusals.answers.contains(SUNK) || hosts(listed).len() >= TOGETHER;
    (guess || !refusals.known.is_empty()).then(|| refusing(run, server, refusals))
}

/// The name does not exist, or has no address: true of a name that was typed wrong, and not of a published one.
pub(super) fn is_absence(outcome: &Outcome) -> bool {
    matches!(outcome.cause(), Some(Cause::DnsNxdomain | Cause::DnsNoRecords))
}

pub(super) fn resolves_any(run: &Run, server: &str) -> bool {
    let told = run.outcomes.iter().filter_map(|outcome| outcome.evidence.dns.as_ref());
    told.flat_map(|dns| &dns.servers).any(|answer| answer.server == server && !answer.addresses.is_empty())
}

fn refusing(run: &Run, server: &str, refusals: &Refusals<'_>) -> Finding {
    let Refusals { known, unknown, answers } = refusals;
    let address = short(server);
    let group: Vec<Seen<'_>> = known.iter().chain(unknown).copied().collect();
    let names = hosts(group.iter().copied());
    let sunk = answers.len() == 1 && answers.contains(SUNK);
    let partly = known.is_empty() && resolves_any(run, server);
    let azure_names = count(names.len(), "Azure name");
    let title = match (sunk, partly) {
        (true, _) => format!("DNS server {address} denies {azure_names}: it answers {SUNK}."),
        (_, true) => format!("DNS server {address} does not resolve {azure_names}, and resolves others."),
        _ => format!("DNS server {address} does not forward Azure names: {}.", failing(names.len())),
    };
    let said = answers.iter().copied().collect::<Vec<_>>().join(", ");
    let detail = match known.is_empty() {
        false => format!(
            "For {} it answers with {said}, while 168.63.129.16 resolves the same. Were the server right, 168.63.129.16 would \
             say no as well.",
            some_of(&names),
        ),
        true => format!(
            "For {} it answers with {said}; 168.63.129.16 could not be asked for comparison, and its answer would decide.",
            some_of(&names),
        ),
    };
    let filter = if sunk { "Take these names off the filter's block list. " } else { "" };
    let summary = format!(
        "{filter}Let {address} forward everything that it is not authoritative for to 168.63.129.16 (from inside Azure; from \
         elsewhere through a DNS Private Resolver), then apply the network configuration of existing instances: they keep \
         the old answers until then."
    );
    let first = remedy::host(names.first().copied());
    let commands = vec![
        format!("{} {first}", remedy::dig(server)),
        format!("dig @168.63.129.16 {first}"),
        remedy::apply_network_configuration(run),
    ];
    let fix = Remedy { summary, commands, doc_url: None };
    let confidence = match (known.is_empty(), partly && !sunk) {
        (false, _) => Confidence::High,
        (true, false) => Confidence::Medium,
        (true, true) => Confidence::Low,
    };
    finding(Code::DnsNotForwarding, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn failing(number: usize) -> String {
    let names = count(number, "name");
    if number == 1 { format!("{names} fails") } else { format!("{names} fail") }
}
