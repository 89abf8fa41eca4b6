//! AMQP, Redis, SMB, SMTP and Windows activation: the greeting proves them, anything else does not.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Stage};
use apim_probe_lab::fault::Fault;

use crate::lab::{ask, check, fact, failed, passed, run, service, stages, start_on_5672};

#[tokio::test]
async fn amqp_inside_tls_passes_and_lists_its_mechanisms() {
    let outcome = ask(Protocol::Amqp, Fault::None).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Handshake, Stage::Exchange]);
    assert_eq!(fact(&outcome, "amqpHeader"), Some("3.1.0.0"));
    assert_eq!(fact(&outcome, "saslMechanisms"), Some("EXTERNAL ANONYMOUS"));
}

#[tokio::test]
async fn amqp_on_5672_agrees_on_tls_in_band_and_shows_its_chain() {
    let address = start_on_5672(service(Protocol::Amqp, 5672, Fault::None), 1).await;
    let outcome = run(check(Protocol::Amqp, address)).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Exchange, Stage::Handshake]);
    assert_eq!(fact(&outcome, "amqpHeader"), Some("2.1.0.0"));
    assert!(outcome.evidence.tls.is_some());
}

#[tokio::test]
async fn silence_on_5672_is_exchange_timeout() {
    let address = start_on_5672(service(Protocol::Amqp, 5672, Fault::Silent), 2).await;
    failed(&run(check(Protocol::Amqp, address)).await, Stage::Exchange, Cause::ExchangeTimeout);
}

#[tokio::test]
async fn a_cache_that_wants_a_password_is_proved() {
    let outcome = ask(Protocol::Redis, Fault::None).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "redisReply"), Some("-NOAUTH Authentication required."));
}

#[tokio::test]
async fn other_bytes_after_a_good_handshake_are_unexpected() {
    for protocol in [Protocol::Amqp, Protocol::Redis] {
        let outcome = ask(protocol, Fault::Garbage).await;
        failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
        assert!(outcome.evidence.tls.is_some(), "the chain is kept");
    }
}

#[tokio::test]
async fn silence_after_a_good_handshake_is_exchange_timeout() {
    for protocol in [Protocol::Amqp, Protocol::Redis] {
        let outcome = ask(protocol, Fault::SilentAfterTls).await;
        failed(&outcome, Stage::Exchange, Cause::ExchangeTimeout);
        assert!(outcome.evidence.tls.is_some(), "the chain is kept");
    }
}

#[tokio::test]
async fn smb_agrees_on_a_dialect() {
    let outcome = ask(Protocol::Smb, Fault::None).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "smbDialect"), Some("3.0.2"));
}

#[tokio::test]
async fn smtp_shows_its_banner() {
    let outcome = ask(Protocol::Smtp, Fault::None).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "smtpBanner"), Some("220 relay.lab ESMTP ready"));
}

#[tokio::test]
async fn windows_activation_acknowledges_the_bind() {
    let outcome = ask(Protocol::Kms, Fault::None).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "rpcReply"), Some("bind-ack"));
}

#[tokio::test]
async fn a_device_that_only_accepts_never_passes() {
    for protocol in [Protocol::Smb, Protocol::Smtp, Protocol::Kms] {
        let outcome = ask(protocol, Fault::Silent).await;
        failed(&outcome, Stage::Exchange, Cause::ExchangeTimeout);
        assert!(outcome.evidence.peer.is_some() && outcome.evidence.exchange.is_none());
    }
}

#[tokio::test]
async fn another_protocol_on_the_port_is_unexpected() {
    for protocol in [Protocol::Smb, Protocol::Kms] {
        failed(&ask(protocol, Fault::Plain).await, Stage::Exchange, Cause::ExchangeUnexpected);
    }
}

#[tokio::test]
async fn a_reset_in_place_of_a_greeting_is_exchange_reset() {
    for protocol in [Protocol::Smb, Protocol::Kms] {
        failed(&ask(protocol, Fault::Reset).await, Stage::Exchange, Cause::ExchangeReset);
    }
}
