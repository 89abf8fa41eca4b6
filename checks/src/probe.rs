//! One check, stage by stage: the first failure ends the line, and all that was learned so far is in the log.

#![expect(clippy::disallowed_methods, reason = "stages are timed")]

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::client::TlsStream;

use crate::arrange;
use crate::catalogue::{Protocol, Transport};
use crate::outcome::{Cause, ExchangeEvidence, Failure, Outcome, Stage, Status, TlsEvidence, in_time_order};
use crate::plan::{Check, GatewayPath, Target};
use crate::probe::net::Net;
use aim::no_address;
use log::{Log, Note, millis};
use resolution::HostsFile;

mod aim;
pub mod amqp;
pub mod dns;
pub mod gateway;
pub mod http;
pub mod kms;
pub mod log;
pub mod name_server;
pub mod net;
pub mod ntp;
pub mod ocsp;
pub mod pace;
pub mod path;
pub mod redis;
pub mod resolution;
pub mod smb;
pub mod smtp;
pub mod socket;
pub mod system_conf;
pub mod tcp;
pub mod tds;
pub mod tls;
pub mod traffic;
mod udp;
mod wire;

/// How long an IPv6 address is waited for once the endpoint is proved.
const IPV6_GRACE: Duration = Duration::from_millis(100);

/// How long IPv6 addresses are waited for that have not opened yet, once every IPv4 address has failed: a packet around
/// the world, and nothing that could be called a delay.
const IPV6_CHANCE: Duration = Duration::from_millis(300);

/// A check and the target that it is run against: what has no target cannot be run.
#[derive(Debug, Clone)]
pub struct Job {
    check: Arc<Check>,
    target: Arc<Target>,
}

impl Job {
    /// The job of a check; `None` for one that is not probed.
    #[must_use]
    pub fn of(check: &Arc<Check>) -> Option<Self> {
        let target = Arc::new(check.probed()?.clone());
        Some(Self { check: Arc::clone(check), target })
    }

    /// The check.
    #[must_use]
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// The host that is asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.target.host
    }
}

/// Runs one check. Never an error: a failed check is a result.
pub async fn probe(net: &Net, job: &Job) -> Outcome {
    let begun = Instant::now();
    let mut log = Log::new(net);
    let result = follow(net, job, &mut log).await;
    finish(begun, log, result)
}

/// Runs the stages after `resolve` once more on the addresses that an earlier look found.
pub async fn second_look(net: &Net, job: &Job, addresses: Vec<IpAddr>) -> Outcome {
    let begun = Instant::now();
    let mut log = Log::new(net);
    let result = visit(net, job, addresses, &mut log).await;
    finish(begun, log, result)
}

fn finish(begun: Instant, log: Log, result: Result<(), Failure>) -> Outcome {
    let status = match result {
        Ok(()) => Status::Success,
        Err(failure) if failure.cause.is_undecided() => Status::Undecided(Some(failure)),
        Err(failure) => Status::Failure(failure),
    };
    Outcome {
        status,
        steps: log.steps,
        evidence: log.evidence,
        recovered: false,
        duration_ms: millis(begun, Instant::now()),
        ended_at: SystemTime::now(),
    }
}

/// The result of work that the run's deadline bounds. Every stage is bounded where its log is, so that nothing cuts
/// off a log that is still to be handed over.
fn in_time<T>(result: Result<Result<T, Failure>, Elapsed>, log: &mut Log) -> Result<T, Failure> {
    result.unwrap_or_else(|_| Err(log.cut_off()))
}

/// A check whose turn comes after the deadline sends nothing any more.
fn begin(net: &Net, log: &mut Log) -> Result<(), Failure> {
    if Instant::now() < net.deadline() { Ok(()) } else { Err(log.cut_off()) }
}

