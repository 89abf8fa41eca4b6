//! A run whose plan grows: what becomes known while the checks run is checked beside them, with a deadline of its own.

use std::cell::RefCell;

use tokio::sync::mpsc;

use crate::limits::Limits;
use crate::outcome::Outcome;
use crate::plan::{Check, Plan};
use crate::probe::net::Net;
use crate::run::Run;
use crate::run::drive::{drive, skipped, unfinished};
use crate::run::event::Event;
use crate::run::execute::{Header, blank};

/// Runs the checks of `plan`, and beside them those that each of `plans` adds, with the deadline of `net` counted from when
/// it came. The last plan is that of the run: what was probed for an earlier one keeps its outcome where it aims alike, and
/// is dropped where the last plan has it no more. Ends when all checks have ended and nobody can send plans any more.
pub async fn run_growing(
    plan: Plan,
    net: &Net,
    header: Header,
    mut plans: mpsc::Receiver<Plan>,
    observe: impl FnMut(Event<'_>),
) -> Run {
    let mut run = blank(plan, net.limits(), header);
    let observe = RefCell::new(observe);
    let tell = |event: Event<'_>| (observe.borrow_mut())(event);
    tell(Event::Started(&run));
    let later = async {
        let mut later = Later { known: run.plan.checks.clone(), ..Later::default() };
        while let Some(plan) = plans.recv().await {
            later.run(plan, net, &tell).await;
        }
        later
    };
    let ((outcomes, stopped), later) = tokio::join!(drive(&run.plan, net, &tell), later);
    run.outcomes = outcomes;
    run.interrupted = stopped || later.stopped;
    if let Some(plan) = later.latest {
        run.adopt(plan, later.ended);
    }
    run.ends_now(net.started());
    run
}

/// What was done beside the first plan.
#[derive(Default)]
struct Later {
    known: Vec<Check>,
    ended: Vec<(Check, Outcome)>,
    latest: Option<Plan>,
    stopped: bool,
}

impl Later {
    /// Runs what a plan adds.
    async fn run(&mut self, plan: Plan, net: &Net, tell: impl Fn(Event<'_>)) {
        tell(Event::Grown(&plan));
        let is_new = |check: &&Check| !self.known.iter().any(|known| known.aims_like(check));
        let checks: Vec<Check> = plan.checks.iter().filter(is_new).cloned().collect();
        if !checks.is_empty() && !self.stopped {
            let more = Plan { checks, ..plan.clone() };
            let deadline = net.started().elapsed() + net.limits().deadline;
            let net = net.with_limits(Limits { deadline, ..net.limits() });
            let (outcomes, stopped) = drive(&more, &net, &tell).await;
            self.known.extend(more.checks.iter().cloned());
            self.ended.extend(more.checks.into_iter().zip(outcomes));
            self.stopped = stopped;
        }
        self.latest = Some(plan);
    }
}

impl Run {
    /// Takes another plan: what was seen of a check stays with it where it aims alike; of two, the later.
    fn adopt(&mut self, plan: Plan, later: Vec<(Check, Outcome)>) {
        let checks = std::mem::take(&mut self.plan.checks);
        let seen: Vec<(Check, Outcome)> =
            checks.into_iter().zip(std::mem::take(&mut self.outcomes)).chain(later).collect();
        let outcome = |check: &Check| {
            let known = seen.iter().rev().find(|(known, _)| known.aims_like(check));
            let known = known.map(|(_, outcome)| outcome.clone());
            known.or_else(|| skipped(check)).unwrap_or_else(unfinished)
        };
        self.outcomes = plan.checks.iter().map(outcome).collect();
        self.plan = plan;
    }
}
