//! Name servers that were not waited for, since another had answered: they are heard out when the checks have ended, so
//! that no check waits for a slow one and every configured server is in the evidence.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::catalogue::Role;
use crate::outcome::{Cause, DnsEvidence, Outcome, ServerAnswer, Step, in_time_order};
use crate::plan::Check;
use crate::probe::dns;
use crate::probe::net::Net;

/// What one server said about one host, and the step of asking where it was asked again.
type Heard = (String, ServerAnswer, Option<Step>);

/// The servers of `configured` that the evidence of a name does not list.
pub(super) fn unheard<'a>(
    configured: &'a [SocketAddr],
    dns: &'a DnsEvidence,
) -> impl Iterator<Item = SocketAddr> + 'a {
    let is_listed = |server: &SocketAddr| dns.servers.iter().any(|told| told.server == server.to_string());
    configured.iter().copied().filter(move |server| !dns.servers.is_empty() && !is_listed(server))
}

/// Asks the servers that are missing in the evidence of a name, all at once; those that their own check found dead are
/// not asked again.
pub(super) async fn hear_out(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let mut heard: Vec<Heard> = Vec::new();
    let mut asking = JoinSet::new();
    for (host, server) in wanted(net, checks, outcomes) {
        match dead(server, checks, outcomes) {
            Some(cause) => {
                let told =
                    ServerAnswer { server: server.to_string(), cause: Some(cause), addresses: Vec::new() };
                heard.push((host, told, None));
            }
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
        heard
            .iter()
            .filter(|(host, ..)| check.host.as_ref() == Some(host))
            .for_each(|one| add(net, outcome, one));
    }
}

/// Each host with each server that was not heard about it.
fn wanted(net: &Net, checks: &[Arc<Check>], outcomes: &[Outcome]) -> BTreeSet<(String, SocketAddr)> {
    let mut wanted = BTreeSet::new();
    for (check, outcome) in checks.iter().zip(outcomes) {
        if let (Some(host), Some(dns)) = (&check.host, &outcome.evidence.dns) {
            wanted.extend(unheard(net.servers(), dns).map(|server| (host.clone(), server)));
        }
    }
    wanted
}

/// Why nothing can come from a server, where its own check has found that out.
fn dead(server: SocketAddr, checks: &[Arc<Check>], outcomes: &[Outcome]) -> Option<Cause> {
    let is_own = |check: &Check| {
        matches!(check.role(), Role::NameServer | Role::AzureDns)
            && check.port == Some(server.port())
            && check.host.as_deref().and_then(|host| host.parse().ok()) == Some(server.ip())
    };
    let (_, outcome) = checks.iter().zip(outcomes).find(|(check, _)| is_own(check))?;
    match outcome.cause()? {
        Cause::ExchangeTimeout => Some(Cause::DnsTimeout),
        Cause::ConnectRejected | Cause::ConnectNoRoute => Some(Cause::DnsUnreachable),
        _ => None,
    }
}

fn add(net: &Net, outcome: &mut Outcome, (_, told, step): &Heard) {
    let Some(dns) = &mut outcome.evidence.dns else { return };
    if dns.servers.is_empty() {
        return;
    }
    dns.servers.push(told.clone());
    let place =
        |told: &ServerAnswer| net.servers().iter().position(|server| told.server == server.to_string());
    dns.servers.sort_by_key(|told| place(told).unwrap_or(usize::MAX));
    outcome.steps.extend(step.clone());
    in_time_order(&mut outcome.steps);
}
