//! Limits of this machine, which say nothing about any endpoint.

use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::outcome::{Cause, Stage, Status};

/// Checks that this machine could not run.
pub(crate) const RULE: Rule = Rule { code: Code::LocalLimit, needs: &[Source::Run], find: limit };

fn limit(facts: &Facts<'_>) -> Vec<Finding> {
    let starved: Group<'_> = facts
        .seen()
        .filter(|seen| {
            matches!(seen.status(), Status::Undecided(Some(failure)) if failure.cause == Cause::LocalResource)
        })
        .collect();
    let (nameless, starved) = starved.partition(|seen| is_nameless(facts, seen));
    let nameless = (!nameless.is_empty()).then(|| nameless_finding(&nameless));
    let starved = (!starved.is_empty()).then(|| starved_finding(&starved));
    nameless.into_iter().chain(starved).collect()
}

/// No server is there to ask: that says something about this machine and nothing about the network.
fn is_nameless(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    let resolving =
        matches!(seen.status(), Status::Undecided(Some(failure)) if failure.stage == Stage::Resolve);
    resolving && facts.host.dns_servers.is_empty()
}

fn nameless_finding(nameless: &Group<'_>) -> Finding {
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
    let affects = nameless.ids();
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, affects, fix).into_risk()
}

fn are(number: usize) -> String {
    format!("{} {}", count(number, "check"), if number == 1 { "is" } else { "are" })
}

fn starved_finding(starved: &Group<'_>) -> Finding {
    let names: Vec<&str> = starved.each().map(|seen| seen.check.endpoint.as_str()).collect();
    let why = starved.each().find_map(|seen| match seen.status() {
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
    Finding::new(Code::LocalLimit, Confidence::High, title, detail, starved.ids(), fix).into_risk()
}
