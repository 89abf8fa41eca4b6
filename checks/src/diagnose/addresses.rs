//! Checks that passed, but not at every address or not at the first look.

use crate::outcome::{Cause, Outcome, Stage};
use crate::run::Run;

use super::view::{Seen, count, finding, hosts, ids, risk, run_checks, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// Some of a name's addresses do not work.
pub const PARTIAL: Rule = Rule { code: Code::AddressPartial, find: partial };
/// It failed first and succeeded on the second look.
pub const FLAKY: Rule = Rule { code: Code::Flaky, find: flaky };

fn partial(run: &Run) -> Vec<Finding> {
    let halves: Vec<Seen<'_>> = run_checks(run)
        .filter(|(_, outcome)| outcome.is_success() && !outcome.recovered && has_dead_address(outcome))
        .collect();
    if halves.is_empty() {
        return Vec::new();
    }
    let names = hosts(halves.iter().copied());
    let dead: Vec<String> = halves.iter().flat_map(|(_, outcome)| dead_addresses(outcome)).collect();
    let dead: Vec<&str> = dead.iter().map(String::as_str).collect();
    let title = format!("Some addresses of {} do not work.", some_of(&names));
    let detail = format!(
        "Failing: {}; other addresses of the same names work. Connections will fail now and then.",
        some_of(&dead)
    );
    let fix = remedy::words(
        "Allow the service tag in place of single addresses, and look for stale records or routes.",
    );
    vec![risk(finding(Code::AddressPartial, Confidence::High, title, detail, ids(halves), fix))]
}

fn has_dead_address(outcome: &Outcome) -> bool {
    dead_addresses(outcome).next().is_some()
}

/// Addresses that failed beside one that worked; one that this machine has no route to, or did not get to, does not count.
fn dead_addresses(outcome: &Outcome) -> impl Iterator<Item = String> + '_ {
    let used = outcome.evidence.peer.as_ref().map(|peer| peer.address);
    outcome
        .steps
        .iter()
        .filter(|step| {
            let failed = |cause: Cause| cause != Cause::ConnectNoRoute && !cause.is_undecided();
            step.stage != Stage::Resolve && step.cause.is_some_and(failed)
        })
        .filter_map(|step| step.address)
        .filter(move |address| used.is_some() && Some(*address) != used)
        .map(|address| address.to_string())
}

fn flaky(run: &Run) -> Vec<Finding> {
    let lucky: Vec<Seen<'_>> = run_checks(run).filter(|(_, outcome)| outcome.recovered).collect();
    if lucky.is_empty() {
        return Vec::new();
    }
    let names = hosts(lucky.iter().copied());
    let title = format!(
        "{} failed first and passed on the second look: packets are lost on the way.",
        count(names.len(), "host")
    );
    let detail = format!("Seen at {}. Several runs without it would disprove it.", some_of(&names));
    let fix = remedy::words(
        "Look for an overloaded appliance, exhausted SNAT ports or a faulty route; run again to see how often.",
    );
    vec![risk(finding(Code::Flaky, Confidence::Medium, title, detail, ids(lucky), fix))]
}
