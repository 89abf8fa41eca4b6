//! The connect stage, and what several addresses of one name add up to.

use std::sync::Arc;

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::net::{Net, Parts};
use apim_probe_checks::outcome::{Cause, Scope, Stage};
use apim_probe_checks::plan::Check;
use apim_probe_checks::probe::second_look;
use apim_probe_checks::system;
use apim_probe_lab::fault::Fault;

use crate::lab::{
    LOOPBACK, ask, check, dropping_port, failed, parts, passed, refusing_port, run, run_with, stages, start,
};

#[tokio::test]
async fn closed_port_is_connect_refused() {
    let (_taken, address) = refusing_port();
    let outcome = run(check(Protocol::Https, address)).await;
    failed(&outcome, Stage::Connect, Cause::ConnectRefused);
    assert_eq!(outcome.evidence.peer, None, "nothing was connected");
    assert_eq!(outcome.steps.len(), 1);
    assert_eq!(outcome.steps[0].address, Some(LOOPBACK));
    assert_eq!(outcome.steps[0].icmp, None, "a reset is no ICMP message");
}

#[tokio::test]
async fn a_port_that_drops_every_syn_is_connect_timeout_after_hedged_attempts() {
    let (_queue, address) = dropping_port().await;
    let outcome = run(check(Protocol::Https, address)).await;
    failed(&outcome, Stage::Connect, Cause::ConnectTimeout);
    assert_eq!(outcome.steps[0].attempts, Some(2), "one hedge fits into the budget");
}

#[tokio::test]
async fn a_connect_only_check_passes_and_shows_its_peer() {
    let outcome = ask(Protocol::Tcp, Fault::Silent).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect]);
    let peer = outcome.evidence.peer.unwrap();
    assert_eq!(peer.address, LOOPBACK);
    assert!(peer.local_address.is_some());
    assert!(outcome.evidence.exchange.is_none(), "nothing beyond the connect was proved");
}

/// A name of the hosts file whose addresses are loopback, as only `localhost` may have them.
fn of_hosts_file(addresses: &[&str], template: Check) -> (Parts, Check) {
    let lines: String = addresses.iter().map(|ip| format!("{ip} probe.localhost\n")).collect();
    let check = Check { host: Some("probe.localhost".to_owned()), pinned: None, ..template };
    (Parts { hosts: system::hosts(&lines), ..parts() }, check)
}

#[tokio::test]
async fn a_name_of_the_hosts_file_is_taken_from_there() {
    let address = start(Protocol::Tcp, Fault::Silent).await;
    let (parts, check) = of_hosts_file(&["127.0.0.1"], check(Protocol::Tcp, address));
    let outcome = run_with(parts, check).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Resolve, Stage::Connect]);
    let dns = outcome.evidence.dns.unwrap();
    assert_eq!(dns.server.as_deref(), Some("hosts file"));
    assert_eq!(dns.addresses[0].scope, Scope::Loopback);
}

#[tokio::test]
async fn one_working_address_is_enough_and_the_other_is_recorded() {
    let address = start(Protocol::Tcp, Fault::Silent).await;
    let (parts, check) = of_hosts_file(&["127.0.0.2", "127.0.0.1"], check(Protocol::Tcp, address));
    let outcome = run_with(parts, check).await;
    assert!(outcome.is_success(), "{:?}", outcome.status);
    assert_eq!(outcome.evidence.peer.as_ref().unwrap().address, LOOPBACK);
    let refused = outcome.steps.iter().find(|step| step.cause == Some(Cause::ConnectRefused)).unwrap();
    assert_eq!(refused.address, Some("127.0.0.2".parse().unwrap()));
    assert_eq!(outcome.evidence.dns.unwrap().addresses.len(), 2);
}

#[tokio::test]
async fn the_wrong_address_is_the_cause_and_the_later_stages_run_for_the_evidence() {
    let address = start(Protocol::Https, Fault::None).await;
    let wanted = Some("10.0.1.5".parse().unwrap());
    let outcome = run(Check { must_resolve_to: wanted, ..check(Protocol::Https, address) }).await;
    let failure = failed(&outcome, Stage::Resolve, Cause::DnsWrongAddress);
    assert!(failure.detail.contains("127.0.0.1") && failure.detail.contains("10.0.1.5"), "{failure:?}");
    assert!(outcome.evidence.tls.is_some() && outcome.evidence.exchange.is_some());
}

#[tokio::test]
async fn a_second_look_starts_after_name_resolution() {
    let address = start(Protocol::Https, Fault::None).await;
    let check = Check { pinned: None, ..check(Protocol::Https, address) };
    let outcome = second_look(&Net::new(parts()), &Arc::new(check), vec![LOOPBACK]).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Handshake, Stage::Exchange]);
}
