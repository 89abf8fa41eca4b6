//! Running the checks of a plan: all at once, inside one deadline.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::outcome::{Cause, DnsEvidence, Failure, Hop, Outcome, Stage, Status};
use crate::plan::{Check, Plan};
use crate::probe::net::Net;
use crate::probe::path;
use crate::probe::{self, Job};
use crate::run::event::Event;
use crate::run::order::starting_order;
use crate::run::second_look::{is_final as is_last_look, look_again};
use crate::run::stragglers::{decide_again, hear_out, unheard};

/// Runs every check of `plan` that is not skipped, and tells `observe` of each that ends. Returns one outcome a check, in
/// the plan's order, and whether the run was stopped before its end.
pub async fn drive(plan: &Plan, net: &Net, mut observe: impl FnMut(Event<'_>)) -> (Vec<Outcome>, bool) {
    let checks: Vec<Arc<Check>> = plan.checks.iter().cloned().map(Arc::new).collect();
    let mut outcomes: Vec<Option<Outcome>> = checks.iter().map(|check| skipped(check)).collect();
    let mut running = begin_all(net, &checks);
    // A check that is not run is over before it begins.
    for (check, outcome) in checks.iter().zip(&outcomes) {
        if let Some(outcome) = outcome {
            observe(Event::Final(check, outcome));
        }
    }
    let mut open: Vec<usize> = Vec::new();
    let mut following = JoinSet::new();
    let (followed, number) = (net.clone(), running.len());
    following.spawn(async move { if number > 0 { path::follow(&followed).await } else { Vec::new() } });
    let mut stop = net.stop();
    let mut stopped = *stop.borrow();
    while !stopped {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => break,
                Some(Ok((place, outcome))) => {
                    observe(Event::Ended(&checks[place], &outcome));
                    if is_final(net, &checks, place, &outcome) {
                        observe(Event::Final(&checks[place], &outcome));
                    } else {
                        open.push(place);
                    }
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
    if let Some(Ok(paths)) = following.try_join_next() {
        note_paths(&paths, &checks, &mut outcomes);
    }
    if !stopped {
        tokio::select! {
            () = complete(net, &checks, &mut outcomes) => {}
            () = stop_asked(&mut stop) => stopped = true,
        }
    }
    for (place, (check, outcome)) in checks.iter().zip(&outcomes).enumerate() {
        if open.contains(&place) || outcome.status == Status::Undecided(None) {
            observe(Event::Final(check, outcome));
        }
    }
    (outcomes, stopped)
}

/// Every check that is to be probed, as many at a time as the limits allow. Each ends with its place in the plan.
fn begin_all(net: &Net, checks: &[Arc<Check>]) -> JoinSet<(usize, Outcome)> {
    let gate = Arc::new(Semaphore::new(net.limits().concurrency.max(1)));
    let mut running = JoinSet::new();
    let wanted = checks.iter().enumerate().filter(|(_, check)| check.skip_reason().is_none());
    for place in starting_order(wanted.map(|(place, check)| (place, &**check))) {
        let Some(job) = Job::of(&checks[place]) else { continue };
        let (net, gate) = (net.clone(), Arc::clone(&gate));
        running.spawn(async move {
            let _turn = gate.acquire_owned().await;
            // On the heap from its turn on: what waits for its turn, which may be ten thousand, takes no room for it.
            (place, Box::pin(probe::probe(&net, &job)).await)
        });
    }
    running
}

/// True where nothing is asked again about a check: no second look at its end, and no name server left to hear.
fn is_final(net: &Net, checks: &[Arc<Check>], place: usize, outcome: &Outcome) -> bool {
    let is_heard = |dns: &DnsEvidence| unheard(net.servers(), dns).next().is_none();
    let is_last = |cause| is_last_look(&checks[place], cause, checks);
    outcome.cause().is_none_or(is_last) && outcome.evidence.dns.as_ref().is_none_or(is_heard)
}

/// The outcomes of a plan that this machine's own limits keep from being run: undecided, for the reason in `limit`.
pub(super) fn without_resources(plan: &Plan, limit: &str) -> Vec<Outcome> {
    let undecided = || {
        let failure = Failure::new(Stage::Resolve, Cause::LocalResource, limit);
        Outcome::bare(Status::Undecided(Some(failure)), SystemTime::now())
    };
    plan.checks.iter().map(|check| skipped(check).unwrap_or_else(undecided)).collect()
}

/// Adds how far packets got to the silent connects of their checks.
fn note_paths(paths: &[(SocketAddr, Vec<Hop>)], checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    for (check, outcome) in checks.iter().zip(outcomes) {
        let silent = outcome.steps.iter_mut().filter(|step| {
            step.stage == Stage::Connect && step.cause == Some(Cause::ConnectTimeout) && step.icmp.is_none()
        });
        for step in silent {
            let is_its = |(peer, _): &&(SocketAddr, Vec<Hop>)| {
                step.address == Some(peer.ip()) && check.port() == Some(peer.port())
            };
            if let Some((_, hops)) = paths.iter().find(is_its) {
                step.hops.clone_from(hops);
            }
        }
    }
}

/// What is left when every check has ended once.
async fn complete(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    look_again(net, checks, outcomes).await;
    hear_out(net, checks, outcomes).await;
    decide_again(net, checks, outcomes).await;
}

/// Ends when the run is asked to stop; never, when nobody can ask any more.
async fn stop_asked(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

pub(super) fn skipped(check: &Check) -> Option<Outcome> {
    check.skip_reason().map(|reason| Outcome::skipped(reason, SystemTime::now()))
}

pub(super) fn unfinished() -> Outcome {
    Outcome::bare(Status::Undecided(None), SystemTime::now())
}
