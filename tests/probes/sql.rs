//! SQL: PRELOGIN comes first, so what fails before its answer is the exchange's and what fails after it is TLS's.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Stage, Trust};
use apim_probe_lab::fault::Fault;

use crate::lab::{ask, fact, failed, passed, stages};

#[tokio::test]
async fn a_healthy_server_tells_version_encryption_and_chain() {
    let outcome = ask(Protocol::Tds, Fault::None).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Exchange, Stage::Handshake]);
    assert_eq!(fact(&outcome, "tdsVersion"), Some("12.0.2000"));
    assert_eq!(fact(&outcome, "encryption"), Some("on"));
    let tls = outcome.evidence.tls.unwrap();
    assert_eq!(tls.trust, Some(Trust::Public));
    assert_eq!(tls.chain.len(), 2);
}

#[tokio::test]
async fn silence_before_the_prelogin_answer_is_exchange_timeout() {
    let outcome = ask(Protocol::Tds, Fault::Silent).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeTimeout);
    assert!(outcome.evidence.peer.is_some() && outcome.evidence.tls.is_none());
}

#[tokio::test]
async fn silence_after_the_prelogin_answer_is_tls_timeout_and_the_answer_is_kept() {
    let outcome = ask(Protocol::Tds, Fault::SilentAfterPrelogin).await;
    failed(&outcome, Stage::Handshake, Cause::TlsTimeout);
    assert_eq!(fact(&outcome, "tdsVersion"), Some("12.0.2000"));
}

#[tokio::test]
async fn a_server_without_encryption_is_unexpected() {
    let outcome = ask(Protocol::Tds, Fault::NoEncryption).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
}

#[tokio::test]
async fn a_close_before_the_prelogin_answer_is_exchange_closed() {
    let outcome = ask(Protocol::Tds, Fault::Close).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeClosed);
}

#[tokio::test]
async fn a_reset_before_the_prelogin_answer_is_exchange_reset() {
    let outcome = ask(Protocol::Tds, Fault::Reset).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeReset);
}

#[tokio::test]
async fn another_protocol_on_the_port_is_unexpected() {
    let outcome = ask(Protocol::Tds, Fault::Plain).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
}

#[tokio::test]
async fn an_expired_certificate_inside_tds_keeps_chain_and_version() {
    let outcome = ask(Protocol::Tds, Fault::Expired).await;
    failed(&outcome, Stage::Handshake, Cause::CertExpired);
    assert_eq!(fact(&outcome, "encryption"), Some("on"));
    assert_eq!(outcome.evidence.tls.unwrap().chain.len(), 2);
}
