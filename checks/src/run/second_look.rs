//! The second look: a lone time-out is likelier a lost packet than a rule, and is looked at once more, slowly.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::catalogue::Transport;
use crate::limits::Limits;
use crate::outcome::{Cause, Outcome, Status};
use crate::plan::Check;
use crate::probe;
use crate::probe::net::Net;

/// How many lone time-outs are looked at a second time, how long the connects of all have together, and how far apart
/// they begin: a busy retry would be a flood, and a black hole must be decided within five seconds of the start.
const SECOND_LOOKS: usize = 3;
const SECOND_LOOK: Duration = Duration::from_millis(1700);
const SECOND_LOOK_GAP: Duration = Duration::from_millis(500);

/// Looks again at lone time-outs: connects whose port works elsewhere, names whose servers answer others, and name servers
/// that look silent and did answer for a name.
pub(super) async fn look_again(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let lone = [lost_servers, lost_names, lone_timeouts].map(|lost| lost(checks, outcomes)).concat();
    let begun = Instant::now();
    let mut looking = JoinSet::new();
    for (turn, place) in (0_u32..).zip(lone.into_iter().take(SECOND_LOOKS)) {
        let net = net.within(second_limits(net.limits(), SECOND_LOOK - SECOND_LOOK_GAP * turn));
        let (check, addresses) = (Arc::clone(&checks[place]), tried(&outcomes[place]));
        looking.spawn(async move {
            sleep_until(begun + SECOND_LOOK_GAP * turn).await;
            (place, look(&net, &check, addresses).await)
        });
    }
    while let Some(looked) = looking.join_next().await {
        if let Ok((place, second)) = looked {
            amend(&mut outcomes[place], second);
        }
    }
}

/// The stages from where the first look ended: a name without an address is asked for again.
async fn look(net: &Net, check: &Arc<Check>, addresses: Vec<IpAddr>) -> Outcome {
    if addresses.is_empty() {
        net.forget(check.host.as_deref().unwrap_or_default());
        return probe::probe(net, check).await;
    }
    probe::second_look(net, check, addresses).await
}

/// The bounds of a second look: what connects has a little time for the rest of its line.
fn second_limits(limits: Limits, first: Duration) -> Limits {
    let rest = SECOND_LOOK;
    Limits {
        resolve: first.min(limits.resolve),
        connect: first.min(limits.connect),
        handshake: rest.min(limits.handshake),
        exchange: rest.min(limits.exchange),
        ..limits
    }
}

/// The addresses that a check tried to connect to.
fn tried(outcome: &Outcome) -> Vec<IpAddr> {
    let addresses: BTreeSet<IpAddr> = outcome.steps.iter().filter_map(|step| step.address).collect();
    addresses.into_iter().collect()
}

fn ended_with(cause: Cause) -> impl Fn(&Outcome) -> bool {
    move |outcome| outcome.cause() == Some(cause)
}

/// Checks of name servers that got no answer although the server told the address of some name.
fn lost_servers(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let lost = ended_with(Cause::ExchangeTimeout);
    let answered = |check: &Check| {
        let server = check.host.as_deref().and_then(|host| host.parse().ok());
        let server = server.zip(check.port).map(|(ip, port)| SocketAddr::new(ip, port).to_string());
        let told =
            outcomes.iter().filter_map(|outcome| outcome.evidence.dns.as_ref()).flat_map(|dns| &dns.servers);
        told.filter(|told| !told.addresses.is_empty()).any(|told| Some(&told.server) == server.as_ref())
    };
    let is_lost = |place: &usize| {
        let check = &checks[*place];
        check.transport == Transport::UdpTcp && lost(&outcomes[*place]) && answered(check)
    };
    (0..checks.len()).filter(is_lost).collect()
}

/// Checks whose name got no answer although a server answers other names.
fn lost_names(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let lost = ended_with(Cause::DnsTimeout);
    let answered = |outcome: &Outcome| {
        let dns = outcome.evidence.dns.as_ref();
        dns.is_some_and(|dns| dns.servers.iter().any(|told| !told.addresses.is_empty()))
    };
    let places: Vec<usize> = (0..checks.len()).filter(|&place| lost(&outcomes[place])).collect();
    let hosts: BTreeSet<&Option<String>> = places.iter().map(|&place| &checks[place].host).collect();
    let is_loss = hosts.len() <= SECOND_LOOKS && outcomes.iter().any(answered);
    if is_loss { places } else { Vec::new() }
}

fn lone_timeouts(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let timed_out = ended_with(Cause::ConnectTimeout);
    let works = |check: &Check| {
        checks.iter().zip(outcomes).any(|(other, outcome)| other.port == check.port && outcome.is_success())
    };
    let blocked_with = |check: &Check| {
        let same = |other: &Check| other.port == check.port && other.service_tag == check.service_tag;
        checks.iter().zip(outcomes).filter(|(other, outcome)| same(other) && timed_out(outcome)).count()
    };
    let lone: Vec<usize> = (0..checks.len())
        .filter(|&place| {
            timed_out(&outcomes[place]) && works(&checks[place]) && blocked_with(&checks[place]) <= 2
        })
        .collect();
    // Many at once are a rule, not loss.
    if lone.len() <= SECOND_LOOKS { lone } else { Vec::new() }
}

/// Adds the second look to the record; a success there is the check's, and said to be one.
fn amend(first: &mut Outcome, second: Outcome) {
    first.duration_ms += second.duration_ms;
    first.ended_at = second.ended_at;
    let recovered = second.is_success();
    first.steps.extend(second.steps);
    if recovered {
        let dns = first.evidence.dns.take();
        first.evidence = second.evidence;
        first.evidence.dns = first.evidence.dns.take().or(dns);
        first.status = Status::Success;
        first.recovered = true;
    }
}
