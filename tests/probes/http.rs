//! HTTP over TLS and plain: what the service says, and what boxes in between say in its place.

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Outcome, Stage};
use apim_probe_checks::plan::Check;
use apim_probe_lab::fault::Fault;

use crate::lab::{HOST, ask, check, fact, failed, passed, run, stages, start};

/// The connectivity test of Windows, which plain HTTP rows ask for.
async fn connect_test(fault: Fault) -> Outcome {
    let address = start(Protocol::Http, fault).await;
    run(Check {
        request: Some("/connecttest.txt".to_owned()),
        expect_body: Some("Microsoft Connect Test".to_owned()),
        ..check(Protocol::Http, address)
    })
    .await
}

#[track_caller]
fn status(outcome: &Outcome, wanted: f64) {
    assert_eq!(outcome.evidence.exchange.as_ref().unwrap().number("httpStatus"), Some(wanted));
}

#[tokio::test]
async fn the_expected_body_over_plain_http_passes() {
    let outcome = connect_test(Fault::None).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Exchange]);
    status(&outcome, 200.0);
}

#[tokio::test]
async fn a_refusal_over_https_is_proof_of_reachability() {
    let outcome = ask(Protocol::Https, Fault::None).await;
    passed(&outcome);
    status(&outcome, 404.0);
    assert_eq!(outcome.evidence.tls.unwrap().alpn.as_deref(), Some("http/1.1"));
}

#[tokio::test]
async fn a_block_page_over_plain_http_is_http_blocked() {
    let outcome = connect_test(Fault::BlockPage).await;
    failed(&outcome, Stage::Exchange, Cause::HttpBlocked);
    status(&outcome, 403.0);
    assert_eq!(fact(&outcome, "contentType"), Some("text/html"));
}

#[tokio::test]
async fn a_redirect_to_a_login_page_is_http_blocked_and_not_followed() {
    let outcome = connect_test(Fault::LoginPage).await;
    failed(&outcome, Stage::Exchange, Cause::HttpBlocked);
    assert_eq!(fact(&outcome, "redirectHost"), Some("login.guest.example"));
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Exchange]);
}

#[tokio::test]
async fn azure_firewalls_own_status_is_http_blocked_over_both() {
    for protocol in [Protocol::Http, Protocol::Https] {
        let outcome = ask(protocol, Fault::Http470).await;
        failed(&outcome, Stage::Exchange, Cause::HttpBlocked);
        status(&outcome, 470.0);
    }
}

#[tokio::test]
async fn a_proxy_or_network_that_asks_for_a_login_is_http_blocked_over_both() {
    for (fault, code) in [(Fault::Http407, 407.0), (Fault::Http511, 511.0)] {
        for protocol in [Protocol::Http, Protocol::Https] {
            let outcome = ask(protocol, fault).await;
            failed(&outcome, Stage::Exchange, Cause::HttpBlocked);
            status(&outcome, code);
        }
    }
}

#[tokio::test]
async fn a_text_that_nobody_asked_for_is_unexpected() {
    failed(&connect_test(Fault::OtherBody).await, Stage::Exchange, Cause::ExchangeUnexpected);
    failed(&ask(Protocol::Crl, Fault::OtherBody).await, Stage::Exchange, Cause::ExchangeUnexpected);
}

#[tokio::test]
async fn a_busy_service_is_http_error_and_keeps_its_chain() {
    let outcome = ask(Protocol::Https, Fault::Http503).await;
    failed(&outcome, Stage::Exchange, Cause::HttpError);
    status(&outcome, 503.0);
    assert!(outcome.evidence.tls.is_some());
}

#[tokio::test]
async fn garbage_in_place_of_an_answer_is_unexpected() {
    for protocol in [Protocol::Http, Protocol::Https] {
        failed(&ask(protocol, Fault::Garbage).await, Stage::Exchange, Cause::ExchangeUnexpected);
    }
}

#[tokio::test]
async fn an_answer_cut_short_is_exchange_closed() {
    for protocol in [Protocol::Http, Protocol::Https] {
        failed(&ask(protocol, Fault::CutShort).await, Stage::Exchange, Cause::ExchangeClosed);
    }
}

#[tokio::test]
async fn a_close_in_place_of_an_answer_is_exchange_closed() {
    failed(&ask(Protocol::Http, Fault::Close).await, Stage::Exchange, Cause::ExchangeClosed);
}

#[tokio::test]
async fn a_reset_in_place_of_an_answer_is_exchange_reset() {
    failed(&ask(Protocol::Http, Fault::Reset).await, Stage::Exchange, Cause::ExchangeReset);
}

#[tokio::test]
async fn silence_over_plain_http_is_exchange_timeout() {
    failed(&ask(Protocol::Http, Fault::Silent).await, Stage::Exchange, Cause::ExchangeTimeout);
}

#[tokio::test]
async fn silence_after_the_handshake_is_exchange_timeout_and_keeps_the_chain() {
    let outcome = ask(Protocol::Https, Fault::SilentAfterTls).await;
    failed(&outcome, Stage::Exchange, Cause::ExchangeTimeout);
    assert_eq!(outcome.evidence.tls.unwrap().chain[0].dns_names, [HOST]);
}

#[tokio::test]
async fn der_bytes_prove_revocation_lists_and_issuers() {
    for protocol in [Protocol::Crl, Protocol::Aia] {
        let outcome = ask(protocol, Fault::None).await;
        passed(&outcome);
        assert_eq!(outcome.evidence.exchange.unwrap().protocol, protocol);
    }
}

#[tokio::test]
async fn a_page_in_place_of_der_is_http_blocked() {
    failed(&ask(Protocol::Crl, Fault::BlockPage).await, Stage::Exchange, Cause::HttpBlocked);
}

#[tokio::test]
async fn a_responder_that_knows_nothing_of_the_question_is_proved() {
    let outcome = ask(Protocol::Ocsp, Fault::None).await;
    passed(&outcome);
    status(&outcome, 200.0);
    assert_eq!(fact(&outcome, "ocspStatus"), Some("unauthorized"));
}

#[tokio::test]
async fn a_gateways_refusal_in_text_and_an_empty_answer_prove_nothing_over_plain_http() {
    for fault in [Fault::Http403, Fault::Http404, Fault::Empty200] {
        for protocol in [Protocol::Crl, Protocol::Aia, Protocol::Ocsp, Protocol::Http] {
            let outcome = ask(protocol, fault).await;
            failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
        }
        failed(&connect_test(fault).await, Stage::Exchange, Cause::ExchangeUnexpected);
    }
}

#[tokio::test]
async fn a_refusal_with_what_only_the_service_sends_is_proof_over_plain_http() {
    let outcome = ask(Protocol::Http, Fault::None).await;
    passed(&outcome);
    status(&outcome, 404.0);
}

#[tokio::test]
async fn a_reset_after_the_handshake_is_exchange_reset() {
    for protocol in [Protocol::Https, Protocol::Redis] {
        failed(&ask(protocol, Fault::ResetAfterTls).await, Stage::Exchange, Cause::ExchangeReset);
    }
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_reached() {
    let outcome = ask(Protocol::Https, Fault::WantsCertificate).await;
    passed(&outcome);
    assert_eq!(fact(&outcome, "alert"), Some("certificate_required"));
    assert_eq!(outcome.evidence.tls.unwrap().chain[0].dns_names, [HOST]);
}
