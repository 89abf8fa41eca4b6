//! The connect stage, and what several addresses of one name add up to.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::limits::Limits;
use apim_probe_checks::outcome::Answerer;
use apim_probe_checks::outcome::{Cause, Outcome, Scope, Stage};
use apim_probe_checks::plan::Check;
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::probe::system_conf;
use apim_probe_checks::probe::{probe, second_look};
use apim_probe_lab::fault::Fault;
use tokio::net::{TcpListener, TcpStream};

use crate::lab::{
    HOST, LOOPBACK, ask, check, dropping_port, dropping_port_of, failed, job, named, parts, passed,
    refusing_port, run, run_with, service, stages, start,
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
async fn a_port_that_drops_every_syn_is_connect_timeout_without_hedges_where_nothing_passes() {
    let (_queue, address) = dropping_port().await;
    let outcome = run(check(Protocol::Https, address)).await;
    failed(&outcome, Stage::Connect, Cause::ConnectTimeout);
    assert_eq!(outcome.steps[0].attempts, Some(1), "more packets would tell nothing");
}

/// A run in which some connection has opened.
async fn something_passes(parts: NetConfig) -> Net {
    let net = Net::new(parts);
    let address = start(Protocol::Tcp, Fault::Silent).await;
    passed(&probe(&net, &job(check(Protocol::Tcp, address))).await);
    net
}

#[tokio::test]
async fn what_is_silent_while_others_pass_is_tried_on_further_sockets() {
    let (_queue, address) = dropping_port().await;
    let net = something_passes(parts()).await;
    let outcome = probe(&net, &job(check(Protocol::Https, address))).await;
    failed(&outcome, Stage::Connect, Cause::ConnectTimeout);
    assert_eq!(outcome.steps[0].attempts, Some(2), "one hedge fits into the budget");
}

#[tokio::test]
async fn one_address_and_port_sees_twelve_connects_at_most() {
    let (_queue, address) = dropping_port().await;
    let limits = Limits { connect: Duration::from_millis(1300), ..parts().limits };
    let net = something_passes(NetConfig { limits, ..parts() }).await;
    let checks = (0..8).map(|_| job(check(Protocol::Https, address)));
    let running: Vec<_> = checks
        .map(|check| {
            let net = net.clone();
            tokio::spawn(async move { probe(&net, &check).await })
        })
        .collect();
    let mut attempts = 0;
    for one in running {
        let outcome = one.await.unwrap();
        failed(&outcome, Stage::Connect, Cause::ConnectTimeout);
        attempts += outcome.steps[0].attempts.unwrap();
    }
    assert_eq!(attempts, 12, "eight connects of their own and four hedges");
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
fn of_hosts_file(addresses: &[&str], template: Check) -> (NetConfig, Check) {
    let lines: String = addresses.iter().map(|ip| format!("{ip} probe.localhost\n")).collect();
    let check = named("probe.localhost", template);
    (NetConfig { hosts: system_conf::hosts(&lines), ..parts() }, check)
}

#[tokio::test]
async fn a_name_of_the_hosts_file_is_taken_from_there() {
    let address = start(Protocol::Tcp, Fault::Silent).await;
    let (parts, check) = of_hosts_file(&["127.0.0.1"], check(Protocol::Tcp, address));
    let outcome = run_with(parts, check).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Resolve, Stage::Connect]);
    let dns = outcome.evidence.dns.unwrap();
    assert_eq!(dns.server, Some(Answerer::HostsFile));
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

/// A name with 127.0.0.1 and ::1, where IPv6 drops every SYN for as long as the queue lives; limits far away.
async fn beside_silent_ipv6(protocol: Protocol) -> ((TcpListener, TcpStream), NetConfig, Check) {
    let (queue, silent) = dropping_port_of(IpAddr::V6(Ipv6Addr::LOCALHOST)).await;
    let template = check(protocol, (LOOPBACK, silent.port()).into());
    let (parts, check) = of_hosts_file(&["::1", "127.0.0.1"], template);
    let limits = Limits { connect: Duration::from_secs(5), ..parts.limits };
    (queue, NetConfig { limits, ..parts }, check)
}

#[track_caller]
fn quick_with_silent_ipv6(outcome: &Outcome) {
    assert!(outcome.duration_ms < 1000.0, "{} ms", outcome.duration_ms);
    let silent = outcome.steps.iter().find(|step| step.address.is_some_and(|ip| ip.is_ipv6())).unwrap();
    assert_eq!((silent.stage, silent.cause), (Stage::Connect, Some(Cause::ConnectTimeout)));
    assert!(silent.detail.as_ref().unwrap().contains("IPv4"), "{:?}", silent.detail);
}

#[tokio::test]
async fn silent_ipv6_does_not_delay_a_good_ipv4_address_and_is_recorded() {
    let (_queue, parts, check) = beside_silent_ipv6(Protocol::Tcp).await;
    let _listener = TcpListener::bind((LOOPBACK, check.port().unwrap())).await.unwrap();
    let outcome = run_with(parts, check).await;
    assert!(outcome.is_success(), "{:?}", outcome.status);
    quick_with_silent_ipv6(&outcome);
}

#[tokio::test]
async fn silent_ipv6_does_not_delay_the_failure_of_ipv4() {
    let (_queue, parts, check) = beside_silent_ipv6(Protocol::Tcp).await;
    let outcome = run_with(parts, check).await;
    assert_eq!(outcome.cause(), Some(Cause::ConnectRefused), "{:?}", outcome.status);
    quick_with_silent_ipv6(&outcome);
}

#[tokio::test]
async fn good_ipv6_proves_a_name_whose_ipv4_address_refuses() {
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let service = service(Protocol::Https, port, Fault::None);
    tokio::spawn(async move {
        let (stream, peer) = listener.accept().await.unwrap();
        service.serve(stream, peer).await
    });
    let template = check(Protocol::Https, (LOOPBACK, port).into());
    let (parts, check) = of_hosts_file(&["::1", "127.0.0.1"], template);
    let accept_names = vec![HOST.to_owned()];
    let outcome = run_with(parts, Check { accept_names, ..check }).await;
    assert!(outcome.is_success(), "{:?}", outcome.status);
    assert!(outcome.evidence.peer.unwrap().address.is_ipv6());
    assert!(outcome.steps.iter().any(|step| step.cause == Some(Cause::ConnectRefused)));
}

#[tokio::test]
async fn eight_addresses_of_a_name_are_tried_and_each_once() {
    let (_taken, address) = refusing_port();
    let mut lines: Vec<String> = (1..=12).map(|last| format!("127.0.1.{last}")).collect();
    lines.insert(1, "127.0.1.3".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (parts, check) = of_hosts_file(&lines, check(Protocol::Tcp, address));
    let outcome = run_with(parts, check).await;
    failed(&outcome, Stage::Connect, Cause::ConnectRefused);
    let mut tried: Vec<_> = outcome.steps.iter().filter_map(|step| step.address).collect();
    tried.sort();
    tried.dedup();
    assert_eq!((tried.len(), outcome.steps.len()), (8, 9), "{tried:?}");
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
    let check = named(HOST, check(Protocol::Https, address));
    let outcome = second_look(&Net::new(parts()), &job(check), vec![LOOPBACK]).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Connect, Stage::Handshake, Stage::Exchange]);
}
