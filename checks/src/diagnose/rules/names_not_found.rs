//! Names that no server of this network knows.

use std::collections::BTreeSet;

use crate::catalogue::{Direction, Role};
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::name_servers::{by_azure, is_negative_answer};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::seen::Group;
use crate::facts::Facts;
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::Cause;
use crate::plan::{Check, Origin};

/// No server has an address for the name.
pub(crate) fn not_found(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let missing = group.each().all(|seen| seen.cause() == Some(Cause::DnsNxdomain));
    let lack = match (missing, names.len()) {
        (true, 1) => "does not exist",
        (true, _) => "do not exist",
        (false, 1) => "has no address",
        (false, _) => "have no address",
    };
    let title = format!("{} {lack} as far as the DNS of this network knows.", some_of(&names));
    let compared = by_azure(group.each()).is_some_and(|answer| is_negative_answer(answer.cause));
    let flags = given_in(group);
    let detail = format!(
        "{} {}",
        if compared {
            "168.63.129.16 says the same."
        } else {
            "168.63.129.16 could not be asked for comparison."
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
    let first = names.first().copied().unwrap_or_default();
    let steps = vec![
        remedy::dig(first, DnsQuestion::Whole),
        remedy::ask_azure(first, DnsQuestion::Whole),
        look(Look::Zones),
    ];
    let fix = remedy::advise(facts, summary, steps);
    let sure = if compared { Confidence::Medium } else { Confidence::Low };
    Finding::new(Code::NamesNotFound, sure, title, detail, group.ids(), fix)
}

fn given_in(group: &Group<'_>) -> Vec<&'static str> {
    let flags: BTreeSet<&str> = group.each().filter_map(|seen| given_with(seen.check)).collect();
    flags.into_iter().collect()
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
