//! Name resolution: every configured server asked separately, for A and AAAA, and what each said kept.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::arrange;
use crate::limits::Limits;
use crate::outcome::{
    Address, Answerer, Cause, CauseClass, DnsEvidence, Failure, Scope, ServerAnswer, Stage, Step,
    in_time_order,
};
use crate::probe::log::millis;
use crate::probe::net::{Net, NetConfig};
use crate::probe::pace::Room;
use crate::probe::resolution::{HostsFile, MAX_ADDRESSES, Resolution};
use crate::probe::system_conf::Hosts;
use crate::probe::tls::Roots;
use crate::server::Server;
use answer::{Answer, QueryError};
use query::{Ways, ask};

pub mod answer;
pub mod message;
pub mod query;
mod transport;

pub use transport::connected;

/// How long a server that has not answered is waited for once another has: long enough for one on the same network.
const GRACE: Duration = Duration::from_millis(150);

/// What one server said about one name.
struct ServerReply {
    /// Its place in the list; the server for comparison stands behind all.
    order: usize,
    server: Server,
    begun: Instant,
    ended: Instant,
    answer: Answer,
}

/// The place of the server that is asked for comparison only.
const COMPARED: usize = usize::MAX;

/// Resolves `host`: all configured servers are asked at once, and the first in their order that answers decides.
pub async fn resolve(net: &Net, host: &str, file: HostsFile) -> Resolution {
    let begun = Instant::now();
    let Ok(name) = absolute(host) else {
        let detail = format!("`{host}` is not a name that can be asked");
        return failed(Failure::new(Stage::Resolve, Cause::DnsMalformed, detail));
    };
    let entries = net.hosts().addresses(host).to_vec();
    if !entries.is_empty() && (file == HostsFile::Obeyed || is_localhost(host)) {
        return of_hosts_file(net, host, entries, begun);
    }
    if net.servers().is_empty() {
        let detail = "no DNS server is configured on this machine";
        return failed(Failure::new(Stage::Resolve, Cause::LocalResource, detail));
    }
    let mut told = ask_all(net, &name, net.servers()).await;
    if let Some(reference) = net.reference().filter(|_| wants_comparison(host, &told)) {
        let mut compared = ask_all(net, &name, &[reference]).await;
        compared.iter_mut().for_each(|compared| compared.order = COMPARED);
        told.extend(compared);
    }
    let mut resolution = conclude(net, host, &told);
    let resolved: BTreeSet<IpAddr> = resolution.evidence.addresses.iter().map(|address| address.ip).collect();
    if !entries.iter().all(|entry| resolved.contains(entry)) {
        resolution.evidence.hosts_file = entries;
    }
    resolution
}

/// The addresses of `host` for a caller that keeps no evidence: `servers` are asked as in a run, no hosts file is read,
/// and the whole takes at most `time`.
///
/// # Errors
/// Why there is no usable address.
pub async fn lookup(servers: &[Server], host: &str, time: Duration) -> Result<Vec<IpAddr>, Failure> {
    let (_stop, stop) = watch::channel(false);
    let net = Net::new(NetConfig {
        servers: servers.to_vec(),
        reference: None,
        hosts: Hosts::default(),
        roots: Roots::none(),
        limits: Limits { deadline: time, ..Limits::default() },
        started: Instant::now(),
        stop,
    });
    resolve(&net, host, HostsFile::Noted).await.result
}

