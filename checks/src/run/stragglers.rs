//! DNS servers that were not waited for, since another had answered: they are heard out when the checks have ended, so
//! that every configured server is in the evidence. One that stands first in order and answers late decides all the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::arrange;
use crate::catalogue::Role;
use crate::outcome::{
    Answerer, Cause, CauseClass, DnsEvidence, Failure, Outcome, ServerAnswer, Stage, Status, Step, fact,
    in_time_order,
};
use crate::plan::Check;
use crate::probe::net::Net;
use crate::probe::{self, Job, dns};
use crate::server::Server;

/// What one server said about one host, and the step of asking where it was asked again.
type Heard = (String, ServerAnswer, Option<Step>);

/// The servers of `configured` that the evidence of a name does not list.
pub(super) fn unheard<'a>(
    configured: &'a [Server],
    dns: &'a DnsEvidence,
) -> impl Iterator<Item = Server> + 'a {
    let is_listed = |server: &Server| dns.servers.iter().any(|told| told.server == *server);
    configured.iter().copied().filter(move |server| !dns.servers.is_empty() && !is_listed(server))
}

/// Asks the servers that are missing in the evidence of a name, all at once; those that their own check found dead are
/// not asked again.
pub(super) async fn hear_out(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let mut heard: Vec<Heard> = Vec::new();
    let mut asking = JoinSet::new();
    for (host, server) in wanted(net, checks, outcomes) {
        match dead(server, checks, outcomes) {
            Some(told) => heard.push((host, told, None)),
            None if Instant::now() < net.deadline() => {
                let net = net.clone();
                asking.spawn(async move {
                    let (told, step) = dns::ask_one(&net, server, &host).await?;
                    Some((host, told, Some(step)))
                });
            }
            None => {}
        }
    }
    heard.extend(asking.join_all().await.into_iter().flatten());
    for (check, outcome) in checks.iter().zip(outcomes) {
        heard.iter().filter(|(host, ..)| check.host() == Some(host)).for_each(|one| add(net, outcome, one));
    }
}

/// A server that stands ahead of the one that was used and was heard since decides after all, as it does for a system that
/// is more patient: its "no" at once, its addresses when they have been visited.
pub(super) async fn decide_again(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let mut asking = JoinSet::new();
    for (check, (place, outcome)) in checks.iter().zip(outcomes.iter_mut().enumerate()) {
        let Some(first) = outcome.evidence.dns.as_ref().and_then(|dns| overruling(net, dns)) else {
            continue;
        };
        match (first.cause, &mut outcome.evidence.dns) {
            (Some(cause), Some(dns)) => {
                let detail =
                    format!("{}, the first DNS server in order, said so late", first.server.socket());
                dns.addresses.clear();
                dns.server = Some(Answerer::Server(first.server));
                outcome.status = Status::Failure(Failure::new(Stage::Resolve, cause, detail));
            }
            _ => {
                let Some(job) = Job::of(check) else { continue };
                net.invalidate(job.host());
                let net = net.clone();
                asking.spawn(async move { (place, probe::probe(&net, &job).await) });
            }
        }
    }
    for (place, again) in asking.join_all().await {
        let first = std::mem::replace(&mut outcomes[place], again);
        let outcome = &mut outcomes[place];
        outcome.duration_ms += first.duration_ms;
        outcome.steps.extend(first.steps);
        in_time_order(&mut outcome.steps);
    }
}

/// What the server said that decides in place of the one that was used. The same addresses change nothing.
fn overruling(net: &Net, dns: &DnsEvidence) -> Option<ServerAnswer> {
    let place = |wanted: Server| net.servers().iter().position(|server| *server == wanted);
    let answers = |told: &&ServerAnswer| {
        !told.addresses.is_empty() || told.cause.is_some_and(|cause| cause.class() == CauseClass::DnsAbsent)
    };
    let Some(Answerer::Server(used)) = dns.server else { return None };
    let used = place(used)?;
    let known = dns.servers.iter().filter(answers).filter_map(|told| Some((place(told.server)?, told)));
    let (first, told) = known.min_by_key(|(place, _)| *place)?;
    let same = dns.addresses.iter().map(|address| address.ip).collect::<BTreeSet<_>>()
        == told.addresses.iter().copied().collect();
    (first < used && !same).then(|| told.clone())
}

/// Each host with each server that was not heard about it.
fn wanted(net: &Net, checks: &[Arc<Check>], outcomes: &[Outcome]) -> BTreeSet<(String, Server)> {
    let mut wanted = BTreeSet::new();
    for (check, outcome) in checks.iter().zip(outcomes) {
        if let (Some(host), Some(dns)) = (check.host(), &outcome.evidence.dns) {
            wanted.extend(unheard(net.servers(), dns).map(|server| (host.to_owned(), server)));
        }
    }
    wanted
}

/// What a server says, where its own check has found out that nothing can come from it.
fn dead(server: Server, checks: &[Arc<Check>], outcomes: &[Outcome]) -> Option<ServerAnswer> {
    let is_own = |check: &Check| {
        matches!(check.role(), Role::NameServer | Role::AzureDns) && check.dns_server() == Some(server)
    };
    let (_, outcome) = checks.iter().zip(outcomes).find(|(check, _)| is_own(check))?;
    let cause = match outcome.cause()? {
        Cause::ExchangeTimeout => Cause::DnsTimeout,
        Cause::ConnectRejected | Cause::ConnectNoRoute => Cause::DnsUnreachable,
        _ => return None,
    };
    let truncated = outcome.evidence.exchange.as_ref().is_some_and(|own| own.holds(fact::TRUNCATED));
    Some(ServerAnswer { server, cause: Some(cause), truncated, addresses: Vec::new() })
}

fn add(net: &Net, outcome: &mut Outcome, (_, told, step): &Heard) {
    let Some(dns) = &mut outcome.evidence.dns else { return };
    if dns.servers.is_empty() {
        return;
    }
    dns.servers.push(told.clone());
    let place = |told: &ServerAnswer| net.servers().iter().position(|server| told.server == *server);
    arrange::by_key(&mut dns.servers, |told| place(told).unwrap_or(usize::MAX));
    outcome.steps.extend(step.clone());
    in_time_order(&mut outcome.steps);
}
