//! Running the checks of a plan: all at once, inside one deadline, with a slow second look at lone time-outs.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::net::{Limits, Net};
use crate::outcome::{Cause, Failure, Outcome, Stage, Status};
use crate::plan::{Check, Plan};
use crate::probe;
use crate::run::hear_out::hear_out;

/// How many lone time-outs are looked at a second time, how long the connects of all have together, and how far apart
/// they begin: a busy retry would be a flood, and a black hole must be decided within five seconds of the start.
const SECOND_LOOKS: usize = 3;
const SECOND_LOOK: Duration = Duration::from_millis(1700);
const SECOND_LOOK_GAP: Duration = Duration::from_millis(500);

/// What an observer is told while checks run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// This many checks will be run.
    Started(usize),
    /// A check has ended.
    Ended(&'a Check, &'a Outcome),
}

/// Runs every check of `plan` that is not skipped. Returns one outcome a check, in the plan's order, and whether the
/// run was stopped before its end.
pub async fn drive(plan: &Plan, net: &Net, mut observe: impl FnMut(Event<'_>)) -> (Vec<Outcome>, bool) {
    let checks: Vec<Arc<Check>> = plan.checks.iter().cloned().map(Arc::new).collect();
    let mut outcomes: Vec<Option<Outcome>> = checks.iter().map(|check| skipped(check)).collect();
    let gate = Arc::new(Semaphore::new(net.limits().concurrency.max(1)));
    let mut running = JoinSet::new();
    for (place, check) in checks.iter().enumerate().filter(|(place, _)| outcomes[*place].is_none()) {
        let (net, check, gate) = (net.clone(), Arc::clone(check), Arc::clone(&gate));
        running.spawn(async move {
            let _turn = gate.acquire_owned().await;
            (place, probe::probe(&net, &check).await)
        });
    }
    observe(Event::Started(running.len()));
    let mut stop = net.stop();
    let mut stopped = *stop.borrow();
    while !stopped {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => break,
                Some(Ok((place, outcome))) => {
                    observe(Event::Ended(&checks[place], &outcome));
                    outcomes[place] = Some(outcome);
                }
                Some(Err(_)) => {}
            },
            () = stop_asked(&mut stop) => stopped = true,
        }
    }
    running.abort_all();
    let mut outcomes: Vec<Outcome> =
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(unfinished)).collect();
    if !stopped {
        tokio::select! {
            () = complete(net, &checks, &mut outcomes) => {}
            () = stop_asked(&mut stop) => stopped = true,
        }
    }
    (outcomes, stopped)
}

/// The outcomes of a plan that this machine's own limits keep from being run: undecided, for the reason in `limit`.
#[must_use]
pub fn starved(plan: &Plan, limit: &str) -> Vec<Outcome> {
    let undecided = || {
        let failure = Failure::new(Stage::Resolve, Cause::LocalResource, limit);
        Outcome::bare(Status::Undecided(Some(failure)), SystemTime::now())
    };
    plan.checks.iter().map(|check| skipped(check).unwrap_or_else(undecided)).collect()
}

/// What is left when every check has ended once.
async fn complete(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    look_again(net, checks, outcomes).await;
    hear_out(net, checks, outcomes).await;
}

/// Ends when the run is asked to stop; never, when nobody can ask any more.
async fn stop_asked(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn skipped(check: &Check) -> Option<Outcome> {
    check.skip.map(|reason| Outcome::skipped(reason, SystemTime::now()))
}

fn unfinished() -> Outcome {
    Outcome::bare(Status::Undecided(None), SystemTime::now())
}

/// Looks again at lone time-outs: those whose port works elsewhere, so that a lost packet is likelier than a rule.
async fn look_again(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let lone = lone_timeouts(checks, outcomes);
    let begun = Instant::now();
    let mut looking = JoinSet::new();
    for (turn, place) in (0_u32..).zip(lone) {
        let (net, check) = (net.clone(), Arc::clone(&checks[place]));
        let addresses = tried(&outcomes[place]);
        looking.spawn(async move {
            sleep_until(begun + SECOND_LOOK_GAP * turn).await;
            let net = net.within(second_limits(net.limits(), SECOND_LOOK - SECOND_LOOK_GAP * turn));
            (place, probe::second_look(&net, &check, addresses).await)
        });
    }
    while let Some(looked) = looking.join_next().await {
        if let Ok((place, second)) = looked {
            amend(&mut outcomes[place], second);
        }
    }
}

/// The bounds of a second look: what connects has a little time for the rest of its line.
fn second_limits(limits: Limits, connect: Duration) -> Limits {
    let rest = SECOND_LOOK;
    Limits {
        connect: connect.min(limits.connect),
        handshake: rest.min(limits.handshake),
        exchange: rest.min(limits.exchange),
        ..limits
    }
}

/// The addresses that a check tried to connect to.
fn tried(outcome: &Outcome) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = outcome.steps.iter().filter_map(|step| step.address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn lone_timeouts(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let timed_out = |outcome: &Outcome| outcome.cause() == Some(Cause::ConnectTimeout);
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
        first.evidence.dns = dns;
        first.status = Status::Success;
        first.recovered = true;
    }
}
