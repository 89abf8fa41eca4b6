//! The handshake stage: what breaks it, and the judgement of a chain that is kept whatever it is worth.

use apim_probe_checks::catalogue::{Protocol, TrustPolicy};
use apim_probe_checks::outcome::{Cause, Outcome, Stage, TlsEvidence, Trust};
use apim_probe_checks::plan::Check;
use apim_probe_lab::fault::Fault;

use crate::lab::{HOST, ask, check, failed, passed, run, stages, start};

fn tls(outcome: &Outcome) -> &TlsEvidence {
    outcome.evidence.tls.as_ref().expect("what the handshake showed is kept")
}

#[tokio::test]
async fn a_good_chain_passes_and_is_kept_with_version_and_cipher() {
    let outcome = ask(Protocol::Tls, Fault::None).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Handshake]);
    let tls = tls(&outcome);
    assert_eq!(tls.version.as_deref(), Some("TLS 1.3"));
    assert!(tls.cipher.as_ref().unwrap().starts_with("TLS_"), "{:?}", tls.cipher);
    assert_eq!(tls.trust, Some(Trust::Public));
    assert_eq!(tls.chain[0].dns_names, [HOST]);
    assert_eq!(tls.chain.len(), 2);
}

#[tokio::test]
async fn silence_after_the_client_hello_is_tls_timeout_and_never_passes() {
    for protocol in [Protocol::Tls, Protocol::Https, Protocol::Redis, Protocol::Amqp] {
        let outcome = ask(protocol, Fault::Silent).await;
        failed(&outcome, Stage::Handshake, Cause::TlsTimeout);
        assert_eq!(stages(&outcome), [Stage::Connect, Stage::Handshake]);
        assert!(outcome.evidence.peer.is_some(), "the connect is kept");
        assert_eq!(outcome.evidence.tls, None);
    }
}

#[tokio::test]
async fn a_reset_after_the_client_hello_is_tls_reset() {
    let outcome = ask(Protocol::Https, Fault::Reset).await;
    failed(&outcome, Stage::Handshake, Cause::TlsReset);
}

#[tokio::test]
async fn a_close_after_the_client_hello_is_tls_closed() {
    let outcome = ask(Protocol::Https, Fault::Close).await;
    failed(&outcome, Stage::Handshake, Cause::TlsClosed);
}

#[tokio::test]
async fn an_alert_is_named() {
    let outcome = ask(Protocol::Https, Fault::Alert).await;
    let failure = failed(&outcome, Stage::Handshake, Cause::TlsAlert);
    assert!(failure.detail.contains("handshake_failure"), "{}", failure.detail);
}

#[tokio::test]
async fn plain_text_is_tls_not_tls() {
    let outcome = ask(Protocol::Https, Fault::Plain).await;
    failed(&outcome, Stage::Handshake, Cause::TlsNotTls);
}

/// Asserts that a certificate failed the check and that its chain is kept.
#[track_caller]
fn rejected(outcome: &Outcome, cause: Cause, trust: Trust, certificates: usize) {
    failed(outcome, Stage::Handshake, cause);
    assert_eq!(tls(outcome).trust, Some(trust));
    assert_eq!(tls(outcome).chain.len(), certificates);
    assert!(tls(outcome).chain.iter().all(|one| one.sha256.len() == 64));
    assert!(outcome.evidence.exchange.is_none(), "nothing is said to a peer that was not accepted");
}

#[tokio::test]
async fn an_expired_certificate_keeps_its_chain_in_the_evidence() {
    let outcome = ask(Protocol::Https, Fault::Expired).await;
    rejected(&outcome, Cause::CertExpired, Trust::Public, 2);
    let until = &tls(&outcome).chain[0].not_after;
    assert!(outcome.failure().unwrap().detail.contains(until), "the date is named");
}

#[tokio::test]
async fn a_certificate_of_tomorrow_is_not_yet_valid() {
    let outcome = ask(Protocol::Https, Fault::NotYetValid).await;
    rejected(&outcome, Cause::CertNotYetValid, Trust::Public, 2);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_mismatch_that_names_both() {
    let outcome = ask(Protocol::Https, Fault::WrongName).await;
    rejected(&outcome, Cause::CertNameMismatch, Trust::Public, 2);
    let detail = &outcome.failure().unwrap().detail;
    assert!(detail.contains("wrong.example") && detail.contains(HOST), "{detail}");
}

#[tokio::test]
async fn a_name_that_the_catalogue_accepts_passes() {
    let address = start(Protocol::Https, Fault::WrongName).await;
    let accept_names = vec!["wrong.example".to_owned()];
    passed(&run(Check { accept_names, ..check(Protocol::Https, address) }).await);
}

#[tokio::test]
async fn a_certificate_that_signs_itself_is_untrusted() {
    let outcome = ask(Protocol::Https, Fault::SelfSigned).await;
    rejected(&outcome, Cause::CertUntrusted, Trust::Untrusted, 1);
}

#[tokio::test]
async fn a_chain_without_the_certificate_that_signed_is_untrusted() {
    let outcome = ask(Protocol::Https, Fault::LeafOnly).await;
    rejected(&outcome, Cause::CertUntrusted, Trust::Untrusted, 1);
}

#[tokio::test]
async fn an_inspecting_device_is_untrusted_and_its_authority_is_named() {
    let outcome = ask(Protocol::Https, Fault::Inspected).await;
    rejected(&outcome, Cause::CertUntrusted, Trust::Untrusted, 2);
    assert!(tls(&outcome).chain[1].issuer.contains("Contoso Inspection Root"));
    assert!(outcome.failure().unwrap().detail.contains("Contoso Inspection Root"));
}

#[tokio::test]
async fn a_certificate_that_is_not_for_servers_is_invalid() {
    let outcome = ask(Protocol::Https, Fault::WrongUse).await;
    rejected(&outcome, Cause::CertInvalid, Trust::Public, 2);
}

#[tokio::test]
async fn any_chain_passes_where_the_catalogue_says_so_and_is_called_untrusted() {
    let address = start(Protocol::Https, Fault::SelfSigned).await;
    let outcome = run(Check { trust: TrustPolicy::Any, ..check(Protocol::Https, address) }).await;
    passed(&outcome);
    assert_eq!(tls(&outcome).trust, Some(Trust::Untrusted));
}
