//! Two configured name servers lead to different places.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::outcome::{Cause, Outcome, Scope, ServerAnswer};
use crate::run::Run;

use super::servers::{AZURE, is_useless, says_no, short};
use super::view::{Seen, finding, hosts, ids, risk, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Two servers give answers that lead to different places.
pub const RULE: Rule = Rule { code: Code::DnsServersDisagree, find: disagree };

fn disagree(run: &Run) -> Vec<Finding> {
    let torn: Vec<Seen<'_>> = run.results().filter(|(_, outcome)| is_torn(outcome)).collect();
    if torn.is_empty() {
        return Vec::new();
    }
    let names = hosts(torn.iter().copied());
    let title = format!("The configured DNS servers disagree about {}.", some_of(&names));
    let sides = torn.first().map(|(_, outcome)| sides(outcome)).unwrap_or_default();
    let detail = format!(
        "Of {} {sides}. API Management takes what answers first, so that it may work on one day and not on the next. The \
         same kind of answer from all would disprove it; rotating public addresses are not counted.",
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
    vec![risk(finding(Code::DnsServersDisagree, Confidence::High, title, detail, ids(torn), fix))]
}

/// What the configured servers said, those left out that said nothing.
fn told(outcome: &Outcome) -> impl Iterator<Item = &ServerAnswer> {
    let servers = outcome.evidence.dns.iter().flat_map(|dns| &dns.servers);
    servers
        .filter(|answer| answer.server != AZURE && !is_useless(answer.cause))
        .filter(|answer| !answer.addresses.is_empty() || says_no(answer.cause))
}

/// `10.0.2.4 says 20.60.0.1, 10.0.2.5 says dns-nxdomain`.
fn sides(outcome: &Outcome) -> String {
    let side = |answer: &ServerAnswer| {
        let no = answer.cause.map_or("no address", Cause::as_str).to_owned();
        let said = answer.addresses.first().map_or(no, ToString::to_string);
        format!("{} says {said}", short(&answer.server))
    };
    told(outcome).map(side).collect::<Vec<_>>().join(", ")
}

/// Two configured servers lead to different places: one has no address, or a private one where the other's is public,
/// or another private one. Public addresses rotate.
fn is_torn(outcome: &Outcome) -> bool {
    let way = |answer: &ServerAnswer| {
        let scope = answer.addresses.first().map(|ip| Scope::of(*ip));
        let private = answer.addresses.iter().filter(|ip| Scope::of(**ip) == Scope::Private);
        (scope, private.copied().collect::<BTreeSet<IpAddr>>())
    };
    let ways: Vec<_> = told(outcome).map(way).collect();
    ways.windows(2).any(|pair| pair[0] != pair[1])
}
