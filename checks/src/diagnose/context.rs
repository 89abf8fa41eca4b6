//! What limits the meaning of the whole run.

use crate::outcome::{SkipReason, Status};
use crate::run::Run;

use super::view::{Seen, count, finding, ids, risk};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// No metadata service here.
pub const OUTSIDE_AZURE: Rule = Rule { code: Code::OutsideAzure, find: outside };
/// Required names were not given.
pub const NAMES_MISSING: Rule = Rule { code: Code::NamesMissing, find: missing };

fn outside(run: &Run) -> Vec<Finding> {
    if run.host.azure.detected || !run.host.azure.asked {
        return Vec::new();
    }
    let title =
        "This machine is not an Azure VM: the results describe its own network, not the subnet.".to_owned();
    let detail = "The metadata service 169.254.169.254 did not answer within a second. A proxy or a route that catches \
                  169.254.0.0/16 looks the same."
        .to_owned();
    let fix = remedy::and(
        remedy::words(
            "Run it on a VM in the subnet of API Management, or in one with the same rules and routes. On an Azure VM, let \
             the metadata service through: no proxy, no route and no host firewall may catch it.",
        ),
        "curl -s -m 2 --noproxy '*' -H Metadata:true 'http://169.254.169.254/metadata/instance?api-version=2021-02-01'",
    );
    let asked =
        run.results().filter(|(check, outcome)| check.endpoint == "imds" && outcome.failure().is_some());
    vec![finding(Code::OutsideAzure, Confidence::Medium, title, detail, ids(asked), fix)]
}

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
