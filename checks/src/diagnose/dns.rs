//! Name servers: silent, not forwarding, or of two minds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use crate::outcome::{Cause, Outcome, Scope, ServerAnswer, Stage};
use crate::plan::CheckId;
use crate::run::Run;

use super::view::{Seen, finding, hosts, ids, risk, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// A configured server does not answer.
pub const SERVER_SILENT: Rule = Rule { code: Code::DnsServerSilent, find: silent };
/// Two servers give answers that lead to different places.
pub const SERVERS_DISAGREE: Rule = Rule { code: Code::DnsServersDisagree, find: disagree };

/// The platform's resolver, which is asked for comparison.
pub(super) const AZURE: &str = "168.63.129.16:53";

pub(super) fn is_dead(cause: Option<Cause>) -> bool {
    matches!(cause, Some(Cause::DnsTimeout | Cause::DnsUnreachable))
}

/// The server said something, and it was no address.
pub(super) const fn says_no(cause: Option<Cause>) -> bool {
    matches!(
        cause,
        Some(
            Cause::DnsNxdomain
                | Cause::DnsServfail
                | Cause::DnsRefused
                | Cause::DnsNoRecords
                | Cause::DnsMalformed
        )
    )
}

/// A server as people write it: the port only where it is not 53.
pub(super) fn short(server: &str) -> &str {
    server.strip_suffix(":53").unwrap_or(server)
}

fn silent(run: &Run) -> Vec<Finding> {
    let servers = dead_servers(run);
    let any_answers = run.plan.instance.dns_servers.len() > servers.len();
    let mut findings = Vec::new();
    for (place, (server, own)) in servers.into_iter().enumerate() {
        // Names that nobody resolved are accounted for once, by the first dead server.
        let names = |(check, _): &Seen<'_>| place == 0 && !is_server_check(run, check);
        let lost: Vec<Seen<'_>> =
            run.results().filter(names).filter(|(_, outcome)| is_unresolved(outcome)).collect();
        findings.push(silent_finding(run, (&server, own), &lost, any_answers));
    }
    findings
}

fn is_unresolved(outcome: &Outcome) -> bool {
    outcome
        .failure()
        .is_some_and(|failure| failure.stage == Stage::Resolve && is_useless(Some(failure.cause)))
}

/// Silence, or bytes that are no DNS.
fn is_useless(cause: Option<Cause>) -> bool {
    is_dead(cause) || cause == Some(Cause::DnsMalformed)
}

/// Servers without a single answer, each with the check of the server itself where there is one.
pub(super) fn dead_servers(run: &Run) -> Vec<(String, Option<CheckId>)> {
    let mut dead: Vec<(String, Option<CheckId>)> = Vec::new();
    for (check, outcome) in run.results().filter(|(check, _)| is_server_check(run, check)) {
        if let (Some(host), Some(port), true) = (&check.host, check.port, outcome.failure().is_some()) {
            let address = host.parse().map(|ip: IpAddr| SocketAddr::new(ip, port).to_string());
            dead.push((address.unwrap_or_else(|_| check.target()), Some(check.id.clone())));
        }
    }
    if run_checks(run).any(|(check, _)| is_server_check(run, check)) {
        return dead;
    }
    // The servers themselves were not checked (`--only`): judge them by what the names say.
    let mut answers: BTreeMap<&str, Vec<&ServerAnswer>> = BTreeMap::new();
    let told =
        run.outcomes.iter().filter_map(|outcome| outcome.evidence.dns.as_ref()).flat_map(|dns| &dns.servers);
    told.filter(|answer| answer.server != AZURE)
        .for_each(|answer| answers.entry(&answer.server).or_default().push(answer));
    let silent =
        answers.into_iter().filter(|(_, answers)| answers.iter().all(|answer| is_useless(answer.cause)));
    silent.map(|(server, _)| (server.to_owned(), None)).collect()
}

fn is_server_check(run: &Run, check: &crate::plan::Check) -> bool {
    let configured = run.host.dns_servers.iter().any(|server| server.starts_with("168.63.129.16"));
    check.endpoint == "dns-vnet" || (check.endpoint == "dns-azure" && configured)
}

fn silent_finding(
    run: &Run,
    (server, own): (&str, Option<CheckId>),
    lost: &[Seen<'_>],
    others_answer: bool,
) -> Finding {
    let address = short(server);
    let own_id = own.clone();
    let affects: Vec<CheckId> = own.into_iter().chain(ids(lost.iter().copied())).collect();
    let effect = match lost.len() {
        0 => "; names still resolve through the others".to_owned(),
        1 => ": 1 check fails for it".to_owned(),
        many => format!(": {many} checks fail for it"),
    };
    let cut = needs_tcp(run, own_id.as_ref(), lost);
    let (title, detail) = match cut {
        true => (
            format!("DNS server {address} cuts its answers, and TCP 53 to it is closed{effect}."),
            format!(
                "Over UDP {address} says that the whole answer is to be had over TCP, where the connection fails. An answer \
                 over TCP would disprove it."
            ),
        ),
        false => (
            format!("DNS server {address} does not answer{effect}."),
            format!(
                "No usable answer came from {address} to repeated queries{}. An answer to any query from this subnet would \
                 disprove it.",
                if others_answer { "; another configured server answers" } else { "" }
            ),
        ),
    };
    risk(finding(
        Code::DnsServerSilent,
        Confidence::High,
        title,
        detail,
        affects,
        silent_fix(run, server, cut),
    ))
}

/// The server is alive on UDP, and its answers do not fit: it was asked again over TCP in vain.
fn needs_tcp(run: &Run, own: Option<&CheckId>, lost: &[Seen<'_>]) -> bool {
    let server = run.results().filter(|(check, _)| Some(&check.id) == own);
    let mut told = server.chain(lost.iter().copied()).filter_map(|(_, outcome)| outcome.failure()).peekable();
    told.peek().is_some() && told.all(|failure| failure.detail.contains("over TCP"))
}

fn silent_fix(run: &Run, server: &str, cut: bool) -> Remedy {
    let summary = if cut {
        "Allow TCP 53 to the server beside UDP 53, in the network security groups, the firewall and on the server itself: \
         answers that do not fit into a datagram come over TCP only."
    } else {
        "Make sure that the server runs and that UDP and TCP 53 from this subnet reach it (network security group, firewall, \
         peering or VPN), or take it out of the network's DNS servers; then apply the network configuration of existing \
         instances, which keep the old list until then."
    };
    let over_tcp = if cut { "+tcp " } else { "" };
    let mut commands = vec![
        format!("{} login.microsoftonline.com {over_tcp}+time=2 +tries=1", remedy::dig(server)),
        "az network vnet show --resource-group <RESOURCE_GROUP> --name <VNET_NAME> --query dhcpOptions.dnsServers".to_owned(),
    ];
    if !cut {
        commands.push(remedy::apply_network_configuration(run));
    }
    Remedy { summary: summary.to_owned(), commands, doc_url: None }
}

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