async fn follow(net: &Net, job: &Job, log: &mut Log) -> Result<(), Failure> {
    begin(net, log)?;
    let addresses = resolve(net, job, log).await?;
    let addresses = aim::behind_gateway(net, &job.check, addresses).await;
    let elsewhere = aim::wrong_address(&job.check, &addresses);
    let result = visit(net, job, addresses, log).await;
    // The later stages run for the evidence; the wrong address is what has to be repaired.
    elsewhere.map_or(result, Err)
}

/// The addresses of the check's host: given, literal, or asked for once a run, by the deadline.
async fn resolve(net: &Net, job: &Job, log: &mut Log) -> Result<Vec<IpAddr>, Failure> {
    let host = match &job.check.gateway {
        Some(GatewayPath::Probe { address, .. }) => return Ok(vec![*address]),
        Some(GatewayPath::Front { front, .. }) => front,
        Some(GatewayPath::Published { .. }) | None => job.host(),
    };
    if let Some(address) = job.target.pinned.or_else(|| host.parse().ok()) {
        return Ok(vec![address]);
    }
    let file = if aim::is_own(&job.check) { HostsFile::Obeyed } else { HostsFile::Noted };
    let cell = net.name(host, file);
    let known = cell.get_or_init(|| dns::resolve(net, host, file)).await;
    log.steps.extend(known.steps.iter().cloned());
    log.evidence.dns = Some(known.evidence.clone());
    known.result.clone()
}

async fn visit(net: &Net, job: &Job, addresses: Vec<IpAddr>, log: &mut Log) -> Result<(), Failure> {
    begin(net, log)?;
    let peers = addresses.into_iter().map(|address| SocketAddr::new(address, job.target.port));
    let asked = match job.check.transport {
        Transport::Tcp => return visit_all(net, job, peers.collect(), log).await,
        Transport::Udp => timeout_at(net.deadline(), udp::visit_in_turn(net, peers.collect(), log)).await,
        Transport::UdpTcp => match peers.into_iter().next() {
            Some(server) => return name_server::check(net, server, log).await,
            None => return Err(no_address()),
        },
    };
    in_time(asked, log)
}

/// What came of one address.
struct AttemptResult {
    peer: SocketAddr,
    log: Log,
    result: Result<(), Failure>,
}

/// An address that is being visited.
struct Attempt {
    peer: SocketAddr,
    begun: Instant,
    opened: Arc<AtomicBool>,
}

/// Every address at once, each to the end of its line; the check succeeds when one does, and the others are recorded.
async fn visit_all(net: &Net, job: &Job, peers: Vec<SocketAddr>, log: &mut Log) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    let mut awaited: Vec<Attempt> = Vec::new();
    for &peer in &peers {
        let (net, job, opened) = (net.clone(), job.clone(), Arc::new(AtomicBool::new(false)));
        awaited.push(Attempt { peer, begun: Instant::now(), opened: Arc::clone(&opened) });
        running.spawn(async move { visit_one(&net, &job, peer, &opened).await });
    }
    let mut visits: Vec<AttemptResult> = Vec::new();
    loop {
        // Every visit ends by the deadline and hands over its log.
        let next = match remaining_wait(&visits, &awaited) {
            Some(remaining_wait) => timeout(remaining_wait, running.join_next()).await,
            None => Ok(running.join_next().await),
        };
        match next {
            Ok(Some(Ok(visit))) => {
                awaited.retain(|awaited| awaited.peer != visit.peer);
                visits.push(visit);
            }
            Ok(Some(Err(_))) => {}
            Ok(None) | Err(_) => break,
        }
    }
    visits.extend(awaited.iter().filter(|awaited| !awaited.is_open()).map(|awaited| awaited.abandon(net)));
    arrange::by_key(&mut visits, |visit| peers.iter().position(|peer| *peer == visit.peer));
    conclude(visits, log)
}

