//! Some addresses of a name work and others do not.

use crate::catalogue::Transport;
use crate::outcome::{Cause, Outcome, Stage, Step};
use crate::run::Run;

use crate::diagnose::view::{Seen, finding, hosts, ids, risk, run_checks, some_of, tag};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Some of a name's addresses do not work.
pub const RULE: Rule = Rule { code: Code::AddressPartial, find: partial };

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
    let title = format!(
        "{} works at some of its addresses only: connections can fail now and then.",
        some_of(&names)
    );
    let detail = format!(
        "No luck at {}, while other addresses of the same names answer. All addresses answering in the next run would \
         disprove it.",
        some_of(&dead)
    );
    vec![risk(finding(
        Code::AddressPartial,
        Confidence::High,
        title,
        detail,
        ids(halves.iter().copied()),
        allow(&halves),
    ))]
}

/// The rule that covers every address of the names, and a look at what the name servers say.
fn allow(halves: &[Seen<'_>]) -> Remedy {
    let (check, _) = halves[0];
    let mut commands = vec![format!("dig +short {0} A {0} AAAA", remedy::host(check.host.as_deref()))];
    commands.extend(
        check.port.map(|port| remedy::allow_outbound(tag(check), port, Transport::Tcp)).unwrap_or_default(),
    );
    Remedy {
        summary: "Allow the service tag in place of single addresses, for the service changes them; where the address is \
                  private or IPv6, look for a stale record or a missing route."
            .to_owned(),
        commands,
        doc_url: None,
    }
}

fn has_dead_address(outcome: &Outcome) -> bool {
    dead_addresses(outcome).next().is_some()
}

/// Addresses that failed beside one that worked; one that this machine has no route to, or did not get to, does not count.
fn dead_addresses(outcome: &Outcome) -> impl Iterator<Item = String> + '_ {
    let used = outcome.evidence.peer.as_ref().map(|peer| peer.address).or_else(|| {
        let whole = |step: &&Step| step.stage != Stage::Resolve && step.cause.is_none();
        outcome.steps.iter().rev().find(whole)?.address
    });
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
