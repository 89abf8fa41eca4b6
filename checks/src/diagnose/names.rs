//! Single names that do not resolve while the name servers work.

use crate::catalogue::Direction;
use crate::outcome::{Cause, Outcome, ServerAnswer};
use crate::plan::{Check, Origin};
use crate::run::Run;

use super::dns::{AZURE, is_dead, says_no, short};
use super::forwarding::{refusal, resolves_any};
use super::view::{Seen, finding, hosts, ids, some_of};
use super::{Code, Confidence, Finding, Remedy, remedy};

/// The server behind a failed name, as `address:port`: the first that gave no address, else the first that is configured,
/// else an empty text.
pub fn server_of(run: &Run, outcome: &Outcome) -> String {
    let told = || outcome.evidence.dns.iter().flat_map(|dns| &dns.servers);
    let own = || told().filter(|answer| answer.server != AZURE);
    let failing = own().chain(told()).find(|answer| refusal(answer).is_some());
    let configured = || run.plan.instance.dns_servers.first().map(ToString::to_string);
    failing.map(|answer| answer.server.clone()).or_else(configured).unwrap_or_default()
}

/// What 168.63.129.16 said, where it was asked beside the configured servers.
fn azure<'a>(group: &'a [Seen<'_>]) -> Option<&'a ServerAnswer> {
    let dns = group.iter().filter_map(|(_, outcome)| outcome.evidence.dns.as_ref());
    dns.flat_map(|dns| &dns.servers).find(|answer| answer.server == AZURE && !is_dead(answer.cause))
}

fn subject(server: &str) -> String {
    if server.is_empty() { "No DNS server".to_owned() } else { format!("DNS server {}", short(server)) }
}

/// The flag or file in which a name was given; `None` where the published list has it.
fn given_with(check: &Check) -> Option<&'static str> {
    match (check.origin, check.direction) {
        (Origin::NetworkStatus, _) => Some("the NetworkStatus file"),
        _ if check.endpoint == "custom" => Some("--endpoint"),
        (_, Direction::Inbound) => Some("--service or --hostname"),
        (Origin::Flag, _) if check.naming_flag() != "--region" => Some(check.naming_flag()),
        _ => None,
    }
}

/// No server has an address for the name.
pub fn absent(group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let missing = group.iter().all(|(_, outcome)| outcome.cause() == Some(Cause::DnsNxdomain));
    let lack = match (missing, names.len()) {
        (true, 1) => "does not exist",
        (true, _) => "do not exist",
        (false, 1) => "has no address",
        (false, _) => "have no address",
    };
    let title = format!("{} {lack} as far as the DNS of this network knows.", some_of(&names));
    let compared = azure(group).is_some_and(|answer| says_no(answer.cause));
    let flags = flags(group);
    let detail = format!(
        "{} {} An address from any DNS server of the network would disprove it.",
        match compared {
            true => "168.63.129.16 says the same.",
            false =>
                "168.63.129.16 was not heard; were it to know the name, the configured server would be wrong.",
        },
        match flags.is_empty() {
            true =>
                "The name is on the published list, so that a zone of this network that covers its domain and lacks the \
                 record is likely.",
            false =>
                "The name is wrong, the resource is gone, or a zone of this network for its domain lacks the record.",
        }
    );
    let summary = format!(
        "{}Look for a zone of this network that covers the domain (a private DNS zone or one on the DNS server) and lacks \
         the record.",
        if flags.is_empty() { String::new() } else { format!("Correct the name in {}. ", flags.join(", ")) }
    );
    let first = remedy::host(names.first().copied());
    let commands = vec![
        format!("dig {first}"),
        format!("dig @168.63.129.16 {first}"),
        "az network private-dns zone list --query \"[].{name:name,group:resourceGroup}\" --output table"
            .to_owned(),
    ];
    let fix = Remedy { summary, commands, doc_url: None };
    let sure = if compared { Confidence::Medium } else { Confidence::Low };
    finding(Code::NamesMissing, sure, title, detail, ids(group.iter().copied()), fix)
}