/// How long the next visit is waited for: without end while IPv4 is open; for IPv6 alone not once the endpoint is
/// proved, and without a proof only where some address has opened. Silence there delays nothing.
fn remaining_wait(visits: &[AttemptResult], awaited: &[Attempt]) -> Option<Duration> {
    let waits_for_v4 = awaited.iter().any(|awaited| awaited.peer.is_ipv4());
    let had_v4 = visits.iter().any(|visit| visit.peer.is_ipv4());
    if visits.iter().any(|visit| visit.result.is_ok()) {
        (!waits_for_v4).then_some(IPV6_GRACE)
    } else {
        (had_v4 && !waits_for_v4 && !awaited.iter().any(Attempt::is_open)).then_some(IPV6_CHANCE)
    }
}

impl Attempt {
    fn is_open(&self) -> bool {
        self.opened.load(Ordering::Relaxed)
    }

    /// What is known of an address that was silent when IPv4 had decided.
    fn abandon(&self, net: &Net) -> AttemptResult {
        let waited = self.begun.elapsed().as_millis();
        let detail = format!("no answer within {waited} ms, when IPv4 had decided");
        let failure = Failure::new(Stage::Connect, Cause::ConnectTimeout, detail);
        let mut log = Log::new(net);
        log.record(Stage::Connect, self.begun, Note::of(self.peer.ip()), Some(&failure));
        AttemptResult { peer: self.peer, log, result: Err(failure) }
    }
}

/// Merges what came of each address: the evidence of the best one, the steps of all.
fn conclude(visits: Vec<AttemptResult>, log: &mut Log) -> Result<(), Failure> {
    let best = visits.iter().enumerate().max_by_key(|(order, visit)| {
        let reached = match &visit.result {
            Ok(()) => 10,
            Err(failure) if failure.cause == Cause::LocalResource => 9,
            Err(failure) if failure.cause == Cause::ConnectNoRoute => 0,
            Err(failure) => 1 + failure.stage as usize,
        };
        (reached, usize::MAX - order)
    });
    let Some((best, _)) = best else { return Err(no_address()) };
    let mut result = Err(no_address());
    for (order, visit) in visits.into_iter().enumerate() {
        log.steps.extend(visit.log.steps);
        if order == best {
            let dns = log.evidence.dns.take();
            log.evidence = visit.log.evidence;
            log.evidence.dns = dns;
            result = visit.result;
        }
    }
    in_time_order(&mut log.steps);
    result
}

async fn visit_one(net: &Net, job: &Job, peer: SocketAddr, opened: &AtomicBool) -> AttemptResult {
    let mut log = Log::new(net);
    let walk = async {
        let dialled = connect(net, peer, &mut log).await?;
        opened.store(true, Ordering::Relaxed);
        log.evidence.peer = Some(tcp::peer_evidence(&dialled.stream, peer));
        let answered = speak(net, job, dialled.stream, &mut log).await;
        let Some(other) = gateway::other_request(&job.check, &log.evidence) else { return answered };
        let other = Job { check: Arc::new(other), target: job.target.clone() };
        let dialled = connect(net, peer, &mut log).await?;
        speak(net, &other, dialled.stream, &mut log).await
    };
    let walked = timeout_at(net.deadline(), walk).await;
    let result = in_time(walked, &mut log);
    AttemptResult { peer, log, result }
}

async fn connect(net: &Net, peer: SocketAddr, log: &mut Log) -> Result<tcp::Dialled, Failure> {
    let begun = log.begin(Stage::Connect, Note::of(peer.ip()));
    net.traffic().waits(peer);
    let result = tcp::dial(net, peer, net.segments()).await;
    net.traffic().ends(peer);
    let (attempts, icmp) = match &result {
        Ok(dialled) => (dialled.attempts, None),
        Err(refusal) => (refusal.attempts, refusal.icmp),
    };
    let result = result.map_err(|refusal| Failure::from(&refusal));
    let note = Note { attempts: Some(attempts), icmp, ..Note::of(peer.ip()) };
    log.record(Stage::Connect, begun, note, result.as_ref().err());
    if result.is_ok() {
        net.traffic().opened(peer);
    }
    result
}

