//! Name resolution: every configured server asked separately, for A and AAAA, and what each said kept.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::Query;
use hickory_proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::outcome::{Address, Cause, DnsEvidence, Failure, Scope, ServerAnswer, Stage, Step, in_time_order};
use crate::probe::log::millis;
use crate::probe::net::Net;
use crate::probe::resolution::{ADDRESSES, Resolution};
use query::{Answer, Problem, ask};

pub mod query;

/// How long a server that has not answered is waited for once another has: long enough for one on the same network.
const GRACE: Duration = Duration::from_millis(150);

/// What one server said about one name.
struct Told {
    order: usize,
    server: SocketAddr,
    begun: Instant,
    ended: Instant,
    answer: Answer,
}

/// Resolves `host`: the hosts file first, as the system would; then all configured servers at once.
pub async fn resolve(net: &Net, host: &str) -> Resolution {
    let begun = Instant::now();
    let Ok(name) = absolute(host) else {
        let detail = format!("`{host}` is not a name that can be asked");
        return failed(Failure::new(Stage::Resolve, Cause::DnsMalformed, detail));
    };
    if let Some(addresses) = from_hosts_file(net, &name) {
        return of_hosts_file(net, host, addresses, begun);
    }
    if net.servers().is_empty() {
        let detail = "no name server is configured on this machine";
        return failed(Failure::new(Stage::Resolve, Cause::LocalResource, detail));
    }
    let mut told = ask_all(net, &name, net.servers()).await;
    if let Some(reference) = net.reference().filter(|_| unanswered(host, &told)) {
        let mut compared = ask_all(net, &name, &[reference]).await;
        compared.iter_mut().for_each(|compared| compared.order = usize::MAX);
        told.extend(compared);
    }
    conclude(net, host, &told)
}

/// Asks one server alone, and gives it its full time. `None` where the name cannot be asked.
pub async fn ask_one(net: &Net, server: SocketAddr, host: &str) -> Option<(ServerAnswer, Step)> {
    let told = tell(net, 0, server, &absolute(host).ok()?).await;
    Some((server_answer(&told), step_of(net, &told)))
}

/// The name as an absolute one: search domains are never applied.
fn absolute(host: &str) -> Result<Name, hickory_proto::ProtoError> {
    let mut name = Name::from_ascii(host)?;
    name.set_fqdn(true);
    Ok(name)
}

fn failed(failure: Failure) -> Resolution {
    Resolution { steps: Vec::new(), evidence: DnsEvidence::default(), result: Err(failure) }
}

fn from_hosts_file(net: &Net, name: &Name) -> Option<Vec<IpAddr>> {
    let addresses: Vec<IpAddr> = [RecordType::A, RecordType::AAAA]
        .into_iter()
        .filter_map(|kind| net.hosts().lookup_static_host(&Query::query(name.clone(), kind)))
        .flat_map(|found| {
            found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>()
        })
        .collect();
    (!addresses.is_empty()).then_some(addresses)
}

fn of_hosts_file(net: &Net, host: &str, addresses: Vec<IpAddr>, begun: Instant) -> Resolution {
    let server = "hosts file".to_owned();
    let step = Step {
        stage: Stage::Resolve,
        start_ms: millis(net.epoch(), begun),
        duration_ms: millis(begun, Instant::now()),
        server: Some(server.clone()),
        address: None,
        attempts: None,
        cause: None,
        detail: None,
        icmp: None,
    };
    let evidence = DnsEvidence {
        addresses: addresses.iter().copied().map(Address::from).collect(),
        server: Some(server),
        ..DnsEvidence::default()
    };
    Resolution { steps: vec![step], evidence, result: usable(host, addresses) }
}

/// Some server said no, or sent the name to nowhere, and none gave an address.
fn unanswered(host: &str, told: &[Told]) -> bool {
    let is_sunk = |answer: &Answer| answer.addresses.iter().all(|ip| is_sinkhole(host, *ip));
    told.iter().all(|told| is_sunk(&told.answer))
        && told.iter().any(|told| !told.answer.addresses.is_empty() || wants_comparison(&told.answer))
}