fn flags(group: &[Seen<'_>]) -> Vec<&'static str> {
    let mut flags: Vec<&str> = group.iter().filter_map(|(check, _)| given_with(check)).collect();
    flags.sort_unstable();
    flags.dedup();
    flags
}

/// The name leads to IPv6 alone.
pub fn only_v6(group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let has = if names.len() == 1 { "has" } else { "have" };
    let title = format!("{} {has} no IPv4 address here, and this machine has no IPv6.", some_of(&names));
    let detail = "The DNS servers answer with AAAA records alone. A filter that takes A records out looks like this; an A \
                  record from any of them would disprove it."
        .to_owned();
    let first = remedy::host(names.first().copied());
    let fix = Remedy {
        summary: "Let the DNS servers give the A record, or give the network IPv6 and a route for it."
            .to_owned(),
        commands: vec![format!("dig {first} A {first} AAAA"), format!("dig @168.63.129.16 {first} A")],
        doc_url: None,
    };
    finding(Code::NamesMissing, Confidence::Medium, title, detail, ids(group.iter().copied()), fix)
}

/// A server that answers for other names says nothing of use about these.
pub fn mute(run: &Run, server: &str, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let others = if resolves_any(run, server) { ", and answers for others" } else { "" };
    let garbage = group.iter().all(|(_, outcome)| outcome.cause() == Some(Cause::DnsMalformed));
    let title = match (server.is_empty(), garbage) {
        (true, _) => format!("No DNS server answers for {}.", some_of(&names)),
        (false, true) => {
            format!("{} sends nothing that can be read for {}{others}.", subject(server), some_of(&names))
        }
        (false, false) => format!("{} does not answer for {}{others}.", subject(server), some_of(&names)),
    };
    let detail = "What the server forwards the domain to is silent, a device on the way filters these questions, or they were \
                  lost. An answer for the name would disprove it."
        .to_owned();
    let advice = "See where the server forwards the domain to, and whether that answers.";
    let fix = look(server, names.first().copied(), advice);
    finding(Code::DnsServerSilent, Confidence::Low, title, detail, ids(group.iter().copied()), fix)
}

/// A server fails for single names, and nothing shows that 168.63.129.16 resolves them.
pub fn unresolved(run: &Run, server: &str, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let said = group.iter().find_map(|(_, outcome)| said(outcome)).unwrap_or("an error");
    let others = if resolves_any(run, server) { " and resolves others" } else { "" };
    let title = match server.is_empty() {
        true => format!("No DNS server resolves {}: the answer is {said}.", some_of(&names)),
        false => format!("{} answers {said} for {}{others}.", subject(server), some_of(&names)),
    };
    let detail = match azure(group).filter(|_| server != AZURE) {
        Some(_) => {
            "168.63.129.16 does not resolve it either: a zone or a forwarding rule of the network for this domain is \
             broken, or the domain's own servers are. An address from either would disprove it."
        }
        None => {
            "What the server forwards this domain to fails or refuses, or the domain's own servers do. An address from \
             it would disprove it."
        }
    };
    let advice = "See which zone or forwarding rule of the network covers the domain, and what it leads to.";
    let fix = look(server, names.first().copied(), advice);
    finding(
        Code::DnsNotForwarding,
        Confidence::Low,
        title,
        detail.to_owned(),
        ids(group.iter().copied()),
        fix,
    )
}

/// What the answer was called.
fn said(outcome: &Outcome) -> Option<&'static str> {
    match outcome.cause()? {
        Cause::DnsServfail => Some("SERVFAIL"),
        Cause::DnsRefused => Some("REFUSED"),
        _ => Some("0.0.0.0 or loopback"),
    }
}

/// The same question to the server and to Azure's own.
fn look(server: &str, name: Option<&str>, advice: &str) -> Remedy {
    let name = remedy::host(name);
    Remedy {
        summary: advice.to_owned(),
        commands: vec![format!("{} {name}", remedy::dig(server)), format!("dig @168.63.129.16 {name}")],
        doc_url: None,
    }
}
