//! Names that were not given, or that no server of this network knows.

use std::collections::BTreeSet;

use crate::catalogue::{Direction, Role};
use crate::outcome::{Cause, SkipReason, Status};
use crate::plan::{Check, Origin};
use crate::run::Run;

use crate::diagnose::name_servers::{azure, says_no};
use crate::diagnose::view::{Seen, count, finding, hosts, ids, risk, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Required names were not given.
pub const RULE: Rule = Rule { code: Code::NamesMissing, find: missing };

fn missing(run: &Run) -> Vec<Finding> {
    let unnamed: Vec<Seen<'_>> = run
        .results()
        .filter(|(check, outcome)| {
            !check.is_optional && outcome.status == Status::Skipped(SkipReason::NameUnknown)
        })
        .collect();
    // A front that failed is accounted for by whatever blocks it.
    let fronts: Vec<Seen<'_>> =
        run.results().filter(|(check, outcome)| check.fallback && outcome.is_success()).collect();
    let hidden = run.results().any(|(check, outcome)| {
        !check.is_optional && outcome.status == Status::Skipped(SkipReason::NotDerivable)
    });
    if unnamed.is_empty() && fronts.is_empty() {
        return Vec::new();
    }
    let flags = flags(unnamed.iter().chain(&fronts));
    let title = match unnamed.len() {
        0 => format!(
            "{} checked through a shared front only; {} would check the real ones.",
            were(fronts.len()),
            flags.join(", ")
        ),
        left => {
            let wanted = self::flags(unnamed.iter());
            format!("{} not checked for want of a name: add {}.", were(left), wanted.join(", "))
        }
    };
    let no_instance =
        run.results().any(|(_, outcome)| outcome.status == Status::Skipped(SkipReason::NoInstance));
    let detail = format!(
        "The names are the instance's own: the portal shows them under Network, Network status.{}{}",
        if hidden { " Some names are known to the platform alone and come with that file only." } else { "" },
        if no_instance { " --service NAME adds the instance's own endpoints." } else { "" }
    );
    let affects = ids(unnamed.iter().copied().chain(fronts));
    let fix = name_them(run, &flags);
    let told = finding(Code::NamesMissing, Confidence::High, title, detail, affects, fix);
    vec![if unnamed.is_empty() { told } else { risk(told) }]
}

fn name_them(run: &Run, flags: &[&str]) -> Remedy {
    let typed: Vec<String> = flags.iter().map(|flag| format!("{flag} <{}>", placeholder(flag))).collect();
    Remedy {
        summary: format!(
            "Add {}; or fetch NetworkStatus once and give it with --from-network-status: it names everything.",
            flags.join(", ")
        ),
        commands: vec![
            format!("apim-probe check {}", typed.join(" ")),
            remedy::network_status(run),
            "apim-probe check --from-network-status networkstatus.json".to_owned(),
        ],
        doc_url: None,
    }
}

/// `--storage-account` is `STORAGE_ACCOUNT`.
fn placeholder(flag: &str) -> String {
    flag.trim_start_matches('-').replace('-', "_").to_uppercase()
}

fn were(number: usize) -> String {
    let checks = count(number, "required dependency").replace("dependencys", "dependencies");
    if number == 1 { format!("{checks} was") } else { format!("{checks} were") }
}

/// The flags that would name these checks, each once.
fn flags<'a>(seen: impl Iterator<Item = &'a Seen<'a>>) -> Vec<&'static str> {
    let mut flags = Vec::new();
    for flag in seen.map(|(check, _)| check.naming_flag()) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The flag or file in which a name was given; `None` where the published list has it.
fn given_with(check: &Check) -> Option<&'static str> {
    match (check.origin, check.direction) {
        (Origin::NetworkStatus, _) => Some("the NetworkStatus file"),
        _ if check.role() == Role::Custom => Some("--endpoint"),
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
    let flags = given_in(group);
    let detail = format!(
        "{} {} An address from any DNS server of the network would disprove it.",
        match compared {
            true => "168.63.129.16 says the same.",
            false =>
                "168.63.129.16 was not heard; were it to know the name, the configured server would be wrong.",
        },
        match flags.is_empty() {
            true if names.len() > 1 =>
                "The names are on the published list: probably a zone of this network covers their domain and lacks the \
                 records.",
            true =>
                "The name is on the published list: probably a zone of this network covers its domain and lacks the \
                 record.",
            false =>
                "The name is wrong, the resource is gone, or a zone of this network for its domain lacks the record.",
        }
    );
    let summary = format!(
        "{}Look for a private DNS zone, or a zone on the DNS server, that covers the domain: add the record there, or take \
         the zone away from this network.",
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

fn given_in(group: &[Seen<'_>]) -> Vec<&'static str> {
    let flags: BTreeSet<&str> = group.iter().filter_map(|(check, _)| given_with(check)).collect();
    flags.into_iter().collect()
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
