//! The check of a name server itself: any word of its own proves it, and TCP beside UDP is stated.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Outcome, Stage};
use apim_probe_lab::dns::{self, Zone};
use apim_probe_lab::fault::DnsFault;

use crate::lab::{LOOPBACK, check, fact, failed, passed, run, unreachable_port};

async fn server(fault: DnsFault) -> Outcome {
    let address = dns::start((LOOPBACK, 0).into(), Zone { fault, ..Zone::default() }).await.unwrap();
    run(check(Protocol::Dns, address)).await
}

#[tokio::test]
async fn a_server_that_answers_passes_and_says_what_tcp_brought() {
    let outcome = server(DnsFault::None).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "tcp"), Some("answers"));
    assert_eq!(fact(&outcome, "answer"), Some("dns-nxdomain"), "the lab's zone is empty");
}

#[tokio::test]
async fn a_refusal_proves_the_server_too() {
    for (fault, word) in [(DnsFault::Servfail, "dns-servfail"), (DnsFault::Refused, "dns-refused")] {
        let outcome = server(fault).await;
        passed(&outcome);
        assert_eq!(fact(&outcome, "answer"), Some(word));
    }
}

#[tokio::test]
async fn a_silent_server_is_exchange_timeout() {
    failed(&server(DnsFault::Silent).await, Stage::Exchange, Cause::ExchangeTimeout);
}

#[tokio::test]
async fn a_server_that_answers_nonsense_is_unexpected() {
    failed(&server(DnsFault::Malformed).await, Stage::Exchange, Cause::ExchangeUnexpected);
}

#[tokio::test]
async fn a_closed_port_is_connect_rejected() {
    let (_taken, address) = unreachable_port().await;
    let outcome = run(check(Protocol::Dns, address)).await;
    failed(&outcome, Stage::Connect, Cause::ConnectRejected);
    assert!(fact(&outcome, "tcp").is_some(), "what TCP brought is stated");
}
