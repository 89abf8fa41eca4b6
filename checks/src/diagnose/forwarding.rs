//! Name servers that answer, and do not know Azure's names.

use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::{Cause, Outcome, Scope, ServerAnswer, Stage};
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
        let empty = || Refusals { known: Vec::new(), unknown: Vec::new(), answers: BTreeSet::new() };
        let refusals = by_server.entry(server).or_insert_with(empty);
        match azure {
            Some(azure) if !azure.addresses.is_empty() => refusals.known.push(seen),
            // The name does not exist at all: no server is to blame.
            Some(azure) if says_no(azure.cause) => continue,
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

/// What a server said in place of the addresses.
fn refusal(answer: &ServerAnswer) -> Option<&'static str> {
    let is_sunk = |ip: &std::net::IpAddr| matches!(Scope::of(*ip), Scope::Unspecified | Scope::Loopback);
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
    let names = hosts(refusals.unknown.iter().copied()).len();
    // A name that a filter sends to 0.0.0.0 exists; every other refusal may be true of a single name.
    let sunk = refusals.answers.contains(SUNK);
    let guess = sunk || (names >= TOGETHER && !resolves_any(run, server));
    match (refusals.known.is_empty(), guess) {
        (true, false) => None,
        (true, true) => Some(refusing(run, server, &refusals.unknown, &refusals.answers, false)),
        (false, _) => {
            let all: Vec<Seen<'_>> = refusals.known.iter().chain(&refusals.unknown).copied().collect();
            Some(refusing(run, server, &all, &refusals.answers, true))
        }
    }
}

fn resolves_any(run: &Run, server: &str) -> bool {
    let told = run.outcomes.iter().filter_map(|outcome| outcome.evidence.dns.as_ref());
    told.flat_map(|dns| &dns.servers).any(|answer| answer.server == server && !answer.addresses.is_empty())
}

fn refusing(run: &Run, server: &str, group: &[Seen<'_>], answers: &BTreeSet<&str>, proved: bool) -> Finding {
    let address = short(server);
    let names = hosts(group.iter().copied());
    let sunk = answers.len() == 1 && answers.contains(SUNK);
    let title = match sunk {
        true => {
            format!("DNS server {address} denies {}: it answers {SUNK}.", count(names.len(), "Azure name"))
        }
        false => format!("DNS server {address} does not forward Azure names: {}.", failing(names.len())),
    };
    let said: Vec<&str> = answers.iter().copied().collect();
    let detail = match proved {
        true => format!(
            "For {} it answers with {}, while 168.63.129.16 resolves the same. Were the server right, 168.63.129.16 would \
             say no as well.",
            some_of(&names),
            said.join(", ")
        ),
        false => format!(
            "For {} it answers with {}; 168.63.129.16 could not be asked for comparison, and its answer would decide.",
            some_of(&names),
            said.join(", ")
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
    let confidence = if proved { Confidence::High } else { Confidence::Medium };
    finding(Code::DnsNotForwarding, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn failing(number: usize) -> String {
    let names = count(number, "name");
    if number == 1 { format!("{names} fails") } else { format!("{names} fail") }
}
