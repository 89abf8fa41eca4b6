//! Names that were not given, or that no server of this network knows.

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::{SkipReason, Status};

/// Required names were not given.
pub(crate) const RULE: Rule = Rule { code: Code::NamesMissing, needs: &[Source::Run], find: missing };

fn missing(facts: &Facts<'_>) -> Vec<Finding> {
    let unnamed: Group<'_> = facts
        .seen()
        .filter(|seen| !seen.is_optional() && *seen.status() == Status::Skipped(SkipReason::NameUnknown))
        .collect();
    // A front that failed is accounted for by whatever blocks it.
    let fronts: Group<'_> = facts.seen().filter(|seen| seen.check.fallback && seen.is_success()).collect();
    let hidden = facts
        .seen()
        .any(|seen| !seen.is_optional() && *seen.status() == Status::Skipped(SkipReason::NotDerivable));
    if unnamed.is_empty() && fronts.is_empty() {
        return Vec::new();
    }
    let flags = flags(unnamed.each().chain(fronts.each()));
    let title = match unnamed.len() {
        0 => format!(
            "{} checked through a shared front only; {} would check the real ones.",
            were(fronts.len()),
            flags.join(", ")
        ),
        left => {
            let wanted = self::flags(unnamed.each());
            format!(
                "{} not checked because {} unknown: pass {}.",
                were(left),
                if left == 1 { "its name is" } else { "their names are" },
                wanted.join(", ")
            )
        }
    };
    let no_instance = facts.seen().any(|seen| *seen.status() == Status::Skipped(SkipReason::NoInstance));
    let detail = format!(
        "The names are the instance's own: the portal shows them under Network, Network status.{}{}",
        if hidden { " Some names are known to the platform alone and come with that file only." } else { "" },
        if no_instance { " --service NAME adds the instance's own endpoints." } else { "" }
    );
    let affects = unnamed.each().chain(fronts.each()).collect::<Group<'_>>().ids();
    let fix = name_them(facts, &flags);
    let told = Finding::new(Code::NamesMissing, Confidence::High, title, detail, affects, fix);
    vec![if unnamed.is_empty() { told } else { told.into_risk() }]
}

fn name_them(facts: &Facts<'_>, flags: &[&str]) -> Remedy {
    let mut typed = vec!["check".to_owned()];
    typed.extend(flags.iter().map(|flag| format!("{flag} <{}>", placeholder(flag))));
    let from_file = ["check", "--from-network-status", "networkstatus.json"].map(str::to_owned).to_vec();
    let summary = format!(
        "Pass {}; or fetch NetworkStatus once and give it with --from-network-status: it names everything.",
        flags.join(", ")
    );
    let steps = vec![
        look(Look::Probe(typed)).saying("with the names"),
        look(Look::NetworkStatus).when("To have every name at once"),
        look(Look::Probe(from_file)).saying("with the names of that file"),
    ];
    remedy::advise(facts, summary, steps)
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
fn flags<'a>(seen: impl Iterator<Item = Seen<'a>>) -> Vec<&'static str> {
    let mut flags = Vec::new();
    for flag in seen.map(|seen| seen.check.naming_flag()) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The name leads to IPv6 alone.
pub(crate) fn only_v6(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let has = if names.len() == 1 { "has" } else { "have" };
    let title = format!("{} {has} no IPv4 address here, and this machine has no IPv6.", some_of(&names));
    let detail =
        "The DNS servers answer with AAAA records alone. A filter that takes A records out looks like this."
            .to_owned();
    let first = names.first().copied().unwrap_or_default();
    let fix = remedy::advise(
        facts,
        "Let the DNS servers give the A record, or give the network IPv6 and a route for it.",
        vec![
            remedy::dig(first, DnsQuestion::BothFamilies),
            remedy::ask_azure(first, DnsQuestion::BothFamilies),
        ],
    );
    Finding::new(Code::NamesMissing, Confidence::Medium, title, detail, group.ids(), fix)
}