/// True where another server's word would tell a dead name from a server that does not forward.
fn wants_comparison(answer: &Answer) -> bool {
    answer.problem.as_ref().is_some_and(|problem| {
        matches!(
            problem.cause,
            Cause::DnsNxdomain | Cause::DnsNoRecords | Cause::DnsServfail | Cause::DnsRefused
        )
    })
}

/// Asks all servers at once. Once one has given addresses the others get a short grace; while none has, each gets
/// its full time.
async fn ask_all(net: &Net, name: &Name, servers: &[SocketAddr]) -> Vec<Told> {
    let mut asking = JoinSet::new();
    for (order, &server) in servers.iter().enumerate() {
        let (net, name) = (net.clone(), name.clone());
        asking.spawn(async move { tell(&net, order, server, &name).await });
    }
    let begun = Instant::now();
    let mut told: Vec<Told> = Vec::new();
    loop {
        let found = told.iter().any(|told| !told.answer.addresses.is_empty());
        let patience = if found { grace(begun) } else { net.limits().resolve * 2 };
        match timeout(patience, asking.join_next()).await {
            Ok(Some(Ok(one))) => told.push(one),
            Ok(Some(Err(_))) => {}
            Ok(None) | Err(_) => break,
        }
    }
    told.sort_by_key(|told| told.order);
    told
}

fn grace(begun: Instant) -> Duration {
    GRACE.max(begun.elapsed() * 2)
}

/// A and AAAA of one server; silence about one never delays the other for long.
async fn tell(net: &Net, order: usize, server: SocketAddr, name: &Name) -> Told {
    let begun = Instant::now();
    let mut v4 = std::pin::pin!(ask(net, server, name, RecordType::A));
    let mut v6 = std::pin::pin!(ask(net, server, name, RecordType::AAAA));
    let answer = tokio::select! {
        first = &mut v4 => {
            let patience = if first.addresses.is_empty() { net.limits().resolve * 2 } else { grace(begun) };
            match timeout(patience, v6).await {
                Ok(second) => merge(first, second),
                Err(_) => first,
            }
        }
        second = &mut v6 => merge(v4.await, second),
    };
    Told { order, server, begun, ended: Instant::now(), answer }
}

/// One answer from the two families: addresses of both, the more telling problem where there are none.
fn merge(v4: Answer, v6: Answer) -> Answer {
    let addresses: Vec<IpAddr> = v4.addresses.iter().chain(&v6.addresses).copied().collect();
    let problem = match (v4.problem, v6.problem) {
        _ if !addresses.is_empty() => None,
        (Some(first), Some(second)) if !is_word(&first) && is_word_on_all(&second) => Some(second),
        (Some(first), Some(second)) if second.cause.is_undecided() && !is_word_on_all(&first) => Some(second),
        (first, second) => first.or(second),
    };
    let cnames = if v4.cnames.len() >= v6.cnames.len() { v4.cnames } else { v6.cnames };
    let ttl = v4.ttl.into_iter().chain(v6.ttl).min();
    Answer { addresses, cnames, ttl, problem, attempts: v4.attempts + v6.attempts }
}

/// True when the server itself said something: any rcode tells more than silence.
const fn is_word(problem: &Problem) -> bool {
    matches!(
        problem.cause,
        Cause::DnsNxdomain
            | Cause::DnsNoRecords
            | Cause::DnsServfail
            | Cause::DnsRefused
            | Cause::DnsMalformed
    )
}

/// True when the server's word holds for every kind of record; "no such record" holds for the one that was asked for.
const fn is_word_on_all(problem: &Problem) -> bool {
    is_word(problem) && !matches!(problem.cause, Cause::DnsNoRecords)
}

