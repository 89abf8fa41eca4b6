//! Both sides of an Application Gateway: what its health probe accepts, which roots count, and where its name may lead.

use apim_probe_checks::catalogue::{Protocol, TrustPolicy};
use apim_probe_checks::outcome::{Cause, Outcome, Stage, Trust};
use apim_probe_checks::plan::{Check, GatewayPath};
use apim_probe_checks::probe::net::NetConfig;
use apim_probe_lab::fault::Fault;

use crate::lab::{LOOPBACK, check, company_root, fact, failed, parts, passed, run, run_with, start};

/// A health probe of `path`, and of another path where that one is missing.
async fn probed(path: &str, or_request: Option<&str>, fault: Fault) -> Outcome {
    let address = start(Protocol::Https, fault).await;
    let gateway = GatewayPath::Probe { address: LOOPBACK, or_request: or_request.map(str::to_owned) };
    run(Check { request: Some(path.to_owned()), gateway: Some(gateway), ..check(Protocol::Https, address) })
        .await
}

#[tokio::test]
async fn a_health_probe_accepts_200_to_399_and_no_refusal() {
    passed(&probed("/connecttest.txt", None, Fault::None).await);
    let missing = probed("/missing", None, Fault::None).await;
    let failure = failed(&missing, Stage::Exchange, Cause::ExchangeUnexpected);
    assert_eq!(failure.detail, "HTTP 404 for /missing, where a health probe accepts 200 to 399");
    failed(&probed("/", None, Fault::Http403).await, Stage::Exchange, Cause::ExchangeUnexpected);
    failed(&probed("/", None, Fault::Http503).await, Stage::Exchange, Cause::HttpError);
}

#[tokio::test]
async fn a_missing_path_is_asked_for_under_its_other_name_before_it_fails() {
    let found = probed("/missing", Some("/connecttest.txt"), Fault::None).await;
    passed(&found);
    assert_eq!(fact(&found, "path"), Some("/connecttest.txt"));
    let neither = probed("/missing", Some("/gone"), Fault::None).await;
    failed(&neither, Stage::Exchange, Cause::ExchangeUnexpected);
    assert_eq!(fact(&neither, "path"), Some("/gone"));
}

#[tokio::test]
async fn a_private_root_passes_where_it_was_named_and_only_for_whom_it_is() {
    let address = start(Protocol::Https, Fault::Inspected).await;
    let asked = |trust| Check { trust, ..check(Protocol::Https, address) };
    let named = || NetConfig { roots: company_root(), ..parts() };
    for trust in [TrustPolicy::AppGateway, TrustPolicy::Private] {
        failed(&run(asked(trust)).await, Stage::Handshake, Cause::CertUntrusted);
        let outcome = run_with(named(), asked(trust)).await;
        passed(&outcome);
        assert_eq!(outcome.evidence.tls.unwrap().trust, Some(Trust::Private));
    }
    // A service of Azure is not to show a private chain, whoever trusts it.
    let outcome = run_with(named(), asked(TrustPolicy::Public)).await;
    let failure = failed(&outcome, Stage::Handshake, Cause::CertUntrusted);
    assert!(failure.detail.contains("--trusted-root"), "{}", failure.detail);
}

#[tokio::test]
async fn a_front_end_that_is_the_instance_itself_is_a_wrong_address() {
    let address = start(Protocol::Https, Fault::None).await;
    let asked = |instance: &str| Check {
        gateway: Some(GatewayPath::Front { front: LOOPBACK.to_string(), instance: instance.parse().ok() }),
        ..check(Protocol::Https, address)
    };
    let outcome = run(asked("127.0.0.1")).await;
    let failure = outcome.failure().unwrap();
    assert_eq!((failure.stage, failure.cause), (Stage::Resolve, Cause::DnsWrongAddress));
    assert!(failure.detail.contains("leads past the Application Gateway"), "{}", failure.detail);
    assert!(outcome.evidence.exchange.is_some());
    // Its own answer, to a path that it does not know.
    failed(&run(asked("10.0.1.5")).await, Stage::Exchange, Cause::ExchangeUnexpected);
}

#[tokio::test]
async fn a_front_end_with_the_wrong_certificate_is_asked_all_the_same() {
    let address = start(Protocol::Https, Fault::WrongName).await;
    let front = GatewayPath::Front { front: LOOPBACK.to_string(), instance: None };
    let outcome = run(Check { gateway: Some(front), ..check(Protocol::Https, address) }).await;
    let failure = outcome.failure().unwrap();
    assert_eq!((failure.stage, failure.cause), (Stage::Handshake, Cause::CertNameMismatch));
    assert_eq!(outcome.evidence.exchange.unwrap().number("httpStatus"), Some(404.0));
}
