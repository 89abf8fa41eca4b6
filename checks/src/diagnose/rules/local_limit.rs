//! Limits of this machine, which say nothing about any endpoint.

use crate::outcome::{Cause, Stage, Status};
use crate::run::Run;

use crate::diagnose::view::{Seen, count, finding, ids, risk, some_of};
use crate::diagnose::{Code, Confidence, Finding, Rule, remedy};

/// Checks that this machine could not run.
pub const RULE: Rule = Rule { code: Code::LocalLimit, find: limit };

fn limit(run: &Run) -> Vec<Finding> {
    let starved: Vec<Seen<'_>> = run
        .results()
        .filter(|(_, outcome)| {
            matches!(&outcome.status, Status::Undecided(Some(failure)) if failure.cause == Cause::LocalResource)
        })
        .collect();
    let (nameless, starved): (Vec<_>, Vec<_>) = starved.into_iter().partition(|seen| is_nameless(run, *seen));
    let nameless = (!nameless.is_empty()).then(|| nameless_finding(&nameless));
    let starved = (!starved.is_empty()).then(|| starved_finding(&starved));
    nameless.into_iter().chain(starved).collect()
}

/// No server is there to ask: that says something about this machine and nothing about the network.
fn is_nameless(run: &Run, (_, outcome): Seen<'_>) -> bool {
    let resolving =
        matches!(&outcome.status, Status::Undecided(Some(failure)) if failure.stage == Stage::Resolve);
    resolving && run.host.dns_servers.is_empty()
}

fn nameless_finding(nameless: &[Seen<'_>]) -> Finding {
    let title = format!("This machine has no DNS server configured: {} undecided.", are(nameless.len()));
    let detail = "/etc/resolv.conf names none. API Management asks the servers of the virtual network, which a VM gets by \
                  DHCP; one that is configured here would disprove it."
        .to_owned();
    let fix = remedy::and(
        remedy::words(
            "Name the server of the virtual network with --dns-server, or mend the machine's resolver configuration.",
        ),
        "apim-probe check --dns-server <DNS_SERVER>",
    );
    let affects = ids(nameless.iter().copied());
    risk(finding(Code::LocalLimit, Confidence::High, title, detail, affects, fix))
}

fn are(number: usize) -> String {
    format!("{} {}", count(number, "check"), if number == 1 { "is" } else { "are" })
}

fn starved_finding(starved: &[Seen<'_>]) -> Finding {
    let names: Vec<&str> = starved.iter().map(|(check, _)| check.endpoint.as_str()).collect();
    let why = starved.iter().find_map(|(_, outcome)| match &outcome.status {
        Status::Undecided(Some(failure)) => Some(failure.detail.clone()),
        _ => None,
    });
    let title = format!("This machine's own limits left {} undecided.", count(starved.len(), "check"));
    let detail = format!("Not decided: {}. The system said: {}.", some_of(&names), why.unwrap_or_default());
    let fix = remedy::and(
        remedy::words(
            "Run again with more file descriptors (or fewer checks at once) and as a user who may open sockets.",
        ),
        "ulimit -n 1024".to_owned(),
    );
    risk(finding(Code::LocalLimit, Confidence::High, title, detail, ids(starved.iter().copied()), fix))
}
