//! Name resolution: what a server says about a name, and what of it is kept. An answer outside loopback is looked at
//! and never connected to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::Answerer;
use apim_probe_checks::outcome::{Cause, DnsEvidence, Outcome, Scope, Stage, Status};
use apim_probe_checks::probe::dns::resolve;
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::probe::resolution::{HostsFile, Resolution};
use apim_probe_checks::server::Server;
use apim_probe_lab::dns::{self, Zone};
use apim_probe_lab::fault::{DnsFault, Fault};

use crate::lab::{
    HOST, LOOPBACK, check, dropping_port, failed, named, parts, passed, refusing_port, run_with, stages,
    start, unreachable_port,
};

/// An address of documentation (RFC 5737): it stands in answers only.
const DOCUMENTATION: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

async fn server(fault: DnsFault) -> SocketAddr {
    let names = [(HOST.to_owned(), vec![DOCUMENTATION])].into();
    dns::start((LOOPBACK, 0).into(), Zone { names, fault, ..Zone::default() }).await.unwrap()
}

/// Probes a host whose name the servers are asked for; for faults that end the check at `resolve` only.
async fn probed(servers: Vec<SocketAddr>, host: &str) -> Outcome {
    let template = check(Protocol::Https, (LOOPBACK, 443).into());
    let check = named(host, template);
    let servers = servers.into_iter().map(Server::from).collect();
    run_with(NetConfig { servers, ..parts() }, check).await
}

/// What the record names where this server was asked.
fn asked(server: SocketAddr) -> Option<Answerer> {
    Some(Answerer::Server(server.into()))
}

/// Asserts that the fault ends the check at `resolve` for `cause`; what the server said.
async fn unresolved(fault: DnsFault, cause: Cause) -> DnsEvidence {
    let server = server(fault).await;
    let outcome = probed(vec![server], HOST).await;
    failed(&outcome, Stage::Resolve, cause);
    assert_eq!(stages(&outcome), [Stage::Resolve], "nothing is connected to");
    assert_eq!(outcome.steps[0].server, asked(server));
    outcome.evidence.dns.expect("what the server said is kept")
}

async fn resolved(servers: Vec<SocketAddr>) -> Resolution {
    let servers = servers.into_iter().map(Server::from).collect();
    resolve(&Net::new(NetConfig { servers, ..parts() }), HOST, HostsFile::Noted).await
}