/// The one place where protocols are told apart.
async fn speak(net: &Net, job: &Job, mut stream: tcp::Opened, log: &mut Log) -> Result<(), Failure> {
    match job.check.protocol {
        Protocol::Https => {
            let Secured { stream, fault } = handshake(net, job, &["http/1.1"], stream, log).await?;
            // What a gateway answers tells whether it has a listener for the name at all.
            let is_asked = fault.is_none() || matches!(job.check.gateway, Some(GatewayPath::Front { .. }));
            let answered = if is_asked { ask_http(net, job, stream, log).await } else { Ok(()) };
            fault.map_or(answered, Err)
        }
        Protocol::Http | Protocol::Crl | Protocol::Aia | Protocol::Ocsp => {
            ask_http(net, job, stream, log).await
        }
        Protocol::Tds => {
            exchange(net, &job.check, log, tds::prelogin(&mut stream)).await?;
            secure(net, job, &[], tds::TdsTls::new(stream), log).await.map(drop)
        }
        Protocol::Amqp if job.target.port == 5672 => {
            exchange(net, &job.check, log, amqp::exchange(&mut stream, amqp::Variant::Tls)).await?;
            secure(net, job, &[], stream, log).await.map(drop)
        }
        Protocol::Amqp => {
            let mut stream = secure(net, job, &[], stream, log).await?;
            exchange(net, &job.check, log, amqp::exchange(&mut stream, amqp::Variant::Sasl)).await
        }
        Protocol::Redis => {
            let mut stream = secure(net, job, &[], stream, log).await?;
            exchange(net, &job.check, log, redis::exchange(&mut stream)).await
        }
        Protocol::Smb => exchange(net, &job.check, log, smb::exchange(&mut stream)).await,
        Protocol::Smtp => exchange(net, &job.check, log, smtp::exchange(&mut stream)).await,
        Protocol::Kms => exchange(net, &job.check, log, kms::exchange(&mut stream)).await,
        Protocol::Tls => secure(net, job, &[], stream, log).await.map(drop),
        // A connect proves no more than a connect, and the report says so.
        Protocol::Tcp => Ok(()),
        Protocol::Ntp | Protocol::Dns => Err(Failure::new(
            Stage::Exchange,
            Cause::ExchangeUnexpected,
            "this protocol is not spoken over TCP alone",
        )),
    }
}

/// The handshake stage; a chain that does not pass ends it.
async fn secure<S>(
    net: &Net,
    job: &Job,
    alpn: &[&str],
    stream: S,
    log: &mut Log,
) -> Result<TlsStream<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Secured { stream, fault } = handshake(net, job, alpn, stream, log).await?;
    fault.map_or(Ok(stream), Err)
}

/// A session, and why the chain that it showed does not pass.
struct Secured<S> {
    stream: TlsStream<S>,
    fault: Option<Failure>,
}

/// The handshake stage: TLS first, then the judgement of the chain, whose evidence is kept either way.
async fn handshake<S>(
    net: &Net,
    job: &Job,
    alpn: &[&str],
    stream: S,
    log: &mut Log,
) -> Result<Secured<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let address = log.evidence.peer.as_ref().map(|peer| peer.address);
    let note = Note { address, ..Note::default() };
    let begun = log.begin(Stage::Handshake, note);
    let (check, host) = (&job.check, job.host());
    let limit = net.answer_limit(net.limits().handshake);
    let result = match timeout(limit, tls::handshake(net.roots(), host, alpn, stream)).await {
        Err(_) => {
            let detail = format!("no TLS answer within {} ms of the connect", limit.as_millis());
            Err(Failure::new(Stage::Handshake, Cause::TlsTimeout, detail))
        }
        Ok(Err(broken)) => Err(refusal_of(net, job, broken, log)),
        Ok(Ok(session)) => {
            let chain = tls::peer_chain(&session);
            let expected = tls::ChainPolicy { host, accept_names: &check.accept_names, trust: check.trust };
            let judgement = tls::chain::judge(net.roots(), &chain, expected, UnixTime::now());
            log.evidence.tls = Some(TlsEvidence { trust: Some(judgement.trust), ..session.evidence });
            Ok(Secured { stream: session.stream, fault: judgement.failure })
        }
    };
    let fault = result.as_ref().map_or_else(Some, |secured| secured.fault.as_ref());
    log.record(Stage::Handshake, begun, note, fault);
    result
}

