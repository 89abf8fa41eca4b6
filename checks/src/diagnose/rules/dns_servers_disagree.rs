//! Two configured name servers lead to different places.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::outcome::{Cause, Outcome, Scope, ServerAnswer, Stage};
use crate::run::Run;

use crate::diagnose::name_servers::{AZURE, is_useless, refusal, says_no, short};
use crate::diagnose::view::{Seen, finding, hosts, ids, is_private, listed, risk, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, name_servers, remedy};

/// Two servers give answers that lead to different places.
pub const RULE: Rule = Rule { code: Code::DnsServersDisagree, find: disagree };

fn disagree(run: &Run) -> Vec<Finding> {
    let torn: Vec<Seen<'_>> = run.results().filter(|(_, outcome)| is_torn(run, outcome)).collect();
    if torn.is_empty() {
        return Vec::new();
    }
    let names = hosts(torn.iter().copied());
    let title = format!("The configured DNS servers disagree about {}.", some_of(&names));
    let sides = torn.first().map(|(_, outcome)| sides(run, outcome)).unwrap_or_default();
    let detail = format!(
        "For {}, {sides}. API Management takes the first answer, so that it may work on one day and not on the next. The \
         same kind of answer from all would disprove it; public addresses that rotate are not counted.",
        names.first().copied().unwrap_or_default()
    );
    let first = remedy::host(names.first().copied());
    let servers = run.plan.instance.dns_servers.iter();
    let fix = Remedy {
        summary: "Give all configured servers the same zones and forwarders, so that the order in which they answer no \
                  longer matters."
            .to_owned(),
        commands: servers.map(|server| format!("{} {first} +short", remedy::dig(&server.to_string()))).collect(),
        doc_url: None,
    };
    let affects = ids(touched(run, &torn));
    vec![risk(finding(Code::DnsServersDisagree, Confidence::High, title, detail, affects, fix))]
}

/// The checks that the disagreement can harm. One that went on with an address and failed later has another fault, unless it
/// was led to a private address where another server has a public one, and no name shows the disagreement alone.
fn touched<'a>(run: &Run, torn: &[Seen<'a>]) -> Vec<Seen<'a>> {
    let failed_later = |outcome: &Outcome| {
        outcome
            .failure()
            .is_some_and(|failure| failure.stage != Stage::Resolve && failure.cause != Cause::DnsWrongAddress)
    };
    let astray =
        |outcome: &Outcome| is_private(outcome) && told(run, outcome).all(|answer| answer.cause.is_none());
    let (late, others): (Vec<Seen<'a>>, Vec<Seen<'a>>) =
        torn.iter().copied().partition(|(_, outcome)| failed_later(outcome));
    match others.is_empty() {
        true => late.into_iter().filter(|(_, outcome)| astray(outcome)).collect(),
        false => others,
    }
}

/// What the configured servers said, those left out that said nothing.
fn told<'a>(run: &Run, outcome: &'a Outcome) -> impl Iterator<Item = &'a ServerAnswer> {
    let servers = name_servers::told(outcome);
    // 168.63.129.16 is asked for comparison, unless it is one of those that are configured.
    let by_azure = run.plan.instance.dns_servers.iter().any(|server| server.to_string() == AZURE);
    servers
        .filter(move |answer| (by_azure || answer.server != AZURE) && !is_useless(answer.cause))
        .filter(|answer| !answer.addresses.is_empty() || says_no(answer.cause))
}

/// `10.0.2.4 says 20.60.0.1 and 10.0.2.5 says NXDOMAIN`.
fn sides(run: &Run, outcome: &Outcome) -> String {
    let side = |answer: &ServerAnswer| {
        let no = || refusal(answer).unwrap_or("that there is no address").to_owned();
        let said = answer.addresses.first().map_or_else(no, ToString::to_string);
        format!("{} says {said}", short(&answer.server))
    };
    listed(told(run, outcome).map(side))
}

/// Two configured servers lead to different places: one has no address, or a private one where the other's is public,
/// or another private one. Public addresses rotate.
fn is_torn(run: &Run, outcome: &Outcome) -> bool {
    let way = |answer: &ServerAnswer| {
        let scope = answer.addresses.first().map(|ip| Scope::of(*ip));
        let private = answer.addresses.iter().filter(|ip| Scope::of(**ip) == Scope::Private);
        (scope, private.copied().collect::<BTreeSet<IpAddr>>())
    };
    let ways: Vec<_> = told(run, outcome).map(way).collect();
    ways.windows(2).any(|pair| pair[0] != pair[1])
}
