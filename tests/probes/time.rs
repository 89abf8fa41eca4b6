//! Time over UDP: only a valid reply to our own question is a success.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Outcome, Stage};
use apim_probe_lab::fault::Fault;
use apim_probe_lab::ntp;

use crate::lab::{LOOPBACK, check, failed, passed, run, stages, unreachable_port};

async fn time(fault: Fault) -> Outcome {
    let address = ntp::start((LOOPBACK, 0).into(), fault).await.unwrap();
    run(check(Protocol::Ntp, address)).await
}

fn offset(outcome: &Outcome) -> f64 {
    outcome.evidence.exchange.as_ref().unwrap().number("offsetMs").unwrap()
}

#[tokio::test]
async fn a_valid_reply_passes_and_tells_stratum_and_offset() {
    let outcome = time(Fault::None).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Exchange], "UDP has no connect to prove");
    assert_eq!(outcome.evidence.exchange.as_ref().unwrap().number("ntpStratum"), Some(2.0));
    assert!(offset(&outcome).abs() < 1000.0, "{}", offset(&outcome));
}

#[tokio::test]
async fn a_server_an_hour_ahead_passes_with_a_positive_offset() {
    let outcome = time(Fault::HourAhead).await;
    passed(&outcome);
    assert!((offset(&outcome) - 3_600_000.0).abs() < 1000.0, "{}", offset(&outcome));
}

#[tokio::test]
async fn a_kiss_of_death_is_unsynchronised_and_names_its_code() {
    let outcome = time(Fault::Kiss).await;
    let failure = failed(&outcome, Stage::Exchange, Cause::NtpUnsynchronised);
    assert!(failure.detail.contains("RATE"), "{}", failure.detail);
}

#[tokio::test]
async fn an_answer_to_another_question_is_silence() {
    failed(&time(Fault::WrongOrigin).await, Stage::Exchange, Cause::ExchangeTimeout);
}

#[tokio::test]
async fn silence_is_exchange_timeout() {
    failed(&time(Fault::Silent).await, Stage::Exchange, Cause::ExchangeTimeout);
}

#[tokio::test]
async fn a_closed_udp_port_is_connect_rejected_with_the_icmp_message() {
    let (_taken, address) = unreachable_port().await;
    let outcome = run(check(Protocol::Ntp, address)).await;
    failed(&outcome, Stage::Connect, Cause::ConnectRejected);
    let icmp = outcome.steps[0].icmp.unwrap();
    assert_eq!((icmp.kind, icmp.code), (3, 3));
}