fn conclude(net: &Net, host: &str, told: &[Told]) -> Resolution {
    let configured = || told.iter().filter(|told| told.order != usize::MAX);
    let has = |told: &&Told, what: fn(&Problem) -> bool| told.answer.problem.as_ref().is_some_and(what);
    // A server that was not heard out might have given an address: then no other's word decides.
    let used = configured()
        .find(|told| !told.answer.addresses.is_empty())
        .or_else(|| configured().find(|told| has(told, |problem| problem.cause.is_undecided())))
        .or_else(|| configured().find(|told| has(told, is_word)))
        .or_else(|| configured().next());
    let Some(used) = used else {
        return failed(Failure::new(Stage::Resolve, Cause::DnsTimeout, "no name server answered in time"));
    };
    let mut steps: Vec<Step> = told.iter().map(|told| step_of(net, told)).collect();
    in_time_order(&mut steps);
    let result = match &used.answer.problem {
        Some(problem) => Err(Failure::new(Stage::Resolve, problem.cause, explain(used, problem))),
        None => usable(host, used.answer.addresses.clone()),
    };
    let evidence = DnsEvidence {
        addresses: used.answer.addresses.iter().copied().map(Address::from).collect(),
        cnames: used.answer.cnames.clone(),
        ttl: used.answer.ttl,
        server: Some(used.server.to_string()),
        private_link: used.answer.cnames.iter().any(|alias| is_private_link(alias)),
        servers: told.iter().map(server_answer).collect(),
    };
    Resolution { steps, evidence, result }
}

/// True for a name inside a zone of Azure Private Link.
fn is_private_link(alias: &str) -> bool {
    alias.split('.').any(|label| label.eq_ignore_ascii_case("privatelink"))
}

fn explain(used: &Told, problem: &Problem) -> String {
    match used.answer.cnames.last() {
        Some(alias) => format!("{}: {} (at the end of the chain: {alias})", used.server, problem.detail),
        None => format!("{}: {}", used.server, problem.detail),
    }
}

fn server_answer(told: &Told) -> ServerAnswer {
    ServerAnswer {
        server: told.server.to_string(),
        cause: told.answer.problem.as_ref().map(|problem| problem.cause),
        addresses: told.answer.addresses.clone(),
    }
}

fn step_of(net: &Net, told: &Told) -> Step {
    let problem = told.answer.problem.as_ref();
    Step {
        stage: Stage::Resolve,
        start_ms: millis(net.epoch(), told.begun),
        duration_ms: millis(told.begun, told.ended),
        server: Some(told.server.to_string()),
        address: None,
        attempts: Some(told.answer.attempts),
        cause: problem.map(|problem| problem.cause),
        detail: problem.map(|problem| problem.detail.clone()),
        icmp: problem.and_then(|problem| problem.icmp),
    }
}

/// The addresses to try: no sinkhole, no doubles, at most [`ADDRESSES`], IPv4 first.
fn usable(host: &str, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Failure> {
    if let Some(sink) = addresses.iter().find(|ip| is_sinkhole(host, **ip)) {
        let detail = format!("the name resolves to {sink}: something on the way denies it by its name");
        return Err(Failure::new(Stage::Resolve, Cause::DnsSinkhole, detail));
    }
    let mut known = BTreeSet::new();
    addresses.retain(|address| known.insert(*address));
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.truncate(ADDRESSES);
    Ok(addresses)
}

/// 0.0.0.0/8, `::` and loopback are no answer for a public name; for `localhost` loopback is the right one.
fn is_sinkhole(host: &str, ip: IpAddr) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let local = host == "localhost" || host.ends_with(".localhost");
    match Scope::of(ip) {
        Scope::Unspecified => true,
        Scope::Loopback => !local,
        Scope::Public | Scope::Private | Scope::LinkLocal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_addresses(cause: Cause) -> Answer {
        let problem = Problem { cause, detail: "why".to_owned(), icmp: None };
        Answer { problem: Some(problem), ..Answer::default() }
    }

    #[test]
    fn no_ipv6_record_says_nothing_about_an_ipv4_answer_that_never_came() {
        for silent in [Cause::DnsTimeout, Cause::DnsUnreachable] {
            let merged = merge(without_addresses(silent), without_addresses(Cause::DnsNoRecords));
            assert_eq!(merged.problem.map(|problem| problem.cause), Some(silent));
        }
    }

    #[test]
    fn a_word_about_the_name_itself_tells_more_than_silence() {
        for word in [Cause::DnsNxdomain, Cause::DnsRefused, Cause::DnsServfail] {
            let merged = merge(without_addresses(Cause::DnsTimeout), without_addresses(word));
            assert_eq!(merged.problem.map(|problem| problem.cause), Some(word));
        }
    }
}