/// Why a handshake broke. An alert that comes when the chain has been shown and is accepted is the service's own.
fn refusal_of(net: &Net, job: &Job, broken: tls::HandshakeError, log: &mut Log) -> Failure {
    let tls::HandshakeError { failure, evidence, chain } = broken;
    let (check, host) = (&job.check, job.host());
    let expected = tls::ChainPolicy { host, accept_names: &check.accept_names, trust: check.trust };
    let judged =
        (!chain.is_empty()).then(|| tls::chain::judge(net.roots(), &chain, expected, UnixTime::now()));
    let trust = judged.as_ref().map(|judgement| judgement.trust);
    log.evidence.tls = evidence.map(|evidence| TlsEvidence { trust, ..evidence });
    match judged {
        Some(judgement) if failure.cause == Cause::TlsAlert && judgement.failure.is_none() => {
            let detail =
                format!("{}, after its certificate was accepted: the service itself refuses", failure.detail);
            Failure { detail, ..failure }
        }
        _ => failure,
    }
}

/// What was heard of a service that wants a certificate of its client.
fn wants_certificate(check: &Check) -> ExchangeEvidence {
    ExchangeEvidence::new(check.protocol).with("alert", "certificate_required")
}

/// The exchange stage, bounded; what was said is kept.
async fn exchange(
    net: &Net,
    check: &Check,
    log: &mut Log,
    work: impl Future<Output = Result<ExchangeEvidence, Failure>>,
) -> Result<(), Failure> {
    let limit = net.answer_limit(net.limits().exchange);
    let bounded = async {
        let done = timeout(limit, work).await.unwrap_or_else(|_| {
            let detail = format!("no answer within {} ms", limit.as_millis());
            Err(Failure::new(Stage::Exchange, Cause::ExchangeTimeout, detail))
        });
        done.or_else(|failure| {
            if tls::wants_certificate(&failure) { Ok(wants_certificate(check)) } else { Err(failure) }
        })
    };
    let address = log.evidence.peer.as_ref().map(|peer| peer.address);
    let evidence = log.step(Stage::Exchange, Note { address, ..Note::default() }, bounded).await?;
    log.evidence.exchange = Some(evidence);
    Ok(())
}

async fn ask_http<S>(net: &Net, job: &Job, stream: S, log: &mut Log) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let address = log.evidence.peer.as_ref().map(|peer| peer.address);
    let note = Note { address, ..Note::default() };
    let begun = log.begin(Stage::Exchange, note);
    let limit = net.answer_limit(net.limits().exchange);
    let check = &job.check;
    let path = http::path(check);
    let work = http::get(stream, job.host(), job.target.port, &path);
    let result = match timeout(limit, work).await {
        Err(_) => {
            let detail = format!("no complete HTTP answer within {} ms", limit.as_millis());
            Err(Failure::new(Stage::Exchange, Cause::ExchangeTimeout, detail))
        }
        Ok(Err(failure)) if tls::wants_certificate(&failure) => {
            log.evidence.exchange = Some(wants_certificate(check));
            Ok(())
        }
        Ok(Err(failure)) => Err(failure),
        Ok(Ok(answer)) => {
            let evidence = http::evidence(check.protocol, &answer, SystemTime::now());
            log.evidence.exchange = Some(gateway::noted(check, &answer, evidence));
            gateway::judge(check, &answer).unwrap_or_else(|| http::judge(check, &answer))
        }
    };
    log.record(Stage::Exchange, begun, note, result.as_ref().err());
    result
}
