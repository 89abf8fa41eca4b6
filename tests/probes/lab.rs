//! What the tests share: one authority, short limits, a check made by hand, and a server to aim it at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use apim_probe_checks::catalogue::{Direction, Meaning, Protocol, Requirement, Role, Transport, TrustPolicy};
use apim_probe_checks::limits::Limits;
use apim_probe_checks::outcome::{Cause, Failure, Outcome, Stage, Status};
use apim_probe_checks::plan::{Check, CheckId, Origin, Target, Work};
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::probe::system_conf;
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::probe::{Job, probe};
use apim_probe_lab::authority::Authority;
use apim_probe_lab::fault::Fault;
use apim_probe_lab::service::Service;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::time::Instant;

/// The name that the lab's certificates are for.
pub(crate) const HOST: &str = "probe.example";

/// Where every check of these tests is pinned to.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct Shared {
    authority: Authority,
    roots: Roots,
}

/// The authority and its public root, made once a test run.
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let authority = Authority::new().unwrap();
        let file = format!("{}/probes-{}.pem", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        std::fs::write(&file, authority.public_pem()).unwrap();
        let roots = Roots::from_pem(file.as_ref(), &[]).unwrap();
        std::fs::remove_file(&file).unwrap();
        Shared { authority, roots }
    })
}

/// The lab's public root, and the company's as one that the user named.
pub(crate) fn company_root() -> Roots {
    let file = format!("{}/company-{}.pem", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    std::fs::write(&file, shared().authority.company_pem()).unwrap();
    let roots = shared().roots.clone().with_named(&[file.clone().into()]).unwrap();
    std::fs::remove_file(&file).unwrap();
    roots
}

/// Short, so that silence costs little; long enough for a busy machine.
pub(crate) fn limits() -> Limits {
    Limits {
        resolve: Duration::from_millis(300),
        connect: Duration::from_millis(500),
        handshake: Duration::from_millis(500),
        exchange: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// A run without name servers.
pub(crate) fn parts() -> NetConfig {
    NetConfig {
        servers: Vec::new(),
        reference: None,
        hosts: system_conf::hosts(""),
        roots: shared().roots.clone(),
        limits: limits(),
        started: Instant::now(),
        stop: watch::channel(false).1,
    }
}

/// A check of [`HOST`] that is pinned to `address`.
pub(crate) fn check(protocol: Protocol, address: SocketAddr) -> Check {
    let transport = match protocol {
        Protocol::Ntp => Transport::Udp,
        Protocol::Dns => Transport::UdpTcp,
        _ => Transport::Tcp,
    };
    Check {
        id: CheckId(format!("test/{HOST}:{}", address.port())),
        endpoint: "test".to_owned(),
        name: HOST.to_owned(),
        group: "test".to_owned(),
        purpose: "a test".to_owned(),
        meaning: Meaning::of_role(Role::Service),
        work: Work::Probe(Target { pinned: Some(address.ip()), ..Target::new(HOST, address.port()) }),
        transport,
        protocol,
        service_tag: None,
        direction: Direction::Outbound,
        resource_type: None,
        requirement: Requirement::Required,
        documented_required: false,
        fallback: false,
        request: None,
        expect_body: None,
        redirects: Vec::new(),
        accept_names: Vec::new(),
        trust: TrustPolicy::Public,
        must_resolve_to: None,
        gateway: None,
        origin: Origin::Catalogue,
        sources: Vec::new(),
    }
}

/// The same check of another name, whose addresses are to be found out.
pub(crate) fn named(host: &str, check: Check) -> Check {
    Check { work: Work::Probe(Target::new(host, check.port().unwrap())), ..check }
}

/// A check as it is probed.
pub(crate) fn job(check: Check) -> Job {
    Job::of(&Arc::new(check)).expect("a check with a target")
}

/// The lab's service for `protocol`; `port` is the plan's, which tells AMQP's two forms apart.
pub(crate) fn service(protocol: Protocol, port: u16, fault: Fault) -> Service {
    Service::new(&shared().authority, &[HOST], port, protocol.as_str(), fault).unwrap()
}

/// Starts the lab's service on a free port of loopback.
pub(crate) async fn start(protocol: Protocol, fault: Fault) -> SocketAddr {
    service(protocol, 0, fault).start().await.unwrap()
}

/// Probes the lab's service for `protocol` that misbehaves as told.
pub(crate) async fn ask(protocol: Protocol, fault: Fault) -> Outcome {
    let address = start(protocol, fault).await;
    run(check(protocol, address)).await
}

/// Runs a check with the usual limits.
pub(crate) async fn run(check: Check) -> Outcome {
    run_with(parts(), check).await
}

/// Runs a check in a run of its own.
pub(crate) async fn run_with(parts: NetConfig, check: Check) -> Outcome {
    probe(&Net::new(parts), &job(check)).await
}

/// A TCP port that is taken and not listened on: it refuses for as long as the socket lives.
pub(crate) fn refusing_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((LOOPBACK, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A TCP port that drops every SYN for as long as its queue lives: it holds one connection that nobody accepts.
pub(crate) async fn dropping_port() -> ((TcpListener, TcpStream), SocketAddr) {
    dropping_port_of(LOOPBACK).await
}

/// The same on another address of this machine.
pub(crate) async fn dropping_port_of(ip: IpAddr) -> ((TcpListener, TcpStream), SocketAddr) {
    let socket = if ip.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
    socket.bind((ip, 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let first = TcpStream::connect(address).await.unwrap();
    ((listener, first), address)
}

/// A UDP port that is taken by a socket which listens to another peer only: anyone else is told that it is unreachable.
pub(crate) async fn unreachable_port() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    socket.connect((LOOPBACK, 9)).await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Serves `service` on port 5672 of a loopback address that no other process of these tests takes.
pub(crate) async fn start_on_5672(service: Service, number: u32) -> SocketAddr {
    let own = 0x7f00_0000 | (std::process::id() & 0x003f_ffff) << 2 | number;
    let listener = TcpListener::bind((Ipv4Addr::from(own), 5672)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, peer) = listener.accept().await.unwrap();
        service.serve(stream, peer).await
    });
    address
}

/// Asserts that the check failed at `stage` for `cause` and nothing else; the failure.
#[track_caller]
pub(crate) fn failed(outcome: &Outcome, stage: Stage, cause: Cause) -> &Failure {
    let Status::Failure(failure) = &outcome.status else {
        panic!("{cause} was expected: {:?}", outcome.status);
    };
    assert_eq!((failure.stage, failure.cause), (stage, cause), "{}", failure.detail);
    assert!(!failure.detail.is_empty(), "a failure says what was seen");
    let last = outcome.steps.iter().rev().find(|step| step.cause.is_some());
    assert!(last.is_none_or(|step| step.cause == Some(cause)), "{:?}", outcome.steps);
    failure
}

/// Asserts that every stage passed and no step failed.
#[track_caller]
pub(crate) fn passed(outcome: &Outcome) {
    assert!(outcome.is_success(), "{:?}", outcome.status);
    assert!(outcome.steps.iter().all(|step| step.cause.is_none()), "{:?}", outcome.steps);
}

/// A fact of the exchange that is text.
#[track_caller]
pub(crate) fn fact<'a>(outcome: &'a Outcome, key: &str) -> Option<&'a str> {
    outcome.evidence.exchange.as_ref().expect("what was said is kept").text(key)
}

/// The stages that were tried, in order.
pub(crate) fn stages(outcome: &Outcome) -> Vec<Stage> {
    outcome.steps.iter().map(|step| step.stage).collect()
}
