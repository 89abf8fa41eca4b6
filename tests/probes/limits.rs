//! This machine's own limits and the run's deadline: neither counts against the endpoint.

use std::time::Duration;

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::limits::Limits;
use apim_probe_checks::outcome::{Cause, Outcome, Stage, Status};
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::probe::probe;
use apim_probe_lab::dns::{self, Zone};
use apim_probe_lab::fault::{DnsFault, Fault};

use crate::lab::{
    HOST, LOOPBACK, check, dropping_port, fact, job, limits, named, parts, passed, run_with, start,
};

#[track_caller]
fn undecided(outcome: &Outcome, cause: Cause) {
    let Status::Undecided(Some(failure)) = &outcome.status else {
        panic!("{cause} was expected: {:?}", outcome.status);
    };
    assert_eq!(failure.cause, cause, "{}", failure.detail);
    assert_eq!(outcome.cause(), None, "what is undecided has no failure");
}

/// A run that ends while its peer is silent and the stages' own limits are far away.
fn soon_over() -> NetConfig {
    let far = Duration::from_secs(30);
    let deadline = Duration::from_millis(400);
    NetConfig { limits: Limits { deadline, handshake: far, exchange: far, ..limits() }, ..parts() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_leaves_the_check_undecided_and_keeps_the_connect() {
    let address = start(Protocol::Https, Fault::Silent).await;
    let outcome = run_with(soon_over(), check(Protocol::Https, address)).await;
    undecided(&outcome, Cause::Deadline);
    assert!(outcome.evidence.peer.is_some(), "{:?}", outcome.steps);
    assert!(outcome.duration_ms < 2000.0, "{}", outcome.duration_ms);
}

#[tokio::test]
async fn the_deadline_keeps_what_was_said_before_the_silence() {
    let address = start(Protocol::Tds, Fault::SilentAfterPrelogin).await;
    let outcome = run_with(soon_over(), check(Protocol::Tds, address)).await;
    undecided(&outcome, Cause::Deadline);
    assert_eq!(fact(&outcome, "tdsVersion"), Some("12.0.2000"));
}

/// Asks these name servers for a name while the deadline is near and every other limit far.
async fn asked_too_late(faults: &[DnsFault]) -> Outcome {
    let mut servers = Vec::new();
    for &fault in faults {
        let started = dns::start((LOOPBACK, 0).into(), Zone { fault, ..Zone::default() }).await.unwrap();
        servers.push(started.into());
    }
    let limits = Limits { resolve: Duration::from_secs(30), ..soon_over().limits };
    let template = check(Protocol::Https, (LOOPBACK, 443).into());
    run_with(NetConfig { servers, limits, ..parts() }, named(HOST, template)).await
}

#[tokio::test]
async fn the_deadline_keeps_that_a_name_server_was_asked_and_how_often() {
    let outcome = asked_too_late(&[DnsFault::Silent]).await;
    undecided(&outcome, Cause::Deadline);
    let servers = outcome.evidence.dns.unwrap().servers;
    assert_eq!((servers.len(), servers[0].cause), (1, Some(Cause::Deadline)));
    let step = &outcome.steps[0];
    assert_eq!((step.stage, step.cause), (Stage::Resolve, Some(Cause::Deadline)));
    assert!(step.server.is_some() && step.attempts >= Some(2) && step.duration_ms >= 300.0, "{step:?}");
}

#[tokio::test]
async fn the_deadline_keeps_what_one_name_server_said_while_the_other_was_silent() {
    let outcome = asked_too_late(&[DnsFault::Silent, DnsFault::Nxdomain]).await;
    undecided(&outcome, Cause::Deadline);
    let causes: Vec<_> = outcome.evidence.dns.unwrap().servers.iter().map(|told| told.cause).collect();
    assert_eq!(causes, [Some(Cause::Deadline), Some(Cause::DnsNxdomain)]);
}

#[tokio::test]
async fn the_step_that_the_deadline_cut_off_is_recorded_with_its_stage() {
    let far = Duration::from_secs(30);
    let limits = Limits { connect: far, ..soon_over().limits };
    let (_queue, silent) = dropping_port().await;
    for (protocol, address, stage) in [
        (Protocol::Https, silent, Stage::Connect),
        (Protocol::Https, start(Protocol::Https, Fault::Silent).await, Stage::Handshake),
        (Protocol::Http, start(Protocol::Http, Fault::Silent).await, Stage::Exchange),
    ] {
        let outcome = run_with(NetConfig { limits, ..parts() }, check(protocol, address)).await;
        undecided(&outcome, Cause::Deadline);
        let last = outcome.steps.last().unwrap();
        assert_eq!((last.stage, last.cause, last.address), (stage, Some(Cause::Deadline), Some(LOOPBACK)));
        let Status::Undecided(Some(failure)) = &outcome.status else { panic!("{:?}", outcome.status) };
        assert_eq!(failure.stage, stage);
    }
}

#[tokio::test]
async fn two_checks_that_share_one_socket_both_pass() {
    let address = start(Protocol::Https, Fault::None).await;
    let net = Net::new(NetConfig { limits: Limits { sockets: 1, ..limits() }, ..parts() });
    let check = job(check(Protocol::Https, address));
    let (first, second) = tokio::join!(probe(&net, &check), probe(&net, &check));
    passed(&first);
    passed(&second);
}

#[tokio::test]
async fn a_check_that_never_gets_a_socket_is_undecided() {
    let address = start(Protocol::Https, Fault::None).await;
    let net = Net::new(NetConfig { limits: Limits { sockets: 1, ..soon_over().limits }, ..parts() });
    let _last = net.socket().await;
    let outcome = probe(&net, &job(check(Protocol::Https, address))).await;
    undecided(&outcome, Cause::Deadline);
}

#[tokio::test]
async fn a_check_whose_turn_comes_after_the_deadline_sends_nothing() {
    let listener = std::net::TcpListener::bind((LOOPBACK, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let over = NetConfig { limits: Limits { deadline: Duration::ZERO, ..limits() }, ..parts() };
    let outcome = run_with(over, check(Protocol::Https, address)).await;
    undecided(&outcome, Cause::Deadline);
    assert!(outcome.steps.is_empty());
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