/// Asks one server alone, and gives it its full time. `None` where the name cannot be asked.
pub async fn ask_one(net: &Net, server: Server, host: &str) -> Option<(ServerAnswer, Step)> {
    let told = query_server(net, 0, server, &absolute(host).ok()?).await;
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

fn of_hosts_file(net: &Net, host: &str, addresses: Vec<IpAddr>, begun: Instant) -> Resolution {
    let server = Answerer::HostsFile;
    let step = Step {
        stage: Stage::Resolve,
        start_ms: millis(net.started(), begun),
        duration_ms: millis(begun, Instant::now()),
        server: Some(server),
        address: None,
        attempts: None,
        cause: None,
        detail: None,
        icmp: None,
        hops: Vec::new(),
    };
    let evidence = DnsEvidence {
        addresses: addresses.iter().copied().map(Address::from).collect(),
        server: Some(server),
        ..DnsEvidence::default()
    };
    Resolution { steps: vec![step], evidence, result: usable(host, addresses) }
}

/// True where another server's word would tell a dead name from a server that does not forward: the one that decides
/// said no, or sent the name to nowhere.
fn wants_comparison(host: &str, told: &[ServerReply]) -> bool {
    let decided = decisive(told).or_else(|| told.iter().find(|told| told.said_something()));
    decided.is_some_and(|told| {
        let addresses = &told.answer.addresses;
        addresses.iter().all(|ip| is_sinkhole(host, *ip))
            && (!addresses.is_empty() || told.answer.problem.as_ref().is_some_and(is_definitive))
    })
}

impl ServerReply {
    /// An answer, be it NXDOMAIN, an empty one or REFUSED; a server that fails or is silent has given none.
    fn decides(&self) -> bool {
        match &self.answer.problem {
            None => true,
            Some(problem) => {
                problem.cause.class() == CauseClass::DnsAbsent || problem.cause == Cause::DnsRefused
            }
        }
    }

    /// How the server had to be asked, in words.
    fn detour(&self) -> Option<String> {
        self.answer.detour.map(|detour| detour.words().to_owned())
    }

    fn said_something(&self) -> bool {
        self.answer.problem.as_ref().is_none_or(is_definitive)
    }
}

/// The first configured server in its order that answered.
fn decisive(told: &[ServerReply]) -> Option<&ServerReply> {
    told.iter().filter(|told| told.order != COMPARED && told.decides()).min_by_key(|told| told.order)
}

/// Asks all servers at once. The first in their order that answers decides: one that stands before it is waited for, to
/// the end of its time where it has answered anything in this run. Those behind it get a short grace.
async fn ask_all(net: &Net, name: &Name, servers: &[Server]) -> Vec<ServerReply> {
    let mut asking = JoinSet::new();
    for (order, &server) in servers.iter().enumerate() {
        let (net, name) = (net.clone(), name.clone());
        asking.spawn(async move { query_server(&net, order, server, &name).await });
    }
    let begun = Instant::now();
    let mut told: Vec<ServerReply> = Vec::new();
    loop {
        let until = match decisive(&told).map(|told| told.order) {
            Some(decided) => awaited(net, &told, &servers[..decided]).unwrap_or_else(|| begun + grace(begun)),
            // Every server tells by the deadline.
            None => net.deadline() + GRACE,
        };
        match timeout_at(until, asking.join_next()).await {
            Ok(Some(Ok(one))) => told.push(one),
            Ok(Some(Err(_))) => {}
            Ok(None) | Err(_) => break,
        }
    }
    arrange::by_key(&mut told, |told| told.order);
    told
}

/// Until when the answers of `before`, which stand ahead of the one that would decide, are waited for; `None` where all
/// have told, or have been silent for long enough.
fn awaited(net: &Net, told: &[ServerReply], before: &[Server]) -> Option<Instant> {
    let missing = (0..before.len()).filter(|order| told.iter().all(|told| told.order != *order));
    let remaining_wait = missing
        .map(|order| net.traffic().hushed_at(before[order].socket()).unwrap_or_else(|| net.deadline()));
    remaining_wait.max().filter(|until| *until > Instant::now())
}

fn grace(begun: Instant) -> Duration {
    GRACE.max(begun.elapsed() * 2)
}

/// A and AAAA of one server; silence about one never delays the other for long. Where questions have to queue, AAAA is
/// asked once A is answered.
async fn query_server(net: &Net, order: usize, server: Server, name: &Name) -> ServerReply {
    let queued = Instant::now();
    let Ok(room) = timeout_at(net.deadline(), net.pace().question(server.socket())).await else {
        return ServerReply {
            order,
            server,
            begun: queued,
            ended: Instant::now(),
            answer: Answer::too_late(),
        };
    };
    let begun = Instant::now();
    let peer = server.socket();
    let room_beside = net.pace().spare_question(peer);
    let is_beside = room_beside.is_some();
    let mut v4 = std::pin::pin!(asked(net, peer, name, RecordType::A, Some(room)));
    let mut v6 = std::pin::pin!(asked(net, peer, name, RecordType::AAAA, room_beside));
    let answer = tokio::select! {
        first = &mut v4 => {
            let remaining_wait = match (first.addresses.is_empty(), is_beside) {
                (true, _) => Some(net.limits().resolve * 2),
                (false, true) => Some(grace(begun)),
                // Where questions queue, an answer that is there is not held up for one that is still to be asked; nor is one
                // asked that would be given up, since the server is slow, and leave a question unanswered.
                (false, false) => (begun.elapsed() < GRACE).then_some(GRACE),
            };
            match remaining_wait {
                Some(remaining_wait) => match timeout(remaining_wait, v6).await {
                    Ok(second) => merge(first, second),
                    Err(_) => first,
                },
                None => first,
            }
        }
        second = &mut v6, if is_beside => merge(v4.await, second),
    };
    ServerReply { order, server, begun, ended: Instant::now(), answer }
}

/// One question, which waits for room where it has none yet.
async fn asked(net: &Net, server: SocketAddr, name: &Name, kind: RecordType, room: Option<Room>) -> Answer {
    let room = match room {
        Some(room) => room,
        None => match timeout_at(net.deadline(), net.pace().question(server)).await {
            Ok(room) => room,
            Err(_) => return Answer::too_late(),
        },
    };
    ask(net, server, (name, kind), Ways::All, room).await
}

/// One answer from the two families: addresses of both, the more telling problem where there are none.
fn merge(v4: Answer, v6: Answer) -> Answer {
    let addresses: Vec<IpAddr> = v4.addresses.iter().chain(&v6.addresses).copied().collect();
    let problem = match (v4.problem, v6.problem) {
        _ if !addresses.is_empty() => None,
        (Some(first), Some(second)) if !is_definitive(&first) && is_definitive_for_name(&second) => {
            Some(second)
        }
        (Some(first), Some(second)) if second.cause.is_undecided() && !is_definitive_for_name(&first) => {
            Some(second)
        }
        (first, second) => first.or(second),
    };
    let cnames = if v4.cnames.len() >= v6.cnames.len() { v4.cnames } else { v6.cnames };
    let ttl = v4.ttl.into_iter().chain(v6.ttl).min();
    let detour = v4.detour.or(v6.detour);
    let attempts = v4.attempts + v6.attempts;
    let truncated = v4.truncated || v6.truncated;
    Answer { addresses, cnames, ttl, problem, attempts, detour, truncated }
}

/// True when the server itself said something: any rcode tells more than silence.
const fn is_definitive(problem: &QueryError) -> bool {
    matches!(problem.cause.class(), CauseClass::DnsAbsent | CauseClass::DnsError)
}

/// True when the server's word holds for every kind of record; "no such record" holds for the one that was asked for.
const fn is_definitive_for_name(problem: &QueryError) -> bool {
    is_definitive(problem) && !matches!(problem.cause, Cause::DnsNoRecords)
}

fn conclude(net: &Net, host: &str, told: &[ServerReply]) -> Resolution {
    let configured = || told.iter().filter(|told| told.order != COMPARED);
    let has =
        |told: &&ServerReply, what: fn(&QueryError) -> bool| told.answer.problem.as_ref().is_some_and(what);
    // A server that was not heard out might have decided: then no other's word does.
    let cut_off = |before: &ServerReply| {
        configured()
            .any(|told| told.order < before.order && has(&told, |problem| problem.cause == Cause::Deadline))
    };
    let used = decisive(told)
        .filter(|told| !cut_off(told))
        .or_else(|| configured().find(|told| has(told, |problem| problem.cause.is_undecided())))
        .or_else(|| configured().find(|told| has(told, is_definitive)))
        .or_else(|| configured().next());
    let Some(used) = used else {
        return failed(Failure::new(Stage::Resolve, Cause::DnsTimeout, "no DNS server answered in time"));
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
        server: Some(Answerer::Server(used.server)),
        private_link: used.answer.cnames.iter().any(|alias| is_private_link(alias)),
        servers: told.iter().map(server_answer).collect(),
        hosts_file: Vec::new(),
    };
    Resolution { steps, evidence, result }
}

/// True for a name inside a zone of Azure Private Link.
fn is_private_link(alias: &str) -> bool {
    alias.split('.').any(|label| label.eq_ignore_ascii_case("privatelink"))
}

fn explain(used: &ServerReply, problem: &QueryError) -> String {
    let server = used.server.socket();
    match used.answer.cnames.last() {
        Some(alias) => format!("{server}: {} (at the end of the chain: {alias})", problem.detail),
        None => format!("{server}: {}", problem.detail),
    }
}

fn server_answer(told: &ServerReply) -> ServerAnswer {
    ServerAnswer {
        server: told.server,
        cause: told.answer.problem.as_ref().map(|problem| problem.cause),
        truncated: told.answer.truncated,
        addresses: told.answer.addresses.clone(),
    }
}

fn step_of(net: &Net, told: &ServerReply) -> Step {
    let problem = told.answer.problem.as_ref();
    Step {
        stage: Stage::Resolve,
        start_ms: millis(net.started(), told.begun),
        duration_ms: millis(told.begun, told.ended),
        server: Some(Answerer::Server(told.server)),
        address: None,
        attempts: Some(told.answer.attempts),
        cause: problem.map(|problem| problem.cause),
        detail: problem.map(|problem| problem.detail.clone()).or_else(|| told.detour()),
        icmp: problem.and_then(|problem| problem.icmp),
        hops: Vec::new(),
    }
}

/// The addresses to try: no sinkhole, no doubles, at most [`MAX_ADDRESSES`], IPv4 first.
fn usable(host: &str, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Failure> {
    if let Some(sink) = addresses.iter().find(|ip| is_sinkhole(host, **ip)) {
        let detail = format!("the name resolves to {sink}: something on the way denies it by its name");
        return Err(Failure::new(Stage::Resolve, Cause::DnsSinkhole, detail));
    }
    let mut known = BTreeSet::new();
    addresses.retain(|address| known.insert(*address));
    arrange::by_key(&mut addresses, IpAddr::is_ipv6);
    addresses.truncate(MAX_ADDRESSES);
    Ok(addresses)
}

/// A name that means this machine wherever it is asked for (RFC 6761).
fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// 0.0.0.0/8, `::` and loopback are no answer for a public name; for `localhost` loopback is the right one.
fn is_sinkhole(host: &str, ip: IpAddr) -> bool {
    match Scope::of(ip) {
        Scope::Unspecified => true,
        Scope::Loopback => !is_localhost(host),
        Scope::Public | Scope::Private | Scope::LinkLocal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_addresses(cause: Cause) -> Answer {
        let problem = QueryError { cause, detail: "why".to_owned(), icmp: None };
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