#[tokio::test]
async fn an_answer_is_kept_with_scope_ttl_and_server() {
    let server = server(DnsFault::None).await;
    let resolution = resolved(vec![server]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
    let evidence = resolution.evidence;
    assert_eq!((evidence.addresses[0].ip, evidence.addresses[0].scope), (DOCUMENTATION, Scope::Public));
    assert_eq!((evidence.ttl, evidence.server), (Some(60), asked(server)));
    assert!(!evidence.private_link && evidence.cnames.is_empty());
}

#[tokio::test]
async fn a_name_is_asked_then_connected_and_negotiated() {
    let address = start(Protocol::Tcp, Fault::Silent).await;
    let names = [("probe.localhost".to_owned(), vec![LOOPBACK])].into();
    let server = dns::start((LOOPBACK, 0).into(), Zone { names, ..Zone::default() }).await.unwrap();
    let template = check(Protocol::Tcp, address);
    let check = named("probe.localhost", template);
    let outcome = run_with(NetConfig { servers: vec![server.into()], ..parts() }, check).await;
    passed(&outcome);
    assert_eq!(stages(&outcome), [Stage::Resolve, Stage::Connect]);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_nxdomain() {
    let evidence = unresolved(DnsFault::Nxdomain, Cause::DnsNxdomain).await;
    assert_eq!(evidence.servers[0].cause, Some(Cause::DnsNxdomain));
}

#[tokio::test]
async fn a_name_without_an_address_is_no_records() {
    unresolved(DnsFault::NoRecords, Cause::DnsNoRecords).await;
}

#[tokio::test]
async fn a_server_that_fails_is_servfail() {
    unresolved(DnsFault::Servfail, Cause::DnsServfail).await;
}

#[tokio::test]
async fn a_server_that_refuses_is_refused() {
    unresolved(DnsFault::Refused, Cause::DnsRefused).await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_malformed() {
    unresolved(DnsFault::Malformed, Cause::DnsMalformed).await;
}

#[tokio::test]
async fn an_answer_with_another_id_is_no_answer() {
    unresolved(DnsFault::WrongId, Cause::DnsTimeout).await;
}

#[tokio::test]
async fn silence_is_dns_timeout() {
    let evidence = unresolved(DnsFault::Silent, Cause::DnsTimeout).await;
    assert_eq!(evidence.servers[0].cause, Some(Cause::DnsTimeout));
}

#[tokio::test]
async fn an_answer_of_zeros_is_a_sinkhole_and_is_kept() {
    let evidence = unresolved(DnsFault::Sinkhole, Cause::DnsSinkhole).await;
    assert_eq!(evidence.addresses[0].scope, Scope::Unspecified);
}

#[tokio::test]
async fn loopback_for_a_public_name_is_a_sinkhole() {
    let names = [(HOST.to_owned(), vec![LOOPBACK])].into();
    let server = dns::start((LOOPBACK, 0).into(), Zone { names, ..Zone::default() }).await.unwrap();
    failed(&probed(vec![server], HOST).await, Stage::Resolve, Cause::DnsSinkhole);
}

#[tokio::test]
async fn a_private_link_alias_that_ends_in_nothing_keeps_its_chain() {
    let server = server(DnsFault::PrivateLinkGone).await;
    let outcome = probed(vec![server], "account.blob.core.windows.net").await;
    let failure = failed(&outcome, Stage::Resolve, Cause::DnsNxdomain);
    let alias = "account.privatelink.blob.core.windows.net";
    assert!(failure.detail.contains(alias), "{}", failure.detail);
    let evidence = outcome.evidence.dns.unwrap();
    assert!(evidence.private_link);
    assert_eq!(evidence.cnames, [alias]);
}

#[tokio::test]
async fn a_closed_port_of_the_server_is_dns_unreachable() {
    let (_taken, server) = unreachable_port().await;
    let outcome = probed(vec![server], HOST).await;
    failed(&outcome, Stage::Resolve, Cause::DnsUnreachable);
    assert!(outcome.steps[0].icmp.is_some(), "the ICMP message is kept");
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_over_tcp() {
    let resolution = resolved(vec![server(DnsFault::Truncated).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
}

/// True where the one server that was asked truncated its answer.
fn is_truncated(outcome: &Outcome) -> bool {
    let dns = outcome.evidence.dns.as_ref().unwrap();
    dns.servers.len() == 1 && dns.servers[0].truncated
}

#[tokio::test]
async fn a_cut_answer_whose_tcp_port_refuses_is_dns_unreachable() {
    let cut = Zone { fault: DnsFault::Truncated, ..Zone::default() };
    let (_taken, tcp) = refusing_port();
    let server = dns::start_udp(tcp, cut).await.unwrap();
    let outcome = probed(vec![server], HOST).await;
    let failure = failed(&outcome, Stage::Resolve, Cause::DnsUnreachable);
    assert!(is_truncated(&outcome));
    assert!(failure.detail.contains("over TCP"), "{}", failure.detail);
}

#[tokio::test]
async fn a_cut_answer_whose_tcp_port_is_silent_is_dns_timeout() {
    let cut = Zone { fault: DnsFault::Truncated, ..Zone::default() };
    let (_queue, tcp) = dropping_port().await;
    let server = dns::start_udp(tcp, cut).await.unwrap();
    let outcome = probed(vec![server], HOST).await;
    let failure = failed(&outcome, Stage::Resolve, Cause::DnsTimeout);
    assert!(is_truncated(&outcome));
    assert!(failure.detail.contains("over TCP"), "{}", failure.detail);
}

#[tokio::test]
async fn every_address_that_leads_nowhere_is_a_sinkhole() {
    for answer in ["0.0.0.0", "0.1.2.3", "127.0.0.53", "::", "::1", "::ffff:127.0.0.1"] {
        let names = [(HOST.to_owned(), vec![answer.parse().unwrap()])].into();
        let server = dns::start((LOOPBACK, 0).into(), Zone { names, ..Zone::default() }).await.unwrap();
        failed(&probed(vec![server], HOST).await, Stage::Resolve, Cause::DnsSinkhole);
    }
}

#[tokio::test]
async fn silence_about_ipv6_does_not_hide_the_ipv4_address() {
    let resolution = resolved(vec![server(DnsFault::SilentAaaa).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
}

#[tokio::test]
async fn one_silent_server_of_two_does_not_fail_the_name() {
    let (silent, good) = (server(DnsFault::Silent).await, server(DnsFault::None).await);
    for servers in [vec![silent, good], vec![good, silent]] {
        let resolution = resolved(servers).await;
        assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
        assert_eq!(resolution.evidence.server, asked(good));
    }
}

#[tokio::test]
async fn the_first_server_in_order_that_answers_decides_and_the_others_are_evidence() {
    let good = server(DnsFault::None).await;
    for (first, cause) in [
        (DnsFault::Nxdomain, Cause::DnsNxdomain),
        (DnsFault::NoRecords, Cause::DnsNoRecords),
        (DnsFault::Refused, Cause::DnsRefused),
    ] {
        let first = server(first).await;
        let resolution = resolved(vec![first, good]).await;
        assert_eq!(resolution.result.unwrap_err().cause, cause);
        assert_eq!(resolution.evidence.server, asked(first));
        let causes: Vec<_> = resolution.evidence.servers.iter().map(|told| told.cause).collect();
        assert_eq!(causes, [Some(cause), None]);
        assert_eq!(resolved(vec![good, first]).await.result.unwrap(), [DOCUMENTATION]);
    }
}

#[tokio::test]
async fn a_server_that_fails_or_is_silent_decides_nothing_while_the_next_answers() {
    let good = server(DnsFault::None).await;
    for fault in [DnsFault::Servfail, DnsFault::Silent, DnsFault::Malformed] {
        let resolution = resolved(vec![server(fault).await, good]).await;
        assert_eq!(resolution.result.unwrap(), [DOCUMENTATION], "{fault:?}");
        assert_eq!(resolution.evidence.server, asked(good));
    }
}

#[tokio::test]
async fn the_reference_server_is_asked_for_comparison_and_never_used() {
    let (gone, good) = (server(DnsFault::Nxdomain).await, server(DnsFault::None).await);
    let parts = NetConfig { servers: vec![gone.into()], reference: Some(good.into()), ..parts() };
    let resolution = resolve(&Net::new(parts), HOST, HostsFile::Noted).await;
    assert_eq!(resolution.result.unwrap_err().cause, Cause::DnsNxdomain);
    assert_eq!(resolution.evidence.servers[1].server, good.into());
    assert_eq!(resolution.evidence.servers[1].addresses, [DOCUMENTATION]);
}

#[tokio::test]
async fn silence_about_a_records_is_not_excused_by_a_word_about_aaaa() {
    unresolved(DnsFault::SilentA, Cause::DnsTimeout).await;
}

#[tokio::test]
async fn a_machine_without_a_server_decides_nothing() {
    let outcome = probed(Vec::new(), HOST).await;
    let Status::Undecided(Some(failure)) = &outcome.status else { panic!("{:?}", outcome.status) };
    assert_eq!((failure.stage, failure.cause), (Stage::Resolve, Cause::LocalResource));
}

#[tokio::test]
async fn one_servfail_is_asked_about_again() {
    let resolution = resolved(vec![server(DnsFault::ServfailAtFirst).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
}

#[tokio::test]
async fn a_question_that_is_lost_for_its_edns_is_asked_without_and_that_is_said() {
    let resolution = resolved(vec![server(DnsFault::DropsEdns).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
    assert!(resolution.steps[0].detail.as_ref().unwrap().contains("without EDNS"), "{:?}", resolution.steps);
}

#[tokio::test]
async fn an_answer_that_is_lost_for_its_length_comes_over_tcp() {
    let resolution = resolved(vec![server(DnsFault::LosesLong).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
}

#[tokio::test]
async fn a_server_that_answers_over_tcp_alone_is_heard_and_that_is_said() {
    let resolution = resolved(vec![server(DnsFault::TcpOnly).await]).await;
    assert_eq!(resolution.result.unwrap(), [DOCUMENTATION]);
    assert!(resolution.steps[0].detail.as_ref().unwrap().contains("TCP only"), "{:?}", resolution.steps);
}
