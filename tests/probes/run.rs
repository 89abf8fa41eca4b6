//! A whole run over several checks: what is heard late, and how long it takes.

use std::net::SocketAddr;
use std::time::Duration;

use apim_probe_checks::catalogue::{Meaning, Protocol, Role};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::limits::Limits;
use apim_probe_checks::outcome::Answerer;
use apim_probe_checks::outcome::{Cause, Outcome, Stage};
use apim_probe_checks::plan::{Check, CheckId, Plan};
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::run::drive;
use apim_probe_checks::server::Server;
use apim_probe_lab::dns::{self, Zone};
use apim_probe_lab::fault::{DnsFault, Fault};

use crate::lab::{LOOPBACK, check, limits, named, parts, passed, start};

/// A name server that knows `probe.localhost` and misbehaves as told.
async fn server(fault: DnsFault) -> SocketAddr {
    let names = [("probe.localhost".to_owned(), vec![LOOPBACK])].into();
    dns::start((LOOPBACK, 0).into(), Zone { names, fault, ..Zone::default() }).await.unwrap()
}

/// A check of a name that the servers know, at a service that is fine.
async fn of_name(host: &str) -> Check {
    let address = start(Protocol::Tcp, Fault::Silent).await;
    named(host, check(Protocol::Tcp, address))
}

/// The check of a name server itself.
fn of_server(server: SocketAddr) -> Check {
    Check {
        id: CheckId(format!("dns-vnet/{server}")),
        endpoint: "dns-vnet".to_owned(),
        meaning: Meaning::of_role(Role::NameServer),
        ..named(&server.ip().to_string(), check(Protocol::Dns, server))
    }
}

async fn driven(servers: Vec<SocketAddr>, checks: Vec<Check>) -> Vec<Outcome> {
    let servers: Vec<Server> = servers.into_iter().map(Server::from).collect();
    let instance = Instance { dns_servers: servers.clone(), ..Instance::default() };
    let (catalogue_version, catalogue_sourced_at) = Default::default();
    let plan = Plan { catalogue_version, catalogue_sourced_at, instance, checks };
    let limits = Limits { resolve: Duration::from_millis(1500), ..limits() };
    let (outcomes, stopped) = drive(&plan, &Net::new(NetConfig { servers, limits, ..parts() }), |_| {}).await;
    assert!(!stopped);
    outcomes
}

#[tokio::test]
async fn a_slow_first_server_is_waited_for_since_it_decides() {
    let (slow, quick) = (server(DnsFault::Slow).await, server(DnsFault::None).await);
    let outcome = driven(vec![slow, quick], vec![of_name("probe.localhost").await]).await.remove(0);
    passed(&outcome);
    assert!((400.0..600.0).contains(&outcome.duration_ms), "{} ms", outcome.duration_ms);
    let dns = outcome.evidence.dns.unwrap();
    assert_eq!(dns.server, Some(Answerer::Server(slow.into())));
    let servers = dns.servers;
    let said: Vec<_> = servers.iter().map(|told| (told.server, told.cause, told.addresses.len())).collect();
    assert_eq!(said, [(slow.into(), None, 1), (quick.into(), None, 1)]);
    let asked = |server: SocketAddr| {
        outcome.steps.iter().any(|step| step.server == Some(Answerer::Server(server.into())))
    };
    assert!(asked(slow) && asked(quick) && outcome.steps.is_sorted_by(|a, b| a.start_ms <= b.start_ms));
}

#[tokio::test]
async fn a_name_whose_packets_were_all_lost_is_asked_again() {
    let names = ["probe.localhost", "other.localhost"].map(|name| (name.to_owned(), vec![LOOPBACK])).into();
    let faults = [("probe.localhost".to_owned(), DnsFault::SilentAtFirst)].into();
    let zone = Zone { names, faults, ..Zone::default() };
    let server = dns::start((LOOPBACK, 0).into(), zone).await.unwrap();
    let other = of_name("other.localhost").await;
    let outcomes = driven(vec![server], vec![of_name("probe.localhost").await, other]).await;
    let lost = &outcomes[0];
    assert!(lost.is_success() && lost.recovered, "{:?} {:?}", lost.status, lost.steps);
    let causes: Vec<_> = lost.steps.iter().map(|step| (step.stage, step.cause)).collect();
    let wanted = [(Stage::Resolve, Some(Cause::DnsTimeout)), (Stage::Resolve, None), (Stage::Connect, None)];
    assert_eq!(causes, wanted);
    assert_eq!(lost.evidence.dns.as_ref().unwrap().addresses.len(), 1);
    passed(&outcomes[1]);
}

#[tokio::test]
async fn a_name_server_that_answered_for_a_name_is_asked_again_before_it_is_called_silent() {
    let names = [("probe.localhost".to_owned(), vec![LOOPBACK])].into();
    let faults = [("login.microsoftonline.com".to_owned(), DnsFault::SilentAtFirst)].into();
    let zone = Zone { names, faults, ..Zone::default() };
    let server = dns::start((LOOPBACK, 0).into(), zone).await.unwrap();
    let outcomes = driven(vec![server], vec![of_name("probe.localhost").await, of_server(server)]).await;
    assert!(outcomes[1].is_success() && outcomes[1].recovered, "{:?}", outcomes[1].status);
    let causes: Vec<_> = outcomes[1].steps.iter().map(|step| step.cause).collect();
    assert_eq!(causes, [Some(Cause::ExchangeTimeout), None]);
}

#[tokio::test]
async fn a_silent_name_server_is_listed_as_silent_beside_one_that_answers() {
    let (silent, quick) = (server(DnsFault::Silent).await, server(DnsFault::None).await);
    for checks in
        [vec![of_name("probe.localhost").await], vec![of_name("probe.localhost").await, of_server(silent)]]
    {
        let outcome = driven(vec![silent, quick], checks).await.remove(0);
        assert!(outcome.is_success() && outcome.duration_ms < 1400.0, "{outcome:?}");
        let servers = outcome.evidence.dns.unwrap().servers;
        assert_eq!((servers.len(), servers[0].cause, servers[1].cause), (2, Some(Cause::DnsTimeout), None));
    }
}

#[tokio::test]
async fn a_name_server_that_is_known_to_be_silent_is_not_asked_again() {
    let (silent, quick) = (server(DnsFault::Silent).await, server(DnsFault::None).await);
    let outcomes =
        driven(vec![silent, quick], vec![of_name("probe.localhost").await, of_server(silent)]).await;
    let of_silent =
        |step: &&apim_probe_checks::outcome::Step| step.server == Some(Answerer::Server(silent.into()));
    assert_eq!(outcomes[0].steps.iter().filter(of_silent).count(), 0);
    assert_eq!(outcomes[1].steps[0].stage, Stage::Exchange);
}

#[tokio::test]
async fn a_first_server_that_answers_late_decides_all_the_same() {
    let (late, quick) = (server(DnsFault::LateNxdomain).await, server(DnsFault::None).await);
    let outcome = driven(vec![late, quick], vec![of_name("probe.localhost").await]).await.remove(0);
    assert_eq!(outcome.cause(), Some(Cause::DnsNxdomain), "{:?}", outcome.status);
    let dns = outcome.evidence.dns.unwrap();
    assert_eq!(dns.server, Some(Answerer::Server(late.into())));
    assert_eq!(dns.servers.len(), 2, "{dns:?}");
}
